//! The HTTP API as a client sees it.

use reqwest::header::{self, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// A client with one token.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    /// Where the server listens, e.g. `http://127.0.0.1:8080`.
    pub url: String,
    token: Option<String>,
}

/// What the server said.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Of what call, for messages.
    call: String,
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: String,
    /// The id that the server's log has it under.
    pub request_id: String,
    /// The body.
    pub text: String,
}

impl Api {
    /// A client that sends `token`, or none.
    pub fn new(url: &str, token: Option<&str>) -> Self {
        crate::install_crypto();
        // Connections of one test's runtime are of no use to another's.
        let http = reqwest::Client::builder().pool_max_idle_per_host(4).no_proxy().build().unwrap();
        Self { http, url: url.to_owned(), token: token.map(str::to_owned) }
    }

    /// The same server with another token, or none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// A request that the story completes itself. Paths that begin with `/api/`, or are outside of it, are taken as they are;
    /// all others lie under `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let outside = ["/api/", "/healthz", "/readyz", "/metrics", "/docs", "/hooks", "/u/"];
        let prefix = if outside.iter().any(|start| path.starts_with(start)) { "" } else { "/api/v1" };
        let request = self.http.request(method, format!("{}{prefix}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When there is no answer at all.
    pub async fn send(request: RequestBuilder) -> Answer {
        Self::try_send(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// As [`Api::send`], for servers that may be dead by now.
    pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let (client, request) = request.build_split();
        let request = request?;
        let call = format!("{} {}", request.method(), request.url().path());
        let response = client.execute(request).await?;
        let value = |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        let content_type = value(header::CONTENT_TYPE).unwrap_or_default();
        let request_id = value(HeaderName::from_static("x-request-id")).unwrap_or_default();
        let status = response.status().as_u16();
        Ok(Answer { call, status, content_type, request_id, text: response.text().await? })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(&body)).await
    }

    /// POST without a body.
    pub async fn act(&self, path: &str) -> Answer {
        Self::send(self.request(Method::POST, path)).await
    }

    /// PATCH of a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Self::send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Self::send(self.request(Method::PUT, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        Self::send(self.request(Method::DELETE, path)).await
    }

    /// All items of a list, page by page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.list_by(path, 200).await
    }

    /// All items of a list, in pages of `limit`.
    pub async fn list_by(&self, path: &str, limit: u64) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut request = self.request(Method::GET, path).query(&[("limit", limit.to_string())]);
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let mut page = Self::send(request).await.ok();
            let page_items = page["items"].as_array_mut().expect("a list has items");
            assert!(page_items.len() as u64 <= limit, "{path} gave more than {limit} items");
            items.append(page_items);
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }
}

impl Answer {
    /// The body of a good answer; null where it is empty.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(
            StatusCode::from_u16(self.status).unwrap().is_success(),
            "{} was answered {}: {}",
            self.call,
            self.status,
            self.text
        );
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of an answer that has this status.
    #[track_caller]
    pub fn with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.call, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem document (RFC 9457) of an answer that has this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.call, self.text);
        assert_eq!(self.content_type, "application/problem+json", "{}: {}", self.call, self.text);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{}: {}", self.call, self.text);
        for field in ["type", "title", "detail"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "{} has no {field}: {}",
                self.call,
                self.text
            );
        }
        problem
    }

    /// The fields that a 422 finds fault with, each with its message.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let problem = self.problem(422);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| (text(&error["field"]), text(&error["message"]))).collect()
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} is no JSON ({error}): {}", self.call, self.text))
    }
}
