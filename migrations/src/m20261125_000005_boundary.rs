//! Strategies of several modules and compiled ones, tenants' secrets, and all that a run's replay needs.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{add, drop, json, json_null, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut status = text("status");
        status.default("ready");
        let version = [
            text_null("entry"),
            json_null("modules"),
            text_null("component_hash"),
            big_integer_null("component_bytes"),
            json_null("boundary"),
            status,
            text_null("status_reason"),
        ];
        add(manager, "strategy_versions", version.into()).await?;
        let run = [
            text_null("strategy_hash"),
            text_null("engine"),
            text_null("input_hash"),
            text_null("output_hash"),
            json_null("transcript"),
            json_null("limits"),
        ];
        add(manager, "runs", run.into()).await?;
        table(
            manager,
            "run_inputs",
            vec![uuid("tenant_id"), text("hash"), binary("content"), big_integer("created_at_ms")],
        )
        .await?;
        unique(manager, "run_inputs", &["tenant_id", "hash"]).await?;
        table(
            manager,
            "secrets",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                text("name"),
                text("sealed"),
                json("hosts"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        unique(manager, "secrets", &["tenant_id", "name"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["secrets", "run_inputs"]).await
    }
}
