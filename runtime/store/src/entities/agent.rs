//! Who talks with contacts.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its name.
    pub name: String,
    /// [`stratagem_domain::agent::AgentKind`] by name.
    pub kind: String,
    /// The model's endpoint.
    pub llm_integration_id: Option<Uuid>,
    /// Object of integration kind to integration id: what it sends and receives through.
    pub integrations: Json,
    /// What it is to do.
    pub instructions: String,
    /// A scripted agent's rules.
    pub rules: String,
    /// List of [`stratagem_domain::agent::AgentState`].
    pub states: Json,
    /// JSON Schema of results.
    pub result_schema: Option<Json>,
    /// Its seats: turns and calls at the same time.
    pub max_concurrent: i32,
    /// [`stratagem_domain::agent::AgentStatus`] by name.
    pub status: String,
    /// Why it is in error.
    pub status_reason: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
