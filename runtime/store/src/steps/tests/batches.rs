//! Steps that end in one transaction.

use serde_json::json;
use stratagem_domain::{
    communication::{Delivery, Status},
    step::StepKind,
    strategy::ContactChange,
};

use super::bench::{Bench, step};
use crate::commit::{Committed, CommunicationWrite, ContactWrite, Ending, Writes};

#[tokio::test]
async fn in_a_batch_only_the_step_whose_contact_changed_drops_out() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contacts = [bench.contact(campaign, 20).await, bench.contact(campaign, 21).await];
    bench.schedule(contacts.map(|id| step(campaign, Some(id), StepKind::LoadData, 0)).to_vec()).await;
    let steps = bench.claim(0, 2).await;
    let write = |id, version| {
        let change = ContactChange { name: Some("Bea".to_owned()), ..ContactChange::default() };
        Writes { contact: Some(ContactWrite { id, version, change }), ..Writes::default() }
    };
    let batch = vec![
        bench.completion(&steps[0], Ending::Done, write(contacts[0], 7)),
        bench.completion(&steps[1], Ending::Done, write(contacts[1], 1)),
    ];
    assert_eq!(bench.store.commit(5, &batch).await.unwrap(), [Committed::Changed, Committed::Applied]);
    let name = async |id| bench.store.contact(bench.scope, id).await.unwrap().unwrap().name;
    assert_eq!((name(contacts[0]).await, name(contacts[1]).await), ("Ann".to_owned(), "Bea".to_owned()));
    // Its claim still holds, so the strategy may run again and end it.
    assert_eq!(bench.end(&steps[0], Ending::Done).await, Committed::Applied);
}

#[tokio::test]
async fn the_second_who_changes_a_row_finds_it_as_the_first_has_left_it() {
    let bench = Bench::new().await;
    let campaign = bench.campaign(10).await;
    let contact = bench.contact(campaign, 20).await;
    let communication = bench.communication(contact, 30, (Status::Started, Delivery::Sent)).await;
    bench.schedule((0..5).map(|due| step(campaign, None, StepKind::LoadData, due)).collect()).await;
    let steps = bench.claim(5, 5).await;
    let write = |expected, delivery| CommunicationWrite {
        id: communication,
        expected,
        delivery: Some(delivery),
        ..CommunicationWrite::default()
    };
    let seen = |delivery| Some((Status::Started, delivery));
    let params = json!({ "seen": true }).as_object().cloned();
    let change = ContactWrite { id: contact, version: 1, change: ContactChange { params, ..Default::default() } };
    let renamed = ContactChange { name: Some("Bea".to_owned()), ..Default::default() };
    let batch = [
        vec![write(seen(Delivery::Sent), Delivery::Delivered)],
        vec![write(seen(Delivery::Sent), Delivery::Failed)],
        vec![write(seen(Delivery::Delivered), Delivery::Read)],
        vec![write(None, Delivery::Unknown)],
        Vec::new(),
    ];
    let mut batch: Vec<_> = steps
        .iter()
        .zip(batch)
        .map(|(step, communications)| {
            bench.completion(step, Ending::Done, Writes { communications, ..Writes::default() })
        })
        .collect();
    batch[0].writes.contact = Some(change.clone());
    batch[4].writes.contact = Some(ContactWrite { change: renamed, ..change });
    let verdicts = bench.store.commit(5, &batch).await.unwrap();
    let (applied, changed) = (Committed::Applied, Committed::Changed);
    assert_eq!(verdicts, [applied, changed, applied, applied, changed]);

    let communication = bench.store.communication(bench.scope, communication).await.unwrap().unwrap();
    let history: Vec<&str> = communication
        .status_history
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["delivery"].as_str())
        .collect();
    assert_eq!(history, ["delivered", "read", "unknown"]);
    assert_eq!(communication.delivery, "unknown");
    let contact = bench.store.contact(bench.scope, contact).await.unwrap().unwrap();
    assert_eq!((contact.name.as_str(), contact.version, &contact.params["seen"]), ("Ann", 2, &json!(true)));
}
