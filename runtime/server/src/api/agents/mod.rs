//! Who talks with contacts in two-way sessions.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratagem_domain::{
    agent::{AgentKind, AgentStatus},
    channel::IntegrationKind,
};
use stratagem_engine::{Engine, agent_spec};
use stratagem_store::{Scope, entities::agent};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Faults, Problem},
    extract::present,
    time::rfc3339,
};

/// Most seats of one agent.
const MOST_SEATS: i32 = 10_000;

/// An agent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agent {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// `llm` or `scripted`.
    #[schema(example = "scripted")]
    kind: String,
    /// The model's endpoint, for `llm`.
    llm_integration_id: Option<Uuid>,
    /// What it sends and receives through: kind of integration to its id.
    #[schema(value_type = Object)]
    integrations: Value,
    /// What it is to do, in plain words.
    instructions: String,
    /// A scripted agent's rules, as TOML.
    rules: String,
    /// Its workflow.
    #[schema(value_type = Vec<Object>)]
    states: Value,
    /// JSON Schema that a session's results must satisfy.
    #[schema(value_type = Option<Object>)]
    result_schema: Option<Value>,
    /// Its seats: how many turns and calls it has at the same time.
    max_concurrent: i32,
    /// `active`, `inactive`, or `error` with the reason; its conversations wait as long as it is not active.
    status: String,
    /// Why it is in error.
    status_reason: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<agent::Model> for Agent {
    fn from(row: agent::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            llm_integration_id: row.llm_integration_id,
            integrations: row.integrations.into(),
            instructions: row.instructions,
            rules: row.rules,
            states: row.states.into(),
            result_schema: row.result_schema.map(Into::into),
            max_concurrent: row.max_concurrent,
            status: row.status,
            status_reason: row.status_reason,
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}

/// What can be said about an agent; absent fields stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentFields {
    /// Its name.
    name: Option<String>,
    /// `llm` or `scripted`; cannot change.
    #[schema(example = "scripted")]
    kind: Option<String>,
    /// The model's endpoint: an integration of kind `llm`; required for `llm`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    llm_integration_id: Option<Option<Uuid>>,
    /// What it sends and receives through: kind of integration (`smtp`, `imap`, `whatsapp_meta`, `whatsapp_bird`, `telegram`, `twilio`,
    /// `sip`) to its id.
    #[schema(value_type = Option<Object>, example = json!({"smtp": "0192f0c1-2345-7abc-8def-0123456789ab"}))]
    integrations: Option<Map<String, Value>>,
    /// What it is to do, in plain words.
    instructions: Option<String>,
    /// A scripted agent's rules, as TOML.
    rules: Option<String>,
    /// Its workflow: `{name, instructions?, transitions?}`; a conversation begins in the first one, unless the stage or the communication
    /// names another.
    #[schema(value_type = Option<Vec<Object>>)]
    states: Option<Vec<Value>>,
    /// JSON Schema that a session's results must satisfy; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    result_schema: Option<Option<Value>>,
    /// Its seats, 1 where it is absent.
    #[schema(minimum = 1, maximum = 10000, default = 1)]
    max_concurrent: Option<i32>,
    /// `active` or `inactive`. Setting `active` also ends `error`.
    status: Option<String>,
}

impl AgentFields {
    /// Lays them over a row and checks it as a whole.
    async fn apply(self, engine: &Engine, scope: Scope, row: &mut agent::Model) -> Result<(), Problem> {
        let mut faults = Faults::default();
        if let Some(new) = self.name {
            row.name = faults.check("name", crate::extract::name(&new)).unwrap_or_default();
        }
        if self.kind.is_some_and(|kind| kind != row.kind) {
            faults.add("kind", "cannot change");
        }
        row.llm_integration_id = self.llm_integration_id.unwrap_or(row.llm_integration_id);
        row.integrations = self.integrations.map_or_else(|| row.integrations.clone(), |new| Value::Object(new).into());
        row.instructions = self.instructions.unwrap_or_else(|| row.instructions.clone());
        row.rules = self.rules.unwrap_or_else(|| row.rules.clone());
        row.states = self.states.map_or_else(|| row.states.clone(), |new| Value::Array(new).into());
        if let Some(schema) = self.result_schema {
            row.result_schema = schema.map(Into::into);
        }
        row.max_concurrent = self.max_concurrent.unwrap_or(row.max_concurrent);
        if !(1..=MOST_SEATS).contains(&row.max_concurrent) {
            faults.add("max_concurrent", format!("must be 1 to {MOST_SEATS}"));
        }
        match self.status.as_deref().map(AgentStatus::parse) {
            None => {}
            Some(Some(status @ (AgentStatus::Active | AgentStatus::Inactive))) => {
                row.status = status.as_str().to_owned();
                row.status_reason = None;
            }
            Some(_) => faults.add("status", "must be active or inactive"),
        }
        check_integrations(engine, scope, row, &mut faults).await?;
        match agent_spec(row) {
            Ok(spec) => faults.extend(stratagem_agent::check(&spec)),
            Err(_) => faults.add("states", "must be a list of {name, instructions?, transitions?}"),
        }
        faults.finish()
    }
}

/// Integrations have to be the tenant's, and of the kinds under which they are named.
async fn check_integrations(
    engine: &Engine,
    scope: Scope,
    row: &agent::Model,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let mut named: Vec<(String, Option<IntegrationKind>, Option<Uuid>)> = Vec::new();
    if let Some(id) = row.llm_integration_id {
        named.push(("llm_integration_id".to_owned(), Some(IntegrationKind::Llm), Some(id)));
    } else if row.kind == AgentKind::Llm.as_str() {
        faults.add("llm_integration_id", "is required for kind `llm`");
    }
    for (kind, id) in row.integrations.as_object().into_iter().flatten() {
        let id = id.as_str().and_then(|id| Uuid::try_parse(id).ok());
        let known = IntegrationKind::parse(kind).filter(|kind| *kind != IntegrationKind::Llm);
        named.push((format!("integrations.{kind}"), known, id));
    }
    for (field, kind, id) in named {
        let Some(kind) = kind else {
            faults.add(field, "is no kind of integration that an agent sends or receives through");
            continue;
        };
        let found = match id {
            Some(id) => engine.store().integration(scope, id).await?,
            None => None,
        };
        match found {
            None => faults.add(field, "there is no such integration"),
            Some(found) if found.kind != kind.as_str() => {
                faults.add(field, format!("has to be an integration of kind `{kind}`; this one is `{}`", found.kind));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The tenant's agent, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<agent::Model, Problem> {
    engine.store().agent(scope, id).await?.ok_or_else(|| Problem::not_found("agent"))
}
