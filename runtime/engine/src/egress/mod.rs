//! HTTP that strategies ask for. The rules, in the order in which they are applied to a request and to each redirect:
//!
//! 1. the URL is parsed once, by the same parser that dials: `http` or `https`, no user name;
//! 2. the tenant's allow-list has its host, port and method ([`HttpRule`]);
//! 3. a literal address must be public, or allowed by the operator ([`AddressPolicy`]): HTTP clients do not resolve these;
//! 4. a name is resolved once, by a resolver that gives out only such addresses, and **these** are dialled;
//! 5. secrets are filled in, only where the host is one of the secret's own ([`secrets`]).

mod refusal;
mod secrets;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, LOCATION},
    redirect,
};
use stratagem_channels::{AddressPolicy, VettedResolver};
use stratagem_domain::strategy::{HttpBody, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpRule};
use stratagem_sandbox::{Allowance, Outbound};
use stratagem_store::Scope;
use tokio::sync::OnceCell;
use url::Url;

pub use self::secrets::{FIELD as SECRET_FIELD, is_name as is_secret_name};
use self::secrets::{Place, Secrets};
use crate::Engine;

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// How long a connection may wait for the next request.
const IDLE: Duration = Duration::from_secs(30);

/// Header fields that are the host's to set, or that belong to one hop.
const OURS: [&str; 13] = [
    // The answer must come as it is, or what it says could not be seen.
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Header fields that are not carried to another host by a redirect.
const PRIVATE: [&str; 3] = ["authorization", "cookie", "x-api-key"];

/// The way out, shared by all tenants.
pub(crate) struct Egress {
    client: Client,
    addresses: AddressPolicy,
}

impl Egress {
    pub(crate) fn new(addresses: AddressPolicy) -> Self {
        let client = Client::builder()
            .dns_resolver(Arc::new(VettedResolver(addresses.clone())))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("stratagem/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(IDLE)
            .build();
        // Fails only where TLS has no provider, and the server installs one before anything else.
        let client = client.unwrap_or_default();
        Self { client, addresses }
    }
}

/// The way out of one run.
pub(crate) struct RunEgress {
    engine: Engine,
    scope: Scope,
    /// The tenant's list. Most runs call nobody, so it is read when it is first needed.
    rules: OnceCell<Vec<HttpRule>>,
    /// What makes the run's requests recognisable when it is repeated: the same for each try of a step.
    once: String,
}

impl Engine {
    /// The way out of a run of this tenant. `once` names what the run is for.
    pub(crate) fn egress(&self, scope: Scope, once: &str) -> Arc<dyn Outbound> {
        let once = blake3::keyed_hash(&self.vault().derive_key(ONCE), format!("{} {once}", scope.0).as_bytes());
        Arc::new(RunEgress { engine: self.clone(), scope, rules: OnceCell::new(), once: once.to_hex().to_string() })
    }
}

const ONCE: &str = "stratagem 2026-11 egress: idempotency keys of strategies' requests";

#[async_trait]
impl Outbound for RunEgress {
    async fn send(
        &self,
        ordinal: usize,
        request: &HttpRequest,
        allowance: Allowance,
    ) -> Result<HttpResponse, HttpError> {
        let late = || {
            let message =
                format!("{} gave no whole answer within {} ms", short(&request.url), allowance.time.as_millis());
            HttpError::new(HttpErrorKind::Timeout, message)
        };
        tokio::time::timeout(allowance.time, self.follow(ordinal, request, allowance)).await.map_err(|_| late())?
    }
}

/// What is sent to one place, before secrets are filled in.
struct Hop {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl RunEgress {
    async fn follow(
        &self,
        ordinal: usize,
        request: &HttpRequest,
        allowance: Allowance,
    ) -> Result<HttpResponse, HttpError> {
        let mut hop = self.first_hop(ordinal, request)?;
        let rules = self.rules.get_or_try_init(|| self.read_rules()).await?;
        let secrets = Secrets::load(&self.engine, self.scope, request).await?;
        let outcome = async {
            for _ in 0..=MOST_REDIRECTS {
                self.check(&hop, rules)?;
                let response = self.dial(&hop, &secrets).await?;
                match next_url(&hop.url, &response)? {
                    Some(url) => hop = redirected(hop, response.status(), url),
                    None => return read(hop.url, response, &secrets, allowance.response_bytes).await,
                }
            }
            Err(HttpError::new(HttpErrorKind::Denied, format!("more than {MOST_REDIRECTS} redirects")))
        };
        // A redirect may repeat what it was sent, and end in an error that names where it leads.
        outcome.await.map_err(|error| HttpError::new(error.kind, secrets.redact_text(error.message)))
    }

    async fn read_rules(&self) -> Result<Vec<HttpRule>, HttpError> {
        let tenant = self.engine.store().tenant(self.scope.0).await.map_err(|error| {
            tracing::error!(%error, "a tenant's allow-list cannot be read");
            denied("the tenant's allow-list cannot be read just now".to_owned())
        })?;
        let lines = tenant.and_then(|tenant| tenant.http_allow.as_array().cloned()).unwrap_or_default();
        Ok(lines.iter().filter_map(|line| HttpRule::parse(line.as_str()?).ok()).collect())
    }

    fn first_hop(&self, ordinal: usize, request: &HttpRequest) -> Result<Hop, HttpError> {
        let url = Url::parse(&request.url).map_err(|error| invalid(format!("{}: {error}", short(&request.url))))?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| invalid(format!("`{}` is no HTTP method", short(&request.method))))?;
        if matches!(method, Method::CONNECT | Method::TRACE) {
            return Err(invalid(format!("method {method} is not available")));
        }
        if let Some((name, _)) =
            request.headers.iter().find(|(name, _)| OURS.contains(&name.to_ascii_lowercase().as_str()))
        {
            return Err(invalid(format!("header `{}` is set by the host", short(name))));
        }
        let mut headers = request.headers.clone();
        let has_key = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
        if !has_key && !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) {
            headers.push(("idempotency-key".to_owned(), format!("{}-{ordinal}", &self.once[..32])));
        }
        Ok(Hop { method, url, headers, body: request.body.as_ref().map(|body| body.0.clone()) })
    }

    /// Rules 1 to 3. What cannot be judged is refused.
    fn check(&self, hop: &Hop, rules: &[HttpRule]) -> Result<(), HttpError> {
        let url = &hop.url;
        let (scheme, shown) = (url.scheme(), short(url.as_str()));
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(denied(format!("{shown} names no host")));
        };
        if scheme != "http" && scheme != "https" {
            return Err(denied(format!("{shown} is neither http nor https")));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(denied("a URL may hold no user name: use a header with a secret".to_owned()));
        }
        if !rules.iter().any(|rule| rule.allows(hop.method.as_str(), scheme, host, port)) {
            let method = &hop.method;
            return Err(denied(format!(
                "{method} {scheme}://{host}:{port} is not on the tenant's allow-list (`http_allow`)"
            )));
        }
        self.engine.0.egress.addresses.check_literal(url).map_err(|error| denied(error.to_string()))
    }

    async fn dial(&self, hop: &Hop, secrets: &Secrets) -> Result<Response, HttpError> {
        let place = Place {
            method: hop.method.as_str(),
            scheme: hop.url.scheme(),
            host: hop.url.host_str().unwrap_or_default(),
            port: hop.url.port_or_known_default().unwrap_or_default(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &hop.headers {
            let value = secrets.fill(&place, value.as_bytes())?;
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed(name))?;
            let mut value = HeaderValue::from_bytes(&value).map_err(|_| malformed(name.as_str()))?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        let mut request = self.engine.0.egress.client.request(hop.method.clone(), hop.url.clone()).headers(headers);
        if let Some(body) = &hop.body {
            request = request.body(secrets.fill(&place, body)?);
        }
        request.send().await.map_err(|error| refusal::explain(&error, &hop.url))
    }
}

/// Where a redirect leads; none where the answer is the last one.
fn next_url(from: &Url, response: &Response) -> Result<Option<Url>, HttpError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let target = location.to_str().ok().and_then(|text| from.join(text).ok());
    target.map(Some).ok_or_else(|| denied(format!("{} redirects to what is no URL", short(from.as_str()))))
}

/// The next request, by the rules of browsers; what was meant for one host is not told to another.
fn redirected(hop: Hop, status: StatusCode, mut url: Url) -> Hop {
    url.set_fragment(None);
    let elsewhere = url.origin() != hop.url.origin();
    let becomes_get = status == StatusCode::SEE_OTHER && hop.method != Method::HEAD
        || matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && hop.method == Method::POST;
    let (method, body) = if becomes_get { (Method::GET, None) } else { (hop.method, hop.body) };
    let mut headers = hop.headers;
    headers.retain(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let private = PRIVATE.contains(&name.as_str()) || secrets::mentions(value.as_bytes());
        let of_body = becomes_get && (name.starts_with("content-") || name == "idempotency-key");
        !(of_body || elsewhere && private)
    });
    Hop { method, url, headers, body }
}

async fn read(url: Url, mut response: Response, secrets: &Secrets, most: usize) -> Result<HttpResponse, HttpError> {
    let status = response.status().as_u16();
    let fields = response.headers().iter().map(|(name, value)| {
        let value = secrets.redact(value.as_bytes().to_vec());
        (name.as_str().to_owned(), String::from_utf8_lossy(&value).into_owned())
    });
    let headers = fields.collect();
    let mut body = Vec::new();
    let too_large = || {
        let message = format!("the answer of {} has more than the {most} bytes that it may have", short(url.as_str()));
        HttpError::new(HttpErrorKind::Limit, message)
    };
    while let Some(chunk) = response.chunk().await.map_err(|error| refusal::explain(&error, &url))? {
        if body.len() + chunk.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let body = secrets.redact(body);
    // Placeholders may be longer than what they stand for.
    if body.len() > most {
        return Err(too_large());
    }
    Ok(HttpResponse { status, headers, body: HttpBody(body), url: secrets.redact_text(url.into()) })
}

fn denied(message: String) -> HttpError {
    HttpError::new(HttpErrorKind::Denied, message)
}

fn invalid(message: String) -> HttpError {
    HttpError::new(HttpErrorKind::Invalid, message)
}

fn malformed(name: &str) -> HttpError {
    invalid(format!("header `{}` is malformed", short(name)))
}

/// The beginning of a text that a strategy may have made as long as it liked.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
