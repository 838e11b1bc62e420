//! A database of its own, with the store on it, a connection for raw statements, and a campaign.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, QueryResult, Statement, Value,
};
use serde_json::json;
use stratagem_domain::{
    campaign::CampaignStatus,
    clock::{Clock, SystemClock},
    step::StepKind,
};
use stratagem_store::{
    Scope, Store,
    entities::{campaign, tenant},
};
use stratagem_tests::{drop_database, make_database};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Outcome;

/// The tenant and the campaign that most rows belong to; another campaign is small.
pub(crate) const TENANT: Uuid = Uuid::from_u128(1);
pub(crate) const CAMPAIGN: Uuid = Uuid::from_u128(2);
pub(crate) const SMALL: Uuid = Uuid::from_u128(3);
pub(crate) const SCOPE: Scope = Scope(TENANT);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A lane of a campaign.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lane {
    pub(crate) id: i64,
    pub(crate) campaign: Uuid,
    pub(crate) kind: StepKind,
}

pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) store: Store,
    /// As durable as the store's, see also [`Place::sync_commits`].
    pub(crate) raw: DatabaseConnection,
    url: String,
    _folder: TempDir,
}

impl Place {
    pub(crate) async fn make(kind: Kind) -> Outcome<Self> {
        let folder = TempDir::with_prefix("stratagem-bench-")?;
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("bench.db").display()),
            Kind::Postgres => make_database(&format!("bench_{}_{:x}", std::process::id(), SystemClock.now_ms())).await,
        };
        stratagem_migrations::run(&Store::alone(&url).await?).await?;
        let store = Store::open(&url).await?;
        let mut options = ConnectOptions::new(&url);
        options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
            sqlite.pragma("journal_mode", "WAL").pragma("synchronous", "FULL").pragma("cache_size", "-65536")
        });
        let raw = Database::connect(options).await?;
        let place = Self { kind, store, raw, url, _folder: folder };
        place.make_campaigns().await?;
        Ok(place)
    }

    pub(crate) async fn remove(self) {
        drop(self.store);
        let _ = self.raw.close().await;
        if self.kind == Kind::Postgres {
            drop_database(&self.url).await;
        }
    }

    async fn make_campaigns(&self) -> Outcome<()> {
        let tenant = tenant::Model {
            id: TENANT,
            name: "bench".to_owned(),
            time_zone: "UTC".to_owned(),
            limits: json!({}).into(),
            http_allow: json!([]).into(),
            send_rate: None,
            channel_rates: None,
            stop_words: None,
            created_at_ms: 0,
        };
        self.store.insert_tenant(tenant).await?;
        for id in [CAMPAIGN, SMALL] {
            let campaign = campaign::Model {
                id,
                tenant_id: TENANT,
                name: "Benchmark".to_owned(),
                description: String::new(),
                time_zone: "UTC".to_owned(),
                sending_hours: None,
                send_rate: None,
                status: CampaignStatus::Active.as_str().to_owned(),
                created_at_ms: 0,
                updated_at_ms: 0,
            };
            self.store.insert_campaign(campaign).await?;
        }
        Ok(())
    }

    /// A lane of the campaign, where steps may be due.
    pub(crate) async fn lane(&self, campaign: Uuid, kind: StepKind, sender: &str) -> Outcome<Lane> {
        let sql = self.marked(
            "INSERT INTO lanes (tenant_id, campaign_id, kind, sender, paused, next_due_ms, served, held_until_ms) \
             VALUES (?, ?, ?, ?, FALSE, 0, 0, 0) RETURNING id",
        );
        let values = [TENANT.into(), campaign.into(), kind.as_str().into(), sender.into()];
        let id = self.rows(&sql, values).await?.first().ok_or("no lane")?.try_get_by_index(0)?;
        Ok(Lane { id, campaign, kind })
    }

    /// Whether raw statements wait for the disk, where that can be chosen: the store's claims do not on PostgreSQL.
    pub(crate) async fn sync_commits(&self, sync: bool) -> Outcome<()> {
        match (self.kind, sync) {
            (Kind::Sqlite, _) => Ok(()),
            (Kind::Postgres, true) => self.run("SET synchronous_commit = on").await,
            (Kind::Postgres, false) => self.run("SET synchronous_commit = off").await,
        }
    }

    pub(crate) async fn run(&self, sql: &str) -> Outcome<()> {
        self.raw.execute_unprepared(sql).await?;
        Ok(())
    }

    pub(crate) async fn rows(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Outcome<Vec<QueryResult>> {
        Ok(self.raw.query_all_raw(Statement::from_sql_and_values(self.backend(), sql, values)).await?)
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.raw.get_database_backend()
    }

    /// The statement with its question marks as the database wants them.
    pub(crate) fn marked(&self, sql: &str) -> String {
        if self.kind == Kind::Sqlite {
            return sql.to_owned();
        }
        let mut parts = sql.split('?');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.zip(1..).fold(first, |sql, (part, number)| sql + &format!("${number}{part}"))
    }

    /// A table of the same columns, without the store's indexes.
    pub(crate) async fn make_bare(&self, table: &str) -> Outcome<()> {
        let sql = match self.kind {
            Kind::Sqlite => {
                let rows = self.rows("SELECT sql FROM sqlite_master WHERE name = ?", [table.into()]).await?;
                let made: String = rows.first().ok_or("no table")?.try_get_by_index(0)?;
                made.replacen(table, &format!("bare_{table}"), 1)
            }
            Kind::Postgres => {
                format!(
                    "CREATE TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (id))"
                )
            }
        };
        self.run(&sql).await
    }

    /// What the database would do by itself in a while.
    pub(crate) async fn settle(&self) -> Outcome<()> {
        match self.kind {
            Kind::Sqlite => self.run("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Kind::Postgres => self.run("VACUUM ANALYZE").await,
        }
    }
}
