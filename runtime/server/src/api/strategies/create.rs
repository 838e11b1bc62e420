use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use stratagem_engine::Engine;
use stratagem_store::entities::strategy;

use super::{READY, Strategy, function_name, new_version, show, strategy_type, upload::Upload};
use crate::{
    answer::{Accepted, Created},
    api::campaigns,
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Id, name},
    request_id::RequestId,
};

/// Add a strategy
///
/// JSON, or `multipart/form-data` with one `.py` file or several, a `.zip` of them, or a component (`.wasm`) as `file`. Source is
/// loaded in the sandbox first: one that is broken is 422 with file, line and column. A component is checked for its size,
/// imports and exports, and then compiled: 202. What is ready becomes the active strategy of its type.
#[utoipa::path(post, path = "/campaigns/{id}/strategies", tag = "strategies", params(Id),
    request_body(content((Upload = "application/json"), (Upload = "multipart/form-data"))),
    responses(
        (status = 201, body = Strategy),
        (status = 202, body = Strategy, description = "A component is being compiled: `status` says how that goes."),
    ))]
pub(crate) async fn create_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(campaign_id): Id,
    RequestId(trace): RequestId,
    mut upload: Upload,
) -> Result<Response, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let mut faults = Faults::default();
    let name = faults.check("name", upload.name.as_deref().ok_or("is required".to_owned()).and_then(name));
    let kind = faults.check("type", upload.kind.as_deref().ok_or("is required".to_owned()).and_then(strategy_type));
    let function = upload.function.clone().or_else(|| kind.map(|kind| kind.default_function().to_owned()));
    let function = function.and_then(|function| faults.check("function", function_name(function)));
    let code = upload.take_code(&mut faults);
    faults.finish()?;
    let code = code.ok_or_else(|| Problem::field("source", "is required"))?;
    let (Some(name), Some(kind), Some(function)) = (name, kind, function) else {
        return Err(Problem::internal("a strategy's field was neither there nor at fault"));
    };
    let mut version = new_version(&engine, scope, kind, function, code).await?;
    let now_ms = version.created_at_ms;
    let ready = version.status == READY;
    let row = strategy::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        campaign_id,
        name,
        kind: kind.as_str().to_owned(),
        version: 1,
        // A component gets its place when it has been compiled.
        active: ready,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    version.strategy_id = row.id;
    engine.store().insert_strategy(row.clone(), version.clone(), Some(trace)).await?;
    let shown = show(&engine, scope, row, &version).await?;
    if ready {
        return Ok(Created(shown).into_response());
    }
    engine.wake();
    Ok(Accepted(shown).into_response())
}
