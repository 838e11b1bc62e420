//! Claiming and completing.

use std::time::Instant;

use sea_orm::Value;
use stratagem_domain::step::StepKind;
use stratagem_store::{
    claims::{Claimer, Without},
    commit::{Committed, Completion, Ending, Fence, Writes},
    entities::step,
};

use crate::{
    Outcome,
    filling::{NOW_MS, Span},
    options::Options,
    place::{CAMPAIGN, Kind, Place, SCOPE},
    ratio::Ratio,
};

const BATCH: u64 = 100;
/// Batches of one way before it is the other one's turn.
const TURN: u64 = 20;

pub(crate) async fn measure(place: &Place, options: &Options) -> Outcome<()> {
    place.make_bare("steps").await?;
    place.run("CREATE INDEX bare_claims ON bare_steps (lane_id, due_at_ms, id) WHERE state = 'scheduled'").await?;
    for (kind, sender) in [(StepKind::LoadData, ""), (StepKind::Deliver, "none/")] {
        let lane = place.lane(CAMPAIGN, kind, sender).await?;
        let turns = options.steps.div_ceil(BATCH * TURN);
        let steps = turns * TURN * BATCH;
        for table in ["steps", "bare_steps"] {
            place.fill_due(table, lane, Span { from: 1, to: steps }).await?;
        }
        place.settle().await?;
        let (mut claims, mut ends) = (Ratio::default(), Ratio::default());
        for _ in 0..turns {
            for _ in 0..TURN {
                place.sync_commits(false).await?;
                let began = Instant::now();
                let ids = raw_claim(place, lane.id).await?;
                claims.raw += began.elapsed();
                place.sync_commits(true).await?;
                let began = Instant::now();
                raw_end(place, ids).await?;
                ends.raw += began.elapsed();
            }
            for _ in 0..TURN {
                let began = Instant::now();
                let steps = claim(place, kind, BATCH).await?;
                let claimed = began.elapsed();
                complete(place, steps).await?;
                claims.store += claimed;
                ends.store += began.elapsed() - claimed;
            }
        }
        let (database, kind) = (place.kind.name(), kind.as_str());
        claims.print(database, &format!("claim {BATCH} ({kind})"), steps);
        ends.print(database, &format!("complete {BATCH} ({kind})"), steps);
        (claims + ends).print(database, &format!("claim and complete {BATCH} ({kind})"), steps);
    }
    Ok(())
}

pub(crate) async fn claim(place: &Place, kind: StepKind, limit: u64) -> Outcome<Vec<step::Model>> {
    let claimer = Claimer {
        worker: "bench",
        now_ms: NOW_MS,
        real_now_ms: NOW_MS,
        lease_until_ms: NOW_MS + 15_000,
        turn: 1,
        without: Without::NONE,
    };
    let steps = place.store.claim(claimer, &[kind], limit).await?;
    if steps.len() as u64 == limit { Ok(steps) } else { Err(format!("{} steps were claimed", steps.len()).into()) }
}

pub(crate) async fn complete(place: &Place, steps: Vec<step::Model>) -> Outcome<()> {
    let completion =
        |step| Completion { scope: SCOPE, fence: Fence::from(step), ending: Ending::Done, writes: Writes::default() };
    let verdicts = place.store.commit(NOW_MS, &steps.iter().map(completion).collect::<Vec<_>>()).await?;
    if verdicts.iter().all(|verdict| *verdict == Committed::Applied) {
        Ok(())
    } else {
        Err("not all were stored".into())
    }
}

/// The plainest statements that do it: no fences, no leases that others see to, no order of decisions, no limits.
async fn raw_claim(place: &Place, lane: i64) -> Outcome<Vec<i64>> {
    let order = "lane_id = ? AND state = 'scheduled' AND due_at_ms <= ? ORDER BY due_at_ms, id LIMIT 100";
    let set = "state = 'claimed', claim_epoch = claim_epoch + 1, claimed_by = ?, lease_until_ms = ?";
    let claim = match place.kind {
        Kind::Sqlite => {
            format!("UPDATE bare_steps SET {set} WHERE id IN (SELECT id FROM bare_steps WHERE {order}) RETURNING *")
        }
        Kind::Postgres => format!(
            "WITH c AS MATERIALIZED (SELECT id AS chosen FROM bare_steps WHERE {order} FOR UPDATE SKIP LOCKED) \
             UPDATE bare_steps SET {set} FROM c WHERE id = chosen RETURNING bare_steps.*"
        ),
    };
    let (set, order): ([Value; 2], [Value; 2]) =
        (["bench".into(), (NOW_MS + 15_000).into()], [lane.into(), NOW_MS.into()]);
    let values = match place.kind {
        Kind::Sqlite => set.into_iter().chain(order),
        Kind::Postgres => order.into_iter().chain(set),
    };
    let claimed = place.rows(&place.marked(&claim), values).await?;
    let ids = claimed.iter().map(|row| row.try_get::<i64>("", "id")).collect::<Result<Vec<_>, _>>()?;
    if ids.len() as u64 != BATCH {
        return Err(format!("{} bare steps were claimed", ids.len()).into());
    }
    Ok(ids)
}

async fn raw_end(place: &Place, ids: Vec<i64>) -> Outcome<()> {
    let marks = vec!["?"; ids.len()].join(", ");
    let done = format!(
        "UPDATE bare_steps SET state = 'done', finished_at_ms = ?, lease_until_ms = NULL WHERE id IN ({marks})"
    );
    let values = std::iter::once(NOW_MS.into()).chain(ids.into_iter().map(Value::from));
    place.rows(&place.marked(&done), values).await?;
    Ok(())
}
