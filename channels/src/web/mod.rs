//! Calls to providers' HTTP interfaces: to vetted addresses only, without redirects, with a limit of time and of size.

mod resolver;

use std::{error::Error, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Client, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect,
};
use url::Url;

pub use self::resolver::VettedResolver;
use crate::{AddressError, AddressPolicy, SendOutcome};

/// What is read of an answer, in bytes; providers' answers are a few hundred.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// How long a connection may wait for the next request.
const IDLE: Duration = Duration::from_secs(60);
/// To connect.
const CONNECT: Duration = Duration::from_secs(10);

/// The HTTP client of all providers. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    client: Client,
    policy: AddressPolicy,
    time_limit: Duration,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct WebAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer. No message holds the URL: some providers put secrets there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// The address may not be called, or is none.
    #[error("{0}")]
    Refused(String),
    /// Nobody heard the request: it may be repeated.
    #[error("{0}")]
    Unreachable(String),
    /// It was heard, or may have been, and nobody knows what came of it.
    #[error("{0}")]
    Lost(String),
}

impl Web {
    /// A client that dials what `policy` allows, and gives up on an answer after `time_limit`.
    pub fn new(policy: AddressPolicy, time_limit: Duration) -> Self {
        // Without one reqwest panics. Where the server or somebody else has chosen one already, that one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .dns_resolver(Arc::new(VettedResolver(policy.clone())))
            .redirect(redirect::Policy::none())
            .no_proxy()
            // Meta refuses agents of another form.
            .user_agent(concat!("stratagem/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(IDLE)
            .connect_timeout(CONNECT)
            .build();
        Self { client: client.unwrap_or_default(), policy, time_limit }
    }

    /// The same client, with the same connections and another limit.
    #[must_use]
    pub fn with_time_limit(&self, time_limit: Duration) -> Self {
        Self { time_limit, ..self.clone() }
    }

    /// Calls `url`; `make` builds the request on the client.
    ///
    /// # Errors
    /// [`WebError`], where there is no whole answer.
    pub async fn call(
        &self,
        url: &Url,
        make: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<WebAnswer, WebError> {
        let late = || {
            let (host, seconds) = (url.host_str().unwrap_or_default(), self.time_limit.as_secs());
            WebError::Lost(format!("{host} gave no whole answer within {seconds} s"))
        };
        let exchange = async { self.open(url, make).await?.whole().await };
        tokio::time::timeout(self.time_limit, exchange).await.map_err(|_| late())?
    }

    /// The same, for an answer that is read while it comes, for as long as the caller waits.
    ///
    /// # Errors
    /// [`WebError`], where there is not even the beginning of an answer.
    pub async fn open(
        &self,
        url: &Url,
        make: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<WebStream, WebError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebError::Refused(format!("`{}` is no address of a web server", url.scheme())));
        }
        self.policy.check_literal(url).map_err(|error| WebError::Refused(error.to_string()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let response = make(&self.client, url.clone()).send().await.map_err(|error| explain(&host, error))?;
        Ok(WebStream { host, response, read: 0 })
    }
}

/// An answer, whatever its status, whose body is still coming.
pub struct WebStream {
    host: String,
    response: reqwest::Response,
    /// Bytes of the body so far.
    read: usize,
}

impl WebStream {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Whether the request was fulfilled.
    pub fn is_success(&self) -> bool {
        self.response.status().is_success()
    }

    /// Whether the body is of this type, e.g. `text/event-stream`.
    pub fn is_of(&self, content_type: &str) -> bool {
        let given = self.response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(content_type)
    }

    /// The next bytes of the body; none at its end.
    ///
    /// # Errors
    /// [`WebError::Lost`], where it broke off or is too large.
    pub async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let chunk = self.response.chunk().await.map_err(|error| explain(&self.host, error))?;
        self.read += chunk.as_ref().map_or(0, Bytes::len);
        if self.read > MAX_ANSWER_BYTES {
            return Err(WebError::Lost(format!("{} answered more than {} KiB", self.host, MAX_ANSWER_BYTES >> 10)));
        }
        Ok(chunk)
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`WebStream::next`].
    pub async fn whole(mut self) -> Result<WebAnswer, WebError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.next().await? {
            body.extend_from_slice(&chunk);
        }
        let headers = std::mem::take(self.response.headers_mut());
        Ok(WebAnswer { status: self.status(), headers, body: body.freeze() })
    }
}

impl WebAnswer {
    /// The answer as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the request was fulfilled.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// How long the provider asks to wait, where it says so in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// What follows for a send that must not happen twice.
impl From<WebError> for SendOutcome {
    fn from(error: WebError) -> Self {
        let reason = error.to_string();
        match error {
            WebError::Refused(_) => Self::Misconfigured { reason },
            WebError::Unreachable(_) => Self::Retry { after: None, reason },
            WebError::Lost(_) => Self::Unknown { reason },
        }
    }
}

fn explain(host: &str, error: reqwest::Error) -> WebError {
    let unheard = error.is_connect() || error.is_builder();
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut innermost = String::new();
    while let Some(this) = cause {
        if let Some(refused @ AddressError::Refused(_)) = this.downcast_ref::<AddressError>() {
            return WebError::Refused(refused.to_string());
        }
        innermost = this.to_string();
        cause = this.source();
    }
    let innermost: String = innermost.chars().take(200).collect();
    if unheard {
        WebError::Unreachable(format!("{host} cannot be reached: {innermost}"))
    } else {
        WebError::Lost(format!("{host} was called and gave no whole answer: {innermost}"))
    }
}

#[cfg(test)]
mod tests;
