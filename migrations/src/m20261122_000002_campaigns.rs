//! Campaigns, their stages and their strategies with every version.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{drop, index, json, json_null, on, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table(
            manager,
            "campaigns",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                text("name"),
                text("description"),
                text("time_zone"),
                json_null("sending_hours"),
                text("status"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        index(manager, "campaigns", &["tenant_id", "id"]).await?;
        table(
            manager,
            "stages",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                uuid("campaign_id"),
                integer("position"),
                text("name"),
                text("description"),
                text("channel"),
                uuid_null("agent_id"),
                uuid_null("integration_id"),
                json("settings"),
                json("alternatives"),
                big_integer_null("response_timeout_s"),
                integer("max_communications"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        unique(manager, "stages", &["campaign_id", "name"]).await?;
        table(
            manager,
            "strategies",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                uuid("campaign_id"),
                text("name"),
                text("kind"),
                integer("version"),
                boolean("active"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        index(manager, "strategies", &["campaign_id", "id"]).await?;
        manager
            .create_index(
                on("strategies", &["campaign_id", "kind"]).unique().cond_where(Expr::col("active").eq(true)).to_owned(),
            )
            .await?;
        table(
            manager,
            "strategy_versions",
            vec![
                uuid("strategy_id"),
                integer("version"),
                uuid("tenant_id"),
                text("function"),
                text("source"),
                text("hash"),
                big_integer("created_at_ms"),
            ],
        )
        .await?;
        unique(manager, "strategy_versions", &["strategy_id", "version"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["strategy_versions", "strategies", "stages", "campaigns"]).await
    }
}
