//! One id for a request and for all that it sets in motion: it is in the answer, in log lines, and with each step.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};

use crate::error::Problem;

/// Where a client may send an id, and gets the one that was used.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_BYTES: usize = 100;

/// The request's id.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The id that the client or a proxy gave. Any other text is passed over, and no reason to refuse the request: what ends up
    /// in logs must neither break a line nor be taken for something else.
    pub(crate) fn given(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:=+/".contains(c);
        ((1..=MAX_BYTES).contains(&text.len()) && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    /// As the answer's header has it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("a request without an id"))
    }
}
