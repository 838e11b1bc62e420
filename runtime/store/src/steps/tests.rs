//! The queue and its commits, on a real database.

mod batches;
mod bench;
mod operations;

use stratagem_domain::{campaign::CampaignStatus, step::StepKind, strategy::ContactChange};
use uuid::Uuid;

use self::bench::{Bench, claimer, ids, step};
use super::NewStep;
use crate::{
    claims::Rescued,
    commit::{Committed, ContactWrite, Ending, Writes},
    entities::step,
};

#[tokio::test]
async fn only_what_is_due_is_claimed_and_the_next_moment_is_known() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let load = |due| step(campaign, None, StepKind::LoadData, due);
    bench.schedule(vec![load(300), load(100), load(200)]).await;
    assert_eq!(bench.next_due().await, Some(100));
    assert_eq!(ids(&bench.claim(200, 10).await), [2, 3]);
    assert_eq!(bench.next_due().await, Some(300));
    assert!(bench.claim(200, 10).await.is_empty());
}

#[tokio::test]
async fn what_waits_for_an_earlier_decision_that_was_put_off_is_known_to_be_due_with_it() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = Some(Uuid::from_u128(20));
    let load = || step(campaign, contact, StepKind::LoadData, 100);
    bench.schedule(vec![load(), load()]).await;
    let [first] = bench.claim(100, 10).await.try_into().unwrap();
    bench
        .end(&first, Ending::Again { due_at_ms: 300, reason: "the database was away".to_owned(), failed: false })
        .await;
    assert!(bench.claim(200, 10).await.is_empty(), "the second one keeps its turn");
    assert_eq!(bench.next_due().await, Some(100));
    assert_eq!(bench.store.next_due_after(200).await.unwrap(), Some(300));
    assert_eq!(ids(&bench.claim(300, 10).await), [first.id]);
}

#[tokio::test]
async fn a_large_campaign_leaves_room_for_a_small_one() {
    let bench = Bench::new().await;
    let (large, small) = (bench.campaign(10).await, bench.campaign(11).await);
    bench.schedule((0..1_000).map(|_| step(large, None, StepKind::LoadData, 0)).collect()).await;
    bench.schedule(vec![step(small, None, StepKind::LoadData, 0)]).await;
    let claimed = bench.claim(0, 8).await;
    assert_eq!(claimed.iter().filter(|step| step.campaign_id == small).count(), 1);
    assert_eq!(claimed.iter().filter(|step| step.campaign_id == large).count(), 4);
}

#[tokio::test]
async fn decisions_of_one_contact_go_one_at_a_time_in_order() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let decision = |kind, due| step(campaign, Some(contact), kind, due);
    // The later one is due earlier, and in another lane: it waits all the same.
    bench.schedule(vec![decision(StepKind::LoadData, 50), decision(StepKind::Aggregate, 0)]).await;
    assert!(bench.claim(10, 10).await.is_empty());
    let first = bench.claim(50, 10).await;
    assert_eq!(ids(&first), [1]);
    assert_eq!(bench.end(&first[0], Ending::Done).await, Committed::Applied);
    assert_eq!(ids(&bench.claim(50, 10).await), [2]);
}

#[tokio::test]
async fn a_paused_campaign_is_left_out_and_loses_nothing() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    bench.schedule(vec![step(campaign, None, StepKind::LoadData, 0)]).await;
    let set = async |from, to| bench.store.set_campaign_status(bench.scope, campaign, &[from], to, 0).await.unwrap();
    assert!(set(CampaignStatus::Active, CampaignStatus::Paused).await);
    assert!(bench.claim(0, 10).await.is_empty());
    assert_eq!(bench.next_due().await, None);
    // A lane that is made while the campaign is paused begins paused.
    bench.schedule(vec![step(campaign, None, StepKind::Aggregate, 0)]).await;
    assert!(bench.claim(0, 10).await.is_empty());
    assert!(set(CampaignStatus::Paused, CampaignStatus::Active).await);
    assert_eq!(bench.claim(0, 10).await.len(), 2);
}

#[tokio::test]
async fn a_worker_that_lost_its_claim_changes_nothing() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    bench.schedule(vec![step(campaign, Some(contact), StepKind::LoadData, 0)]).await;
    let slow = bench.claim(0, 1).await;
    assert_eq!(bench.store.rescue(999).await.unwrap(), Rescued::default(), "the lease still holds");
    assert_eq!(bench.store.rescue(1_001).await.unwrap(), Rescued { again: 1, dead: 0 });
    let quick = bench.claim(0, 1).await;
    assert_eq!((quick[0].id, quick[0].crashes), (slow[0].id, 1));
    let change = ContactChange { name: Some("Slow".to_owned()), ..ContactChange::default() };
    let writes = Writes { contact: Some(ContactWrite { id: contact, version: 1, change }), ..Writes::default() };
    let late = bench.completion(&slow[0], Ending::Done, writes);
    assert_eq!(bench.store.commit(5, &[late]).await.unwrap(), [Committed::Fenced]);
    assert_eq!(bench.store.contact(bench.scope, contact).await.unwrap().unwrap().name, "Ann");
    assert_eq!(bench.end(&quick[0], Ending::Done).await, Committed::Applied);
}

#[tokio::test]
async fn a_step_that_keeps_crashing_runs_alone_and_then_is_quarantined() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    bench.schedule(vec![step(campaign, None, StepKind::LoadData, 0)]).await;
    for _ in 0..2 {
        assert_eq!(bench.claim(0, 10).await.len(), 1);
        bench.store.rescue_all().await.unwrap();
    }
    for _ in 0..3 {
        assert!(bench.claim(0, 10).await.is_empty(), "not beside others any more");
        assert!(bench.store.claim_alone(claimer(0)).await.unwrap().is_some());
        bench.store.rescue_all().await.unwrap();
    }
    assert!(bench.store.claim_alone(claimer(0)).await.unwrap().is_none());
    let summary = bench.store.summary(bench.scope, campaign).await.unwrap();
    assert_eq!((summary.steps_waiting, summary.steps_dead), (0, 1));
}

#[tokio::test]
async fn a_step_that_must_run_alone_is_found_behind_lanes_that_have_none() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let load = step(campaign, Some(contact), StepKind::LoadData, 0);
    bench.store.ensure_lanes(bench.scope, std::slice::from_ref(&load)).await.unwrap();
    bench.schedule(vec![step(campaign, Some(contact), StepKind::Aggregate, 0)]).await;
    for _ in 0..2 {
        bench.claim(0, 10).await;
        bench.store.rescue_all().await.unwrap();
    }
    // It is due and cannot be claimed: the one that crashed comes before it.
    bench.schedule(vec![load]).await;
    assert!(bench.claim(0, 10).await.is_empty());
    let alone = bench.store.claim_alone(claimer(0)).await.unwrap().map(|step| step.id);
    assert_eq!(alone, Some(1));
}

#[tokio::test]
async fn a_step_to_be_tried_again_counts_failures_and_not_deferrals() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    bench.schedule(vec![step(campaign, None, StepKind::LoadData, 0)]).await;
    for (failed, attempt) in [(false, 0), (true, 1)] {
        let claimed = bench.claim(10, 1).await;
        let again = Ending::Again { due_at_ms: 10, reason: "later".to_owned(), failed };
        assert_eq!(bench.end(&claimed[0], again).await, Committed::Applied);
        let seen = bench.claim(10, 1).await;
        assert_eq!((seen[0].attempt, seen[0].last_error.as_deref()), (attempt, Some("later")));
        bench.end(&seen[0], Ending::Again { due_at_ms: 10, reason: "later".to_owned(), failed: false }).await;
    }
}

#[tokio::test]
async fn what_waits_for_one_reason_is_due_again_lane_by_lane_and_nothing_else_is() {
    let bench = Bench::new().await;
    let (campaign, other) = (bench.campaign(10).await, bench.campaign(11).await);
    let deliver =
        |campaign, sender: &str| NewStep { sender: sender.to_owned(), ..step(campaign, None, StepKind::Deliver, 0) };
    // In the first lane more than one batch, all due at the same moment; and one that is planned for later.
    let mut steps = vec![deliver(campaign, "a"); 2_003];
    steps.extend([deliver(campaign, "b"), deliver(other, "a")]);
    bench.schedule(steps).await;
    let claimed = bench.store.claim(claimer(0), &[StepKind::Deliver], 5_000).await.unwrap();
    let mut more = bench.store.claim(claimer(0), &[StepKind::Deliver], 5_000).await.unwrap();
    more.extend(claimed);
    assert_eq!(more.len(), 2_005);
    let first_lane = more.iter().map(|row| row.lane_id).min().unwrap();
    let of_first_lane = more.iter().filter(|row| row.lane_id == first_lane).take(3);
    let of_first_lane: Vec<i64> = of_first_lane.map(|row| row.id).collect();
    let again = |row: &step::Model| {
        // Three wait for something else, before, among and after the others.
        let (due_at_ms, reason) = match of_first_lane.iter().position(|id| *id == row.id) {
            Some(0) => (50, "mail server is down"),
            Some(1) => (100, "mail server is down"),
            Some(2) => (150, "mail server is down"),
            _ => (100, "sending hours: opens later"),
        };
        bench.completion(row, Ending::Again { due_at_ms, reason: reason.to_owned(), failed: false }, Writes::default())
    };
    bench.store.commit(5, &more.iter().map(again).collect::<Vec<_>>()).await.unwrap();
    bench.schedule(vec![NewStep { due_at_ms: 100, ..deliver(campaign, "a") }]).await;

    let (mut position, mut batches) = (None, 0);
    loop {
        position = bench.store.end_deferrals(bench.scope, campaign, "sending hours: ", 20, position).await.unwrap();
        if position.is_none() {
            break;
        }
        batches += 1;
    }
    assert_eq!(batches, 3, "two of the first lane, one of the second");
    let mut due = Vec::new();
    loop {
        let some = bench.store.claim(claimer(20), &[StepKind::Deliver], 5_000).await.unwrap();
        if some.is_empty() {
            break;
        }
        due.extend(some);
    }
    assert_eq!(due.len(), 2_001);
    assert!(due.iter().all(|row| row.campaign_id == campaign && row.attempt == 0 && row.last_error.is_none()));
}
