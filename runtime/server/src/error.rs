//! The one error of the API, and the only place that knows HTTP statuses of errors.
//!
//! A handler answers `Result<_, Problem>`. The store's and the engine's errors turn into problems by `?`; what a caller
//! may not know (SQL, paths, bugs) goes to the log and leaves as a plain 500. The form is RFC 9457.

use axum::{
    extract::rejection::{BytesRejection, JsonRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use stratagem_domain::{
    channel::FieldError,
    strategy::{RunError, SINGLE},
};
use stratagem_engine::{EngineError, FilesError};
use stratagem_store::StoreError;
use utoipa::ToSchema;

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Fault>,
}

/// Every kind of problem there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Malformed,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    Internal,
    Unavailable,
}

impl Kind {
    /// Every kind, for the documentation.
    pub(crate) const ALL: [Self; 11] = [
        Self::Malformed,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::Internal,
        Self::Unavailable,
    ];

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its `type`: a place in the documentation that this server serves.
    pub(crate) fn anchor(self) -> &'static str {
        match self {
            Self::Malformed => "/docs#malformed",
            Self::Unauthorized => "/docs#unauthorized",
            Self::Forbidden => "/docs#forbidden",
            Self::NotFound => "/docs#not-found",
            Self::MethodNotAllowed => "/docs#method-not-allowed",
            Self::Conflict => "/docs#conflict",
            Self::TooLarge => "/docs#too-large",
            Self::UnsupportedMediaType => "/docs#unsupported-media-type",
            Self::Invalid => "/docs#invalid",
            Self::Internal => "/docs#internal",
            Self::Unavailable => "/docs#unavailable",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Unauthorized => "A valid token is needed",
            Self::Forbidden => "The token's role may not do this",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The path has no such method",
            Self::Conflict => "The state of things does not allow this",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The body has an unsupported media type",
            Self::Invalid => "The request is not valid",
            Self::Internal => "The server failed",
            Self::Unavailable => "The server is not ready",
        }
    }
}

/// The body of every error answer: RFC 9457, `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// What kind of problem: a place in the documentation at `/docs`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The answer's HTTP status.
    status: u16,
    /// What went wrong this time.
    detail: String,
    /// Every field, or every line of a strategy, that is at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// One thing that is at fault: a field of the request, or a place in a strategy's source.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Fault {
    /// A field of the request.
    Field {
        /// Its path, e.g. `settings.subject`.
        field: String,
        /// What is wrong with it.
        message: String,
    },
    /// A place in the source.
    Source {
        /// Path of the module; null where it is not known.
        file: Option<String>,
        /// From 1; null where it is not known.
        line: Option<u32>,
        /// From 1; null where it is not known.
        column: Option<u32>,
        /// What is wrong there.
        message: String,
    },
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new() }
    }

    /// Another tenant's things are not there either.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no such {what}."))
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, detail)
    }

    /// One field is at fault.
    pub(crate) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// Fields are at fault.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.field, only.message),
            all => format!("{} fields are not valid.", all.len()),
        };
        let errors = errors.into_iter().map(|e| Fault::Field { field: e.field, message: e.message }).collect();
        Self { kind: Kind::Invalid, detail, errors }
    }

    /// The same problem in other words.
    pub(crate) fn saying(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// A strategy's source is broken.
    pub(crate) fn source(error: RunError) -> Self {
        let place = match (&error.file, error.line) {
            (Some(file), Some(line)) if file != SINGLE => format!("{file}, line {line}: "),
            (_, Some(line)) => format!("line {line}: "),
            (_, None) => String::new(),
        };
        let detail = format!("The source cannot be a strategy: {place}{}", error.message);
        let fault = Fault::Source { file: error.file, line: error.line, column: error.column, message: error.message };
        Self { kind: Kind::Invalid, detail, errors: vec![fault] }
    }

    /// Our own failure: the cause is for the log alone.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(Kind::Internal, "The cause is in the server's log.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = ProblemDetails {
            kind: self.kind.anchor(),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.kind == Kind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stratagem\""));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            tracing::error!(%error, "the database cannot be used just now");
            return Self::new(Kind::Unavailable, "The database cannot be used just now. Try again in a few seconds.");
        }
        match error {
            StoreError::Conflict(detail) => Self::conflict(detail),
            StoreError::Database(_) | StoreError::Corrupt(_) | StoreError::Unsuitable(_) => Self::internal(error),
        }
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        if error.is_passing() {
            tracing::error!(%error, "the object store cannot be used just now");
            return Self::new(
                Kind::Unavailable,
                "Files cannot be stored or read just now. Try again in a few seconds.",
            );
        }
        Self::internal(error)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Invalid(errors) => Self::invalid(errors),
            EngineError::Files(error) => error.into(),
            EngineError::Component(_) | EngineError::Internal(_) => Self::internal(error),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => Self::invalid(vec![data_error(&error.body_text())]),
            JsonRejection::JsonSyntaxError(_) => Self::new(Kind::Malformed, rejection.body_text()),
            JsonRejection::MissingJsonContentType(_) => {
                Self::new(Kind::UnsupportedMediaType, "Send JSON with `Content-Type: application/json`.")
            }
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            other => Self::new(Kind::Malformed, other.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        body_error(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::invalid(vec![data_error(&rejection.body_text())])
    }
}

/// A body that could not be read to its end.
pub(crate) fn body_error(status: StatusCode, text: String) -> Problem {
    let kind = if status == Kind::TooLarge.status() { Kind::TooLarge } else { Kind::Malformed };
    Problem::new(kind, text)
}

/// The field and the message of axum's `Failed to deserialize …: settings.host: invalid type … at line 1 column 9`.
fn data_error(text: &str) -> FieldError {
    let text = text
        .strip_prefix("Failed to deserialize ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(text, |(_, rest)| rest);
    let text = text.rsplit_once(" at line ").map_or(text, |(rest, _)| rest);
    let (path, message) = match text.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (path, rest),
        _ => ("", text),
    };
    let mut field: Vec<&str> = path.split('.').filter(|part| !part.is_empty() && *part != "?").collect();
    for begin in ["unknown field `", "missing field `"] {
        let named = message.strip_prefix(begin).and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
        field.extend(named.filter(|name| field.last() != Some(name)));
    }
    FieldError::new(if field.is_empty() { "body".to_owned() } else { field.join(".") }, message)
}

/// Collects what is wrong with a request, so that its author sees all of it at once.
#[derive(Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Notes the error, if it is one, and passes the value on.
    pub(crate) fn check<T>(&mut self, field: &str, result: Result<T, impl Into<String>>) -> Option<T> {
        result.map_err(|message| self.add(field, message)).ok()
    }

    pub(crate) fn extend(&mut self, result: Result<(), Vec<FieldError>>) {
        self.0.extend(result.err().into_iter().flatten());
    }

    /// A problem, if anything was noted.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_is_rfc_9457() {
        let response = Problem::field("name", "is required").into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 9999).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "type": "/docs#invalid",
            "title": "The request is not valid",
            "status": 422,
            "detail": "name: is required",
            "errors": [{"field": "name", "message": "is required"}],
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn an_inner_failure_tells_nothing() {
        let response = Problem::internal("SELECT secret FROM tokens").into_response();
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 9999).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("SELECT"));
    }

    #[test]
    fn the_field_is_found_in_a_data_error() {
        let json = "Failed to deserialize the JSON body into the target type: ";
        for (text, field, message) in [
            ("missing field `name` at line 1 column 2", "name", "missing field `name`"),
            ("x: unknown field `x`, expected `name` at line 1 column 4", "x", "unknown field `x`, expected `name`"),
            (
                "alternatives[0].weight: invalid type: string \"a: b\", expected u8 at line 1 column 9",
                "alternatives[0].weight",
                "invalid type: string \"a: b\", expected u8",
            ),
            (
                "invalid type: sequence, expected struct X at line 1 column 0",
                "body",
                "invalid type: sequence, expected struct X",
            ),
        ] {
            assert_eq!(data_error(&format!("{json}{text}")), FieldError::new(field, message));
        }
        let query = "Failed to deserialize query string: limit: invalid digit found in string";
        assert_eq!(data_error(query), FieldError::new("limit", "invalid digit found in string"));
    }
}
