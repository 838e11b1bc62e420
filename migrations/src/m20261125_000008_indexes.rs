//! Fewer indexes for what is written most, and wider ones for what is counted.
//!
//! A step is written three times, and on PostgreSQL each time into every index that it is in. Those of contacts served the same
//! look-ups as one does, and that of campaigns only counts, which lanes lead to as well.

use sea_orm_migration::prelude::*;

use crate::shorthand::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The earlier decisions of a contact, asked by each claim, and all its steps, for erasing them.
        index(manager, "steps", &["contact_id", "id"]).await?;
        for name in ["ix_steps_contact_id", "ix_steps_contact_order", "ix_steps_campaign_id_state"] {
            drop_index(manager, "steps", name).await?;
        }
        // What a campaign's summary counts, without reading the rows.
        index(manager, "communications", &["campaign_id", "status", "alternative"]).await?;
        drop_index(manager, "communications", "ix_communications_campaign_id_status").await?;
        index(manager, "sessions", &["campaign_id", "status", "outcome"]).await?;
        drop_index(manager, "sessions", "ix_sessions_campaign_id_status").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "sessions", &["campaign_id", "status"]).await?;
        drop_index(manager, "sessions", "ix_sessions_campaign_id_status_outcome").await?;
        index(manager, "communications", &["campaign_id", "status"]).await?;
        drop_index(manager, "communications", "ix_communications_campaign_id_status_alternative").await?;
        index(manager, "steps", &["campaign_id", "state"]).await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_steps_contact_order")
                    .table("steps")
                    .col("contact_id")
                    .col("id")
                    .cond_where(Expr::col("state").is_in(["scheduled", "claimed"]))
                    .to_owned(),
            )
            .await?;
        index(manager, "steps", &["contact_id"]).await?;
        drop_index(manager, "steps", "ix_steps_contact_id_id").await
    }
}

async fn drop_index(manager: &SchemaManager<'_>, table: &'static str, name: &'static str) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name(name).table(table).to_owned()).await
}
