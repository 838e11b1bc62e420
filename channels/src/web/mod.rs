//! Calls to providers' HTTP interfaces: to vetted addresses only, without redirects, with a limit of time and of size.

mod resolver;

use std::{error::Error, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Client, RequestBuilder,
    header::{HeaderMap, RETRY_AFTER},
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
        // Without one there is no TLS. The server installs it before anything else, and then this does nothing.
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
        // Fails only where TLS has no provider.
        Self { client: client.unwrap_or_default(), policy, time_limit }
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
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebError::Refused(format!("`{}` is no address of a web server", url.scheme())));
        }
        self.policy.check_literal(url).map_err(|error| WebError::Refused(error.to_string()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let exchange = async {
            let response = make(&self.client, url.clone()).send().await.map_err(|error| explain(&host, error))?;
            read(&host, response).await
        };
        let late = || {
            let seconds = self.time_limit.as_secs();
            WebError::Lost(format!("{host} gave no whole answer within {seconds} s"))
        };
        tokio::time::timeout(self.time_limit, exchange).await.map_err(|_| late())?
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

async fn read(host: &str, mut response: reqwest::Response) -> Result<WebAnswer, WebError> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(host, error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(WebError::Lost(format!("{host} answered more than {} KiB", MAX_ANSWER_BYTES >> 10)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(WebAnswer { status, headers, body: body.freeze() })
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
