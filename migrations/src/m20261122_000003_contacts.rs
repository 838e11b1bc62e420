//! Contacts, what was planned for them, what came of it, and where they came from.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{drop, index, json, json_null, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table(
            manager,
            "contacts",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                uuid("campaign_id"),
                text("object_id"),
                text("external_id"),
                text("name"),
                text_null("email"),
                text_null("phone"),
                text_null("time_zone"),
                text_null("current_stage"),
                json("params"),
                json("results"),
                json("internal_data"),
                big_integer("version"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        unique(manager, "contacts", &["campaign_id", "object_id", "external_id"]).await?;
        index(manager, "contacts", &["campaign_id", "id"]).await?;
        index(manager, "contacts", &["campaign_id", "current_stage", "id"]).await?;
        communications(manager).await?;
        runs(manager).await?;
        imports(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["import_receipts", "imports", "runs", "sessions", "communications", "contacts"]).await
    }
}

async fn communications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        manager,
        "communications",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("campaign_id"),
            uuid("contact_id"),
            big_integer("planned_by_step"),
            integer("ordinal"),
            text("name"),
            text("stage_name"),
            text("channel"),
            text_null("alternative"),
            big_integer("start_at_ms"),
            text_null("start_state"),
            json("params"),
            text("status"),
            text("delivery"),
            json("status_history"),
            text_null("waiting_for"),
            uuid_null("session_id"),
            text_null("provider_id"),
            text_null("error"),
            big_integer("created_at_ms"),
            big_integer("updated_at_ms"),
        ],
    )
    .await?;
    // A strategy may run several times for one step; what it plans is stored once.
    unique(manager, "communications", &["planned_by_step", "ordinal"]).await?;
    index(manager, "communications", &["contact_id", "id"]).await?;
    index(manager, "communications", &["campaign_id", "status"]).await?;
    table(
        manager,
        "sessions",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("campaign_id"),
            uuid("contact_id"),
            uuid("communication_id"),
            text("channel"),
            uuid_null("agent_id"),
            text("status"),
            text_null("state"),
            text_null("outcome"),
            json("results"),
            big_integer("opened_at_ms"),
            big_integer_null("closed_at_ms"),
        ],
    )
    .await?;
    unique(manager, "sessions", &["communication_id"]).await?;
    index(manager, "sessions", &["campaign_id", "status"]).await
}

async fn runs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        manager,
        "runs",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("campaign_id"),
            uuid("strategy_id"),
            integer("version"),
            text("hook"),
            uuid_null("contact_id"),
            big_integer_null("step_id"),
            text("outcome"),
            json_null("error"),
            json("logs"),
            json("diff"),
            big_integer("fuel"),
            big_integer("peak_memory"),
            big_integer("wall_us"),
            big_integer("now_ms"),
            big_integer("seed"),
            text("runtime_hash"),
            big_integer("created_at_ms"),
        ],
    )
    .await?;
    index(manager, "runs", &["campaign_id", "id"]).await?;
    index(manager, "runs", &["contact_id", "id"]).await
}

async fn imports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        manager,
        "imports",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("campaign_id"),
            text("status"),
            text("file"),
            text_null("error"),
            json_null("prepared"),
            json_null("checkpoint"),
            big_integer("bytes_total"),
            big_integer("bytes_read"),
            big_integer("rows"),
            big_integer("created"),
            big_integer("updated"),
            big_integer("rejected"),
            big_integer("warned"),
            big_integer("created_at_ms"),
            big_integer_null("finished_at_ms"),
        ],
    )
    .await?;
    index(manager, "imports", &["campaign_id", "id"]).await?;
    table(
        manager,
        "import_receipts",
        vec![
            big_pk_auto("id"),
            uuid("tenant_id"),
            uuid("import_id"),
            big_integer("row"),
            text("field"),
            text("value"),
            text("reason"),
            text("outcome"),
        ],
    )
    .await?;
    index(manager, "import_receipts", &["import_id", "outcome", "id"]).await
}
