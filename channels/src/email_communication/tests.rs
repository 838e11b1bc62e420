//! The suite against scripted servers, and a conversation's mails as a real server took them.

use serde_json::json;

use super::*;
use crate::conformance::{Case, conform, draft, scope};
use crate::mail::servers::{Servers, mailer, wrong_addresses};
use crate::smtp::peers::{Catcher, integration};

const REFERENCE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn channel() -> EmailCommunication {
    EmailCommunication::new(mailer())
}

#[tokio::test]
async fn conforms() {
    let case = Case {
        channel: &channel(),
        provider: &mut Servers::default(),
        settings: json!({"subject": "Reminder", "body": "Dear {{ contact.name }}", "start_state": "asking"}),
        required: &["subject", "body"],
        template: Some("body"),
        strict: true,
        address: Some(("email", wrong_addresses())),
        known_as: None,
    };
    conform(case).await;
    let settings = json!({"subject": "S", "body": "B", "start_state": 7});
    let errors = channel().check_settings(settings.as_object().unwrap()).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["settings.start_state"]);
}

fn prepare(content: Content<'_>, integration: &Integration) -> Result<Prepared, PrepareError> {
    let settings = json!({"subject": "Invoice {{ contact.params.amount }}", "body": "Dear {{ contact.name }}"});
    let scope = scope();
    let draft = draft(settings.as_object().unwrap(), &scope, Some(integration));
    channel().prepare(&Draft { content, reference: REFERENCE, ..draft })
}

fn reply<'a>(text: &'a str, thread: &'a Value) -> Content<'a> {
    Content::Reply { text, thread }
}

fn headers(prepared: &Prepared) -> String {
    String::from_utf8(prepared.payload.to_vec()).unwrap().split_once("\r\n\r\n").unwrap().0.to_owned()
}

#[tokio::test]
async fn a_first_mail_says_where_its_answers_and_bounces_go() {
    let mut server = Catcher::start(&[]).await;
    let integration = integration(server.port);
    let prepared = prepare(Content::Opening, &integration).unwrap();
    let outcome = channel().send(&prepared, Some(&integration)).await;
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(format!("{REFERENCE}@acme.example")) });
    let mail = server.mail().await;
    assert_eq!(mail["from"], format!("billing+b-{REFERENCE}@acme.example"));
    let headers = &mail["headers"];
    assert_eq!(headers["Reply-To"], format!("billing+{REFERENCE}@acme.example"));
    assert_eq!(headers["From"], "Acme <billing@acme.example>");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert_eq!(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
}

#[tokio::test]
async fn an_answer_stands_in_its_thread() {
    let mut server = Catcher::start(&[]).await;
    let mut integration = integration(server.port);
    integration.settings.insert("reply_domain".to_owned(), json!("r.acme.example"));
    let long: Vec<String> = (0..30).map(|n| format!("{n:0>200}@mail.contact.example")).collect();
    let thread = json!({"message_id": "CAF=x@mail.contact.example", "references": long, "subject": "AW: Re: Invoice"});
    let prepared = prepare(reply("Yes.\n\n<b>Friday</b> & later", &thread), &integration).unwrap();
    assert!(prepared.payload.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
    let outcome = channel().send(&prepared, Some(&integration)).await;
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(format!("{REFERENCE}@acme.example")) });
    let mail = server.mail().await;
    assert_eq!(mail["from"], format!("replies+b-{REFERENCE}@r.acme.example"));
    assert_eq!(mail["subject"], "Re: Invoice");
    assert_eq!(mail["text"].as_str().unwrap().trim_end(), "Yes.\n\n<b>Friday</b> & later");
    assert!(mail["html"].as_str().unwrap().contains("<p>&lt;b&gt;Friday&lt;/b&gt; &amp; later</p>"), "{mail}");
    let headers = mail["headers"].as_object().unwrap();
    assert_eq!(headers["Reply-To"], format!("replies+{REFERENCE}@r.acme.example"));
    assert_eq!(headers["In-Reply-To"], "<CAF=x@mail.contact.example>");
    let references: Vec<&str> = headers["References"].as_str().unwrap().split_whitespace().collect();
    assert_eq!((references.len(), references[11]), (12, "<CAF=x@mail.contact.example>"));
    assert_eq!(headers["Auto-Submitted"], "auto-replied");
    assert!(!headers.contains_key("List-Unsubscribe"));
}

#[test]
fn a_thread_from_outside_injects_no_header() {
    let integration = integration(25);
    let thread = json!({
        "message_id": "a@b>\r\nBcc: eve@x.example", "references": ["x@y\r\n\r\nbody", "ok@y.example"],
        "subject": "Re: a\r\nBcc: eve@x.example",
    });
    let headers = headers(&prepare(reply("x", &thread), &integration).unwrap());
    assert!(headers.contains("Subject: Re: a Bcc: eve@x.example\r\n") && !headers.contains("\nBcc"), "{headers}");
    assert!(headers.contains("References: <ok@y.example>\r\n") && !headers.contains("In-Reply-To"), "{headers}");
}

#[test]
fn an_answer_without_a_thread_takes_the_stages_subject() {
    let prepared = prepare(reply("x", &Value::Null), &integration(25)).unwrap();
    let headers = headers(&prepared);
    assert!(headers.contains("Subject: Re: Invoice 120\r\n") && !headers.contains("References"), "{headers}");
    let empty = prepare(reply(" \n\u{0}", &Value::Null), &integration(25)).unwrap_err();
    assert!(matches!(empty, PrepareError::Template { .. }), "{empty:?}");
}

#[test]
fn an_address_without_room_for_a_reference_stays_as_it_is() {
    let mut integration = integration(25);
    let from = format!("{}@acme.example", "a".repeat(30));
    integration.settings.insert("from".to_owned(), json!(from));
    let prepared = prepare(Content::Opening, &integration).unwrap();
    assert_eq!(prepared.sender.as_deref(), Some(from.as_str()));
    assert!(!headers(&prepared).contains("Reply-To"));
}
