//! Messages leave only within the campaign's sending hours, on each contact's own clock, and what has to wait is not lost.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use stratagem_tests::{Campaign, MONDAY, Peer, TestApp, Time, smtp_integration, until};

use crate::strategies::{KEEP_RESULTS, LEAVE_IT, PLAN_ONE_MAIL, one_mail};
use crate::times::at_these_moments;

const PLAN_AT: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    start = datetime.fromisoformat(contact.params["at"])
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=start))
    return contact
"#;

/// Plans one mail, now, and takes it back when the contact is imported again.
const PLAN_OR_TAKE_BACK: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    for comm in contact.communications:
        comm.status.status = CommunicationStatus.CANCELED
    if existing_contact is None:
        contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    return contact
"#;

/// Time zone, the moment that a mail is planned for, and the moment at which it may leave: 9 to 18 o'clock, Monday to Friday.
const MOMENTS: [(&str, &str, &str); 9] = [
    ("America/New_York", "2027-03-12T17:59:59-05:00", "2027-03-12T22:59:59Z"), // open
    ("America/New_York", "2027-03-13T12:00:00-05:00", "2027-03-15T13:00:00Z"), // the weekend that brings summer time
    ("America/New_York", "2027-11-06T10:00:00-04:00", "2027-11-08T14:00:00Z"), // and the one that takes it away
    ("Asia/Tokyo", "2027-03-12T09:00:00+09:00", "2027-03-12T00:00:00Z"),       // open
    ("Asia/Tokyo", "2027-03-12T18:00:00+09:00", "2027-03-15T00:00:00Z"),       // closed from this very minute on
    ("Asia/Tokyo", "2027-03-15T12:30:00+09:00", "2027-03-15T04:00:00Z"),       // at noon
    ("", "2027-03-27T10:00:00+01:00", "2027-03-29T07:00:00Z"),                 // the campaign's, Berlin
    ("", "2027-10-29T23:00:00+02:00", "2027-11-01T08:00:00Z"),
    ("Asia/Kathmandu", "2027-03-14T00:00:00+00:00", "2027-03-15T03:15:00Z"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_leave_only_while_it_is_open_where_the_contact_is() {
    let app = TestApp::start_at("2027-03-11T12:00:00Z".parse().unwrap(), Time::Jumps).await;
    let campaign = Campaign::make(&app.admin, "Hours", "Europe/Berlin", &app.smtp().await).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_AT).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    let day = ["09:00-12:00", "13:00-18:00"];
    set_hours(&campaign, json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": [] })).await;
    at_these_moments(&campaign, &MOMENTS).await;

    let instant = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    for (i, (zone, at, opens)) in MOMENTS.iter().enumerate() {
        let [communication] = campaign.communications(&i.to_string()).await.try_into().unwrap();
        assert_eq!(instant(communication["start_date"].as_str().unwrap()), instant(at), "what was planned stays");
        assert_eq!(sent_at(&communication), instant(opens), "{at} in {zone:?}: {communication}");
        assert_eq!(communication["waiting_for"], Value::Null, "{communication}");
        let [mail] = app.mails_to(&format!("ann-{i}@example.com")).await.try_into().unwrap();
        assert_eq!(mail.date, instant(opens), "{at} in {zone:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_says_why_and_outlasts_a_pause_and_leaves_at_once_when_the_hours_go() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let campaign = app.campaign("Hours").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_OR_TAKE_BACK).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    set_hours(&campaign, json!({ "mon": ["09:00-16:00"], "tue": ["09:00-16:00"] })).await;
    campaign.activate().await;
    let header = "object_id,external_id,name,email,phone,time_zone\n";
    let gone = "gone,1,Gone,gone@example.com,,America/New_York\n";
    campaign
        .import(&format!(
            "{header}york,1,Y,york@example.com,,America/New_York\ntokyo,1,T,tokyo@example.com,,Asia/Tokyo\n{gone}"
        ))
        .await;
    for contact in ["york", "gone"] {
        waits(&campaign, contact, "sending hours: opens Mon 2026-11-23 09:00 America/New_York").await;
    }
    let waiting = waits(&campaign, "tokyo", "sending hours: opens Tue 2026-11-24 09:00 Asia/Tokyo").await;
    assert_eq!((&waiting["status"], &waiting["delivery"]), (&json!("planned"), &json!("none")), "{waiting}");

    // The strategy may take back what waits.
    campaign.import(&format!("{header}{gone}")).await;
    until("the mail to be taken back", async || {
        let [gone] = campaign.communications("gone").await.try_into().unwrap();
        (gone["status"] == "canceled" && gone["waiting_for"].is_null()).then_some(())
    })
    .await;
    until("two steps to wait", async || (campaign.summary().await["steps"]["waiting"] == 2).then_some(())).await;

    // New York opens and closes while the campaign is paused; then it waits for the next day.
    campaign.pause().await;
    app.advance(Duration::hours(15));
    let other = one_mail(&app, "Other").await;
    other.activate().await;
    other.import_contacts(&[("1", "other@example.com", "")]).await;
    other.settle().await;
    assert!(app.mails_to("york@example.com").await.is_empty(), "it is due, and its campaign is paused");
    campaign.resume().await;
    waits(&campaign, "york", "sending hours: opens Tue 2026-11-24 09:00 America/New_York").await;

    // 09:00 in Tokyo.
    app.advance(Duration::hours(1));
    until("Tokyo's mail", async || app.mails_to("tokyo@example.com").await.pop()).await;
    assert!(app.mails_to("york@example.com").await.is_empty());

    set_hours(&campaign, Value::Null).await;
    campaign.settle().await;
    for contact in ["york", "tokyo"] {
        let [sent] = campaign.communications(contact).await.try_into().unwrap();
        assert_eq!((&sent["status"], &sent["waiting_for"]), (&json!("completed"), &Value::Null), "{sent}");
        assert_eq!(sent_at(&sent).to_rfc3339(), "2026-11-24T00:00:00+00:00");
        assert_eq!(app.mails_to(&format!("{contact}@example.com")).await.len(), 1);
    }
    assert!(app.mails_to("gone@example.com").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_the_hours_costs_no_attempt_however_often_they_change() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let peer = Peer::start().await;
    let campaign = Campaign::make(&app.admin, "Hours", "UTC", &smtp_integration(&app.admin, peer.port).await).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    set_hours(&campaign, json!({ "mon": ["09:00-10:00"] })).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "busy@example.com", "")]).await;
    waits(&campaign, "1", "sending hours: opens Mon 2026-11-23 09:00 UTC").await;
    // More often than a send is attempted at all.
    for minute in 1..=12 {
        set_hours(&campaign, json!({ "mon": [format!("09:{minute:02}-10:00")] })).await;
        waits(&campaign, "1", &format!("sending hours: opens Mon 2026-11-23 09:{minute:02} UTC")).await;
    }
    let zone = json!({ "time_zone": "Europe/Berlin" });
    campaign.api.patch(&campaign.path(""), zone).await.ok();
    // 09:00 in Berlin; the hours begin at 09:12.
    waits(&campaign, "1", "sending hours: opens Mon 2026-11-23 09:12 Europe/Berlin").await;

    app.advance(Duration::minutes(12));
    // The mail server is busy: the first attempt, which has others after it.
    until("the first attempt", async || (peer.verdicts_on("busy@example.com") == ["RCPT 451"]).then_some(())).await;
    until("its outcome", async || {
        let [busy] = campaign.communications("1").await.try_into().unwrap();
        busy["waiting_for"].as_str().is_some_and(|reason| reason.contains("451")).then_some(())
    })
    .await;
    // Widened hours do not hurry what waits for something else.
    set_hours(&campaign, Value::Null).await;
    app.advance(Duration::minutes(10));
    campaign.settle().await;
    let [sent] = campaign.communications("1").await.try_into().unwrap();
    assert_eq!((&sent["status"], &sent["delivery"]), (&json!("completed"), &json!("sent")), "{sent}");
    assert_eq!(peer.verdicts_on("busy@example.com"), ["RCPT 451", "RCPT 250", "DATA 250"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_that_make_no_sense_are_refused_where_they_do_not() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Hours").await;
    for (hours, fields) in [
        (json!({ "mon": ["18:00-09:00"] }), &["sending_hours.mon[0]"][..]),
        (json!({ "mon": ["09:00-12:00", "11:00-13:00"], "Tue": [] }), &["sending_hours.mon[1]", "sending_hours.Tue"]),
        (json!({ "sun": "09:00-12:00", "sat": ["noon"] }), &["sending_hours.sun", "sending_hours.sat[0]"]),
        (json!({ "mon": [], "tue": [] }), &["sending_hours"]),
        (json!({}), &["sending_hours"]),
        (json!([]), &["sending_hours"]),
    ] {
        let new = json!({ "name": "New", "time_zone": "UTC", "sending_hours": hours });
        let change = json!({ "sending_hours": hours });
        for answer in [app.admin.post("/campaigns", new).await, app.admin.patch(&campaign.path(""), change).await] {
            let faults = answer.faults();
            assert_eq!(faults.iter().map(|(field, _)| field).collect::<Vec<_>>(), fields, "{hours}: {faults:?}");
        }
    }
    for hours in [json!({ "sun": ["00:00-24:00"], "mon": [] }), Value::Null] {
        let new = json!({ "name": "New", "time_zone": "UTC", "sending_hours": hours });
        assert_eq!(app.admin.post("/campaigns", new).await.with(201)["sending_hours"], hours);
    }
}

async fn set_hours(campaign: &Campaign, hours: Value) {
    let changed = campaign.api.patch(&campaign.path(""), json!({ "sending_hours": hours })).await.ok();
    assert_eq!(changed["sending_hours"], hours);
}

/// Waits until the contact's only communication waits for that.
async fn waits(campaign: &Campaign, contact: &str, reason: &str) -> Value {
    until(&format!("{contact}: {reason}"), async || {
        let communications = campaign.communications(contact).await;
        communications.into_iter().find(|communication| communication["waiting_for"] == reason)
    })
    .await
}

/// When it began to leave.
fn sent_at(communication: &Value) -> DateTime<Utc> {
    let history = communication["status_history"].as_array().unwrap();
    let sending = history.iter().find(|entry| entry["delivery"] == "sending").expect("it was sent");
    sending["at"].as_str().unwrap().parse().unwrap()
}
