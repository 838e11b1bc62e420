//! The settings of a `twilio` integration: `base_url`, `account_sid`, `from`, `voice`, `calls_per_second`; secret `auth_token`.

use serde_json::{Map, Value};
use stratagem_domain::address::dialable;
use stratagem_domain::channel::FieldError;

use crate::settings::{Fields, check_secrets, one_line};

const TWILIO: &str = "https://api.twilio.com";

/// As they are used.
pub(super) struct Settings<'a> {
    pub(super) base_url: &'a str,
    pub(super) account_sid: &'a str,
    pub(super) from: &'a str,
    /// Text over a WebSocket; else a webhook for each turn.
    pub(super) relay: bool,
    pub(super) calls_per_second: u32,
}

/// Checks settings, and the names of the secrets beside them.
pub(super) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = parse(settings).err().unwrap_or_default();
    errors.extend(check_secrets(secrets, &["auth_token"], &["auth_token"]));
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Reads them.
///
/// # Errors
/// What is wrong, in one line. What [`check`] let pass is never wrong.
pub(super) fn read(settings: &Map<String, Value>) -> Result<Settings<'_>, String> {
    parse(settings).map_err(one_line)
}

fn parse(settings: &Map<String, Value>) -> Result<Settings<'_>, Vec<FieldError>> {
    let mut fields = Fields::new(settings, &["base_url", "account_sid", "from", "voice", "calls_per_second"]);
    let base_url = fields.web_address("base_url", TWILIO);
    let account_sid = fields.required_text("account_sid");
    if account_sid.is_some_and(|sid| !is_account(sid)) {
        fields.wrong("account_sid", "must be AC and 32 hexadecimal digits");
    }
    let from = fields.required_text("from");
    if from.is_some_and(|from| dialable(from).as_deref() != Ok(from)) {
        fields.wrong("from", "must be a phone number such as +12025550123");
    }
    let relay = fields.one_of("voice", &["gather", "relay"]) == Some("relay");
    let calls_per_second = fields.whole("calls_per_second", 1..=100).unwrap_or(1);
    let errors = fields.into_errors();
    match (account_sid, from) {
        (Some(account_sid), Some(from)) if errors.is_empty() => {
            Ok(Settings { base_url, account_sid, from, relay, calls_per_second })
        }
        _ => Err(errors),
    }
}

fn is_account(sid: &str) -> bool {
    sid.strip_prefix("AC").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
