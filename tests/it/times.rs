//! Whose time a strategy means: the contact's where it has a zone, else the campaign's; aware moments are taken as they are.

use chrono::{DateTime, Utc};
use serde_json::json;
use stratagem_tests::{Campaign, TestApp};

use crate::strategies::LEAVE_IT;

const PLAN_AT: &str = r#"
from datetime import date, datetime as aware
import time

async def run(contact, existing_contact, logger, **kwargs):
    start = datetime.fromisoformat(contact.params["at"])
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=start))
    now = datetime.now()
    logger.info("%s %s %s %s", now.isoformat(), now.tzinfo, date.today().isoformat(), time.time())
    logger.info("%s", kwargs["now"].isoformat())
    return contact
"#;

/// Time zone, moment as the strategy writes it, and the moment that it is, in UTC.
const MOMENTS: [(&str, &str, &str); 9] = [
    ("", "2026-11-24T10:00:00", "2026-11-24T09:00:00Z"), // the campaign's, Berlin
    ("Asia/Tokyo", "2026-11-24T10:00:00", "2026-11-24T01:00:00Z"),
    ("America/New_York", "2026-11-24T10:00:00", "2026-11-24T15:00:00Z"),
    ("Asia/Tokyo", "2026-11-24T10:00:00+05:45", "2026-11-24T04:15:00Z"), // aware
    ("", "2026-11-24T10:00:00+00:00", "2026-11-24T10:00:00Z"),
    ("", "2027-03-28T02:30:00", "2027-03-28T01:30:00Z"), // in the gap: 03:30 summer time
    ("America/New_York", "2027-03-14T02:30:00", "2027-03-14T07:30:00Z"), // in the gap: 03:30 daylight time
    ("", "2027-10-31T02:30:00", "2027-10-31T00:30:00Z"), // in the overlap: the first, summer time
    ("America/New_York", "2026-11-23T03:00:00", "2026-11-23T08:00:00Z"), // this very moment
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn naive_moments_are_the_contacts_own() {
    let app = TestApp::start().await;
    let smtp = app.smtp().await;
    let campaign = Campaign::make(&app.admin, "Times", "Europe/Berlin", &smtp).await;
    campaign.mails("Mail", "Hello {{ contact.object_id }}", "{{ communication.start_date }}").await;
    campaign.decides("data_load", PLAN_AT).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    at_these_moments(&campaign, &MOMENTS).await;

    let instant = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    for (i, (zone, at, utc)) in MOMENTS.iter().enumerate() {
        let [communication] = campaign.communications(&i.to_string()).await.try_into().unwrap();
        let start = communication["start_date"].as_str().unwrap();
        assert_eq!(instant(start), instant(utc), "{at} in {zone:?}");
        let [mail] = app.mails_to(&format!("ann-{i}@example.com")).await.try_into().unwrap();
        assert_eq!(mail.date, instant(utc), "{at} in {zone:?}");
    }
    let order: Vec<DateTime<Utc>> = app.catcher().await.mails().into_iter().map(|mail| mail.date).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn now_and_today_are_the_contacts_own_and_time_is_unix_time() {
    let app = TestApp::start().await;
    let smtp = app.smtp().await;
    let campaign = Campaign::make(&app.admin, "Times", "Europe/Berlin", &smtp).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let strategy = campaign.decides("data_load", PLAN_AT).await;
    for (zone, now, today) in [
        (json!(null), "2026-11-24T00:15:00", "2026-11-24"),
        (json!("America/New_York"), "2026-11-23T18:15:00", "2026-11-23"),
        (json!("Asia/Tokyo"), "2026-11-24T08:15:00", "2026-11-24"),
    ] {
        let contact = json!({
            "object_id": "1", "external_id": "1", "name": "Ann", "time_zone": zone, "params": { "at": "2026-12-01T10:00:00" },
        });
        let request = json!({ "contact": contact, "now": "2026-11-23T23:15:00Z" });
        let run = app.admin.post(&format!("/strategies/{strategy}/test-run"), request).await.with(200);
        let logged: Vec<_> =
            run["logs"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap()).collect();
        assert_eq!(logged, [format!("{now} None {today} 1795475700.0"), now.to_owned()], "{zone}: {run}");
    }
}

/// A contact for each zone and moment, numbered, whose mail is planned for it ([`PLAN_AT`]): from their import to their rest.
pub(crate) async fn at_these_moments(campaign: &Campaign, moments: &[(&str, &str, &str)]) {
    let mut csv = "object_id,external_id,name,email,phone,time_zone,at\n".to_owned();
    for (i, (zone, at, _)) in moments.iter().enumerate() {
        csv += &format!("{i},{i},Ann,ann-{i}@example.com,,{zone},{at}\n");
    }
    campaign.activate().await;
    campaign.import(&csv).await;
    campaign.settle().await;
}
