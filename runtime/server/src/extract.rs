//! What handlers take their arguments with: extractors whose refusals are problems, and checks that several nouns share.

use axum::{
    Json,
    body::{Body as RawBody, Bytes},
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use futures::TryStreamExt;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use stratagem_domain::{local_time, strategy::check_text};
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, ObjectBuilder, Required, SchemaFormat, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use uuid::Uuid;

use crate::error::{Kind, Problem};

/// Most characters of a name.
const MAX_NAME: usize = 200;
/// Most characters of a longer text.
const MAX_TEXT: usize = 10_000;

/// A JSON object as the body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, MAX_BODY_BYTES).await?;
        let request = Request::from_parts(parts, bytes.clone().into());
        let Json(value) = Json::<T>::from_request(request, state).await?;
        // serde also reads a struct from a list of its fields' values, which no contract of ours says.
        if bytes.trim_ascii_start().starts_with(b"{") {
            Ok(Self(value))
        } else {
            Err(Problem::field("body", "must be a JSON object"))
        }
    }
}

/// The largest body of every call but an import: a strategy's source as a JSON string fits well.
pub(crate) const MAX_BODY_BYTES: usize = 4 << 20;
/// The largest body of a strategy's upload: a component with the form around it.
pub(crate) const MAX_UPLOAD_BYTES: usize = 66 << 20;
/// How much of a body that is too large is read and dropped before the answer: a client that still sends when the
/// connection closes may never see why.
const DRAINED_BYTES: usize = 32 << 20;

/// A whole body, in memory.
pub(crate) async fn read_body(body: RawBody, most: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let (mut read, mut seen) = (Vec::new(), 0);
    let broken = |error: axum::Error| Problem::new(Kind::Malformed, format!("The body broke off: {error}"));
    while let Some(chunk) = chunks.try_next().await.map_err(broken)? {
        seen += chunk.len();
        if seen <= most {
            read.extend_from_slice(&chunk);
        } else if seen > most.max(DRAINED_BYTES) {
            break;
        }
    }
    if seen > most {
        return Err(Problem::new(Kind::TooLarge, format!("A body may have {most} bytes.")));
    }
    Ok(read.into())
}

/// The query string.
pub(crate) struct Search<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Search<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::<T>::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

/// The path's `{id}`. A text that is no id is the id of nothing.
pub(crate) struct Id(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok());
        id.map(Self).ok_or_else(|| Problem::not_found("id"))
    }
}

impl IntoParams for Id {
    fn into_params(_provider: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build();
        let parameter = ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True);
        vec![parameter.schema(Some(schema)).description(Some("Its id.")).build()]
    }
}

/// Reads a field that may be absent, null or a value: `#[serde(default, deserialize_with = "present")]`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// A name as it is stored: without spaces around it.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > MAX_NAME {
        return Err(format!("must not be longer than {MAX_NAME} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A longer text, as it is.
pub(crate) fn text(text: String) -> Result<String, String> {
    if text.chars().count() > MAX_TEXT {
        return Err(format!("must not be longer than {MAX_TEXT} characters"));
    }
    check_text("it", &text).map(|()| text)
}

/// An IANA time zone.
pub(crate) fn time_zone(name: String) -> Result<String, String> {
    match local_time::zone(&name) {
        Some(_) => Ok(name),
        None => Err("is no IANA time zone, such as `Europe/Berlin` or `UTC`".to_owned()),
    }
}
