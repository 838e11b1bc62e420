use axum::{Json, extract::State};
use stratagem_engine::Engine;
use stratagem_store::entities::strategy_version;

use super::{Strategy, check_source, current, function_name, load, show, source_hash, strategy_type, upload::Upload};
use crate::{
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Id, name},
};

/// Change a strategy
///
/// Any of `name`, `function` and `source`. Another source or function makes a new version, which is checked like a new
/// strategy and in force from the next run on; the old versions stay.
#[utoipa::path(put, path = "/strategies/{id}", tag = "strategies", params(Id),
    request_body(content((Upload = "application/json"), (Upload = "multipart/form-data"))),
    responses((status = 200, body = Strategy)))]
pub(crate) async fn update_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
    upload: Upload,
) -> Result<Json<Strategy>, Problem> {
    let mut row = load(&engine, scope, id).await?;
    let old = current(&engine, scope, &row).await?;
    let mut faults = Faults::default();
    if let Some(new) = &upload.name {
        row.name = faults.check("name", name(new)).unwrap_or_default();
    }
    if upload.kind.as_ref().is_some_and(|kind| *kind != row.kind) {
        faults.add("type", "cannot change: add another strategy instead");
    }
    let function = upload.function.clone().unwrap_or_else(|| old.function.clone());
    let function = faults.check("function", function_name(function)).unwrap_or_default();
    faults.finish()?;

    let source = upload.source().unwrap_or(&old.source);
    let now_ms = engine.clock().now_ms();
    let mut version = None;
    if function != old.function || source != old.source {
        let kind = strategy_type(&row.kind).map_err(Problem::internal)?;
        check_source(&engine, scope, kind, &function, source).await?;
        row.version += 1;
        version = Some(strategy_version::Model {
            strategy_id: id,
            version: row.version,
            tenant_id: scope.0,
            function,
            source: source.to_owned(),
            hash: source_hash(source),
            created_at_ms: now_ms,
        });
    }
    row.updated_at_ms = now_ms;
    engine.store().update_strategy(scope, row.clone(), version.clone()).await?;
    show(&engine, scope, row, &version.unwrap_or(old)).await.map(Json)
}
