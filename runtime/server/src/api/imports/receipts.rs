use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use stratagem_engine::Engine;
use stratagem_store::entities::import_receipt;
use utoipa::{IntoParams, ToSchema};

use super::load;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
};

/// What was wrong with one field of one row.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// From 1, the header not counted.
    row: i64,
    /// The column or field.
    field: String,
    /// What it held, shortened.
    value: String,
    /// What is wrong with it.
    reason: String,
    /// `rejected` or `warned`.
    #[schema(example = "rejected")]
    outcome: String,
}

impl From<import_receipt::Model> for Receipt {
    fn from(row: import_receipt::Model) -> Self {
        Self { row: row.row, field: row.field, value: row.value, reason: row.reason, outcome: row.outcome }
    }
}

/// Which receipts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptSearch {
    /// Only `rejected` or only `warned` ones.
    outcome: Option<String>,
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What was wrong with rows
///
/// In the file's order.
#[utoipa::path(get, path = "/imports/{id}/receipts", tag = "contacts", params(Id, ReceiptSearch),
    responses((status = 200, body = Listing<Receipt>)))]
pub(crate) async fn list_receipts(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(search): Search<ReceiptSearch>,
) -> Result<Json<Listing<Receipt>>, Problem> {
    load(&engine, scope, id).await?;
    if search.outcome.as_ref().is_some_and(|outcome| !["rejected", "warned"].contains(&outcome.as_str())) {
        return Err(Problem::field("outcome", "must be `rejected` or `warned`"));
    }
    let paging = Paging { limit: search.limit, cursor: search.cursor };
    let limit = paging.limit()?;
    let after = paging.after(|text| text.parse::<i64>().ok())?;
    let rows = engine.store().import_receipts(scope, id, search.outcome.as_deref(), after, limit + 1).await?;
    Ok(Json(Listing::new(rows, limit, |row| row.id.to_string(), Receipt::from)))
}
