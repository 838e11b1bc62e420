//! Agents, what is said in sessions, how contacts are known at providers, and who must not be written to.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{add, drop, index, json, json_null, on, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table(
            manager,
            "agents",
            vec![
                pk_uuid("id"),
                uuid("tenant_id"),
                text("name"),
                text("kind"),
                uuid_null("llm_integration_id"),
                json("integrations"),
                text("instructions"),
                text("rules"),
                json("states"),
                json_null("result_schema"),
                integer("max_concurrent"),
                text("status"),
                text_null("status_reason"),
                big_integer("created_at_ms"),
                big_integer("updated_at_ms"),
            ],
        )
        .await?;
        index(manager, "agents", &["tenant_id", "id"]).await?;
        add(manager, "tenants", vec![json_null("stop_words")]).await?;
        add(
            manager,
            "sessions",
            vec![
                uuid_null("integration_id"),
                text_null("known_as"),
                big_integer_null("timeout_ms"),
                big_integer_null("heard_at_ms"),
                text_null("desk"),
                text_null("desk_reason"),
                text_null("desk_by"),
                big_integer_null("desk_until_ms"),
                json_null("usage"),
            ],
        )
        .await?;
        index(manager, "sessions", &["contact_id", "status"]).await?;
        index(manager, "sessions", &["tenant_id", "id"]).await?;
        // Whose conversation goes on, by how the contact is known.
        let known = on("sessions", &["integration_id", "known_as"]);
        manager.create_index(known.clone().cond_where(Expr::col("status").eq("active")).to_owned()).await?;
        // Agents' calls.
        let agent = on("sessions", &["agent_id", "channel"]);
        manager.create_index(agent.clone().cond_where(Expr::col("status").eq("active")).to_owned()).await?;
        // The inbox: few of all sessions are in it.
        let desk = on("sessions", &["tenant_id", "desk", "id"]);
        manager.create_index(desk.clone().cond_where(Expr::col("desk").is_not_null()).to_owned()).await?;
        messages(manager).await?;
        reach(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["fetches", "suppressions", "identities", "messages", "agents"]).await
    }
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        manager,
        "messages",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("campaign_id"),
            uuid("contact_id"),
            uuid("session_id"),
            text("role"),
            text("content"),
            big_integer("at_ms"),
            uuid_null("integration_id"),
            text_null("provider_id"),
            big_integer_null("step_id"),
            text_null("delivery"),
            text_null("error"),
            json_null("thread"),
            boolean("automatic"),
        ],
    )
    .await?;
    index(manager, "messages", &["session_id", "id"]).await?;
    index(manager, "messages", &["contact_id"]).await?;
    index(manager, "messages", &["campaign_id"]).await?;
    // What a provider tells twice is stored once.
    let told = on("messages", &["integration_id", "provider_id"]).unique().to_owned();
    manager.create_index(told.clone().cond_where(Expr::col("provider_id").is_not_null()).to_owned()).await?;
    // Statuses and answers name messages by the provider's id.
    manager
        .create_index(
            on("communications", &["provider_id"]).cond_where(Expr::col("provider_id").is_not_null()).to_owned(),
        )
        .await
}

async fn reach(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table(
        manager,
        "identities",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            uuid("integration_id"),
            uuid("contact_id"),
            text("address"),
            big_integer_null("heard_at_ms"),
            big_integer("updated_at_ms"),
        ],
    )
    .await?;
    unique(manager, "identities", &["integration_id", "contact_id", "address"]).await?;
    index(manager, "identities", &["integration_id", "address"]).await?;
    index(manager, "identities", &["contact_id"]).await?;
    table(
        manager,
        "suppressions",
        vec![
            pk_uuid("id"),
            uuid("tenant_id"),
            text("hash"),
            text_null("address"),
            text("channel"),
            text("reason"),
            big_integer("created_at_ms"),
        ],
    )
    .await?;
    unique(manager, "suppressions", &["tenant_id", "hash", "channel"]).await?;
    let mut integration = uuid("integration_id");
    integration.primary_key();
    table(
        manager,
        "fetches",
        vec![integration, uuid("tenant_id"), text_null("cursor"), text_null("worker"), big_integer("lease_until_ms")],
    )
    .await
}
