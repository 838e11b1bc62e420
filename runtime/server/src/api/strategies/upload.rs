//! A strategy as it comes in: JSON, or a form with a file. Both give the same fields.

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    error::{Faults, Problem, body_error},
    extract::Body,
};

const NO_COMPONENTS: &str = "compiled strategies are not available in this version: send the source";
const NO_MODULES: &str = "strategies of several modules are not available in this version: send one source";

/// The fields of a strategy. As a form, `file` (a `.py` file) takes the place of `source`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StrategyUpload)]
pub(crate) struct Upload {
    /// Its name.
    pub(super) name: Option<String>,
    /// `data_load`, `aggregation` or `answer_analysis`. Cannot be changed later.
    #[serde(rename = "type")]
    #[schema(example = "data_load")]
    pub(super) kind: Option<String>,
    /// Name of the entry point; `run`, or `on_agent_answer` for answer analysis, where it is absent.
    pub(super) function: Option<String>,
    /// Python, one module.
    #[schema(example = "async def run(contact, existing_contact, logger, **kwargs):\n    return contact\n")]
    pub(super) source: Option<String>,
    /// Not available in this version: has to be absent.
    #[schema(value_type = Option<Object>)]
    files: Option<Value>,
    /// Not available in this version: has to be absent.
    entry: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let upload = if is_form(&request) {
            let form = Multipart::from_request(request, state).await;
            read_form(form.map_err(|rejection| body_error(rejection.status(), rejection.body_text()))?).await?
        } else {
            let Body(upload) = Body::<Self>::from_request(request, state).await?;
            upload
        };
        upload.refuse_unavailable()
    }
}

impl Upload {
    /// The source, without the mark that some editors begin a file with.
    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_deref().map(|source| source.trim_start_matches('\u{feff}'))
    }

    fn refuse_unavailable(self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        if self.files.is_some() {
            faults.add("files", NO_MODULES);
        }
        if self.entry.is_some() {
            faults.add("entry", NO_MODULES);
        }
        faults.finish()?;
        Ok(self)
    }
}

fn is_form(request: &Request) -> bool {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
}

async fn read_form(mut form: Multipart) -> Result<Upload, Problem> {
    let malformed = |error: axum::extract::multipart::MultipartError| body_error(error.status(), error.body_text());
    let mut upload = Upload::default();
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().unwrap_or_default().to_ascii_lowercase();
        let bytes = field.bytes().await.map_err(malformed)?;
        if name == "file" {
            refuse_binary(&file_name, &bytes)?;
        }
        let text = String::from_utf8(bytes.into()).map_err(|_not_text| Problem::field(&name, "is no UTF-8 text"))?;
        let slot = match name.as_str() {
            "name" => &mut upload.name,
            "type" => &mut upload.kind,
            "function" => &mut upload.function,
            "file" | "source" => &mut upload.source,
            _ => return Err(Problem::field(name, "unknown field; there are name, type, function, file")),
        };
        *slot = Some(text);
    }
    // An empty entry point is what forms send for "the default".
    upload.function = upload.function.filter(|function| !function.is_empty());
    Ok(upload)
}

/// Components and archives are told by their first bytes, whatever their name is.
fn refuse_binary(file_name: &str, bytes: &[u8]) -> Result<(), Problem> {
    if file_name.ends_with(".wasm") || bytes.starts_with(b"\0asm") {
        return Err(Problem::field("file", NO_COMPONENTS));
    }
    if file_name.ends_with(".zip") || bytes.starts_with(b"PK\x03\x04") {
        return Err(Problem::field("file", NO_MODULES));
    }
    Ok(())
}
