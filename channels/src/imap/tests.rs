//! Against a real server: what a poll fetches, how it goes on, how soon it hears, and what goes wrong.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::peer::Dovecot;
use super::*;
use crate::Event;

const NOW: Duration = Duration::ZERO;
const HOUR: Duration = Duration::from_secs(3600);

fn mailboxes() -> Mailboxes {
    Mailboxes::new(AddressPolicy::default().allow_loopback(true), Limits::default())
}

fn mail(number: usize) -> String {
    format!(
        "Message-ID: <{number}@contact.example>\r\nFrom: Ada <ada@contact.example>\r\nSubject: S\r\n\r\nNumber {number}\r\n"
    )
}

fn ids(polled: &Polled) -> Vec<usize> {
    let number = |event: &Event| match event {
        Event::Message(message) => message.id.split('@').next()?.parse().ok(),
        _ => None,
    };
    polled.events.iter().filter_map(number).collect()
}

async fn poll(server: &Dovecot, cursor: Option<&str>, wait: Duration) -> Polled {
    mailboxes().poll(&server.integration(), cursor, wait).await.unwrap()
}

#[tokio::test]
async fn a_mailbox_is_read_from_its_last_hour_on_and_each_mail_once() {
    let mut server = Dovecot::start().await;
    let empty = poll(&server, None, NOW).await;
    assert_eq!(ids(&empty), Vec::<usize>::new());
    for (number, age) in [(1, 9 * 24 * HOUR), (2, 26 * HOUR), (3, HOUR / 2), (4, NOW)] {
        server.deliver(&mail(number), age);
    }
    assert_eq!(ids(&poll(&server, Some(&empty.cursor), NOW).await), [1, 2, 3, 4], "nothing is lost between two polls");
    let first = poll(&server, None, NOW).await;
    assert_eq!(ids(&first), [3, 4]);
    let again = poll(&server, Some(&first.cursor), NOW).await;
    assert_eq!((ids(&again), &again.cursor), (Vec::new(), &first.cursor), "`N:*` has the newest mail again");
    let renumbered = poll(&server, Some("7:99"), NOW).await;
    assert_eq!((ids(&renumbered), renumbered.cursor), (vec![2, 3, 4], first.cursor), "a week is read again");
}

#[tokio::test]
async fn many_mails_come_in_batches_and_large_ones_not_at_all() {
    let mut server = Dovecot::start().await;
    let start = poll(&server, None, NOW).await;
    for number in 0..53 {
        server.deliver(&mail(number), NOW);
    }
    server.deliver(&(mail(53) + &"0123456789abcdef\r\n".repeat(700_000)), NOW);
    server.deliver(&mail(54), NOW);
    let first = poll(&server, Some(&start.cursor), NOW).await;
    assert_eq!(ids(&first), (0..50).collect::<Vec<_>>());
    let second = poll(&server, Some(&first.cursor), NOW).await;
    assert_eq!(ids(&second), [50, 51, 52, 54]);
    assert_eq!(ids(&poll(&server, Some(&second.cursor), NOW).await), Vec::<usize>::new());
}

#[tokio::test]
async fn a_poll_that_waits_hears_of_a_mail_at_once() {
    let mut server = Dovecot::start().await;
    let cursor = poll(&server, None, NOW).await.cursor;
    let quiet = Instant::now();
    assert_eq!(poll(&server, Some(&cursor), Duration::from_millis(300)).await.cursor, cursor);
    assert!(quiet.elapsed() >= Duration::from_millis(300));

    let (port, idles) = overheard(server.port, b"+ idling\r\n").await;
    let mut integration = server.integration();
    integration.settings.insert("port".to_owned(), json!(port));
    let mailboxes = mailboxes();
    let polling = mailboxes.poll(&integration, Some(&cursor), Duration::from_secs(50));
    let mut delivered = None;
    let delivering = async {
        idles.notified().await;
        delivered = Some(Instant::now());
        server.deliver(&mail(1), NOW);
        std::future::pending::<()>().await;
    };
    let polled = tokio::select! { polled = polling => polled.unwrap(), () = delivering => unreachable!() };
    let noticed = delivered.unwrap().elapsed();
    println!("IDLE noticed a new mail after {noticed:?}");
    assert_eq!(ids(&polled), [1]);
    assert!(noticed < Duration::from_secs(20), "{noticed:?}: long before the next look at 60 s");
}

/// A way to the server that tells when it has answered with `words`.
async fn overheard(server: u16, words: &'static [u8]) -> (u16, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Notify::new());
    let notify = Arc::clone(&heard);
    tokio::spawn(async move {
        let (mut from_client, mut to_client) = listener.accept().await.unwrap().0.into_split();
        let (mut from_server, mut to_server) = TcpStream::connect(("127.0.0.1", server)).await.unwrap().into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
        let mut said = Vec::new();
        while from_server.read_buf(&mut said).await.unwrap_or(0) > 0 {
            to_client.write_all(&said).await.unwrap();
            if said.ends_with(words) {
                notify.notify_one();
            }
            said.clear();
        }
    });
    (port, heard)
}

#[tokio::test]
async fn encryption_trusts_names_and_not_addresses() {
    let server = Dovecot::start().await;
    let root = CertificateDer::from_pem_file(&server.certificate).unwrap();
    let policy = AddressPolicy::default().allow_loopback(true);
    let trusting = Mailboxes::with_roots(policy, Limits::default(), vec![root]);
    for (port, tls) in [(server.port, "starttls"), (server.tls_port, "tls")] {
        let to = |host: &str| server.with(json!({"host": host, "port": port, "tls": tls}), "s3cret");
        assert_eq!(trusting.probe(&to("localhost")).await, Ok(()), "{tls}");
        let other_name = trusting.probe(&to("127.0.0.1")).await.unwrap_err();
        assert!(other_name.starts_with("TLS: "), "{tls}: {other_name}");
        let stranger = mailboxes().poll(&to("localhost"), None, NOW).await;
        assert!(
            matches!(&stranger, Err(PollError::Misconfigured(reason)) if reason.starts_with("TLS: ")),
            "{stranger:?}"
        );
    }
}

#[tokio::test]
async fn faults_say_whose_they_are() {
    let server = Dovecot::start().await;
    let settings = json!({"host": "127.0.0.1", "port": server.port, "tls": "none"});
    let wrong = mailboxes().poll(&server.with(settings.clone(), "wrong"), None, NOW).await.unwrap_err();
    assert!(matches!(&wrong, PollError::Misconfigured(reason) if reason.contains("AUTHENTICATIONFAILED")), "{wrong:?}");
    let mut nowhere = server.integration();
    nowhere.settings.insert("mailbox".to_owned(), json!("Nowhere"));
    let nowhere = mailboxes().poll(&nowhere, None, NOW).await.unwrap_err();
    assert!(matches!(&nowhere, PollError::Misconfigured(reason) if reason.contains("mailbox")), "{nowhere:?}");
    let injected = server.with(settings, "s3cret\r\nA1 LOGOUT");
    assert!(mailboxes().poll(&injected, None, NOW).await.is_err());
    let refusing = Mailboxes::new(AddressPolicy::default(), Limits::default());
    assert!(matches!(refusing.poll(&server.integration(), None, NOW).await, Err(PollError::Misconfigured(_))));
}

/// A server that says one thing to whatever it is told, and then nothing.
async fn says(words: &'static str) -> Result<Polled, PollError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(b"* OK hello\r\n").await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let _ = stream.write_all(words.as_bytes()).await;
        std::future::pending::<()>().await;
    });
    let settings = json!({"host": "127.0.0.1", "port": port, "tls": "none"});
    let secrets = ["username", "password"].map(|name| (name.to_owned(), "x".to_owned().into()));
    let integration = Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::Imap,
        settings: settings.as_object().cloned().unwrap(),
        secrets: secrets.into(),
        kept: Default::default(),
    };
    let limits = Limits { command: Duration::from_millis(300), ..Limits::default() };
    Mailboxes::new(AddressPolicy::default().allow_loopback(true), limits).poll(&integration, None, NOW).await
}

#[tokio::test]
async fn a_server_that_misbehaves_is_left() {
    for words in
        ["", "* 1 FETCH (BODY[] {536870000}\r\n", "no imap at all\r\n", "* 1 FETCH (BODYSTRUCTURE ((((((((((((((("]
    {
        let outcome = says(words).await;
        assert!(matches!(outcome, Err(PollError::Passing(_))), "{words}: {outcome:?}");
    }
}

#[test]
fn settings_are_checked() {
    let right = json!({"host": "imap.acme.example", "port": 993, "tls": "tls", "mailbox": "Replies/2026"});
    let right = right.as_object().unwrap();
    let fields = |settings: &Map<String, Value>, secrets: &[&str]| {
        let errors = mailboxes().check(settings, secrets).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(right, &["username", "password", "hook_token"]), Vec::<String>::new());
    assert_eq!(fields(right, &["username"]), ["secrets.password"]);
    assert_eq!(fields(right, &["username", "password", "token"]), ["secrets.token"]);
    for (field, wrong) in
        [("mailbox", json!("a\r\nb")), ("mailbox", json!("ä")), ("tls", json!("ssl")), ("from", json!("x"))]
    {
        let mut settings = right.clone();
        settings.insert(field.to_owned(), wrong);
        assert_eq!(fields(&settings, &["username", "password"]), [format!("settings.{field}")]);
    }
}
