mod calls;
mod hooks;
mod twiml;

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use stratagem_domain::channel::IntegrationKind;
use stratagem_providers::twilio::Twilio as Fake;

use super::Twilio;
use crate::{AddressPolicy, Integration, Web};

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "12345";

fn twilio() -> Twilio {
    let policy = AddressPolicy::default().allow_loopback(true);
    Twilio::new(Web::new(policy, Duration::from_millis(500)))
}

/// For what touches no network: to make a client takes longer than all that it is not used for.
static PURE: LazyLock<Twilio> = LazyLock::new(twilio);

fn settings(base_url: &str, voice: &str) -> Value {
    json!({"base_url": base_url, "account_sid": SID, "from": "+12025550123", "voice": voice, "calls_per_second": 5})
}

fn integration(base_url: &str, voice: &str) -> Integration {
    Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::Twilio,
        settings: settings(base_url, voice).as_object().unwrap().clone(),
        secrets: [("auth_token".to_owned(), TOKEN.into())].into(),
        kept: Default::default(),
    }
}

async fn fake() -> Fake {
    Fake::start(SID, TOKEN).await
}
