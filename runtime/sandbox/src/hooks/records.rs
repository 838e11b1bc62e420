//! The documents of the domain as the records of `wit/types.wit`, and contacts back, field by field.

use serde_json::{Map, Value};
use stratagem_domain::strategy::{
    CampaignDoc, CommunicationDoc, ContactDoc, ContextDoc, MessageDoc, SessionDoc, StageDoc, check_object,
};

use crate::bindings::stratagem::strategy::types::{
    Campaign, Communication, Contact, Delivery, Message, Role, RunContext, Session, Stage, Status,
};

pub(super) fn contact(doc: ContactDoc) -> Contact {
    Contact {
        id: doc.id,
        object_id: doc.object_id,
        external_id: doc.external_id,
        name: doc.name,
        email: doc.email,
        phone: doc.phone,
        time_zone: doc.time_zone,
        current_stage: doc.current_stage,
        params: json(doc.params),
        results: json(doc.results),
        internal_data: json(doc.internal_data),
        communications: doc.communications.into_iter().map(communication).collect(),
        communications_total: doc.communications_total,
    }
}

pub(super) fn context(doc: ContextDoc) -> RunContext {
    RunContext {
        now: doc.now,
        time_zone: doc.time_zone,
        campaign: campaign(doc.campaign),
        session: doc.session.map(session),
    }
}

pub(super) fn message(doc: MessageDoc) -> Message {
    let role = match doc.role.as_str() {
        "AI" => Role::Ai,
        "OPERATOR" => Role::Operator,
        _ => Role::Human,
    };
    Message { role, content: doc.content, at: doc.at }
}

/// An object's text. Maps of JSON values always have one.
pub(super) fn json(object: Map<String, Value>) -> String {
    Value::Object(object).to_string()
}

fn communication(doc: CommunicationDoc) -> Communication {
    Communication {
        id: doc.id,
        name: doc.name,
        stage_name: doc.stage_name,
        start_date: doc.start_date,
        start_state: doc.start_state,
        params: json(doc.params),
        status: STATUSES.iter().find(|(_, name)| *name == doc.status).map_or(Status::Unknown, |(status, _)| *status),
        channel: doc.channel,
        delivery: DELIVERIES.iter().find(|(_, name)| *name == doc.delivery).map_or(Delivery::Unknown, |(d, _)| *d),
        flagged: doc.flagged,
    }
}

fn campaign(doc: CampaignDoc) -> Campaign {
    let stage = |stage: StageDoc| Stage { name: stage.name, channel: stage.channel };
    Campaign {
        id: doc.id,
        name: doc.name,
        time_zone: doc.time_zone,
        stages: doc.stages.into_iter().map(stage).collect(),
    }
}

fn session(doc: SessionDoc) -> Session {
    Session {
        id: doc.id,
        channel: doc.channel,
        agent: doc.agent,
        messages: doc.messages.into_iter().map(message).collect(),
    }
}

/// The document of a returned contact, or which of its JSON texts is none.
pub(super) fn document(contact: Contact) -> Result<ContactDoc, String> {
    Ok(ContactDoc {
        id: contact.id,
        object_id: contact.object_id,
        external_id: contact.external_id,
        name: contact.name,
        email: contact.email,
        phone: contact.phone,
        time_zone: contact.time_zone,
        current_stage: contact.current_stage,
        params: object("contact.params", &contact.params)?,
        results: object("contact.results", &contact.results)?,
        internal_data: object("contact.internal_data", &contact.internal_data)?,
        communications: contact
            .communications
            .into_iter()
            .enumerate()
            .map(|(index, communication)| communication_document(index, communication))
            .collect::<Result<_, _>>()?,
        communications_total: contact.communications_total,
    })
}

fn communication_document(index: usize, communication: Communication) -> Result<CommunicationDoc, String> {
    let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
    Ok(CommunicationDoc {
        id: communication.id,
        name: communication.name,
        stage_name: communication.stage_name,
        start_date: communication.start_date,
        start_state: communication.start_state,
        params: object(&format!("contact.communications[{index}].params"), &communication.params)?,
        status: name(STATUSES.iter().find(|(status, _)| *status == communication.status).map(|(_, name)| *name)),
        channel: communication.channel,
        delivery: name(DELIVERIES.iter().find(|(d, _)| *d == communication.delivery).map(|(_, name)| *name)),
        flagged: communication.flagged,
    })
}

fn object(name: &str, text: &str) -> Result<Map<String, Value>, String> {
    let object: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("{name} is no JSON object: {error}"))?;
    check_object(name, &object)?;
    Ok(object)
}

const STATUSES: [(Status, &str); 11] = [
    (Status::Planned, "planned"),
    (Status::Started, "started"),
    (Status::Delivered, "delivered"),
    (Status::Read, "read"),
    (Status::Replied, "replied"),
    (Status::Completed, "completed"),
    (Status::NoResponse, "no_response"),
    (Status::Failed, "failed"),
    (Status::Canceled, "canceled"),
    (Status::Skipped, "skipped"),
    (Status::Unknown, "unknown"),
];

const DELIVERIES: [(Delivery, &str); 7] = [
    (Delivery::None, "none"),
    (Delivery::Sending, "sending"),
    (Delivery::Sent, "sent"),
    (Delivery::Delivered, "delivered"),
    (Delivery::Read, "read"),
    (Delivery::Failed, "failed"),
    (Delivery::Unknown, "unknown"),
];
