use axum::extract::State;
use serde::Deserialize;
use stratagem_engine::Engine;
use utoipa::IntoParams;

use crate::{answer::Done, auth::CanOperate, error::Problem, extract::Search};

/// Which suppression.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// The address.
    address: String,
    /// The channel that it holds for; without it the one for all channels.
    channel: Option<String>,
}

/// Lift a suppression
///
/// By its address, so that it works for one of an erased contact too.
#[utoipa::path(delete, path = "/suppressions", tag = "contacts", params(Which), responses((status = 204)))]
pub(crate) async fn delete_suppression(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Search(which): Search<Which>,
) -> Result<Done, Problem> {
    let hash = engine.address_hash(scope, &which.address);
    match engine.store().unsuppress(scope, &hash, which.channel.as_deref().unwrap_or_default()).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("suppression")),
    }
}
