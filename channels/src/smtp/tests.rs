//! Every phase at which a send can fail, what becomes of connections, encryption, credentials, addresses.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::peers::{Act, Catcher, Plan, Scripted, integration, with_credentials, with_settings};
use super::*;

fn limits() -> Limits {
    Limits { command: Duration::from_millis(300), message: Duration::from_millis(300), ..Limits::default() }
}

fn mailer_with(limits: Limits) -> Mailer {
    Mailer::new(AddressPolicy::default().allow_loopback(true), limits)
}

async fn send(mailer: &Mailer, integration: &Integration) -> SendOutcome {
    send_bytes(mailer, integration, b"Subject: x\r\n\r\nhello\r\n").await
}

async fn send_bytes(mailer: &Mailer, integration: &Integration, message: &[u8]) -> SendOutcome {
    let (from, to) = ("billing@acme.example".parse().unwrap(), "ada@contact.example".parse().unwrap());
    mailer.send(&Mail { from, to, message }, integration).await
}

fn name(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Sent { .. } => "sent",
        SendOutcome::Rejected { .. } => "rejected",
        SendOutcome::Retry { .. } | SendOutcome::TooSoon { .. } => "retry",
        SendOutcome::Misconfigured { .. } => "misconfigured",
        SendOutcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn every_phase_has_its_outcome() {
    use Act::{Drop, Hang, Say, SayAndDrop};
    let table = [
        ("CONNECT", Drop, "retry"),
        ("CONNECT", Hang, "retry"),
        ("CONNECT", Say("554 no service for you"), "misconfigured"),
        ("CONNECT", Say("421 too many connections"), "retry"),
        ("CONNECT", Say("HTTP/1.1 400 Bad Request"), "retry"),
        ("EHLO", Drop, "retry"),
        ("EHLO", Say("502 what"), "misconfigured"),
        ("AUTH", Say("535 5.7.8 wrong password"), "misconfigured"),
        ("AUTH", Say("454 4.7.0 later"), "retry"),
        ("AUTH", Drop, "retry"),
        ("MAIL", Drop, "retry"),
        ("MAIL", Hang, "retry"),
        ("MAIL", Say("530 5.7.0 authenticate first"), "misconfigured"),
        ("MAIL", Say("553 5.7.1 not your address"), "misconfigured"),
        ("MAIL", Say("452 4.3.1 full"), "retry"),
        ("RCPT", Say("550 5.1.1 no such user"), "rejected"),
        ("RCPT", Say("451 4.7.1 greylisted"), "retry"),
        ("RCPT", Say("554 5.7.1 <ada@contact.example>: Relay access denied"), "misconfigured"),
        ("RCPT", Say("354 out of step"), "retry"),
        ("RCPT", Drop, "retry"),
        ("RCPT", Hang, "retry"),
        ("DATA", Say("554 5.5.1 no valid recipients"), "rejected"),
        ("DATA", Say("451 4.3.0 later"), "retry"),
        ("DATA", SayAndDrop("421 shutting down"), "retry"),
        ("DOT", Say("550 5.7.1 looks like spam"), "rejected"),
        ("DOT", Say("451 4.3.0 disk full"), "retry"),
        ("DOT", SayAndDrop("421 shutting down"), "retry"),
        ("DOT", SayAndDrop("552 too large"), "rejected"),
        ("DOT", Drop, "unknown"),
        ("DOT", Hang, "unknown"),
        ("DOT", Say("what?"), "unknown"),
        ("DOT", Say("354 out of step"), "unknown"),
        ("QUIT", Drop, "sent"),
    ];
    for (command, act, expected) in table {
        let server = Scripted::start([Plan::at(command, act)]).await;
        let outcome = send(&mailer_with(limits()), &with_credentials(integration(server.port), "u", "p")).await;
        assert_eq!(name(&outcome), expected, "{command} {act:?}: {outcome:?}");
        assert!(server.count("DOT") <= 1, "{:?}", server.log());
    }
}

#[tokio::test]
async fn a_message_without_its_final_dot_was_not_taken() {
    // Larger than the buffers between the two, so that the dot cannot have left.
    let large = "Subject: x\r\n\r\n".to_owned() + &"0123456789abcdef\r\n".repeat(2 << 20);
    for act in [Act::Hang, Act::Drop] {
        let server = Scripted::start([Plan::at("CONTENT", act)]).await;
        let outcome = send_bytes(&mailer_with(limits()), &integration(server.port), large.as_bytes()).await;
        assert_eq!(name(&outcome), "retry", "{act:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(name(&send(&mailer_with(limits()), &integration(port)).await), "retry");
    let nowhere =
        with_settings(json!({"host": "no-such-host.invalid", "port": 25, "tls": "none", "from": "a@b.example"}));
    assert_eq!(name(&send(&mailer_with(limits()), &nowhere).await), "retry");
}

#[tokio::test]
async fn private_addresses_are_not_dialled() {
    let server = Scripted::start([]).await;
    let refusing = Mailer::new(AddressPolicy::default(), limits());
    let SendOutcome::Misconfigured { reason } = send(&refusing, &integration(server.port)).await else { panic!() };
    assert!(reason.contains("STRATAGEM_HTTP_ALLOW_PRIVATE"), "{reason}");
    assert!(refusing.probe(&integration(server.port)).await.is_err());
    assert_eq!(server.log(), Vec::<String>::new());
    let allowing = Mailer::new(AddressPolicy::parse("127.0.0.0/8").unwrap(), limits());
    assert_eq!(name(&send(&allowing, &integration(server.port)).await), "sent");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Scripted::start([]).await;
    let mailer = mailer_with(limits());
    for _ in 0..3 {
        assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    }
    assert_eq!(
        (server.count("CONNECT"), server.count("DOT"), server.count("NOOP"), server.count("RSET")),
        (1, 3, 0, 0)
    );

    let mut changed = integration(server.port);
    changed.version = 2;
    assert_eq!(name(&send(&mailer, &changed).await), "sent");
    assert_eq!(server.count("CONNECT"), 2, "a changed integration has connections of its own");
    server.saw("0: CLOSED").await;
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent", "a late send of the older version");
}

#[tokio::test]
async fn a_connection_that_rested_is_asked_first() {
    let server = Scripted::start([Plan::at("NOOP", Act::Drop), Plan::default()]).await;
    let mailer = mailer_with(Limits { fresh: Duration::ZERO, ..limits() });
    for _ in 0..3 {
        assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    }
    let log = server.log().join(" ");
    assert!(log.contains("0: DOT 0: NOOP") && log.contains("1: DOT 1: NOOP 1: MAIL"), "{log}");
}

#[tokio::test]
async fn a_stale_connection_costs_no_attempt() {
    for act in [Act::Drop, Act::SayAndDrop("421 idle too long"), Act::Hang] {
        let server = Scripted::start([Plan::at("MAIL 2", act), Plan::default()]).await;
        let mailer = mailer_with(limits());
        for _ in 0..2 {
            assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent", "{act:?}");
        }
        assert_eq!((server.count("CONNECT"), server.count("DOT")), (2, 2), "{act:?}");
    }
    // The new one is not excused, and beyond MAIL nothing is repeated.
    let server = Scripted::start([Plan::at("MAIL 2", Act::Drop), Plan::at("MAIL", Act::Drop)]).await;
    let mailer = mailer_with(limits());
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "retry");
    assert_eq!(server.count("CONNECT"), 2);
    let server = Scripted::start([Plan::at("RCPT 2", Act::Drop), Plan::default()]).await;
    let mailer = mailer_with(limits());
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "retry");
    assert_eq!(server.count("CONNECT"), 1);
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_in_order() {
    let server = Scripted::start([Plan::at("RCPT 1", Act::Say("550 no such user"))]).await;
    let mailer = mailer_with(limits());
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "rejected");
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    let log = server.log().join(" ");
    assert!(log.contains("0: RCPT 0: RSET 0: MAIL 0: RCPT 0: DATA 0: DOT"), "{log}");
}

#[tokio::test]
async fn connections_are_bounded() {
    let server = Scripted::start([Plan::at("MAIL", Act::Hang)]).await;
    let mailer = mailer_with(Limits { connections: 2, queue: Duration::from_millis(50), ..limits() });
    let integration = integration(server.port);
    let sends = (0..4).map(|_| send(&mailer, &integration));
    let outcomes = futures_like_join(sends).await;
    assert_eq!(outcomes.iter().map(name).collect::<HashSet<_>>(), HashSet::from(["retry"]));
    assert_eq!(outcomes.iter().filter(|outcome| format!("{outcome:?}").contains("waiting for")).count(), 2);
    assert_eq!(server.count("CONNECT"), 2);
}

/// The crate has no `futures`; four sends at a time are polled by hand.
async fn futures_like_join<F: Future<Output = SendOutcome>>(sends: impl Iterator<Item = F>) -> Vec<SendOutcome> {
    let mut sends: Vec<_> = sends.map(Box::pin).collect();
    let mut outcomes = Vec::new();
    std::future::poll_fn(|context| {
        sends.retain_mut(|send| match send.as_mut().poll(context) {
            std::task::Poll::Ready(outcome) => {
                outcomes.push(outcome);
                false
            }
            std::task::Poll::Pending => true,
        });
        if sends.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outcomes
}

#[tokio::test]
async fn connections_end_when_they_are_idle_or_old() {
    let server = Scripted::start([]).await;
    let mailer = mailer_with(Limits { idle: Duration::from_millis(50), ..limits() });
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    server.saw("0: QUIT").await;

    let server = Scripted::start([]).await;
    let mailer = mailer_with(Limits { messages: 2, ..limits() });
    for _ in 0..3 {
        assert_eq!(name(&send(&mailer, &integration(server.port)).await), "sent");
    }
    server.saw("0: QUIT").await;
    assert_eq!(server.count("CONNECT"), 2);
}

#[tokio::test]
async fn credentials_are_shown_where_they_are_asked_for() {
    let mut server = Catcher::start(&["--require-auth", "acme:s3cret"]).await;
    let mailer = mailer_with(Limits::default());
    let right = with_credentials(integration(server.port), "acme", "s3cret");
    assert_eq!(name(&send(&mailer, &right).await), "sent");
    assert_eq!(server.mail().await["subject"], "x");
    assert_eq!(mailer.probe(&right).await, Ok(()));

    let wrong = with_credentials(right.clone(), "acme", "wrong");
    let SendOutcome::Misconfigured { reason } = send(&mailer, &wrong).await else { panic!() };
    assert!(reason.starts_with("535 ") && !reason.contains("wrong"), "{reason}");
    assert!(mailer.probe(&wrong).await.unwrap_err().starts_with("535 "));
    assert_eq!(name(&send(&mailer, &integration(server.port)).await), "misconfigured");
}

#[tokio::test]
async fn encryption_trusts_names_and_not_addresses() {
    for (mode, tls) in [("starttls", "starttls"), ("implicit", "tls")] {
        let mut server = Catcher::start(&["--tls", mode]).await;
        let to = |host: &str| {
            with_settings(json!({"host": host, "port": server.port, "tls": tls, "from": "billing@acme.example"}))
        };
        let certificate = std::fs::read(server.certificate.as_ref().unwrap()).unwrap();
        let root = Certificate::from_pem(&certificate).unwrap();
        let policy = AddressPolicy::default().allow_loopback(true);

        let stranger = send(&mailer_with(limits()), &to("localhost")).await;
        assert!(format!("{stranger:?}").contains("TLS: invalid peer certificate"), "{mode}: {stranger:?}");
        assert_eq!(name(&stranger), "misconfigured");

        let trusting = Mailer::with_roots(policy, Limits::default(), vec![root]);
        let other_name = send(&trusting, &to("127.0.0.1")).await;
        assert_eq!(name(&other_name), "misconfigured", "{mode}: {other_name:?}");
        let mut by_name = to("localhost");
        by_name.version = 2;
        assert_eq!(trusting.probe(&by_name).await, Ok(()), "{mode}");
        assert_eq!(name(&send(&trusting, &by_name).await), "sent", "{mode}");
        assert_eq!(server.mail().await["from"], "billing@acme.example");
    }
    let plain = Scripted::start([]).await;
    let demanding =
        with_settings(json!({"host": "127.0.0.1", "port": plain.port, "tls": "starttls", "from": "a@b.example"}));
    let outcome = send(&mailer_with(limits()), &demanding).await;
    assert!(matches!(&outcome, SendOutcome::Misconfigured { reason } if reason.contains("STARTTLS")), "{outcome:?}");
    assert_eq!(plain.count("MAIL"), 0);
}

#[test]
fn settings_are_checked() {
    let Value::Object(right) = json!({
        "host": "mail.acme.example", "port": 587, "tls": "starttls", "from": "Acme <billing@acme.example>",
        "reply_domain": "replies.acme.example",
    }) else {
        panic!()
    };
    assert_eq!(check(&right, &[]), Ok(()));
    assert_eq!(check(&right, &["username", "password"]), Ok(()));
    let fields = |settings: &Map<String, Value>, secrets: &[&str]| {
        check(settings, secrets).unwrap_err().into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(&right, &["username"]), ["secrets.password"]);
    assert_eq!(fields(&right, &["token"]), ["secrets.token"]);
    assert_eq!(
        fields(&Map::new(), &["password"]),
        ["settings.host", "settings.port", "settings.tls", "settings.from", "secrets.username"]
    );
    for (field, wrong) in [
        ("host", json!("a b")),
        ("host", json!("https://x")),
        ("host", json!("")),
        ("port", json!(0)),
        ("port", json!(65536)),
        ("port", json!("25")),
        ("tls", json!("ssl")),
        ("from", json!("acme")),
        ("from", json!("a@b.example\r\nBcc: c@d.example")),
        ("from", json!("ä@b.example")),
        ("reply_domain", json!("a b")),
        ("extra", json!(1)),
    ] {
        let mut settings = right.clone();
        settings.insert(field.to_owned(), wrong.clone());
        assert_eq!(fields(&settings, &[]), [format!("settings.{field}")], "{wrong}");
    }
}
