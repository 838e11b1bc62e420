//! What is to become of many steps, and what came of it.

use serde::{Deserialize, Serialize};
use stratagem_domain::step::StepKind;
use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    dead::{DeadFilter, Remedied, Remedy},
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Faults, Problem};

/// Most steps that one call changes.
const MOST: u64 = 10_000;
/// Most steps that one call names.
const MOST_NAMED: usize = 1_000;

/// Which steps: those with these ids, or all that were given up on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    /// Ids, as `GET /steps` has them; 1,000 at most.
    #[serde(default)]
    ids: Vec<i64>,
    /// All of them, in place of `ids`.
    #[serde(default)]
    all: bool,
    /// Of all, only those of this campaign.
    campaign_id: Option<Uuid>,
    /// Of all, only those of this kind.
    #[schema(example = "load_data")]
    kind: Option<String>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeenTo {
    /// How many steps were changed.
    steps: u64,
    /// Whether there are more: one call changes 10,000 at most. Make it again.
    more: bool,
    /// Those of `ids` that were not given up on, or seen to already.
    others: Vec<i64>,
}

/// Does it about the tenant's steps, some hundred in a transaction.
pub(super) async fn see_to(engine: &Engine, scope: Scope, steps: Steps, remedy: Remedy) -> Result<SeenTo, Problem> {
    let filter = steps.filter()?;
    let (store, now_ms) = (engine.store(), engine.clock().now_ms());
    let seen_to = match filter {
        Some(filter) => {
            let Remedied { steps, more } = store.remedy_all_dead(Some(scope), filter, remedy, MOST, now_ms).await?;
            SeenTo { steps, more, others: Vec::new() }
        }
        None => {
            let done = store.remedy_dead(Some(scope), &steps.ids, remedy, now_ms).await?;
            let others = steps.ids.into_iter().filter(|id| !done.contains(id)).collect();
            SeenTo { steps: done.len() as u64, more: false, others }
        }
    };
    engine.wake();
    Ok(seen_to)
}

impl Steps {
    /// Which of all; none where they are named.
    fn filter(&self) -> Result<Option<DeadFilter>, Problem> {
        let mut faults = Faults::default();
        match (self.all, self.ids.len()) {
            (false, 0) => faults.add("ids", "must name steps, or `all` must be true"),
            (true, 1..) => faults.add("ids", "must be absent where `all` is true"),
            (false, count) if count > MOST_NAMED => faults.add("ids", format!("may be {MOST_NAMED} at most")),
            _ => {}
        }
        let narrowed = [("campaign_id", self.campaign_id.is_some()), ("kind", self.kind.is_some())];
        for (field, _) in narrowed.into_iter().filter(|(_, given)| *given && !self.all) {
            faults.add(field, "must be absent where `all` is not true");
        }
        let kind = self.kind.as_deref().map(|kind| StepKind::parse(kind).ok_or("is no kind of step")).transpose();
        let kind = faults.check("kind", kind).flatten();
        faults.finish()?;
        Ok(self.all.then_some(DeadFilter { campaign_id: self.campaign_id, kind }))
    }
}
