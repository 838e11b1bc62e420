//! The durable queue.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{drop, index, json, on, table, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table(
            manager,
            "lanes",
            vec![
                big_pk_auto("id"),
                uuid("tenant_id"),
                uuid("campaign_id"),
                text("kind"),
                text("sender"),
                boolean("paused"),
                big_integer("next_due_ms"),
                big_integer("served"),
            ],
        )
        .await?;
        unique(manager, "lanes", &["campaign_id", "kind", "sender"]).await?;
        table(
            manager,
            "steps",
            vec![
                big_pk_auto("id"),
                uuid("tenant_id"),
                uuid("campaign_id"),
                big_integer("lane_id"),
                uuid_null("contact_id"),
                uuid_null("subject_id"),
                text("kind"),
                boolean("decides"),
                json("payload"),
                big_integer("due_at_ms"),
                text("state"),
                integer("attempt"),
                integer("crashes"),
                big_integer("claim_epoch"),
                text_null("claimed_by"),
                big_integer_null("lease_until_ms"),
                text_null("last_error"),
                big_integer("created_at_ms"),
                big_integer_null("finished_at_ms"),
            ],
        )
        .await?;
        // Claims read exactly this, in this order, and never step over rows that are not due or not theirs.
        manager
            .create_index(
                on("steps", &["lane_id", "due_at_ms", "id"]).cond_where(Expr::col("state").eq("scheduled")).to_owned(),
            )
            .await?;
        // One decision at a time for each contact.
        manager
            .create_index(
                Index::create()
                    .name("ix_steps_deciding_contact")
                    .table("steps")
                    .col("contact_id")
                    .unique()
                    .cond_where(Expr::col("state").eq("claimed"))
                    .cond_where(Expr::col("decides").eq(true))
                    .to_owned(),
            )
            .await?;
        // The earlier decisions of a contact, asked by each claim.
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
        manager
            .create_index(
                Index::create()
                    .name("ix_steps_lease")
                    .table("steps")
                    .col("lease_until_ms")
                    .cond_where(Expr::col("state").eq("claimed"))
                    .to_owned(),
            )
            .await?;
        index(manager, "steps", &["campaign_id", "state"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["steps", "lanes"]).await
    }
}
