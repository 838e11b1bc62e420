//! Tenants, who may act for them, and the accounts that they send through.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{drop, index, json, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table(
            manager,
            "tenants",
            vec![
                pk_uuid("id"),
                text("name"),
                text("time_zone"),
                json("limits"),
                json("http_allow"),
                big_integer("created_at_ms"),
            ],
        )
        .await?;
        table(
            manager,
            "tokens",
            vec![
                pk_uuid("id"),
                uuid_null("tenant_id"),
                text("name"),
                text("role"),
                text("hash"),
                big_integer("created_at_ms"),
            ],
        )
        .await?;
        unique(manager, "tokens", &["hash"]).await?;
        index(manager, "tokens", &["tenant_id"]).await?;
        table(
            manager,
            "integrations",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                text("name"),
                text("kind"),
                json("settings"),
                json("secrets"),
                big_integer("version"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        index(manager, "integrations", &["tenant_id"]).await?;
        table(
            manager,
            "idempotency_keys",
            vec![
                uuid("tenant_id"),
                text("key"),
                text("request_hash"),
                integer_null("status"),
                text_null("body"),
                big_integer("created_at_ms"),
            ],
        )
        .await?;
        unique(manager, "idempotency_keys", &["tenant_id", "key"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["idempotency_keys", "integrations", "tokens", "tenants"]).await
    }
}
