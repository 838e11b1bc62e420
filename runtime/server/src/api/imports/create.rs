use axum::{
    RequestExt,
    extract::{Multipart, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use stratagem_domain::campaign::CampaignStatus::Archived;
use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    entities::{campaign, import},
};
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;

use super::spool::{self, SpoolError, Spooled};
use crate::{
    answer::Accepted,
    api::campaigns,
    auth::CanOperate,
    error::{Kind, Problem, body_error},
    extract::Id,
    idempotency,
    request_id::RequestId,
};

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
/// `file`. It is safe on disk when the answer comes, and read in the background. Importing into a completed campaign makes
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
    let upload = receive(&engine, id, request).await?;
    // From here on the work is done even if the client hangs up.
    let work = async move {
        let fingerprint = format!("import {campaign_id} {}", upload.hash);
        let file = upload.file.clone();
        let work = queue(&engine, scope, campaign, (id, trace), upload, key.clone());
        let answer = idempotency::once(&engine, scope, key, fingerprint, work).await;
        // A repeated request, or one that came to nothing, leaves a file that nobody reads.
        if !matches!(engine.store().import(scope, id).await, Ok(Some(_)) | Err(_)) {
            spool::remove(engine.spool(), &file).await;
        }
        answer
    };
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| Err(Problem::internal(error)))
}

/// Stores the import with the step that reads it and the answer to the key: after a crash the request that comes again must
/// find either all or nothing.
async fn queue(
    engine: &Engine,
    scope: Scope,
    campaign: campaign::Model,
    (id, trace): (Uuid, String),
    upload: Spooled,
    key: Option<String>,
) -> Result<Response, Problem> {
    let answer = QueuedImport { id, status: "queued" };
    let body = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let kept = key.map(|key| idempotency::kept(engine, scope, key, StatusCode::ACCEPTED, body));
    let now_ms = engine.clock().now_ms();
    let row = import::Model {
        id,
        tenant_id: scope.0,
        campaign_id: campaign.id,
        status: "queued".to_owned(),
        file: upload.file,
        error: None,
        prepared: None,
        checkpoint: None,
        bytes_total: i64::try_from(upload.bytes).unwrap_or(i64::MAX),
        bytes_read: 0,
        rows: 0,
        created: 0,
        updated: 0,
        rejected: 0,
        warned: 0,
        created_at_ms: now_ms,
        finished_at_ms: None,
    };
    engine.store().insert_import(scope, row, Some(trace), kept).await?;
    engine.wake();
    Ok(Accepted(answer).into_response())
}

/// Brings the file to the disk, whichever way it comes.
async fn receive(engine: &Engine, id: Uuid, request: Request) -> Result<Spooled, Problem> {
    let file = id.simple().to_string();
    let spooled = match media_type(request.headers()).as_deref() {
        Some("multipart/form-data") => receive_form(engine, file, request).await?,
        Some(known) if MEDIA_TYPES.contains(&known) => {
            if content_length(request.headers()).is_some_and(|length| length > spool::MAX_BYTES) {
                return Err(too_large());
            }
            let chunks = request.into_body().into_data_stream();
            spool::receive(engine.spool(), file, chunks)
                .await
                .map_err(|error| refused(error, |e| Problem::new(Kind::Malformed, e.to_string())))?
        }
        _ => {
            let detail = "Send the file as `text/csv` or `application/x-ndjson`, or in a form as `file`.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
    };
    if spooled.bytes == 0 {
        spool::remove(engine.spool(), &spooled.file).await;
        return Err(Problem::field("file", "is empty"));
    }
    Ok(spooled)
}

async fn receive_form(engine: &Engine, file: String, request: Request) -> Result<Spooled, Problem> {
    let malformed = |error: axum::extract::multipart::MultipartError| body_error(error.status(), error.body_text());
    let form = request.extract::<Multipart, _>().await;
    let mut form = form.map_err(|rejection| body_error(rejection.status(), rejection.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        if field.name() == Some("file") {
            return spool::receive(engine.spool(), file, field).await.map_err(|error| refused(error, malformed));
        }
    }
    Err(Problem::field("file", "is required"))
}

fn refused<E>(error: SpoolError<E>, upload: impl FnOnce(E) -> Problem) -> Problem {
    match error {
        SpoolError::TooLarge => too_large(),
        SpoolError::Upload(error) => upload(error),
        SpoolError::Disk(error) => Problem::internal(format!("the upload cannot be stored: {error}")),
    }
}

fn too_large() -> Problem {
    Problem::new(Kind::TooLarge, format!("A file may have {} bytes.", spool::MAX_BYTES))
}

/// Lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
