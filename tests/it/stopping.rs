//! SIGTERM: what is under way is finished, the rest waits for the next start, and the exit code is 0.

use std::fmt::Write;

use stratagem_tests::{Binary, Campaign, Catcher, smtp_integration, until};

use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_leaves_nothing_unknown() {
    const CONTACTS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let catcher = Catcher::start(folder.path()).await;
    let server = Binary::serve(&data).await;
    let smtp = smtp_integration(&server.admin, catcher.port).await;
    let campaign = Campaign::make(&server.admin, "Stopped", "UTC", &smtp).await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    let mut file = "object_id,external_id,name,email,phone\n".to_owned();
    for row in 0..CONTACTS {
        writeln!(file, "{row},{row},Ann,ann-{row}@example.com,").unwrap();
    }
    campaign.import(&file).await;
    until("the first mails", async || (catcher.mails().len() >= 5).then_some(())).await;
    let status = server.terminate().await;
    assert_eq!(status.code(), Some(0), "{status}");
    let before = catcher.mails().len();
    println!("stopped after {before} of {CONTACTS} mails");

    let server = Binary::serve(&data).await;
    let campaign = Campaign { api: server.admin.clone(), ..campaign };
    let summary = campaign.settle().await;
    assert_eq!(summary["communications"], serde_json::json!({ "completed": CONTACTS }), "none is unknown");
    let mut to: Vec<String> = catcher.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to.len(), CONTACTS);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), CONTACTS, "nobody got two");
    assert_eq!(server.terminate().await.code(), Some(0), "an idle server stops as well");
}
