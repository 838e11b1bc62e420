//! Rows by the hundred thousand, as the store would have made them.

use uuid::Uuid;

use crate::{
    Outcome,
    place::{Kind, Lane, Place, TENANT},
};

/// When everything was made, and what is due.
pub(crate) const NOW_MS: i64 = 1_800_000_000_000;

/// Rows number `from` to `to`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Place {
    /// Steps of a lane that are all due, each of a contact of its own.
    pub(crate) async fn fill_due(&self, table: &str, lane: Lane, span: Span) -> Outcome<()> {
        self.fill_steps(table, lane, span, "'scheduled'", "i % 1000 - 1000").await
    }

    /// Of ten steps six are done, three scheduled for later and one is due.
    pub(crate) async fn fill_mixed(&self, lane: Lane, span: Span) -> Outcome<()> {
        let state = "CASE WHEN i % 10 < 6 THEN 'done' ELSE 'scheduled' END";
        let due = "CASE WHEN i % 10 IN (6, 7, 8) THEN 86400000 + i ELSE i % 1000 - 1000 END";
        self.fill_steps("steps", lane, span, state, due).await
    }

    async fn fill_steps(&self, table: &str, lane: Lane, span: Span, state: &str, due: &str) -> Outcome<()> {
        let Lane { id, campaign, kind } = lane;
        let (tenant, campaign, contact) = (self.id(TENANT), self.id(campaign), self.id_of("i"));
        let (kind, decides) = (kind.as_str(), if kind.decides() { "TRUE" } else { "FALSE" });
        let select = format!(
            "{tenant}, {campaign}, {id}, {contact}, '{kind}', {decides}, 'null', {NOW_MS} + {due}, {state}, 0, 0, 1, \
             {NOW_MS}, CASE WHEN {state} = 'done' THEN {NOW_MS} END"
        );
        let columns = "tenant_id, campaign_id, lane_id, contact_id, kind, decides, payload, due_at_ms, state, attempt, \
                       crashes, claim_epoch, created_at_ms, finished_at_ms";
        self.insert(table, columns, &select, span).await
    }

    /// Contacts of a campaign, in ten stages.
    pub(crate) async fn fill_contacts(&self, campaign: Uuid, span: Span) -> Outcome<()> {
        let (tenant, campaign, contact) = (self.id(TENANT), self.id(campaign), self.id_of("i"));
        let select = format!(
            "{contact}, {tenant}, {campaign}, 'C-' || i, 'U-' || i, 'John Doe ' || i, 'john.' || i || '@example.com', \
             'stage ' || (i % 10), '{{\"add_param1\":\"1\",\"add_param2\":\"Additional data\"}}', '{{}}', '{{}}', 1, {NOW_MS}, {NOW_MS}"
        );
        let columns = "id, tenant_id, campaign_id, object_id, external_id, name, email, current_stage, params, results, \
                       internal_data, version, created_at_ms, updated_at_ms";
        self.insert("contacts", columns, &select, span).await
    }

    /// A communication for each contact, most of them over.
    pub(crate) async fn fill_communications(&self, campaign: Uuid, span: Span) -> Outcome<()> {
        let (tenant, campaign, contact) = (self.id(TENANT), self.id(campaign), self.id_of("i"));
        let select = format!(
            "{contact}, {tenant}, {campaign}, {contact}, i, 0, 'First', 'First', 'email_notification', {NOW_MS}, '{{}}', \
             CASE WHEN i % 10 < 8 THEN 'completed' ELSE 'planned' END, 'none', '[]', {NOW_MS}, {NOW_MS}"
        );
        let columns = "id, tenant_id, campaign_id, contact_id, planned_by_step, ordinal, name, stage_name, channel, \
                       start_at_ms, params, status, delivery, status_history, created_at_ms, updated_at_ms";
        self.insert("communications", columns, &select, span).await
    }

    async fn insert(&self, table: &str, columns: &str, select: &str, Span { from, to }: Span) -> Outcome<()> {
        let numbers = match self.kind {
            Kind::Sqlite => format!(
                "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}) \
                 INSERT INTO {table} ({columns}) SELECT {select} FROM n"
            ),
            Kind::Postgres => {
                format!("INSERT INTO {table} ({columns}) SELECT {select} FROM generate_series({from}, {to}) n(i)")
            }
        };
        self.run(&numbers).await
    }

    fn id(&self, id: Uuid) -> String {
        match self.kind {
            Kind::Sqlite => format!("x'{}'", id.simple()),
            Kind::Postgres => format!("'{id}'::uuid"),
        }
    }

    /// An id made of a number.
    fn id_of(&self, number: &str) -> String {
        match self.kind {
            Kind::Sqlite => format!("unhex(printf('%032x', {number}))"),
            Kind::Postgres => format!("lpad(to_hex({number}), 32, '0')::uuid"),
        }
    }
}
