//! The voice port: a call as turns of text, whoever turns speech into text and back.
//!
//! Providers that call a webhook for each turn, and those that keep a WebSocket open, tell the same things and are told the same.

use chrono::{DateTime, Utc};

use crate::{Integration, ReceiveError, WebhookAnswer, WebhookCall};

/// How a provider's calls are heard and answered.
pub trait Voice: Send + Sync {
    /// Verifies a call to `/hooks/{integration_id}/voice/…` and says what it tells; none for what does not concern us, which is
    /// answered with [`WebhookAnswer::ok`].
    ///
    /// # Errors
    /// [`ReceiveError`]: nothing of it counts.
    fn hear(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Option<Heard>, ReceiveError>;

    /// The answer to what was heard. Where a call only reports how things stand, nothing is said, whatever `speech` is; the same call
    /// and the same speech give the same answer, so that one that is repeated can be answered again.
    fn speak(&self, call: &WebhookCall<'_>, integration: &Integration, speech: Speech<'_>) -> WebhookAnswer;

    /// Reads one frame of the call's WebSocket; none for what does not concern us. `reference` is the call's, from the handshake, and
    /// `ordinal` counts the frames of this connection, or of all the call's connections where there may be another.
    ///
    /// # Errors
    /// What is wrong with it, in plain words.
    fn hear_frame(
        &self,
        frame: &str,
        reference: &str,
        ordinal: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<Heard>, String>;

    /// The frame that says this; none where nothing is to be said. After parts ([`Voice::speak_part`]) it says the last of them.
    fn speak_frame(&self, speech: Speech<'_>) -> Option<String>;

    /// The frame that says a part of something, of which more follows. Parts are joined as they are.
    fn speak_part(&self, words: &str) -> String;

    /// Whether calls through this account are talked over a WebSocket, so that what is said may come in parts.
    fn takes_parts(&self, integration: &Integration) -> bool;
}

/// What was heard in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Unique among all that is heard through the integration: a second one with the same is answered and not counted.
    pub id: String,
    /// The reference of the communication that the call is ([`crate::Draft::reference`]).
    pub reference: String,
    /// What.
    pub what: Heards,
    /// When.
    pub at: DateTime<Utc>,
}

/// The things that can be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heards {
    /// It rings.
    Ringing,
    /// Somebody took the call, and waits for the first words.
    Answered,
    /// A machine took the call.
    Machine,
    /// The contact spoke, or pressed keys.
    Said(String),
    /// The contact broke in upon what was being said; this much of it was heard. Nothing is answered.
    Interrupted(String),
    /// This much more of what was said has been played to the contact. Nothing is answered.
    Played(String),
    /// The contact said nothing for a while.
    Silence,
    /// The provider asks whether the answer is there that it was told to wait for.
    Waits,
    /// A WebSocket is opened for the call; a frame tells it where the first words are still waited for.
    Connects,
    /// The call has ended.
    Ended(CallEnd),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEnd {
    /// None for a call that was answered; else `BUSY`, `NO_ANSWER`, `DECLINED`, `INVALID_NUMBER` or `FAILED`.
    pub outcome: Option<&'static str>,
    /// The provider's code, where it failed.
    pub code: Option<String>,
    /// How long it was, in seconds, where the provider tells.
    pub seconds: Option<u32>,
}

/// What is said into a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech<'a> {
    /// This, and then listen.
    Say(&'a str),
    /// Nothing yet: the answer is on its way.
    Wait,
    /// This, where there is something, and hang up.
    HangUp(Option<&'a str>),
}
