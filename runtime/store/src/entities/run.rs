//! One run of a strategy.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Its strategy.
    pub strategy_id: Uuid,
    /// Its version.
    pub version: i32,
    /// [`stratagem_domain::strategy::StrategyType`] by name.
    pub hook: String,
    /// Its contact.
    pub contact_id: Option<Uuid>,
    /// Its step.
    pub step_id: Option<i64>,
    /// `ok`, or the error's kind.
    pub outcome: String,
    /// [`stratagem_domain::strategy::RunError`].
    pub error: Option<Json>,
    /// List of [`stratagem_domain::strategy::LogLine`].
    pub logs: Json,
    /// Names of the fields that changed, and what was planned.
    pub diff: Json,
    /// Its fuel.
    pub fuel: i64,
    /// Bytes.
    pub peak_memory: i64,
    /// Microseconds.
    pub wall_us: i64,
    /// The run's clock.
    pub now_ms: i64,
    /// The run's randomness.
    pub seed: i64,
    /// BLAKE3 of the component that ran, in hex: the Python runtime, or the strategy itself.
    pub runtime_hash: String,
    /// BLAKE3 of the strategy's source or component, in hex.
    pub strategy_hash: Option<String>,
    /// What ran it, with its version.
    pub engine: Option<String>,
    /// BLAKE3 of the JSON text that the hook was given, in hex; none where it is not kept any more.
    pub input_hash: Option<String>,
    /// That text, compressed with DEFLATE.
    pub input: Option<Vec<u8>>,
    /// BLAKE3 of what the hook returned, in hex; none where it returned nothing.
    pub output_hash: Option<String>,
    /// List of [`stratagem_domain::strategy::HttpExchange`]; none where there were no requests.
    pub transcript: Option<Json>,
    /// The tenant's limits at that time, as stored: absent fields are the defaults.
    pub limits: Option<Json>,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
