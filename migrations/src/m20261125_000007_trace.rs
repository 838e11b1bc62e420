//! Which request a step goes back to, and an index for counting the steps that were given up on.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("steps").add_column(text_null("trace_id")).to_owned()).await?;
        // Dead steps stay among millions that are done: metrics count them without stepping over those.
        manager
            .create_index(
                Index::create()
                    .name("ix_steps_dead")
                    .table("steps")
                    .col("kind")
                    .cond_where(Expr::col("state").eq("dead"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_steps_dead").table("steps").to_owned()).await?;
        manager.alter_table(Table::alter().table("steps").drop_column("trace_id").to_owned()).await
    }
}
