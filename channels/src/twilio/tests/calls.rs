//! Making calls.

use async_trait::async_trait;
use serde_json::{Value, json};
use stratagem_providers::twilio::{Trouble, Twilio as Fake};

use super::{fake, integration, settings, twilio};
use crate::conformance::{Case, Mood, Peer, conform, draft, scope};
use crate::{Channel, Content, Draft, Integration, PrepareError, Provider, SendOutcome};

#[derive(Default)]
struct Servers(Vec<Fake>);

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let fake = fake().await;
        let mut integration = integration(&fake.url, "gather");
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => fake.trouble([Trouble::Error(400, 21_211)]),
            Mood::RefusesSender => drop(integration.secrets.insert("auth_token".to_owned(), "other".into())),
            Mood::Busy => fake.trouble([Trouble::Error(429, 20_429)]),
            Mood::Absent => drop(integration.settings.insert("base_url".to_owned(), json!("http://127.0.0.1:1"))),
            Mood::Silent => fake.trouble([Trouble::Silence]),
        }
        self.0.push(fake);
        Some(integration)
    }
}

#[tokio::test]
async fn conforms() {
    let case = Case {
        channel: &twilio(),
        provider: &mut Servers::default(),
        settings: json!({"start_state": "hello", "greeting": "Dear {{ contact.name }}", "language": "en-GB"}),
        required: &["start_state"],
        template: Some("greeting"),
        strict: true,
        address: Some(("phone", vec![json!("0612345678"), json!("ada"), json!(7)])),
        known_as: None,
    };
    conform(case).await;
}

#[tokio::test]
async fn a_call_is_made_with_all_that_twilio_needs() {
    let fake = fake().await;
    let integration = integration(&fake.url, "gather");
    assert_eq!(twilio().probe(&integration).await, Ok(()));
    let settings = json!({"start_state": "s", "language": "nl-NL", "ring_s": 20, "greeting": "Dag {{ contact.name }}"});
    let (settings, scope) = (settings.as_object().unwrap(), scope());
    let prepared = twilio().prepare(&draft(settings, &scope, Some(&integration))).unwrap();
    assert_eq!(prepared.text, "Dag Ada Lovelace");
    let outcome = twilio().send(&prepared, Some(&integration)).await;
    let calls = fake.calls();
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(calls[0].sid.clone()) });
    let values = |name: &str| {
        let fields = calls[0].form.iter().filter(|(field, _)| field == name);
        fields.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((values("To"), values("From")), (vec!["+31612345678"], vec!["+12025550123"]));
    let url = "https://campaigns.example/hooks/i1/voice/answer?call=0a1b-2c3d&language=nl-NL";
    assert_eq!(values("Url"), [url]);
    assert_eq!(values("StatusCallback"), [url.replace("answer", "status")]);
    assert_eq!(values("StatusCallbackEvent"), ["initiated", "ringing", "answered", "completed"]);
    assert_eq!((values("Timeout"), values("TimeLimit")), (vec!["20"], vec!["900"]));
    assert_eq!(values("MachineDetection"), ["Enable"]);
}

#[tokio::test]
async fn twilios_errors_say_what_to_do_next() {
    let fake = fake().await;
    let integration = integration(&fake.url, "gather");
    let settings = json!({"start_state": "s", "machine": "talk"});
    let (settings, scope) = (settings.as_object().unwrap(), scope());
    let prepared = twilio().prepare(&draft(settings, &scope, Some(&integration))).unwrap();
    assert!(!String::from_utf8_lossy(&prepared.payload).contains("MachineDetection"));
    for (trouble, expected) in [
        (Trouble::Error(400, 21_216), "rejected"),
        (Trouble::Error(400, 21_219), "rejected"),
        (Trouble::Error(400, 21_210), "misconfigured"),
        (Trouble::Error(401, 20_003), "misconfigured"),
        (Trouble::Error(404, 20_404), "misconfigured"),
        (Trouble::Error(400, 22_005), "retry"),
        (Trouble::Error(500, 20_500), "retry"),
        (Trouble::Gateway(429), "retry"),
        (Trouble::Gateway(302), "misconfigured"),
        (Trouble::Gateway(502), "unknown"),
    ] {
        fake.trouble([trouble]);
        let outcome = twilio().send(&prepared, Some(&integration)).await;
        assert_eq!(outcome.as_str(), expected, "{trouble:?}: {outcome:?}");
    }
    assert!(fake.calls().is_empty());
}

#[test]
fn what_cannot_be_called_is_known_before() {
    let integration = integration("https://api.twilio.com", "gather");
    let settings = json!({"start_state": "s"});
    let (settings, scope) = (settings.as_object().unwrap(), scope());
    let whole = draft(settings, &scope, Some(&integration));
    let thread = Value::Null;
    let reply = Draft { content: Content::Reply { text: "x", thread: &thread }, ..whole };
    for draft in [Draft { hook_url: "", ..whole }, reply, Draft { integration: None, ..whole }] {
        assert!(matches!(twilio().prepare(&draft), Err(PrepareError::Misconfigured { .. })));
    }
}

#[test]
fn settings_are_checked() {
    let stage = |settings: Value| {
        let errors = twilio().check_settings(settings.as_object().unwrap()).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert!(stage(json!({"start_state": "s", "ring_s": 60, "time_limit_s": 600, "machine": "talk"})).is_empty());
    let wrong = json!({"start_state": "s", "ring_s": 4, "time_limit_s": "long", "machine": "beep", "language": "?"});
    let expected = ["settings.language", "settings.ring_s", "settings.time_limit_s", "settings.machine"];
    assert_eq!(stage(wrong), expected);

    let account = |name: &str, value: Value| {
        let mut settings = settings("https://api.twilio.com", "relay");
        settings[name] = value;
        let errors =
            Provider::check(&twilio(), settings.as_object().unwrap(), &["auth_token"]).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert!(account("voice", json!("gather")).is_empty());
    for (name, wrong) in [
        ("account_sid", json!("AC123")),
        ("from", json!("2025550123")),
        ("voice", json!("stream")),
        ("calls_per_second", json!(0)),
        ("base_url", json!("api.twilio.com")),
    ] {
        assert_eq!(account(name, wrong), [format!("settings.{name}")]);
    }
    let fault = &Provider::check(&twilio(), settings("http://x", "relay").as_object().unwrap(), &[]).unwrap_err()[0];
    assert_eq!(fault.field, "secrets.auth_token");
}
