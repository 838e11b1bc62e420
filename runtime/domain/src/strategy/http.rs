//! HTTP of a strategy, as its record keeps it. The contract is `wit/http.wit`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One request, as the strategy made it: secrets are still placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// In the order in which they were given.
    pub headers: Vec<(String, String)>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<HttpBody>,
    /// Milliseconds for the whole call; the host's own limit holds where it is shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u32>,
}

/// One answer, whatever its status code. Secrets that came back in it are placeholders again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// Its code.
    pub status: u16,
    /// In the order in which they came.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: HttpBody,
    /// Where redirects ended.
    pub url: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpError {
    /// What kind of trouble.
    pub kind: HttpErrorKind,
    /// In plain words.
    pub message: String,
}

/// The cases of `http-error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpErrorKind {
    /// The URL, method or a header is malformed.
    Invalid,
    /// The allow-list or the address rules say no.
    Denied,
    /// No connection, or it broke.
    Unreachable,
    /// It took too long.
    Timeout,
    /// More requests than a run may make, or an answer larger than it may be.
    Limit,
}

impl HttpError {
    /// An error of that kind.
    pub fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpOutcome {
    /// It was answered.
    Response(HttpResponse),
    /// It was not.
    Error(HttpError),
}

/// A request with what came of it: an entry of a run's transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpExchange {
    /// The request.
    pub request: HttpRequest,
    /// What came of it.
    pub outcome: HttpOutcome,
}

/// Bytes that are written as text where they are text, else as `{"base64": "…"}`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpBody(pub Vec<u8>);

impl std::fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Binary { base64: String },
}

impl Serialize for HttpBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            // PostgreSQL's JSON cannot hold a NUL.
            Ok(text) if !text.contains('\0') => serializer.serialize_str(text),
            _ => Written::Binary { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for HttpBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Binary { base64 } => STANDARD.decode(base64).map(Self).map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_where_it_is_text_and_comes_back_the_same() {
        for (bytes, written) in [
            (b"{\"a\": 1}".to_vec(), r#""{\"a\": 1}""#),
            (vec![], r#""""#),
            (vec![0xff, 0], r#"{"base64":"/wA="}"#),
            (vec![b'a', 0], r#"{"base64":"YQA="}"#),
        ] {
            let text = serde_json::to_string(&HttpBody(bytes.clone())).unwrap();
            assert_eq!(text, written);
            assert_eq!(serde_json::from_str::<HttpBody>(&text).unwrap().0, bytes);
        }
    }
}
