//! Rows as strategies and templates see them.

use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use stratagem_domain::{
    clock::from_ms,
    local_time,
    strategy::{CampaignDoc, CommunicationDoc, ContactDoc, ContextDoc, MessageDoc, SessionDoc, StageDoc},
};
use stratagem_store::entities::{campaign, communication, contact, message, session, stage};
use uuid::Uuid;

/// The zone that local times of a contact's runs are in: its own, else the campaign's, else UTC.
pub(crate) fn zone(contact_zone: Option<&str>, campaign: &campaign::Model) -> Tz {
    contact_zone.and_then(local_time::zone).or_else(|| local_time::zone(&campaign.time_zone)).unwrap_or(Tz::UTC)
}

/// A JSON column that holds an object.
pub(crate) fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A contact with the communications that strategies see of it.
pub(crate) fn contact(
    row: &contact::Model,
    communications: &[communication::Model],
    total: u64,
    flagged: Option<Uuid>,
    zone: Tz,
) -> ContactDoc {
    ContactDoc {
        id: row.id.to_string(),
        object_id: row.object_id.clone(),
        external_id: row.external_id.clone(),
        name: row.name.clone(),
        email: row.email.clone(),
        phone: row.phone.clone(),
        time_zone: row.time_zone.clone(),
        current_stage: row.current_stage.clone(),
        params: object(&row.params),
        results: object(&row.results),
        internal_data: object(&row.internal_data),
        communications: communications.iter().map(|row| communication(row, flagged, zone)).collect(),
        communications_total: u32::try_from(total).unwrap_or(u32::MAX),
    }
}

fn communication(row: &communication::Model, flagged: Option<Uuid>, zone: Tz) -> CommunicationDoc {
    CommunicationDoc {
        id: Some(row.id.to_string()),
        name: row.name.clone(),
        stage_name: row.stage_name.clone(),
        start_date: local_time::to_local(from_ms(row.start_at_ms), zone),
        start_state: row.start_state.clone(),
        params: object(&row.params),
        status: row.status.clone(),
        channel: Some(row.channel.clone()),
        delivery: row.delivery.clone(),
        flagged: flagged == Some(row.id),
    }
}

/// What a run may know beside the contact.
pub(crate) fn context(
    campaign: &campaign::Model,
    stages: &[stage::Model],
    now: chrono::DateTime<chrono::Utc>,
    zone: Tz,
) -> ContextDoc {
    ContextDoc {
        now: local_time::to_local(now, zone),
        time_zone: zone.name().to_owned(),
        campaign: CampaignDoc {
            id: campaign.id.to_string(),
            name: campaign.name.clone(),
            time_zone: campaign.time_zone.clone(),
            stages: stages
                .iter()
                .map(|stage| StageDoc { name: stage.name.clone(), channel: stage.channel.clone() })
                .collect(),
        },
        session: None,
    }
}

/// A conversation, as strategies see it.
pub(crate) fn session(row: &session::Model, agent: Option<String>, said: &[message::Model], zone: Tz) -> SessionDoc {
    SessionDoc {
        id: row.id.to_string(),
        channel: row.channel.clone(),
        agent,
        messages: said.iter().map(|row| message(row, zone)).collect(),
    }
}

/// A message, as strategies see it.
pub(crate) fn message(row: &message::Model, zone: Tz) -> MessageDoc {
    MessageDoc {
        role: row.role.clone(),
        content: row.content.clone(),
        at: local_time::to_local(from_ms(row.at_ms), zone),
    }
}

/// A stage, as templates see it.
pub(crate) struct StageView<'a> {
    pub(crate) id: Option<Uuid>,
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
}

/// What a stage's templates see. Values that JSON lacks are shown as their text.
pub(crate) fn template_scope(
    campaign: &campaign::Model,
    stage: StageView<'_>,
    contact: &contact::Model,
    communication: &communication::Model,
    unsubscribe_url: &str,
) -> Value {
    let zone = zone(contact.time_zone.as_deref(), campaign);
    json!({
        "contact": {
            "id": contact.id,
            "object_id": contact.object_id,
            "external_id": contact.external_id,
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "time_zone": contact.time_zone,
            "current_stage": contact.current_stage,
            "params": plain(&contact.params),
            "results": plain(&contact.results),
            "internal_data": plain(&contact.internal_data),
        },
        "campaign": { "id": campaign.id, "name": campaign.name, "time_zone": campaign.time_zone },
        "stage": { "id": stage.id, "name": stage.name, "description": stage.description },
        "communication": {
            "id": communication.id,
            "name": communication.name,
            "start_date": local_time::to_local(from_ms(communication.start_at_ms), zone),
            "start_state": communication.start_state,
            "params": plain(&communication.params),
        },
        "unsubscribe_url": unsubscribe_url,
    })
}

/// Adds the link to a bot to what templates see.
pub(crate) fn add_bot(scope: &mut Value, telegram_url: Option<String>) {
    if let Some(url) = telegram_url {
        scope["telegram_url"] = Value::from(url);
    }
}

/// The value with tagged ones (`{"$": kind, "v": value}`) replaced by what they hold.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(object) if object.len() == 2 && object.contains_key("$") => {
            object.get("v").map_or(Value::Null, plain)
        }
        Value::Object(object) => object.iter().map(|(key, item)| (key.clone(), plain(item))).collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}
