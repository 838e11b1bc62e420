//! Contacts who answer by themselves, as a file says: Meta's and Twilio's stand-ins with people behind them.
//!
//! ```toml
//! ["+12025550101"]
//! whatsapp = ["Sorry, I forgot.", "On Monday."]   # one answer to each message
//! phone = ["Who is that?", "On Monday."]          # one to each time that it is listened to, then the contact hangs up
//!
//! ["+12025550102"]
//! phone = "busy"                                  # or "machine", "no answer", "not in use"
//! ```
//!
//! Whoever is not in the file keeps silent on WhatsApp, and lets the phone ring.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    meta::{self, Meta},
    twilio::{Callee, Turn, Twilio},
};

const TWILIO_ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TWILIO_TOKEN: &str = "12345";
/// What a network says of a number that nobody has.
const SIP_NOT_FOUND: u16 = 404;

/// The providers through which the contacts are reached. They end with the handle or the runtime.
pub struct Contacts {
    /// WhatsApp.
    pub meta: Meta,
    /// The phone.
    pub twilio: Twilio,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    #[serde(default)]
    whatsapp: Vec<String>,
    #[serde(default)]
    phone: Phone,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a list of texts, \"busy\", \"machine\", \"no answer\" or \"not in use\"")]
enum Phone {
    Says(Vec<String>),
    Is(Line),
}

#[derive(Deserialize)]
enum Line {
    #[serde(rename = "busy")]
    Busy,
    #[serde(rename = "machine")]
    Machine,
    #[serde(rename = "no answer")]
    NoAnswer,
    #[serde(rename = "not in use")]
    NotInUse,
}

impl Default for Phone {
    fn default() -> Self {
        Self::Is(Line::NoAnswer)
    }
}

impl Contacts {
    /// Starts the providers, with the contacts of a file.
    ///
    /// # Errors
    /// What is wrong with the file, with the line where TOML tells it.
    pub async fn start(file: &str) -> Result<Self, String> {
        let contacts: BTreeMap<String, Contact> = toml::from_str(file).map_err(|error| error.to_string())?;
        let (meta, twilio) = (meta::start().await, Twilio::start(TWILIO_ACCOUNT, TWILIO_TOKEN).await);
        for (number, contact) in contacts {
            let digits = number.strip_prefix('+').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("`{number}` is no phone number such as +12025550123"));
            }
            meta.contact_answers(&number, contact.whatsapp);
            twilio.callee_at(&number, contact.phone.into());
        }
        Ok(Self { meta, twilio })
    }

    /// The accounts to send through, by the kind of integration: `settings`, `secrets`, and limits that keep nobody waiting.
    pub fn accounts(&self) -> Value {
        let (mut meta, mut twilio) = (self.meta.account(), self.twilio.account());
        twilio["settings"]["calls_per_second"] = json!(100);
        let unlimited = json!({"sends": 1_000, "per_s": 1});
        meta["send_rate"] = unlimited.clone();
        meta["pair_rate"] = unlimited;
        json!({"whatsapp_meta": meta, "twilio": twilio})
    }

    /// Where an integration of that kind is told what contacts do. Twilio is told with each call.
    pub fn set_hook(&self, kind: &str, url: &str) {
        if kind == "whatsapp_meta" {
            self.meta.set_hook(url);
        }
    }
}

impl From<Phone> for Callee {
    fn from(phone: Phone) -> Self {
        match phone {
            Phone::Says(texts) => Self::Answers(texts.into_iter().map(Turn::Says).collect()),
            Phone::Is(Line::Busy) => Self::Busy,
            Phone::Is(Line::Machine) => Self::Machine,
            Phone::Is(Line::NoAnswer) => Self::NoAnswer,
            Phone::Is(Line::NotInUse) => Self::Fails(SIP_NOT_FOUND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_wrong_with_a_file_is_said() {
        let table = [
            ("[\"+1202\"]\nphone = \"deaf\"", "must be a list of texts, \"busy\""),
            ("[\"+1202\"]\ntelegram = []", "unknown field `telegram`"),
            ("[Ada]", "`Ada` is no phone number"),
        ];
        for (file, expected) in table {
            let error = Contacts::start(file).await.err().unwrap();
            assert!(error.contains(expected), "{file}: {error}");
        }
        assert!(Contacts::start("[\"+1202\"]\nphone = \"not in use\"").await.is_ok());
    }
}
