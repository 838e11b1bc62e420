//! What the tests of the channels by e-mail share.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::conformance::{Mood, Peer};
use crate::smtp::peers::{Act, Plan, Scripted, integration};
use crate::smtp::{self, Mailer};
use crate::{AddressPolicy, Integration};

/// Reaches loopback, and waits for little.
pub(crate) fn mailer() -> Arc<Mailer> {
    let limits = smtp::Limits { message: Duration::from_millis(200), ..smtp::Limits::default() };
    Arc::new(Mailer::new(AddressPolicy::default().allow_loopback(true), limits))
}

/// Starts a server per mood.
#[derive(Default)]
pub(crate) struct Servers(Vec<Scripted>);

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let plan = match mood {
            Mood::Takes => Plan::default(),
            Mood::RefusesContact => Plan::at("RCPT", Act::Say("550 5.1.1 no such user")),
            Mood::RefusesSender => Plan::at("MAIL", Act::Say("553 5.7.1 not your address")),
            Mood::Busy => Plan::at("RCPT", Act::Say("451 4.7.1 greylisted")),
            Mood::Absent => Plan::at("CONNECT", Act::Drop),
            Mood::Silent => Plan::at("DOT", Act::Hang),
        };
        let server = Scripted::start([plan]).await;
        let mut integration = integration(server.port);
        integration.id = format!("server-{}", self.0.len());
        self.0.push(server);
        Some(integration)
    }
}

/// What is no address of a contact.
pub(crate) fn wrong_addresses() -> Vec<Value> {
    let wrong = ["ada", "ada@", "@contact.example", "ada@contact.example\r\nRCPT TO:<eve@x.example>", "a b@c.example"];
    let mut wrong: Vec<Value> = wrong.into_iter().map(Value::from).collect();
    wrong.extend([json!("ädä@contact.example"), json!(format!("{}@contact.example", "a".repeat(65))), json!(7)]);
    wrong
}
