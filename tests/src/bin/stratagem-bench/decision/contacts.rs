//! The contacts that are decided about.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use stratagem_domain::strategy::{CampaignDoc, CommunicationDoc, ContactDoc, ContextDoc, HookInput, Input, StageDoc};

use crate::{Outcome, campaign, machine};

/// A contact, as the hook's input, and the strategy that decides about it.
pub(super) struct Contact {
    /// 0 for the small one, 1 for the typical one.
    pub(super) number: usize,
    pub(super) input: Input,
    pub(super) strategy: PathBuf,
    /// Communications that it has afterwards.
    communications: usize,
}

/// A small one, which is the first row of the specification's sample file, with a hook that sets one field; and a typical one with the
/// specification's data load sample, which plans a communication.
pub(super) fn both() -> Outcome<[Contact; 2]> {
    let small = json!({"add_param1": "12", "add_param2": "Additional data"});
    let typical = json!({
        "contract": "CONTRACT-123", "balance": 1250.75, "currency": "EUR", "plan": "gold", "overdue_days": 12,
        "last_payment": "2026-02-01", "language": "en", "consent": true, "segment": "B", "note": null,
    });
    let communications: Vec<_> = (0..5).map(communication).collect();
    let small = Contact {
        number: 0,
        input: Input::new(input(small, Vec::new()))?,
        strategy: machine::repository().join("tests/src/bin/stratagem-bench/peers/small.py"),
        communications: 0,
    };
    let typical = Contact {
        number: 1,
        communications: communications.len() + 1,
        input: Input::new(input(typical, communications))?,
        strategy: campaign::sample_path("data_load"),
    };
    Ok([small, typical])
}

impl Contact {
    /// Whoever decided, it must be the same decision.
    pub(super) fn expect_decision(&self, returned: &str) -> Outcome<()> {
        let contact: Value = serde_json::from_str(returned)?;
        let communications = contact["communications"].as_array().map_or(&[][..], Vec::as_slice);
        let as_expected = contact["current_stage"] == "First Contact"
            && communications.last().is_none_or(|planned| planned["stage_name"] == "First Contact")
            && communications.len() == self.communications;
        if as_expected { Ok(()) } else { Err(format!("another decision than expected: {returned:.300}").into()) }
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_133_815, 0).unwrap_or_default()
}

fn communication(number: usize) -> CommunicationDoc {
    CommunicationDoc {
        id: Some(format!("01890a5d-ac96-774b-bcce-b302099a81{number:02}")),
        name: format!("Reminder {number}"),
        stage_name: "Second Attempt".to_owned(),
        start_date: format!("2026-02-{:02}T10:00:00", number + 1),
        start_state: None,
        params: Map::from_iter([("attempt".to_owned(), number.into())]),
        status: "completed".to_owned(),
        channel: Some("email_notification".to_owned()),
        delivery: "delivered".to_owned(),
        flagged: false,
    }
}

fn input(params: Value, communications: Vec<CommunicationDoc>) -> HookInput {
    let contact = ContactDoc {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        object_id: "123".to_owned(),
        external_id: "123".to_owned(),
        name: "John Doe".to_owned(),
        email: Some("john@example.com".to_owned()),
        phone: Some("+1234567890".to_owned()),
        time_zone: None,
        current_stage: None,
        params: params.as_object().cloned().unwrap_or_default(),
        results: Map::new(),
        internal_data: Map::new(),
        communications_total: communications.len() as u32,
        communications,
    };
    let stage = |name: &str| StageDoc { name: name.to_owned(), channel: "email_notification".to_owned() };
    let campaign = CampaignDoc {
        id: "01890a5d-ac96-774b-bcce-b302099a8058".to_owned(),
        name: "Benchmark".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        stages: vec![stage("First Contact"), stage("Second Attempt")],
    };
    let context = ContextDoc {
        now: "2026-03-10T10:10:15".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        campaign,
        session: None,
    };
    HookInput { contact, existing_contact: None, session_results: None, message: None, context }
}
