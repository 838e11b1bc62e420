//! The suite against scripted servers, and mails that a real server took.

use serde_json::json;

use super::*;
use crate::conformance::{Case, conform, draft, scope};
use crate::mail::servers::{Servers, mailer, wrong_addresses};
use crate::smtp::peers::{Catcher, integration};

fn channel() -> EmailNotification {
    EmailNotification::new(mailer())
}

#[tokio::test]
async fn conforms() {
    for body in ["<p>Dear {{ contact.name }}</p>", "Dear {{ contact.name }}"] {
        let case = Case {
            channel: &channel(),
            provider: &mut Servers::default(),
            settings: json!({"subject": "Reminder for {{ contact.name }}", "body": body}),
            required: &["subject", "body"],
            template: Some("body"),
            strict: true,
            address: Some(("email", wrong_addresses())),
            known_as: None,
        };
        conform(case).await;
    }
}

fn prepare(settings: &Value, scope: &Value, integration: &Integration) -> Result<Prepared, PrepareError> {
    let settings = settings.as_object().unwrap();
    let draft = draft(settings, scope, Some(integration));
    channel().prepare(&draft)
}

#[tokio::test]
async fn a_real_server_takes_it() {
    let mut server = Catcher::start(&[]).await;
    let integration = integration(server.port);
    let settings = json!({
        "subject": "{{ contact.name }}, {{ contact.params.amount }} € until {{ contact.params.due_date }}",
        "body": "<p>Dear {{ contact.name }},</p><p>.</p>\n.\n<p>ünïcode <a href=\"{{ unsubscribe_url }}\">stop</a></p>",
    });
    let mut scope = scope();
    scope["contact"]["name"] = json!("Ada \"X\" <b>& Łukasz</b>\r\nBcc: eve@x.example");
    let prepared = prepare(&settings, &scope, &integration).unwrap();
    assert!(prepared.payload.is_ascii());
    let outcome = channel().send(&prepared, Some(&integration)).await;
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some("0a1b-2c3d@acme.example".to_owned()) });

    let mail = server.mail().await;
    assert_eq!(mail["from"], "billing+b-0a1b-2c3d@acme.example", "bounces name the message");
    assert_eq!(mail["to"], "ada@contact.example");
    assert_eq!(mail["message_id"], "<0a1b-2c3d@acme.example>");
    assert_eq!(mail["subject"], "Ada \"X\" <b>& Łukasz</b> Bcc: eve@x.example, 120 € until 1 May");
    assert_eq!(
        mail["html"],
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<p>Dear Ada &quot;X&quot; &lt;b&gt;&amp; \
         Łukasz&lt;/b&gt;\nBcc: eve@x.example,</p><p>.</p>\n.\n<p>ünïcode \
         <a href=\"https://campaigns.example/u/token\">stop</a></p>\n</body></html>\n"
    );
    assert_eq!(
        mail["text"].as_str().unwrap().trim_end(),
        "Dear Ada \"X\" <b>& Łukasz</b> Bcc: eve@x.example,\n\n.\n\n.\n\nünïcode stop (https://campaigns.example/u/token)"
    );
    let headers = mail["headers"].as_object().unwrap();
    assert_eq!(headers["From"], "Acme <billing@acme.example>");
    assert_eq!(headers["Date"], "Fri, 01 May 2026 12:00:00 +0000");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert_eq!(headers["List-Unsubscribe"], "<https://campaigns.example/u/token>");
    assert_eq!(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    assert!(headers["To"].as_str().unwrap().ends_with("<ada@contact.example>"), "{headers:?}");
    let mut names: Vec<_> = headers.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_text_body_arrives_as_it_was_written() {
    let mut server = Catcher::start(&[]).await;
    let integration = integration(server.port);
    let body = format!("Dear {{{{ contact.name }}}},\n\n.leading dot\n..two\n{}\nBye", "long ".repeat(300));
    let settings = json!({"subject": "S", "body": body});
    let mut scope = scope();
    scope["unsubscribe_url"] = json!("");
    let prepared = prepare(&settings, &scope, &integration).unwrap();
    channel().send(&prepared, Some(&integration)).await;
    let mail = server.mail().await;
    let expected = body.replace("{{ contact.name }}", "Ada Lovelace");
    assert_eq!(mail["text"].as_str().unwrap().trim_end(), expected);
    assert!(mail["headers"].get("List-Unsubscribe").is_none());
}

#[test]
fn headers_cannot_be_injected_through_any_value() {
    let integration = integration(25);
    let settings = json!({"subject": "{{ contact.params.s }}", "body": "x"});
    for url in
        ["https://x.example/\r\nBcc: a@b.example", "javascript:alert(1)", "https://x.example/> <", "https://ü.example"]
    {
        let mut scope = scope();
        scope["unsubscribe_url"] = json!(url);
        scope["contact"]["params"]["s"] = json!("a\r\n\tb\u{0}c\u{85}d");
        scope["contact"]["name"] = json!("\r\n\r\n");
        let prepared = prepare(&settings, &scope, &integration).unwrap();
        let message = String::from_utf8(prepared.payload.to_vec()).unwrap();
        let headers = message.split_once("\r\n\r\n").unwrap().0;
        assert!(!headers.contains("List-Unsubscribe") && !headers.contains("Bcc"), "{headers}");
        assert!(headers.contains("Subject: a b c d\r\n"), "{headers}");
    }
    let mut scope = scope();
    scope["contact"]["params"]["s"] = json!(" \n ");
    let error = prepare(&settings, &scope, &integration).unwrap_err();
    assert_eq!(error, PrepareError::Template { reason: "subject: is empty".to_owned() });
}

#[test]
fn a_missing_or_broken_integration_is_named() {
    let settings = json!({"subject": "S", "body": "x"});
    let mut broken = integration(25);
    broken.settings.remove("from");
    let error = prepare(&settings, &scope(), &broken).unwrap_err();
    assert_eq!(error, PrepareError::Misconfigured { reason: "settings.from is required".to_owned() });
    let scope = scope();
    let draft = draft(settings.as_object().unwrap(), &scope, None);
    assert!(matches!(channel().prepare(&draft), Err(PrepareError::Misconfigured { .. })));
}
