//! The suite against Meta's stand-in, and what is sent to it.

mod receive;

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use serde_json::json;
use stratagem_providers::meta::{self, Act, Meta};

use super::*;
use crate::conformance::{Case, Mood, Peer, conform, draft, noon, scope};
use crate::{AddressPolicy, Provider};

fn web() -> Web {
    Web::new(AddressPolicy::default().allow_loopback(true), Duration::from_millis(300))
}

fn integration(base_url: &str) -> Integration {
    let settings = json!({
        "base_url": base_url, "api_version": "v23.0", "phone_number_id": meta::PHONE_NUMBER_ID, "default_language": "en_US",
    });
    let secrets =
        [("access_token", meta::ACCESS_TOKEN), ("app_secret", meta::APP_SECRET), ("verify_token", meta::VERIFY_TOKEN)];
    Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::WhatsappMeta,
        settings: settings.as_object().unwrap().clone(),
        secrets: HashMap::from(secrets.map(|(name, value)| (name.to_owned(), value.into()))),
        kept: Default::default(),
    }
}

struct Servers;

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let server = meta::start().await;
        let mut integration = integration(server.url());
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => server.next(Act::Refuse { code: 131_026, status: 400 }),
            Mood::RefusesSender => drop(integration.secrets.insert("access_token".to_owned(), "expired".into())),
            Mood::Busy => server.next(Act::TooMany { retry_after_s: 3 }),
            Mood::Absent => drop(integration.settings.insert("base_url".to_owned(), json!("http://127.0.0.1:1"))),
            Mood::Silent => server.next(Act::Silence),
        }
        Some(integration)
    }
}

#[tokio::test]
async fn conforms() {
    for parameters in [json!(["Dear {{ contact.name }}"]), json!({"0": "Dear {{ contact.name }}"})] {
        let case = Case {
            channel: &WhatsappMeta::new(web()),
            provider: &mut Servers,
            settings: json!({"template_name": "payment_reminder", "start_state": "greeting", "parameters": parameters}),
            required: &["template_name", "start_state"],
            template: Some("parameters.0"),
            strict: true,
            address: Some(("phone", vec![json!("+0987654321"), json!("2025550123"), json!("ada"), json!(7)])),
            known_as: None,
        };
        conform(case).await;
    }
}

async fn send(server: &Meta, draft: &Draft<'_>) -> SendOutcome {
    let channel = WhatsappMeta::new(web());
    let prepared = channel.prepare(draft).unwrap();
    channel.send(&prepared, Some(&integration(server.url()))).await
}

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_template_goes_out_as_meta_describes_it() {
    let server = meta::start().await;
    server.approve("payment_reminder", "en_US", 2);
    let integration = integration(server.url());
    let scope = scope();
    let mut stage = settings(json!({
        "template_name": "payment_reminder", "start_state": "greeting",
        "parameters": ["{{ contact.name }}", "{{ contact.params.amount }} €\n\tuntil {{ contact.params.due_date }}"],
    }));
    let outcome = send(&server, &draft(&stage, &scope, Some(&integration))).await;
    let taken = server.taken();
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(taken[0].id.clone()) });
    assert_eq!(
        taken[0].body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+31612345678", "type": "template",
            "template": {
                "name": "payment_reminder", "language": {"code": "en_US", "policy": "deterministic"},
                "components": [{"type": "body", "parameters": [
                    {"type": "text", "text": "Ada Lovelace"}, {"type": "text", "text": "120 € until 1 May"},
                ]}],
            },
            "biz_opaque_callback_data": "0a1b-2c3d",
        })
    );

    stage.insert("header".to_owned(), json!({"image": "https://acme.example/{{ contact.id }}.png"}));
    stage.insert("buttons".to_owned(), json!({"1": "{{ contact.id }}"}));
    send(&server, &draft(&stage, &scope, Some(&integration))).await;
    let components = &server.taken()[1].body["template"]["components"];
    let link = json!({"type": "image", "image": {"link": "https://acme.example/c1.png"}});
    assert_eq!(components[0], json!({"type": "header", "parameters": [link]}));
    let end = json!([{"type": "text", "text": "c1"}]);
    assert_eq!(components[2], json!({"type": "button", "sub_type": "url", "index": "1", "parameters": end}));
    for (name, wrong) in [("header", json!({"text": "x", "image": "x"})), ("buttons", json!({"first": "x"}))] {
        let mut stage = stage.clone();
        stage.insert(name.to_owned(), wrong);
        let errors = WhatsappMeta::new(web()).check_settings(&stage).unwrap_err();
        assert_eq!((errors.len(), errors[0].field.as_str()), (1, format!("settings.{name}").as_str()));
    }

    stage.insert("parameters".to_owned(), json!({"first_name": "{{ contact.name }}"}));
    stage.insert("language".to_owned(), json!("de"));
    let outcome = send(&server, &draft(&stage, &scope, Some(&integration))).await;
    let SendOutcome::Rejected { code, reason, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(code.as_deref(), Some("132001"));
    assert!(reason.starts_with("there is no approved template of this name in this language"), "{reason}");
}

#[tokio::test]
async fn a_user_without_a_number_is_written_to_by_id() {
    let server = meta::start().await;
    let integration = integration(server.url());
    let mut nameless = scope();
    nameless["contact"]["phone"] = json!(null);
    let stage = settings(json!({"template_name": "hello", "start_state": "greeting"}));
    let user = Draft { known_as: Some("US.13491208655302741918"), ..draft(&stage, &nameless, Some(&integration)) };
    let prepared = WhatsappMeta::new(web()).prepare(&user).unwrap();
    assert_eq!(prepared.address, "US.13491208655302741918");
    assert!(matches!(send(&server, &user).await, SendOutcome::Sent { .. }));
    let body = &server.taken()[0].body;
    assert_eq!((&body["recipient"], &body["to"]), (&json!("US.13491208655302741918"), &Value::Null));
    assert!(body["template"]["components"].is_null());

    let scope = scope();
    let number = Draft { known_as: Some("31600000000"), ..draft(&stage, &scope, Some(&integration)) };
    let prepared = WhatsappMeta::new(web()).prepare(&number).unwrap();
    assert_eq!(prepared.address, "+31612345678", "suppressions know the number that the tenant knows");
    send(&server, &number).await;
    assert_eq!(server.taken()[1].body["to"], "+31600000000");
}

#[tokio::test]
async fn free_text_answers_within_24_hours() {
    let server = meta::start().await;
    server.contact_writes("+31612345678", "Hello").await;
    let integration = integration(server.url());
    let (stage, scope) = (settings(json!({"template_name": "hello", "start_state": "greeting"})), scope());
    let thread = json!({"message_id": "wamid.1"});
    let answer = |hours: Option<i64>, text| Draft {
        content: Content::Reply { text, thread: &thread },
        heard_at: hours.map(|hours| noon() - TimeDelta::hours(hours)),
        ..draft(&stage, &scope, Some(&integration))
    };
    assert!(matches!(send(&server, &answer(Some(24), "{{ Hi }}")).await, SendOutcome::Sent { .. }));
    let body = &server.taken()[0].body;
    assert_eq!(body["text"], json!({"body": "{{ Hi }}", "preview_url": false}));
    assert_eq!(body["context"], thread);

    let channel = WhatsappMeta::new(web());
    for hours in [None, Some(25)] {
        let error = channel.prepare(&answer(hours, "Hi")).unwrap_err();
        assert!(matches!(error, PrepareError::Unreachable { .. }), "{error:?}");
    }
    for text in [" ", &"x".repeat(4097)] {
        let error = channel.prepare(&answer(Some(1), text)).unwrap_err();
        assert!(matches!(error, PrepareError::Template { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn what_meta_answers_says_what_to_do_next() {
    let server = meta::start().await;
    let integration = integration(server.url());
    let (stage, scope) = (settings(json!({"template_name": "hello", "start_state": "greeting"})), scope());
    let outcome = async |act| {
        server.next(act);
        send(&server, &draft(&stage, &scope, Some(&integration))).await
    };
    let refused = |code, status| Act::Refuse { code, status };
    assert!(matches!(outcome(refused(130_429, 400)).await, SendOutcome::Retry { after: None, .. }));
    assert!(matches!(outcome(refused(987_654, 500)).await, SendOutcome::Retry { .. }));
    assert!(matches!(outcome(refused(987_654, 504)).await, SendOutcome::Retry { .. }));
    let pair = outcome(refused(131_056, 400)).await;
    assert!(matches!(pair, SendOutcome::TooSoon { .. }));
    let busy = outcome(Act::TooMany { retry_after_s: 9 }).await;
    assert!(matches!(busy, SendOutcome::Retry { after: Some(after), .. } if after == Duration::from_secs(9)));
    assert!(matches!(outcome(refused(131_042, 400)).await, SendOutcome::Misconfigured { .. }));
    assert!(matches!(outcome(refused(33, 400)).await, SendOutcome::Misconfigured { .. }));
    assert!(matches!(outcome(refused(131_049, 400)).await, SendOutcome::Rejected { .. }));
    assert!(matches!(outcome(refused(987_654, 400)).await, SendOutcome::Rejected { .. }));
    assert!(matches!(outcome(Act::Drop).await, SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn an_integration_is_checked_and_tried() {
    let server = meta::start().await;
    let (account, mut integration) = (MetaAccount::new(web()), integration(server.url()));
    let secrets = ["access_token", "app_secret", "verify_token"];
    assert_eq!(account.check(&integration.settings, &secrets), Ok(()));
    assert_eq!(account.probe(&integration).await, Ok(()));
    integration.secrets.insert("access_token".to_owned(), "expired".into());
    assert!(account.probe(&integration).await.unwrap_err().starts_with("the access token is not valid"));
    let wrong = settings(json!({
        "base_url": "ftp://x", "api_version": "23", "phone_number_id": "1/../2", "default_language": "en US", "token": "x",
    }));
    let errors = account.check(&wrong, &["access_token", "app_secret", "password"]).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "settings.token",
            "settings.base_url",
            "settings.api_version",
            "settings.phone_number_id",
            "settings.default_language",
            "secrets.password",
            "secrets.verify_token",
        ]
    );
}
