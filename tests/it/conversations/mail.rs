//! Conversations by e-mail.

use serde_json::json;
use stratagem_tests::TestApp;

use super::{agent, answers, campaign, import, said, session};

/// A mail to the webhook of the integration, as a mail server pipes it.
async fn mail_comes_in(app: &TestApp, integration: &str, headers: &str, body: &str) -> u16 {
    let mail = format!("{headers}\r\n\r\n{body}\r\n").replace('\n', "\r\n").replace("\r\r\n", "\r\n");
    let url = app.url(&format!("/hooks/{integration}/email"));
    reqwest::Client::new().post(url).body(mail).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_by_mail_reaches_the_conversation_that_it_answers() {
    let app = TestApp::start().await;
    let smtp = app.smtp().await;
    let agent = agent(&app, "Ann", json!({ "smtp": smtp })).await;
    let stage = json!({ "name": "Mail", "channel": "email_communication", "agent_id": agent,
        "settings": { "subject": "Invoice {{ contact.object_id }}", "body": "When will you pay, {{ contact.name }}?" } });
    // The same person is in two campaigns.
    let (first, second) = (
        campaign(&app, "one", std::slice::from_ref(&stage)).await,
        campaign(&app, "two", std::slice::from_ref(&stage)).await,
    );
    for campaign in [&first, &second] {
        campaign.activate().await;
        import(campaign, &[("1", "", "Mail")]).await;
        session(campaign, "1", "the mail to be sent", answers(1)).await;
    }
    let mails = app.mails_to("c1@example.com").await;
    assert_eq!(mails.len(), 2);
    let of_first = first.communications("1").await[0]["id"].as_str().unwrap().to_owned();
    let mail = mails.iter().find(|mail| mail.message_id.contains(&of_first)).unwrap();
    let headers = format!(
        "From: C <c1@example.com>\nTo: {}\nSubject: Re: {}\nMessage-ID: <a1@example.com>\nIn-Reply-To: {}",
        mail.header("Reply-To").unwrap(),
        mail.subject,
        mail.message_id
    );
    let answer =
        "I promise.\n\nOn Mon, 23 Nov 2026 at 08:00, Tests <tests@example.com> wrote:\n> When will you pay, Contact 1?";
    // A machine's note is kept, and nobody answers it.
    let note = headers.replace("<a1@", "<a0@") + "\nAuto-Submitted: auto-replied";
    assert_eq!(mail_comes_in(&app, &smtp, &note, "I am away.").await, 200);
    assert_eq!(mail_comes_in(&app, &smtp, &headers, answer).await, 200);
    assert_eq!(mail_comes_in(&app, &smtp, &headers, answer).await, 200);
    let talked = session(&first, "1", "the answer", answers(2)).await;
    assert_eq!(
        said(&talked)[1..],
        ["HUMAN: I am away.", "HUMAN: I promise.", "AI: Thank you for your promise to pay. On which day?"]
    );
    assert_eq!(said(&session(&second, "1", "the other one", |_| true).await).len(), 1);
    let reply = app.mails_to("c1@example.com").await.pop().unwrap();
    assert_eq!(reply.subject, "Re: Invoice 1");
    assert_eq!(reply.header("In-Reply-To").as_deref(), Some("<a1@example.com>"));
    assert_eq!(reply.header("List-Unsubscribe"), None);
    // A stranger's mail that names nothing of ours goes nowhere.
    let stranger = "From: c1@example.com\nTo: tests@example.com\nSubject: Hi\nMessage-ID: <a2@example.com>";
    assert_eq!(mail_comes_in(&app, &smtp, stranger, "Friday").await, 200);
    // Answered with a day, the first ends; the second one times out.
    let last = headers.replace("<a1@", "<a3@");
    assert_eq!(mail_comes_in(&app, &smtp, &last, "On Friday").await, 200);
    first.settle().await;
    second.settle().await;
    assert_eq!(first.contact("1").await["results"]["Session"]["Day"], "Friday");
    assert_eq!(second.contact("1").await["results"]["Session"]["OutcomeStatus"], "NO_RESPONSE");
    // An answer to what has ended is kept with it.
    let late = headers.replace("<a1@", "<a4@");
    assert_eq!(mail_comes_in(&app, &smtp, &late, "Sorry, Monday").await, 200);
    let talked = session(&first, "1", "the late answer", |session| said(session).len() == 7).await;
    assert_eq!(said(&talked)[6], "HUMAN: Sorry, Monday");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bounce_fails_the_communication_and_suppresses_the_address() {
    let app = TestApp::start().await;
    let smtp = app.smtp().await;
    let campaign = crate::strategies::one_mail(&app, "bounces").await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "gone@example.com", "")]).await;
    campaign.settle().await;
    let mail = app.mails_to("gone@example.com").await.remove(0);
    let id = mail.message_id.trim_matches(['<', '>']).split('@').next().unwrap().to_owned();
    let headers = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@example.com\nTo: tests+b-{id}@example.com\nSubject: Undelivered\n\
         Message-ID: <b1@example.com>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\""
    );
    let body = format!(
        "--B\nContent-Type: text/plain\n\nSorry.\n--B\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mail.example.com\n\nFinal-Recipient: rfc822; gone@example.com\nAction: failed\n\
         Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--B\nContent-Type: message/rfc822\n\n\
         From: tests@example.com\nTo: gone@example.com\nMessage-ID: {}\n\nHello\n--B--",
        mail.message_id
    );
    assert_eq!(mail_comes_in(&app, &smtp, &headers, &body).await, 200);
    let communication = &campaign.communications("1").await[0];
    assert_eq!(communication["delivery"], "failed", "{communication}");
    // Without the secret `hook_token` anybody may have sent this: nobody is suppressed by it.
    assert!(app.admin.list("/suppressions").await.is_empty());
    app.admin.patch(&format!("/integrations/{smtp}"), json!({ "secrets": { "hook_token": "t0ken-t0ken" } })).await.ok();
    assert_eq!(mail_comes_in(&app, &smtp, &headers, &body).await, 403);
    let url = app.url(&format!("/hooks/{smtp}/email"));
    let request = reqwest::Client::new().post(url).bearer_auth("t0ken-t0ken");
    let whole = format!("{headers}\n\n{body}\n").replace('\n', "\r\n");
    assert_eq!(request.body(whole).send().await.unwrap().status(), 200);
    assert_eq!(app.admin.list("/suppressions").await[0]["address"], "gone@example.com");
}
