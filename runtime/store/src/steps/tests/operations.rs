//! What a person does about the queue: seeing to dead steps, holding sends, erasing a contact.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use stratagem_domain::{
    channel::ChannelKind,
    communication::{Delivery, Status},
    step::StepKind,
};
use uuid::Uuid;

use super::bench::{Bench, claimer, ids, step};
use crate::{
    Scope,
    claims::Rescued,
    commit::{Committed, Ending, Writes},
    dead::DeadFilter,
    entities::session,
    seats,
    sessions::CLOSED,
    steps::NewStep,
};

fn about(subject_id: Uuid, step: NewStep) -> NewStep {
    NewStep { subject_id: Some(subject_id), ..step }
}

#[tokio::test]
async fn a_dead_step_is_retried_as_if_it_were_new_and_for_its_tenant_alone() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let dead = bench.give_up_on(vec![step(campaign, Some(contact), StepKind::LoadData, 0)]).await;
    assert_eq!(bench.store.complete_campaigns(1).await.unwrap(), 1);
    assert_eq!(bench.next_due().await, None);

    let stranger = Some(Scope(Uuid::from_u128(2)));
    assert!(bench.store.dead_steps(stranger, DeadFilter::default(), None, 10).await.unwrap().is_empty());
    assert!(bench.store.retry_dead(stranger, &dead, 1).await.unwrap().is_empty());
    assert!(bench.store.drop_dead(stranger, &dead, 1).await.unwrap().is_empty());

    let seen = bench.store.dead_steps(None, DeadFilter::default(), None, 10).await.unwrap();
    assert_eq!((ids(&seen), seen[0].last_error.as_deref()), (dead.clone(), Some("it broke")));
    assert_eq!(bench.store.retry_dead(Some(bench.scope), &dead, 1).await.unwrap(), dead);
    assert!(bench.store.retry_dead(Some(bench.scope), &dead, 1).await.unwrap().is_empty(), "it is not dead any more");
    let campaign = bench.store.campaign(bench.scope, campaign).await.unwrap().unwrap();
    assert_eq!(campaign.status, "active", "there is something to do again");
    let claimed = bench.claim(0, 10).await;
    assert_eq!((ids(&claimed), claimed[0].attempt, claimed[0].crashes), (dead, 0, 0));
    assert!(claimed[0].claim_epoch > seen[0].claim_epoch + 1, "what its last worker still says does not count");
    assert_eq!(bench.end(&seen[0], Ending::Done).await, Committed::Fenced);
}

#[tokio::test]
async fn a_campaign_to_which_something_comes_while_it_is_completed_stays_active() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    bench.contact(campaign, 20).await;
    let status = async || bench.store.campaign(bench.scope, campaign).await.unwrap().unwrap().status;
    // It was at rest when it was looked at; then this came.
    bench.schedule(vec![step(campaign, None, StepKind::LoadData, 0)]).await;
    assert!(!bench.store.complete(bench.scope, campaign, 1).await.unwrap());
    assert_eq!(status().await, "active");
    assert_eq!(bench.end(&bench.claim(0, 1).await[0], Ending::Done).await, Committed::Applied);
    assert!(bench.store.complete(bench.scope, campaign, 2).await.unwrap());
    assert_eq!(status().await, "completed");
}

#[tokio::test]
async fn a_call_has_a_seat_from_when_it_left_until_its_session_ends() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let agent_id = Uuid::from_u128(7);
    let seats = async || {
        let transaction = bench.store.begin().await.unwrap();
        seats::taken(&transaction, bench.scope.0, agent_id).await.unwrap()
    };
    for (number, status) in (0..).zip(Status::ALL) {
        let communication = bench.communication(contact, 30 + number, (status, Delivery::None)).await;
        let call = bench.session(contact, communication, 50 + number).await;
        let change = session::ActiveModel {
            channel: Set(ChannelKind::Twilio.as_str().to_owned()),
            agent_id: Set(Some(agent_id)),
            ..Default::default()
        };
        let of_call = session::Column::Id.eq(call);
        session::Entity::update_many().set(change).filter(of_call).exec(bench.store.write()).await.unwrap();
        assert_eq!(seats().await, u64::from(status != Status::Planned), "{status:?}");
        let closed = session::ActiveModel { status: Set(CLOSED.to_owned()), ..Default::default() };
        session::Entity::update_many().set(closed).exec(bench.store.write()).await.unwrap();
        assert_eq!(seats().await, 0);
    }
}

#[tokio::test]
async fn what_waits_for_a_dropped_step_comes_to_its_end() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let planned = bench.communication(contact, 30, (Status::Planned, Delivery::None)).await;
    let half_sent = bench.communication(contact, 31, (Status::Planned, Delivery::Sending)).await;
    let moved = bench.communication(contact, 32, (Status::Planned, Delivery::None)).await;
    let open = bench.communication(contact, 33, (Status::Started, Delivery::Sent)).await;
    let ended = bench.communication(contact, 34, (Status::Started, Delivery::Failed)).await;
    let again = bench.communication(contact, 35, (Status::Started, Delivery::Unknown)).await;
    let (closing, closed) = (bench.session(contact, open, 43).await, bench.session(contact, ended, 44).await);
    let import = bench.import(campaign, 50).await;
    let of = |kind| step(campaign, Some(contact), kind, 0);
    let results = json!({ "DeliveryStatus": "SENT" });
    let dead = bench
        .give_up_on(vec![
            about(planned, of(StepKind::Deliver)),
            about(half_sent, of(StepKind::Deliver)),
            about(moved, of(StepKind::Deliver)),
            about(again, of(StepKind::Deliver)),
            NewStep { payload: results.clone(), ..about(closing, of(StepKind::CloseSession)) },
            about(closed, of(StepKind::Aggregate)),
            about(import, NewStep { contact_id: None, ..of(StepKind::Import) }),
        ])
        .await;
    bench.schedule(vec![NewStep { due_at_ms: 9_000, ..about(moved, of(StepKind::Deliver)) }]).await;
    assert_eq!(bench.store.drop_dead(None, &dead, 7).await.unwrap(), dead);
    assert!(bench.store.dead_steps(None, DeadFilter::default(), None, 10).await.unwrap().is_empty());

    let status = |status: Status, delivery: Delivery| (status.as_str().to_owned(), delivery.as_str().to_owned());
    assert_eq!(bench.status(planned).await, status(Status::Canceled, Delivery::None));
    assert_eq!(bench.status(half_sent).await, status(Status::Unknown, Delivery::Unknown), "it may have left");
    assert_eq!(bench.status(again).await, status(Status::Unknown, Delivery::Unknown), "it is not sent again");
    assert_eq!(bench.status(moved).await, status(Status::Planned, Delivery::None), "it has another step");
    assert_eq!(bench.status(open).await, status(Status::Completed, Delivery::Sent));
    assert_eq!(bench.status(ended).await, status(Status::Failed, Delivery::Failed));
    let session = bench.store.session(bench.scope, closing).await.unwrap().unwrap();
    assert_eq!((session.status.as_str(), session.results.0), (CLOSED, results));
    let row = bench.store.communication(bench.scope, planned).await.unwrap().unwrap();
    assert_eq!(row.waiting_for, None);
    let reason = row.status_history[0]["reason"].as_str().unwrap();
    assert!(reason.contains("dropped by an operator") && reason.contains("it broke"), "{reason}");
    let row = bench.store.import(bench.scope, import).await.unwrap().unwrap();
    assert_eq!(row.status, "failed");
}

#[tokio::test]
async fn held_sends_are_not_claimed_and_nobody_waits_for_them() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    bench.schedule(vec![step(campaign, Some(contact), StepKind::Deliver, 5)]).await;
    bench.schedule(vec![step(campaign, Some(contact), StepKind::LoadData, 8)]).await;
    bench.store.mark_restored("restored").await.unwrap();
    assert_eq!(bench.store.sends_held().await.unwrap().as_deref(), Some("restored"));
    assert_eq!(bench.next_due().await, Some(8));
    let claimed = bench.store.claim(claimer(10), &StepKind::ALL, 10).await.unwrap();
    assert_eq!(claimed.iter().map(|step| step.kind.as_str()).collect::<Vec<_>>(), ["load_data"]);
    assert_eq!(bench.store.claim_alone(claimer(10)).await.unwrap(), None);

    assert!(bench.store.release_sends().await.unwrap());
    assert!(!bench.store.release_sends().await.unwrap());
    assert_eq!(bench.next_due().await, Some(5));
    assert_eq!(bench.store.claim(claimer(10), &[StepKind::Deliver], 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn ids_of_steps_that_were_given_since_a_backup_are_not_given_again() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let load = || async { step(campaign, Some(bench.contact(campaign, 20).await), StepKind::LoadData, 0) };
    bench.schedule(vec![load().await]).await;
    bench.store.mark_restored("restored").await.unwrap();
    bench.store.mark_restored("restored again").await.unwrap();
    bench.schedule(vec![step(campaign, None, StepKind::Reschedule, 0)]).await;
    let claimed = bench.store.claim(claimer(0), &StepKind::ALL, 10).await.unwrap();
    let mut ids = ids(&claimed);
    ids.sort_unstable();
    assert!(ids[0] < 10 && ids[1] > 2_000_000_000, "{ids:?}");
}

#[tokio::test]
async fn what_is_being_done_about_an_erased_contact_comes_to_nothing() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let communication = bench.communication(contact, 30, (Status::Planned, Delivery::None)).await;
    let of = |kind| step(campaign, Some(contact), kind, 0);
    bench.schedule(vec![of(StepKind::LoadData), about(communication, of(StepKind::Deliver))]).await;
    let claimed = bench.store.claim(claimer(0), &StepKind::ALL, 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert!(!bench.store.erase_contact(Scope(Uuid::from_u128(2)), contact, &[]).await.unwrap());
    assert!(bench.store.erase_contact(bench.scope, contact, &[]).await.unwrap());
    for step in &claimed {
        let follows = Writes { steps: vec![of(StepKind::Aggregate)], ..Writes::default() };
        let verdicts = bench.store.commit(1, &[bench.completion(step, Ending::Done, follows)]).await.unwrap();
        assert_eq!(verdicts, [Committed::Fenced]);
    }
    assert_eq!(bench.store.rescue_all().await.unwrap(), Rescued::default());
    assert!(bench.store.claim(claimer(0), &StepKind::ALL, 10).await.unwrap().is_empty());
    assert_eq!(bench.next_due().await, None);
}

#[tokio::test]
async fn a_session_that_two_steps_end_at_once_is_aggregated_once() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let communication = bench.communication(contact, 30, (Status::Started, Delivery::Sent)).await;
    let session = bench.session(contact, communication, 40).await;
    let of = |kind| about(session, step(campaign, Some(contact), kind, 0));
    bench.schedule(vec![of(StepKind::CloseSession), of(StepKind::CloseSession)]).await;
    let claimed = bench.store.claim(claimer(0), &[StepKind::CloseSession], 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    for (step, results) in claimed.iter().zip([json!({ "OutcomeStatus": "MACHINE" }), json!({ "CallSeconds": 3 })]) {
        let steps = vec![of(StepKind::Aggregate)];
        let writes = Writes { closed: Some((session, results)), steps, ..Writes::default() };
        let verdicts = bench.store.commit(5, &[bench.completion(step, Ending::Done, writes)]).await.unwrap();
        assert_eq!(verdicts, [Committed::Applied]);
    }
    let [decision] = bench.claim(5, 10).await.try_into().unwrap();
    bench.end(&decision, Ending::Done).await;
    assert!(bench.claim(5, 10).await.is_empty());
    let session = bench.store.session(bench.scope, session).await.unwrap().unwrap();
    assert_eq!((session.status.as_str(), session.outcome.as_deref()), (CLOSED, Some("MACHINE")));
}
