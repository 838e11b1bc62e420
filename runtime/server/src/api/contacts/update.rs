use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::{
    address::{check_email, dialable},
    strategy::check_object,
};
use stratagem_engine::Engine;
use stratagem_store::entities::contact;
use utoipa::ToSchema;

use super::{Contact, load, show};
use crate::{
    auth::CanOperate,
    error::{Faults, Problem},
    extract::{Body, Id, name, present, time_zone},
};

/// How often a change is laid over a contact that a strategy changed meanwhile.
const ATTEMPTS: usize = 5;

/// What changes; absent fields stay as they are.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactChange {
    /// New name.
    name: Option<String>,
    /// New e-mail address; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// New phone number with country code; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// New zone, an IANA name; null for the campaign's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Option<String>>,
    /// New stage; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    current_stage: Option<Option<String>>,
    /// New parameters, in place of all old ones.
    #[schema(value_type = Option<Object>)]
    params: Option<Map<String, Value>>,
    /// New results, in place of all old ones.
    #[schema(value_type = Option<Object>)]
    results: Option<Map<String, Value>>,
}

/// Change a contact
///
/// A strategy that is deciding about it at the moment decides again on the changed contact.
#[utoipa::path(patch, path = "/contacts/{id}", tag = "contacts", params(Id), request_body = ContactChange,
    responses((status = 200, body = Contact)))]
pub(crate) async fn update_contact(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Id(id): Id,
    Body(change): Body<ContactChange>,
) -> Result<Json<Contact>, Problem> {
    for _ in 0..ATTEMPTS {
        let mut row = load(&engine, scope, id).await?;
        apply(change.clone(), &mut row)?;
        if engine.store().update_contact(scope, row, engine.clock().now_ms()).await? {
            let row = load(&engine, scope, id).await?;
            return show(&engine, scope, row).await.map(Json);
        }
    }
    Err(Problem::conflict("The contact is being changed by others: try again."))
}

fn apply(change: ContactChange, row: &mut contact::Model) -> Result<(), Problem> {
    let mut faults = Faults::default();
    if let Some(new) = change.name {
        row.name = faults.check("name", name(&new)).unwrap_or_default();
    }
    if let Some(new) = change.email {
        row.email = new.and_then(|text| faults.check("email", email(text)));
    }
    if let Some(new) = change.phone {
        row.phone = new.and_then(|text| faults.check("phone", dialable(&text)));
    }
    if let Some(new) = change.time_zone {
        row.time_zone = new.and_then(|text| faults.check("time_zone", time_zone(text)));
    }
    if let Some(new) = change.current_stage {
        row.current_stage = new.and_then(|text| faults.check("current_stage", name(&text)));
    }
    if let Some(new) = change.params {
        row.params = faults.check("params", object("params", new)).unwrap_or_default().into();
    }
    if let Some(new) = change.results {
        row.results = faults.check("results", object("results", new)).unwrap_or_default().into();
    }
    faults.finish()
}

fn email(text: String) -> Result<String, &'static str> {
    let text = text.trim().to_owned();
    check_email(&text).map(|()| text)
}

fn object(field: &str, object: Map<String, Value>) -> Result<Value, String> {
    check_object(field, &object).map(|()| Value::Object(object))
}
