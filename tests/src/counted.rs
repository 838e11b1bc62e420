//! A campaign in which everything that a strategy does is counted, so that whatever happens twice, or never, shows.

use std::fmt::Write;

use serde_json::json;

use crate::{Api, Campaign, smtp_integration};

/// Plans the first mail, the first time. Every time counts, so doing it twice is not the same as doing it once.
const LOAD: &str = r#"
from datetime import timedelta

async def run(contact, existing_contact, logger, **kwargs):
    loads = contact.results.get("Loads", 0)
    contact.results["Loads"] = loads + 1
    if loads == 0:
        contact.communications.append(Communication("First", stage_name="First", start_date=datetime.now() + timedelta(seconds=SECONDS)))
    return contact
"#;

/// Notes each session that it is told about, and plans what follows: the second mail, then the end.
const AGGREGATE: &str = r#"
from datetime import timedelta

async def run(contact, session_results, logger, **kwargs):
    about = next(c for c in contact.communications if c.flagged)
    contact.results["Told"] = contact.results.get("Told", []) + [f"{about.stage_name} {session_results['DeliveryStatus']}"]
    following = {"First": "Second", "Second": "End"}[about.stage_name]
    contact.communications.append(Communication(following, stage_name=following, start_date=datetime.now() + timedelta(seconds=SECONDS)))
    contact.current_stage = following
    return contact
"#;

/// Stages that send a mail, in order. Both subjects are `<stage> <object_id>`.
pub(crate) const MAILS: [&str; 2] = ["First", "Second"];
/// The stage on which it ends, without a mail.
pub(crate) const END: &str = "End";

/// A campaign that is active: to each contact a mail, planned by the data load strategy, then another one, planned by the
/// aggregation strategy, then the end.
pub async fn counted(api: &Api, smtp_port: u16) -> Campaign {
    make(api, smtp_port, 0, false).await
}

/// As [`counted`], but what nobody confirmed is sent again.
pub async fn counted_again(api: &Api, smtp_port: u16) -> Campaign {
    make(api, smtp_port, 0, true).await
}

/// As [`counted`], but each is planned for so many seconds later.
pub async fn counted_after(api: &Api, smtp_port: u16, seconds: u32) -> Campaign {
    make(api, smtp_port, seconds, false).await
}

async fn make(api: &Api, smtp_port: u16, seconds: u32, resend: bool) -> Campaign {
    let smtp = smtp_integration(api, smtp_port).await;
    let campaign = Campaign::make(api, "Counted", "UTC", &smtp).await;
    for stage in MAILS {
        let settings = json!({
            "subject": format!("{stage} {{{{ contact.object_id }}}}"), "body": "Hello.", "resend_unconfirmed": resend,
        });
        let channel = "email_notification";
        let body = json!({ "name": stage, "channel": channel, "integration_id": campaign.smtp, "settings": settings });
        campaign.try_stage(body).await.with(201);
    }
    campaign.ends_with(END).await;
    campaign.decides("data_load", &LOAD.replace("SECONDS", &seconds.to_string())).await;
    campaign.decides("aggregation", &AGGREGATE.replace("SECONDS", &seconds.to_string())).await;
    campaign.activate().await;
    campaign
}

/// A CSV file of contacts that go by these numbers.
pub fn rows(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut file = "object_id,external_id,name,email,phone\n".to_owned();
    for number in numbers {
        writeln!(file, "{number},P-{number},Contact {number},{},", address(number)).unwrap();
    }
    file
}

/// Where the mails to a contact go.
pub(crate) fn address(number: u64) -> String {
    format!("contact-{number}@example.com")
}
