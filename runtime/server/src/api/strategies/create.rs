use axum::extract::State;
use stratagem_engine::Engine;
use stratagem_store::entities::{strategy, strategy_version};

use super::{Strategy, check_source, function_name, show, source_hash, strategy_type, upload::Upload};
use crate::{
    answer::Created,
    api::campaigns,
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Id, name},
};

/// Add a strategy
///
/// JSON, or `multipart/form-data` with the source as `file`. The source is loaded in the sandbox first: one that is broken
/// is 422 with line and column. It becomes the active strategy of its type.
#[utoipa::path(post, path = "/campaigns/{id}/strategies", tag = "strategies", params(Id),
    request_body(content((Upload = "application/json"), (Upload = "multipart/form-data"))),
    responses((status = 201, body = Strategy)))]
pub(crate) async fn create_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(campaign_id): Id,
    upload: Upload,
) -> Result<Created<Strategy>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let mut faults = Faults::default();
    let name = faults.check("name", upload.name.as_deref().ok_or("is required".to_owned()).and_then(name));
    let kind = faults.check("type", upload.kind.as_deref().ok_or("is required".to_owned()).and_then(strategy_type));
    let function = upload.function.clone().or_else(|| kind.map(|kind| kind.default_function().to_owned()));
    let function = function.and_then(|function| faults.check("function", function_name(function)));
    let source = faults.check("source", upload.source().ok_or("is required"));
    faults.finish()?;
    let (Some(name), Some(kind), Some(function), Some(source)) = (name, kind, function, source) else {
        return Err(Problem::internal("a strategy's field was neither there nor at fault"));
    };
    check_source(&engine, scope, kind, &function, source).await?;

    let now_ms = engine.clock().now_ms();
    let row = strategy::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        campaign_id,
        name,
        kind: kind.as_str().to_owned(),
        version: 1,
        active: true,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    let version = strategy_version::Model {
        strategy_id: row.id,
        version: 1,
        tenant_id: scope.0,
        function,
        source: source.to_owned(),
        hash: source_hash(source),
        created_at_ms: now_ms,
    };
    engine.store().insert_strategy(row.clone(), version.clone()).await?;
    show(&engine, scope, row, &version).await.map(Created)
}
