use axum::{
    RequestExt,
    extract::{Multipart, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use stratagem_domain::campaign::CampaignStatus::Archived;
use stratagem_engine::{Engine, ObjectName, PutError, Stored};
use stratagem_store::{
    Scope,
    entities::{campaign, import},
};
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::Accepted,
    api::campaigns,
    auth::CanOperate,
    error::{Kind, Problem, body_error},
    extract::Id,
    idempotency,
    request_id::RequestId,
};

/// The largest file.
const MAX_BYTES: u64 = 4 << 30;

/// Media types that a file may come as. Whether it is CSV or JSON Lines is told by its content.
const MEDIA_TYPES: [&str; 8] = [
    "text/csv",
    "application/x-ndjson",
    "application/json",
    "application/jsonl",
    "application/octet-stream",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
];

/// A file that was taken in.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueuedImport {
    /// Its id, to ask how far it is.
    id: Uuid,
    /// `queued`.
    status: &'static str,
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form in the OpenAPI document")]
pub(crate) struct ImportForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Import contacts
///
/// The body is the file: CSV (delimiter and encoding are found out) or JSON Lines, at most 4 GiB; or a form with it as
/// `file`. It is stored safely when the answer comes, and read in the background. Importing into a completed campaign makes
/// it active again.
#[utoipa::path(post, path = "/campaigns/{id}/imports", tag = "contacts", params(Id),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"), (ImportForm = "multipart/form-data"))),
    responses((status = 202, body = QueuedImport)))]
pub(crate) async fn create_import(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Id(campaign_id): Id,
    RequestId(trace): RequestId,
    request: Request,
) -> Result<Response, Problem> {
    let campaign = campaigns::load(&engine, scope, campaign_id).await?;
    if campaign.status == Archived.as_str() {
        return Err(Problem::conflict("The campaign is `archived`: nothing can be imported into it."));
    }
    let key = idempotency::key(request.headers())?;
    let id = engine.random().id(engine.clock().now());
    let name = ObjectName::import(scope, id);
    let upload = receive(&engine, &name, request).await?;
    // From here on the work is done even if the client hangs up.
    let work = async move {
        let fingerprint = format!("import {campaign_id} {}", upload.hash);
        let row = row(&engine, &campaign, id, &name, upload.bytes);
        let work = queue(&engine, scope, row, trace, key.clone());
        let answer = idempotency::once(&engine, scope, key, fingerprint, work).await;
        // A repeated request, or one that came to nothing, leaves a file that nobody reads.
        if !matches!(engine.store().import(scope, id).await, Ok(Some(_)) | Err(_)) {
            engine.files().discard(&name).await;
        }
        answer
    };
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| Err(Problem::internal(error)))
}

fn row(engine: &Engine, campaign: &campaign::Model, id: Uuid, name: &ObjectName, bytes: u64) -> import::Model {
    import::Model {
        id,
        tenant_id: campaign.tenant_id,
        campaign_id: campaign.id,
        status: "queued".to_owned(),
        file: name.to_string(),
        error: None,
        prepared: None,
        checkpoint: None,
        bytes_total: i64::try_from(bytes).unwrap_or(i64::MAX),
        bytes_read: 0,
        rows: 0,
        created: 0,
        updated: 0,
        rejected: 0,
        warned: 0,
        created_at_ms: engine.clock().now_ms(),
        finished_at_ms: None,
    }
}

/// Stores the import with the step that reads it and the answer to the key: after a crash the request that comes again must
/// find either all or nothing.
async fn queue(
    engine: &Engine,
    scope: Scope,
    row: import::Model,
    trace: String,
    key: Option<String>,
) -> Result<Response, Problem> {
    let answer = QueuedImport { id: row.id, status: "queued" };
    let body = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let kept = key.map(|key| idempotency::kept(engine, scope, key, StatusCode::ACCEPTED, body));
    engine.store().insert_import(scope, row, Some(trace), kept).await?;
    engine.wake();
    Ok(Accepted(answer).into_response())
}

/// Brings the file to the object store, whichever way it comes.
async fn receive(engine: &Engine, name: &ObjectName, request: Request) -> Result<Stored, Problem> {
    let stored = match media_type(request.headers()).as_deref() {
        Some("multipart/form-data") => receive_form(engine, name, request).await?,
        Some(known) if MEDIA_TYPES.contains(&known) => {
            if content_length(request.headers()).is_some_and(|length| length > MAX_BYTES) {
                return Err(too_large());
            }
            let chunks = request.into_body().into_data_stream();
            let stored = engine.files().put(name, MAX_BYTES, chunks).await;
            stored.map_err(|error| refused(error, |e| Problem::new(Kind::Malformed, e.to_string())))?
        }
        _ => {
            let detail = "Send the file as `text/csv` or `application/x-ndjson`, or in a form as `file`.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
    };
    if stored.bytes == 0 {
        engine.files().discard(name).await;
        return Err(Problem::field("file", "is empty"));
    }
    Ok(stored)
}

async fn receive_form(engine: &Engine, name: &ObjectName, request: Request) -> Result<Stored, Problem> {
    let malformed = |error: axum::extract::multipart::MultipartError| body_error(error.status(), error.body_text());
    let form = request.extract::<Multipart, _>().await;
    let mut form = form.map_err(|rejection| body_error(rejection.status(), rejection.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        if field.name() == Some("file") {
            let stored = engine.files().put(name, MAX_BYTES, field).await;
            return stored.map_err(|error| refused(error, malformed));
        }
    }
    Err(Problem::field("file", "is required"))
}

fn refused<E>(error: PutError<E>, upload: impl FnOnce(E) -> Problem) -> Problem {
    match error {
        PutError::TooLarge => too_large(),
        PutError::TooSlow => Problem::new(Kind::Malformed, "The upload took too long."),
        PutError::Upload(error) => upload(error),
        PutError::Files(error) => error.into(),
    }
}

fn too_large() -> Problem {
    Problem::new(Kind::TooLarge, format!("A file may have {MAX_BYTES} bytes."))
}

/// Lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
