use serde_json::json;

use super::*;
use crate::conformance::{draft, scope};

fn fields(errors: Result<(), Vec<FieldError>>) -> Vec<String> {
    errors.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
}

#[test]
fn stages_and_trunks_are_checked() {
    let stage = |value: Value| fields(Sip::new().check_settings(value.as_object().unwrap()));
    assert!(stage(json!({})).is_empty());
    assert!(
        stage(json!({"greeting": "Hi {{ contact.name }}", "language": "pt-BR", "start_state": "hello"})).is_empty()
    );
    assert_eq!(stage(json!({"greeting": "{{ contact.nmae }}"})), ["settings.greeting"]);
    assert_eq!(stage(json!({"language": "a language", "ring": 1})), ["settings.ring", "settings.language"]);

    let trunk = |value: Value, secrets: &[&str]| fields(Sip::new().check(value.as_object().unwrap(), secrets));
    let whole = json!({
        "registrar": "sip.acme.example:5061", "domain": "acme.example", "transport": "tls", "from": "+12025550123", "max_calls": 10,
    });
    assert!(trunk(whole.clone(), &["username", "password"]).is_empty());
    assert_eq!(trunk(whole.clone(), &["password", "pin"]), ["secrets.pin", "secrets.username"]);
    for (name, wrong) in [
        ("registrar", json!("sip:acme@example")),
        ("domain", json!(null)),
        ("transport", json!("sctp")),
        ("from", json!("a\r\nb")),
        ("max_calls", json!(0)),
    ] {
        let mut settings = whole.clone();
        settings[name] = wrong;
        assert_eq!(trunk(settings, &["username", "password"]), [format!("settings.{name}")]);
    }
}

#[tokio::test]
async fn nothing_can_be_called_yet_and_everything_says_why() {
    let why = Sip::new().unavailable().unwrap();
    let (settings, scope) = (Map::new(), scope());
    let error = Sip::new().prepare(&draft(&settings, &scope, None)).unwrap_err();
    assert_eq!(error, PrepareError::Misconfigured { reason: why.to_owned() });
    let prepared = Prepared {
        address: String::new(),
        sender: None,
        reference: "r".into(),
        text: String::new(),
        payload: bytes::Bytes::new(),
    };
    assert_eq!(Sip::new().send(&prepared, None).await, SendOutcome::Misconfigured { reason: why.to_owned() });
}
