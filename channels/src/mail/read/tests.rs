//! Mails as common programs write them (`corpus/`), and mails that nobody would write.

use proptest::prelude::*;
use serde_json::json;
use stratagem_domain::communication::Delivery;

use super::*;
use crate::conformance::noon;
use crate::{StatusReport, Suppress};

const REFERENCE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn events(name: &str) -> Vec<Event> {
    let path = format!("{}/src/mail/read/corpus/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(path).unwrap(), Some(noon()))
}

fn message(name: &str) -> InboundMessage {
    let mut events = events(name);
    assert_eq!(events.len(), 1, "{name}");
    let Some(Event::Message(message)) = events.pop() else { panic!("{name}: {events:?}") };
    message
}

fn written_now(mail: &str) -> InboundMessage {
    let Some(Event::Message(message)) = read(mail.as_bytes(), None).pop() else { panic!() };
    message
}

#[test]
fn an_answer_is_what_the_contact_wrote() {
    for (name, from, text) in [
        ("gmail_en", "ada@contact.example", "I will pay on Friday – promised.\n\nAda"),
        ("gmail_de_inline", "joerg@contact.example", "Hallo,\n\nAm Freitag.\n\nAlles."),
        ("outlook_en", "ada@contact.example", "Hello,\n\nCafé money is gone. Can I pay later?"),
        ("outlook_fr_html", "renee@contact.example", "Bonjour,\n\nC'est payé? Oui & non."),
        ("apple_es", "ada@contact.example", "Pagado. Adjunto el recibo.\n[attachment: recibo.pdf]"),
        ("yahoo_ja", "ada@contact.example", "金曜日に払います。"),
    ] {
        let message = message(name);
        assert_eq!(message.text, text, "{name}");
        assert_eq!(message.from, [from], "{name}");
        assert_eq!(message.answers[0], REFERENCE, "{name}");
        assert_eq!((message.automatic, message.at), (false, noon()), "{name}");
    }
}

#[test]
fn an_answer_carries_what_the_next_one_needs() {
    let gmail = message("gmail_en");
    assert_eq!(gmail.id, "CAF1x=7Q@mail.gmail.com");
    let before = format!("{REFERENCE}@acme.example");
    assert_eq!(
        gmail.thread,
        json!({"message_id": "CAF1x=7Q@mail.gmail.com", "references": [before], "subject": "Re: Invoice 120"})
    );
    assert_eq!(message("gmail_de_inline").thread["subject"], "Re: Erinnerung für Jörg");
    assert_eq!(message("gmail_de_inline").thread["references"], json!([before]), "where there is only In-Reply-To");
    let apple = message("apple_es");
    assert_eq!(apple.answers, [REFERENCE, "0b9f2a44-1111-7222-8333-944455556666"], "the latest first");
    assert_eq!(apple.thread["references"].as_array().unwrap().len(), 2);
}

#[test]
fn machines_are_told_apart() {
    let away = message("out_of_office");
    assert_eq!((away.automatic, away.answers), (true, vec![REFERENCE.to_owned()]));
    assert!(message("newsletter").automatic);
    for (headers, automatic) in [
        ("From: no-reply@x.example", true),
        ("From: MAILER-DAEMON@x.example", true),
        ("From: bounces-noreply7@x.example", false),
        ("From: noreply7+x@x.example", true),
        ("From: a@x.example\r\nReturn-Path: < >", true),
        ("From: a@x.example\r\nReturn-Path: <a@x.example>", false),
        ("From: a@x.example\r\nAuto-Submitted: No", false),
        ("From: a@x.example\r\nauto-submitted: auto-replied; x=y", true),
        ("From: a@x.example\r\nPrecedence: Auto_Reply", true),
        ("From: a@x.example\r\nPrecedence: first-class", false),
    ] {
        assert_eq!(written_now(&format!("{headers}\r\n\r\nhello\r\n")).automatic, automatic, "{headers}");
    }
}

#[test]
fn a_bounce_fails_the_message_and_only_a_missing_address_is_suppressed() {
    let expected = StatusReport {
        of: vec![REFERENCE.to_owned()],
        delivery: Delivery::Failed,
        code: Some("5.1.1".to_owned()),
        reason: Some(
            "the address does not exist: 550 5.1.1 <ada@contact.example>: Recipient address rejected: User unknown in \
             virtual mailbox table"
                .to_owned(),
        ),
        suppress: Some(Suppress { address: "ada@contact.example".to_owned(), channels: &[] }),
        at: noon(),
    };
    assert_eq!(events("bounce_postfix"), [Event::Status(expected.clone())]);
    assert_eq!(events("delay_postfix"), []);
    let [Event::Status(policy)] = &events("bounce_exchange")[..] else { panic!() };
    assert_eq!((&policy.of, policy.code.as_deref(), &policy.suppress), (&expected.of, Some("5.7.1"), &None));
    assert!(policy.reason.as_deref().unwrap().contains("by its rules"), "{policy:?}");
    for (status, suppressed) in [
        ("5.1.10", true),
        ("5.2.1 (closed)", true),
        ("5.2.2", false),
        ("5.1.8", false),
        ("4.4.7", false),
        ("5.1", false),
        ("five", false),
    ] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/read/corpus/bounce_postfix.eml");
        let mail = std::fs::read_to_string(path).unwrap().replace("Status: 5.1.1", &format!("Status: {status}"));
        let [Event::Status(report)] = &read(mail.as_bytes(), None)[..] else { panic!("{status}") };
        assert_eq!((report.delivery, report.suppress.is_some()), (Delivery::Failed, suppressed), "{status}");
    }
}

#[test]
fn a_complaint_blocks_and_one_that_names_none_of_ours_does_not() {
    let [Event::Blocked { address, .. }] = &events("complaint")[..] else { panic!() };
    assert_eq!(address, "ada@contact.example");
    for name in ["complaint", "bounce_postfix"] {
        let path = format!("{}/src/mail/read/corpus/{name}.eml", env!("CARGO_MANIFEST_DIR"));
        let forged = std::fs::read_to_string(path).unwrap().replace(REFERENCE, "someone");
        assert_eq!(read(forged.as_bytes(), None), [], "{name}");
    }
}

#[test]
fn quotes_are_left_out_and_the_writers_own_words_are_not() {
    for (text, kept) in [
        ("Ja.\n\nOp vr 1 mei 2026 om 12:00 schreef Acme <a@b.example>:\n\nBetaal.", "Ja."),
        ("Oui\n\nLe ven. 1 mai 2026 à 12:00, Acme <a@b.example> a écrit :\n> Payez", "Oui"),
        ("Tak\n\npt., 1 maj 2026 o 12:00 Acme <a@b.example> napisał(a):\n> Proszę", "Tak"),
        ("Да\n\nпт, 1 мая 2026 г. в 12:00, Acme <a@b.example>:\n\n> Платите", "Да"),
        ("Nein\n\n-----Ursprüngliche Nachricht-----\nVon: x", "Nein"),
        ("Sí\n*De:* Acme\n*Enviado:* hoy\n*Para:* Ada\n*Asunto:* x\n\nPague", "Sí"),
        ("He wrote:\nPay me.\nI did.", "He wrote:\nPay me.\nI did."),
        ("From: the heart\nI thank you.\nTo: all", "From: the heart\nI thank you.\nTo: all"),
        ("5 > 3 and\n> quoted\nmore", "5 > 3 and\nmore"),
        ("a\n\n\n\nb\n--\nme", "a\n\nb"),
    ] {
        assert_eq!(quotes::strip(text), kept, "{text}");
    }
    assert_eq!(written_now("From: a@b.example\r\n\r\n> only a quote\r\n").text, "[empty mail]");
}

#[test]
fn what_is_missing_or_endless_is_borne() {
    let bare = written_now("Subject: x\r\n\r\nhello\r\n");
    assert_eq!((bare.from, bare.answers, bare.at), (vec![], vec![], DateTime::UNIX_EPOCH));
    assert!(bare.id.starts_with("sha256:") && bare.id.len() == 71, "{}", bare.id);
    assert_eq!(read(b"", None), []);
    assert_eq!(read(&vec![b'x'; MAX_BYTES + 1], None), []);

    let long = written_now(&format!(
        "From: {}@x.example\r\nMessage-ID: <{}@x>\r\nReferences: {}\r\n\r\n{}",
        "a".repeat(300),
        "m".repeat(2000),
        "<r@x.example> ".repeat(5000),
        "é".repeat(100_000),
    ));
    assert!(long.from.is_empty() && long.id.starts_with("sha256:"));
    assert!(long.text.len() <= 32 << 10 && long.thread["references"].as_array().unwrap().len() <= 50);

    let mut nested = String::from("From: a@b.example\r\n");
    for depth in 0..500 {
        nested.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"));
    }
    assert_eq!(read((nested + "\r\ndeep").as_bytes(), None).len(), 1);
    let inside = "Content-Type: message/rfc822\r\n\r\n".repeat(5_000);
    assert_eq!(read(format!("From: a@b.example\r\n{inside}deep").as_bytes(), None).len(), 1);
}

proptest! {
    /// A mail of the corpus with a piece cut out, doubled or overwritten.
    #[test]
    fn no_mail_makes_it_panic(which in 0..6_usize, at in 0..3000_usize, length in 0..200_usize, junk in any::<Vec<u8>>()) {
        let name = ["bounce_postfix", "complaint", "gmail_en", "outlook_fr_html", "apple_es", "yahoo_ja"][which];
        let path = format!("{}/src/mail/read/corpus/{name}.eml", env!("CARGO_MANIFEST_DIR"));
        let mut mail = std::fs::read(path).unwrap();
        let at = at.min(mail.len());
        let end = (at + length).min(mail.len());
        mail.splice(at..end, junk);
        for event in read(&mail, None) {
            if let Event::Message(message) = event {
                prop_assert!(!message.text.contains('\r') && message.from.iter().all(|from| !from.contains(['\r', '\n'])));
            }
        }
    }

    #[test]
    fn no_text_makes_stripping_panic_or_grow(text in "(On|>|From:|--|[ \n:@0-9]|wrote:|é|\\PC){0,60}") {
        prop_assert!(quotes::strip(&text).len() <= text.len());
    }
}
