//! The settings of a `telegram` integration: `base_url`, `bot_username`, `mode`; secrets `bot_token`, `secret_token`.

use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;
use url::Url;

use crate::Integration;
use crate::settings::{Fields, check_secrets, one_line};

const TELEGRAM: &str = "https://api.telegram.org";

/// As they are used.
pub(super) struct Settings<'a> {
    pub(super) base_url: &'a str,
    /// Without its `@`.
    pub(super) username: &'a str,
    /// Messages are fetched; else they come to the webhook.
    pub(super) polls: bool,
}

/// Checks settings, and the names of the secrets beside them.
pub(super) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let read = parse(settings);
    let known = ["bot_token", "secret_token"];
    // Whoever fetches has no use for the webhook's.
    let required = if read.as_ref().is_ok_and(|settings| settings.polls) { &known[..1] } else { &known[..] };
    let mut errors = read.err().unwrap_or_default();
    errors.extend(check_secrets(secrets, &known, required));
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Reads them.
///
/// # Errors
/// What is wrong, in one line. What [`check`] let pass is never wrong.
pub(super) fn read(settings: &Map<String, Value>) -> Result<Settings<'_>, String> {
    parse(settings).map_err(one_line)
}

/// Where a method of the bot's is called. The URL holds the token, so it must not be shown.
///
/// # Errors
/// What is wrong, without the token.
pub(super) fn method_url(integration: &Integration, method: &str) -> Result<Url, String> {
    let settings = read(&integration.settings)?;
    let token = integration.secret("bot_token").ok_or("secrets.bot_token is required")?;
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-".contains(&byte)) {
        return Err("secrets.bot_token is no token of a bot: it is like 123456:ABC-DEF".to_owned());
    }
    let url = format!("{}/bot{token}/{method}", settings.base_url);
    url.parse().map_err(|_| "settings.base_url is no address of a web server".to_owned())
}

/// The link that a contact follows to be known to the bot; none where the settings name no bot, or the token is not one that
/// Telegram hands on: 1 to 64 of `A-Z a-z 0-9 _ -`.
pub fn deep_link(integration: &Integration, token: &str) -> Option<String> {
    let settings = parse(&integration.settings).ok()?;
    let fits = (1..=64).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    fits.then(|| format!("https://t.me/{}?start={token}", settings.username))
}

fn parse(settings: &Map<String, Value>) -> Result<Settings<'_>, Vec<FieldError>> {
    let mut fields = Fields::new(settings, &["base_url", "bot_username", "mode"]);
    let base_url = fields.web_address("base_url", TELEGRAM);
    let username = fields.required_text("bot_username").map(|name| name.trim_start_matches('@')).unwrap_or_default();
    let named = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && username.len() <= 32;
    if !named {
        fields.wrong("bot_username", "must be the name of a bot, such as acme_bot");
    }
    fields.required("mode");
    let polls = fields.one_of("mode", &["webhook", "polling"]) == Some("polling");
    let errors = fields.into_errors();
    if errors.is_empty() { Ok(Settings { base_url, username, polls }) } else { Err(errors) }
}
