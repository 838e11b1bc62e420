//! From an uploaded file to contacts.

pub mod reader;

use serde_json::{Map, Value, json};
use stratagem_domain::strategy::{ContactDoc, escape_tags};
use stratagem_store::{Scope, entities::contact, imports::ImportedRow};
use uuid::Uuid;

use self::reader::ImportedContact;

/// A row as the store takes it: the contact that it would make, and its fields for a contact that is there already.
pub(crate) fn imported_row(
    scope: Scope,
    campaign_id: Uuid,
    id: Uuid,
    now_ms: i64,
    mut row: ImportedContact,
) -> ImportedRow {
    row.params = row.params.into_iter().map(|(name, value)| (name, escape_tags(value))).collect();
    let fields = fields(&row);
    let contact = contact::Model {
        id,
        tenant_id: scope.0,
        campaign_id,
        object_id: row.object_id,
        external_id: row.external_id,
        name: row.name,
        email: row.email,
        phone: row.phone,
        time_zone: row.time_zone,
        current_stage: None,
        params: Value::Object(row.params).into(),
        results: Value::Object(Map::new()).into(),
        internal_data: Value::Object(Map::new()).into(),
        version: 1,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    ImportedRow { contact, fields }
}

/// What the row says, absent fields left out.
fn fields(row: &ImportedContact) -> Value {
    let mut fields = json!({ "name": row.name, "params": row.params });
    for (name, present, value) in [
        ("email", row.present.email, &row.email),
        ("phone", row.present.phone, &row.phone),
        ("time_zone", row.present.time_zone, &row.time_zone),
    ] {
        if present {
            fields[name] = json!(value);
        }
    }
    fields
}

/// The stored contact with the imported fields laid over it and its params merged.
pub(crate) fn overlay(stored: &ContactDoc, imported: &Value) -> ContactDoc {
    let mut contact = stored.clone();
    if let Some(name) = imported.get("name").and_then(Value::as_str) {
        contact.name = name.to_owned();
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for (name, field) in
        [("email", &mut contact.email), ("phone", &mut contact.phone), ("time_zone", &mut contact.time_zone)]
    {
        if let Some(value) = imported.get(name) {
            *field = text(value);
        }
    }
    if let Some(params) = imported.get("params").and_then(Value::as_object) {
        contact.params.extend(params.clone());
    }
    contact
}
