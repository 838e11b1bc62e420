//! Rate limits, what keeps the queue's cost flat as it grows, and what the keeping and forgetting of rows goes by.

use sea_orm_migration::{prelude::*, schema::*};

use crate::shorthand::{add, drop, index, json_null, on, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut held_until = big_integer("held_until_ms");
        held_until.default(0);
        add(manager, "lanes", vec![held_until, text_null("held_by")]).await?;
        add(manager, "tenants", vec![json_null("send_rate"), json_null("channel_rates")]).await?;
        add(manager, "campaigns", vec![json_null("send_rate")]).await?;
        add(manager, "integrations", vec![json_null("send_rate"), json_null("pair_rate")]).await?;
        let mut key = text("key");
        key.primary_key();
        table(manager, "rate_buckets", vec![key, big_integer("full_at_us")]).await?;
        let mut name = text("name");
        name.primary_key();
        table(manager, "settings", vec![name, text("value")]).await?;
        // Erasing a contact finds all its steps, finished ones too.
        index(manager, "steps", &["contact_id"]).await?;
        // Steps that must run alone, among all that wait.
        manager
            .create_index(
                Index::create()
                    .name("ix_steps_alone")
                    .table("steps")
                    .col("due_at_ms")
                    .cond_where(Expr::col("state").eq("scheduled"))
                    .cond_where(Expr::col("crashes").gte(2))
                    .to_owned(),
            )
            .await?;
        add(manager, "import_receipts", vec![uuid_null("contact_id")]).await?;
        manager.create_index(of_contact("import_receipts")).await?;
        index(manager, "run_inputs", &["created_at_ms"]).await?;
        // Runs whose inputs, transcripts and logs are still kept.
        manager
            .create_index(
                Index::create()
                    .name("ix_runs_kept")
                    .table("runs")
                    .col("id")
                    .cond_where(Expr::col("input_hash").is_not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["settings", "rate_buckets"]).await
    }
}

fn of_contact(table: &'static str) -> IndexCreateStatement {
    on(table, &["contact_id"]).cond_where(Expr::col("contact_id").is_not_null()).to_owned()
}
