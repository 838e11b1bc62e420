//! The settings of an `llm` integration: `base_url` (it usually ends in `/v1`), `model`, and where wanted `temperature`, `timeout_s`, and the
//! prices of a million tokens, `prompt_price_per_million` and `completion_price_per_million`; the secret `api_key`, where there is one.

use std::{ops::RangeInclusive, time::Duration};

use serde_json::{Map, Value};
use stratagem_channels::{Fields, Integration};
use stratagem_domain::{agent::Usage, channel::FieldError};
use url::Url;

/// To wait for an answer, in seconds, where the settings say nothing.
const TIMEOUT_S: u64 = 60;
/// The longest that anybody may wait, in seconds.
pub(super) const MAX_TIMEOUT_S: u64 = 120;
/// Every setting.
const NAMES: [&str; 6] =
    ["base_url", "model", "temperature", "timeout_s", "prompt_price_per_million", "completion_price_per_million"];

/// As they are used.
pub(super) struct Settings {
    pub(super) base_url: Url,
    pub(super) model: String,
    pub(super) temperature: Option<f64>,
    pub(super) timeout: Duration,
    pub(super) api_key: Option<String>,
    prompt_price: f64,
    completion_price: f64,
}

impl Settings {
    /// Reads them from an integration.
    ///
    /// # Errors
    /// What is wrong with them, in one line. What [`check`] let pass is wrong only where the key is.
    pub(super) fn of(integration: &Integration) -> Result<Self, String> {
        let mut settings = read(&integration.settings).map_err(|errors| {
            errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
        })?;
        settings.api_key = integration.secret("api_key").map(|key| key.trim().to_owned());
        if settings.api_key.as_ref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("secrets.api_key holds characters that no key has".to_owned());
        }
        Ok(settings)
    }

    /// Where `path` lies below the base URL.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        // Fails only for URLs that have no host, which `read` refuses.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Adds what one request took. A million tokens at a price of one are a millionth of the currency each.
    pub(super) fn add(&self, sum: &mut Usage, one: Usage) {
        let cost = one.prompt_tokens as f64 * self.prompt_price + one.completion_tokens as f64 * self.completion_price;
        sum.requests = sum.requests.saturating_add(one.requests);
        sum.prompt_tokens = sum.prompt_tokens.saturating_add(one.prompt_tokens);
        sum.completion_tokens = sum.completion_tokens.saturating_add(one.completion_tokens);
        // The cast saturates.
        sum.cost_micros = sum.cost_micros.saturating_add(cost.round() as u64);
    }
}

/// Checks settings, and the names of the secrets beside them.
///
/// # Errors
/// Every fault.
pub(super) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = read(settings).err().unwrap_or_default();
    for name in secrets.iter().filter(|name| **name != "api_key") {
        errors.push(FieldError::new(format!("secrets.{name}"), "unknown secret; there is api_key"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn read(settings: &Map<String, Value>) -> Result<Settings, Vec<FieldError>> {
    let mut fields = Fields::new(settings, &NAMES);
    let base_url = fields.required_text("base_url").and_then(|text| {
        let url = Url::parse(text).ok().filter(is_base_url);
        if url.is_none() {
            fields.wrong(
                "base_url",
                "must be an http(s) address without user, password and #, e.g. `https://api.openai.com/v1`",
            );
        }
        url
    });
    let model = fields.required_text("model").map(str::to_owned);
    if model.as_ref().is_some_and(|model| model.len() > 200) {
        fields.wrong("model", "is longer than 200 bytes");
    }
    let mut number = |name: &str, range: RangeInclusive<f64>| {
        let value = settings.get(name).filter(|value| !value.is_null())?;
        let number = value.as_f64().filter(|number| range.contains(number));
        if number.is_none() {
            fields.wrong(name, format!("must be a number from {} to {}", range.start(), range.end()));
        }
        number
    };
    let temperature = number("temperature", 0.0..=2.0);
    let prompt_price = number("prompt_price_per_million", 0.0..=1e6).unwrap_or_default();
    let completion_price = number("completion_price_per_million", 0.0..=1e6).unwrap_or_default();
    let timeout_s = settings.get("timeout_s").filter(|value| !value.is_null()).map_or(Some(TIMEOUT_S), Value::as_u64);
    let timeout_s = timeout_s.filter(|seconds| (1..=MAX_TIMEOUT_S).contains(seconds));
    if timeout_s.is_none() {
        fields.wrong("timeout_s", format!("must be a whole number of seconds from 1 to {MAX_TIMEOUT_S}"));
    }
    let errors = fields.into_errors();
    match (base_url, model, timeout_s) {
        (Some(base_url), Some(model), Some(seconds)) if errors.is_empty() => Ok(Settings {
            base_url,
            model,
            temperature,
            timeout: Duration::from_secs(seconds),
            api_key: None,
            prompt_price,
            completion_price,
        }),
        _ => Err(errors),
    }
}

fn is_base_url(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_is_named() {
        let faults = |settings: Value, secrets: &[&str]| -> Vec<String> {
            let errors = check(settings.as_object().unwrap(), secrets).err().unwrap_or_default();
            errors.into_iter().map(|error| error.field).collect()
        };
        let fine = json!({ "base_url": "https://api.example/v1", "model": "m", "temperature": 0.2, "timeout_s": 20 });
        assert!(faults(fine, &["api_key"]).is_empty());
        let wrong = json!({ "temperature": 3, "timeout_s": 0.5, "prompt_price_per_million": -1, "top_p": 1 });
        assert_eq!(
            faults(wrong, &["password"]),
            [
                "settings.top_p",
                "settings.base_url",
                "settings.model",
                "settings.temperature",
                "settings.prompt_price_per_million",
                "settings.timeout_s",
                "secrets.password"
            ]
        );
        for base_url in
            ["api.example/v1", "ftp://a/", "file:///etc", "https://me:pw@api.example", "https://a/#b", "data:x"]
        {
            assert_eq!(faults(json!({ "base_url": base_url, "model": "m" }), &[]), ["settings.base_url"], "{base_url}");
        }
    }

    #[test]
    fn paths_are_joined_whatever_the_base_url_ends_in() {
        for (base_url, joined) in [
            ("https://a/v1", "https://a/v1/chat/completions"),
            ("https://a/v1/", "https://a/v1/chat/completions"),
            ("https://a", "https://a/chat/completions"),
            ("https://a/x?api-version=1", "https://a/x/chat/completions?api-version=1"),
        ] {
            let settings = read(json!({ "base_url": base_url, "model": "m" }).as_object().unwrap()).ok().unwrap();
            assert_eq!(settings.url(&["chat", "completions"]).as_str(), joined);
        }
    }

    #[test]
    fn costs_are_tokens_by_price() {
        let priced = json!({ "base_url": "https://a", "model": "m", "prompt_price_per_million": 2.5,
                             "completion_price_per_million": 10 });
        let settings = read(priced.as_object().unwrap()).ok().unwrap();
        let mut sum = Usage::default();
        for _ in 0..2 {
            settings.add(&mut sum, Usage { requests: 1, prompt_tokens: 1000, completion_tokens: 50, cost_micros: 0 });
        }
        assert_eq!(sum, Usage { requests: 2, prompt_tokens: 2000, completion_tokens: 100, cost_micros: 6000 });
        settings.add(&mut sum, Usage { requests: 1, prompt_tokens: u64::MAX, ..Usage::default() });
        assert_eq!(sum.cost_micros, u64::MAX);
    }
}
