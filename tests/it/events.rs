//! Server-sent events: what happens is told to its tenant as it happens, in order, and nothing is left out.

use reqwest::Method;
use stratagem_tests::{Api, Campaign, Events, Launch, TestApp, Told, on_postgres};

use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL, one_mail};

fn is_completed(told: &Told) -> bool {
    told.name == "campaign" && told.data["status"] == "completed"
}

/// What was told, as `name status`, each once.
fn in_short(told: &[Told]) -> Vec<String> {
    let mut short: Vec<String> = told
        .iter()
        .map(|told| format!("{} {}", told.name, told.data["status"].as_str().unwrap_or_default()).trim().to_owned())
        .collect();
    short.dedup();
    short
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_told_of_its_own_and_those_who_come_back_miss_nothing() {
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Told").await;
    let stranger = app.other_tenant("Stranger").await;
    let (mut own, mut foreign) =
        (Events::listen(&app.admin, "", None).await, Events::listen(&stranger, "", None).await);
    assert_eq!((own.next().await.unwrap().name, foreign.next().await.unwrap().name), ("ready".into(), "ready".into()));

    campaign.activate().await;
    campaign.import_contacts(&[("1", "ann@example.com", "")]).await;
    let told = own.until(is_completed).await;
    let short = in_short(&told);
    let at =
        |what: &str| short.iter().position(|told| told == what).unwrap_or_else(|| panic!("no `{what}`: {short:?}"));
    let order = [
        "campaign active",
        "import queued",
        "import completed",
        "communication planned",
        "session closed",
        "communication completed",
        "campaign completed",
    ];
    assert!(order.map(at).is_sorted(), "{short:?}");
    assert_eq!(told.iter().filter(|told| told.name == "run").count(), 2, "{short:?}");
    let (contact, session) = (campaign.contact("1").await, app.admin.list("/sessions").await[0].clone());
    let closed = told.iter().rfind(|told| told.name == "session").unwrap();
    assert_eq!((&closed.data["id"], &closed.data["contact_id"]), (&session["id"], &contact["id"]));
    assert!(told.iter().all(|told| !told.data.to_string().contains("ann@")), "ids alone");

    // The other tenant hears of the first thing that is its own.
    let others = Campaign::make(&stranger, "Own", "UTC", "").await;
    stranger.act(&others.path("/archive")).await.ok();
    assert_eq!(foreign.next().await.unwrap().data["id"], others.id.as_str());

    // Whoever comes back gets the rest, the same to the letter; a filter leaves out and changes nothing.
    let (seen, missed) = told.split_at(told.len() / 2);
    let last = seen.last().unwrap().id.as_str();
    assert_eq!(Events::listen(&app.admin, "?follow=false", Some(last)).await.rest().await, missed);
    let query = format!("?follow=false&types=session,run&campaign_id={}", campaign.id);
    let filtered = Events::listen(&app.admin, &query, Some(&told[0].id)).await.rest().await;
    let wanted = told.iter().filter(|told| ["session", "run"].contains(&told.name.as_str()));
    assert_eq!(filtered, wanted.cloned().collect::<Vec<_>>());
    let nobodys = format!("?follow=false&contact_id={}", campaign.id);
    assert_eq!(Events::listen(&app.admin, &nobodys, Some(last)).await.rest().await, []);
    // What does not lead on, another tenant's place among it, begins afresh.
    for (api, id) in [(&stranger, last), (&app.admin, "nonsense"), (&app.admin, "1-0-1")] {
        let told = Events::listen(api, "?follow=false", Some(id)).await.rest().await;
        assert_eq!(in_short(&told), ["ready"], "{id}");
    }
    let faults = app.admin.get("/events?types=session,contact").await.faults();
    assert_eq!(faults[0].0, "types");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end_when_the_server_stops() {
    let mut app = TestApp::start().await;
    let mut events = Events::listen(&app.admin, "", None).await;
    assert_eq!(events.next().await.unwrap().name, "ready");
    let begun = std::time::Instant::now();
    app.stop().await;
    assert_eq!(events.next().await, None);
    assert!(begun.elapsed().as_secs() < 10, "calls that are under way are cut off after 20 s: {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_all_the_places() {
    let app = TestApp::start().await;
    let mut open = Vec::new();
    for _ in 0..50 {
        open.push(Events::listen(&app.admin, "", None).await);
    }
    app.admin.get("/events").await.problem(503);
    let stranger = app.other_tenant("Stranger").await;
    Events::listen(&stranger, "", None).await;
    drop(open);
    // Places come back as the server notices that nobody reads any more.
    stratagem_tests::until("a place", async || {
        let answer = Api::send(app.admin.request(Method::GET, "/events?follow=false")).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_not_matter_which_server_one_listens_to() {
    if !on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::on(folder.path()).on_real_time();
    let (one, other) = (launch.start().await, launch.start().await);
    let catcher = stratagem_tests::Catcher::start(folder.path()).await;
    let smtp = stratagem_tests::smtp_integration(&one.admin, catcher.port).await;
    let campaign = Campaign::make(&one.admin, "Shared", "UTC", &smtp).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    let (mut here, mut there) =
        (Events::listen(&one.admin, "", None).await, Events::listen(&other.admin, "", None).await);
    assert_eq!((here.next().await.unwrap().name, there.next().await.unwrap().name), ("ready".into(), "ready".into()));
    campaign.activate().await;
    let contacts: Vec<String> = (0..40).map(|i| format!("{i}")).collect();
    let contacts: Vec<_> = contacts.iter().map(|id| (id.as_str(), "ann@example.com", "")).collect();
    campaign.import_contacts(&contacts).await;
    let told = here.until(is_completed).await;
    assert_eq!(there.until(is_completed).await, told, "both tell the same, in the same order");
    let closed = told.iter().filter(|told| told.name == "session" && told.data["status"] == "closed");
    assert_eq!(closed.count(), 40);
}
