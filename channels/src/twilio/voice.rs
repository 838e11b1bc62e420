//! How calls are heard and answered.

use chrono::{DateTime, Utc};

use super::{Twilio, hear, relay, settings, speak};
use crate::{Heard, Integration, ReceiveError, Speech, Voice, WebhookAnswer, WebhookCall};

impl Voice for Twilio {
    fn hear(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Option<Heard>, ReceiveError> {
        hear::hear(call, integration)
    }

    fn speak(&self, call: &WebhookCall<'_>, integration: &Integration, speech: Speech<'_>) -> WebhookAnswer {
        speak::speak(call, self.takes_parts(integration), speech)
    }

    fn hear_frame(
        &self,
        frame: &str,
        reference: &str,
        ordinal: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<Heard>, String> {
        relay::hear(frame, reference, ordinal, now)
    }

    fn speak_frame(&self, speech: Speech<'_>) -> Option<String> {
        relay::speak(speech)
    }

    fn speak_part(&self, words: &str) -> String {
        relay::speak_part(words)
    }

    fn takes_parts(&self, integration: &Integration) -> bool {
        settings::read(&integration.settings).is_ok_and(|account| account.relay)
    }
}
