//! Tenants, for platform admins.

pub(crate) mod create;
pub(crate) mod create_token;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use serde::Serialize;
use serde_json::{Map, Value};
use stratagem_domain::strategy::{HttpRule, Limits};
use stratagem_engine::Engine;
use stratagem_store::entities::tenant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// A customer of the server, whose things nobody else sees.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tenant {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// IANA name; the default for its campaigns.
    time_zone: String,
    /// The limits of strategy runs that differ from the defaults: `load_fuel`, `run_fuel`, `wall_ms`, `memory_bytes`,
    /// `source_bytes`, `component_bytes`, `contact_bytes`, `log_lines`, `log_bytes`, `error_bytes`, `http_requests`,
    /// `http_response_bytes`, `http_ms`, `hostcall_bytes`, `handles`, `resources`, `random_bytes`; and
    /// `stored_component_bytes` of all components together.
    #[schema(value_type = Object)]
    limits: Value,
    /// All limits of strategy runs, defaults included.
    #[schema(value_type = Object)]
    effective_limits: Value,
    /// What strategies may call, e.g. `api.example.com`, `*.example.com`, `GET,HEAD https://api.example.com:8443`.
    #[schema(value_type = Vec<String>)]
    http_allow: Value,
    /// Limit of all that it sends; null where there is none.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60}))]
    send_rate: Option<Value>,
    /// Limits by channel.
    #[schema(value_type = Object)]
    channel_rates: Value,
    /// Its own words by which contacts ask to be left alone, beside the usual ones of eight languages.
    #[schema(value_type = Vec<String>)]
    stop_words: Value,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<tenant::Model> for Tenant {
    fn from(row: tenant::Model) -> Self {
        let effective: Limits = serde_json::from_value(row.limits.clone().into()).unwrap_or_default();
        Self {
            id: row.id,
            name: row.name,
            time_zone: row.time_zone,
            limits: row.limits.into(),
            effective_limits: serde_json::to_value(effective).unwrap_or_default(),
            http_allow: row.http_allow.into(),
            send_rate: row.send_rate.map(Into::into),
            channel_rates: row.channel_rates.map_or_else(|| Value::Object(Map::new()), Into::into),
            stop_words: row.stop_words.map_or_else(|| Value::Array(Vec::new()), Into::into),
            created_at: rfc3339(row.created_at_ms),
        }
    }
}

/// The tenant, or 404.
async fn load(engine: &Engine, id: Uuid) -> Result<tenant::Model, Problem> {
    engine.store().tenant(id).await?.ok_or_else(|| Problem::not_found("tenant"))
}

/// Limits as they are stored: some of [`Limits`], each within what a server can bear.
fn limits(some: Map<String, Value>) -> Result<Value, String> {
    let some = Value::Object(some);
    let limits: Limits = serde_json::from_value(some.clone()).map_err(|error| error.to_string())?;
    let bounds = [
        ("load_fuel", limits.load_fuel, 1 << 40),
        ("run_fuel", limits.run_fuel, 1 << 40),
        ("wall_ms", limits.wall_ms, 600_000),
        ("memory_bytes", limits.memory_bytes, 4 << 30),
        ("source_bytes", limits.source_bytes as u64, 2 << 20),
        ("component_bytes", limits.component_bytes as u64, 64 << 20),
        ("stored_component_bytes", limits.stored_component_bytes, 1 << 40),
        ("contact_bytes", limits.contact_bytes as u64, 64 << 20),
        ("log_lines", limits.log_lines as u64, 100_000),
        ("log_bytes", limits.log_bytes as u64, 16 << 20),
        ("error_bytes", limits.error_bytes as u64, 1 << 20),
        ("http_requests", limits.http_requests as u64, 1_000),
        ("http_response_bytes", limits.http_response_bytes as u64, 16 << 20),
        ("http_ms", limits.http_ms, 600_000),
        ("hostcall_bytes", limits.hostcall_bytes as u64, 128 << 20),
        ("handles", limits.handles as u64, 100_000),
        ("resources", limits.resources as u64, 100_000),
        ("random_bytes", limits.random_bytes as u64, 64 << 20),
    ];
    match bounds.iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
        Some((name, _, most)) => Err(format!("{name} must be 1 to {most}")),
        None => Ok(some),
    }
}

/// Stop words as they are stored.
fn stop_words(words: Vec<String>) -> Result<Value, String> {
    if words.len() > 100 {
        return Err("there may be 100 at most".to_owned());
    }
    let wrong = |word: &String| word.chars().count() > 100 || !word.chars().any(char::is_alphanumeric);
    match words.iter().find(|word| wrong(word)) {
        Some(_) => Err("each must be a text of 1 to 100 characters, with a letter or a digit".to_owned()),
        None => Ok(words.into()),
    }
}

/// Rules as they are stored, in their plain form.
pub(crate) fn hosts(lines: Vec<String>) -> Result<Value, String> {
    let rules: Result<Vec<String>, String> =
        lines.iter().map(|line| HttpRule::parse(line).map(|rule| rule.to_string())).collect();
    rules.map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_known_and_bounded() {
        let check = |value: Value| limits(value.as_object().unwrap().clone());
        assert_eq!(check(json!({"wall_ms": 500})), Ok(json!({"wall_ms": 500})));
        assert!(check(json!({"wall_s": 1})).unwrap_err().contains("wall_s"));
        assert!(check(json!({"wall_ms": 0})).unwrap_err().contains("wall_ms"));
        assert!(check(json!({"memory_bytes": -1})).is_err());
    }
}
