//! What a run was given lies in its row: it has the time of the decision in it, so that hardly two runs are ever given the same, and a
//! table of its own cost each of them entries in three indexes, in no order.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{add, drop, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "runs", vec![binary_null("input")]).await?;
        let moved = "UPDATE runs SET input = (SELECT content FROM run_inputs \
                     WHERE run_inputs.tenant_id = runs.tenant_id AND run_inputs.hash = runs.input_hash) \
                     WHERE input_hash IS NOT NULL";
        manager.get_connection().execute_unprepared(moved).await?;
        drop(manager, &["run_inputs"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![uuid("tenant_id"), text("hash"), binary("content"), big_integer("created_at_ms")];
        table(manager, "run_inputs", columns).await?;
        unique(manager, "run_inputs", &["tenant_id", "hash"]).await
    }
}
