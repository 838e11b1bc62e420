//! The URLs of a call. They carry what the call is and where it stands, so that an answer needs nothing but the question; Twilio's
//! signature covers them.

use url::form_urlencoded;

use crate::{WebhookCall, spoken};

/// Where in which call we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `https://…/hooks/{integration_id}`.
    hook_url: String,
    /// The communication's reference.
    pub(super) reference: String,
    pub(super) language: Option<String>,
    /// How many answers were given before: it makes the name of each turn, which stays the same when Twilio asks again.
    pub(super) turn: u32,
}

impl Place {
    /// The beginning of a call.
    pub(super) fn new(hook_url: &str, reference: &str, language: Option<&str>) -> Self {
        let (hook_url, reference) = (hook_url.trim_end_matches('/').to_owned(), reference.to_owned());
        Self { hook_url, reference, language: language.map(str::to_owned), turn: 0 }
    }

    /// What a webhook's URL says; none where it names no call.
    pub(super) fn of(call: &WebhookCall<'_>) -> Option<Self> {
        let (address, query) = call.url.split_once('?').unwrap_or((call.url, ""));
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let mut place = Self::new(address.strip_suffix(call.path)?, "", None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "call" => place.reference = value.into_owned(),
                "language" if spoken::is_language(&value) => place.language = Some(value.into_owned()),
                "turn" => place.turn = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        if let Some(reference) = call.path.strip_prefix("/voice/relay/") {
            reference.clone_into(&mut place.reference);
        }
        is_reference(&place.reference).then_some(place)
    }

    /// The same call, one answer later.
    pub(super) fn next(&self) -> Self {
        Self { turn: self.turn.saturating_add(1), ..self.clone() }
    }

    /// The URL of one of the call's webhooks.
    pub(super) fn url(&self, webhook: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("call", &self.reference);
        if let Some(language) = &self.language {
            query.append_pair("language", language);
        }
        if self.turn > 0 {
            query.append_pair("turn", &self.turn.to_string());
        }
        format!("{}/voice/{webhook}?{}", self.hook_url, query.finish())
    }

    /// The URL of its WebSocket. Twilio wants no query there.
    pub(super) fn socket(&self) -> String {
        let address = self.hook_url.strip_prefix("http").unwrap_or(&self.hook_url);
        format!("ws{address}/voice/relay/{}", self.reference)
    }
}

fn is_reference(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=128).contains(&text.len()) && text.bytes().all(fits)
}
