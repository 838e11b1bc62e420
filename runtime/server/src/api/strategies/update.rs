use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use stratagem_engine::{Engine, sources};
use stratagem_store::{
    Scope,
    entities::{strategy, strategy_version},
};

use super::{
    COMPILING, FAILED, Strategy, function_name, load, new_version, newest, show, strategy_type,
    upload::{Code, Upload},
};
use crate::{
    answer::Accepted,
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Id, name},
    request_id::RequestId,
};

/// Change a strategy
///
/// Any of `name`, `function` and the code. Other code or another function makes a new version, which is checked like a new
/// strategy and, once it is ready, in force from the next run on; the old versions stay.
#[utoipa::path(put, path = "/strategies/{id}", tag = "strategies", params(Id),
    request_body(content((Upload = "application/json"), (Upload = "multipart/form-data"))),
    responses(
        (status = 200, body = Strategy),
        (status = 202, body = Strategy, description = "A component is being compiled; the old version goes on meanwhile."),
    ))]
pub(crate) async fn update_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
    RequestId(trace): RequestId,
    mut upload: Upload,
) -> Result<Response, Problem> {
    let mut row = load(&engine, scope, id).await?;
    let old = newest(&engine, scope, &row).await?;
    let mut faults = Faults::default();
    if let Some(new) = &upload.name {
        row.name = faults.check("name", name(new)).unwrap_or_default();
    }
    if upload.kind.as_ref().is_some_and(|kind| *kind != row.kind) {
        faults.add("type", "cannot change: add another strategy instead");
    }
    let function = upload.function.clone().unwrap_or_else(|| old.function.clone());
    let function = faults.check("function", function_name(function)).unwrap_or_default();
    let code = upload.take_code(&mut faults);
    faults.finish()?;

    let version = next_version(&engine, scope, &row, &old, function, code).await?;
    row.updated_at_ms = engine.clock().now_ms();
    engine.store().update_strategy(scope, row, version.clone(), Some(trace)).await?;
    let compiling = version.as_ref().is_some_and(|version| version.status == COMPILING);
    // Read again: what is ready has come into force, and may have made the strategy the active one.
    let row = load(&engine, scope, id).await?;
    let shown = show(&engine, scope, row, &version.unwrap_or(old)).await?;
    if compiling {
        engine.wake();
        return Ok(Accepted(shown).into_response());
    }
    Ok(Json(shown).into_response())
}

/// The version that the change makes; none where code and function are those of the one before.
async fn next_version(
    engine: &Engine,
    scope: Scope,
    row: &strategy::Model,
    old: &strategy_version::Model,
    function: String,
    code: Option<Code>,
) -> Result<Option<strategy_version::Model>, Problem> {
    let code = match code {
        Some(code) => code,
        None if function == old.function => return Ok(None),
        None if old.component_hash.is_some() => {
            return Err(Problem::field(
                "function",
                "belongs to Python source: a component exports what its world says",
            ));
        }
        None => Code::Python(sources(old)?),
    };
    let kind = strategy_type(&row.kind).map_err(Problem::internal)?;
    let mut version = new_version(engine, scope, kind, function, code).await?;
    if version.hash == old.hash && version.function == old.function && old.status != FAILED {
        return Ok(None);
    }
    version.strategy_id = row.id;
    version.version = old.version + 1;
    Ok(Some(version))
}
