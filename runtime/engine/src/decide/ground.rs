//! What decisions are made on, read for many at a time.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use stratagem_domain::strategy::{Limits, StrategyType};
use stratagem_store::{
    Scope,
    commit::Ending,
    entities::{agent, campaign, communication, contact, message, session, stage, step, strategy_version},
};
use uuid::Uuid;

use super::About;
use crate::{Engine, EngineError, code::Loaded};

/// How old what was read may be when a decision is made on it: a decision may have waited for others.
const FRESH: Duration = Duration::from_secs(1);

/// What all decisions of a kind have in common in a campaign.
pub(super) struct Setting {
    pub(super) campaign: campaign::Model,
    pub(super) stages: Vec<stage::Model>,
    pub(super) strategy: strategy_version::Model,
    pub(super) code: Loaded,
    pub(super) limits: Limits,
    pub(super) agents: HashMap<Uuid, agent::Model>,
}

/// A contact, with what its campaign's decisions are made on.
pub(crate) struct Prepared {
    setting: Arc<Setting>,
    contact: contact::Model,
    communications: Vec<communication::Model>,
    total: u64,
    /// The closed session that the decision is about.
    session: Option<session::Model>,
    read_at: Instant,
}

impl Prepared {
    /// The closed session that the decision is about.
    pub(crate) fn session(&self) -> Option<&session::Model> {
        self.session.as_ref()
    }
}

/// Everything that one decision is made on.
pub(super) struct Ground {
    pub(super) setting: Arc<Setting>,
    pub(super) contact: contact::Model,
    pub(super) communications: Vec<communication::Model>,
    pub(super) total: u64,
    /// What was said in the session that it is about.
    pub(super) messages: Vec<message::Model>,
    /// Who talked in it.
    pub(super) agent: Option<agent::Model>,
}

impl Setting {
    /// Reads it; or how a step ends without one.
    async fn read(
        engine: &Engine,
        scope: Scope,
        campaign_id: Uuid,
        kind: StrategyType,
    ) -> Result<Result<Self, Ending>, EngineError> {
        let store = engine.store();
        let Some(campaign) = store.campaign(scope, campaign_id).await? else { return Ok(Err(Ending::Done)) };
        let Some(strategy) = store.active_strategy(scope, campaign_id, kind).await? else {
            return Ok(Err(Ending::Dead { reason: format!("the campaign has no {kind} strategy") }));
        };
        let stages = store.stages(scope, campaign_id).await?;
        let agents = engine.agents_of(scope, &stages).await?;
        let (code, limits) = (engine.code(&strategy).await?, engine.limits(scope).await?);
        Ok(Ok(Self { campaign, stages, strategy, code, limits, agents }))
    }
}

/// Reads what these steps' decisions are made on, by step. The steps are of one campaign and kind. One that ends without a decision
/// is left out.
pub(crate) async fn prepare(
    engine: &Engine,
    kind: StrategyType,
    steps: &[step::Model],
) -> Result<HashMap<i64, Prepared>, EngineError> {
    let Some(first) = steps.first() else { return Ok(HashMap::new()) };
    let (store, scope) = (engine.store(), Scope(first.tenant_id));
    let read_at = Instant::now();
    let Ok(setting) = Setting::read(engine, scope, first.campaign_id, kind).await? else { return Ok(HashMap::new()) };
    let setting = Arc::new(setting);
    let ids: Vec<Uuid> = steps.iter().filter_map(|step| step.contact_id).collect();
    let mut contacts = store.contacts_by_id(scope, &ids).await?;
    let mut views = store.communications_in_views(scope, &ids).await?;
    let mut sessions = HashMap::new();
    if kind == StrategyType::Aggregation {
        let ids: Vec<Uuid> = steps.iter().filter_map(|step| step.subject_id).collect();
        sessions = store.sessions_by_id(scope, &ids).await?;
    }
    let prepared = steps.iter().filter_map(|step| {
        // A contact has one decision at a time, so it is asked for once.
        let contact = contacts.remove(&step.contact_id?)?;
        let (communications, total) = views.remove(&contact.id).unwrap_or_default();
        let session = step.subject_id.and_then(|id| sessions.remove(&id));
        Some((step.id, Prepared { setting: setting.clone(), contact, communications, total, session, read_at }))
    });
    Ok(prepared.collect())
}

/// Reads what one step's decision is made on; or how the step ends without one.
async fn prepare_one(
    engine: &Engine,
    step: &step::Model,
    kind: StrategyType,
) -> Result<Result<Prepared, Ending>, EngineError> {
    let (store, scope, read_at) = (engine.store(), Scope(step.tenant_id), Instant::now());
    let Some(contact_id) = step.contact_id else { return Ok(Err(Ending::Done)) };
    // Erased meanwhile: there is nothing left to decide about.
    let Some(contact) = store.contact(scope, contact_id).await? else { return Ok(Err(Ending::Done)) };
    let setting = match Setting::read(engine, scope, step.campaign_id, kind).await? {
        Ok(setting) => setting,
        Err(ending) => return Ok(Err(ending)),
    };
    let (communications, total) = store.communications_in_view(scope, contact_id).await?;
    let setting = Arc::new(setting);
    Ok(Ok(Prepared { setting, contact, communications, total, session: None, read_at }))
}

impl Ground {
    /// Reads it where it was not, or too long ago; or how the step ends without a decision.
    pub(super) async fn read(
        engine: &Engine,
        step: &step::Model,
        kind: StrategyType,
        about: About<'_>,
        prepared: Option<Prepared>,
    ) -> Result<Result<Self, Ending>, EngineError> {
        let (store, scope) = (engine.store(), Scope(step.tenant_id));
        let prepared = match prepared.filter(|prepared| prepared.read_at.elapsed() < FRESH) {
            Some(prepared) => prepared,
            // In a box: it is large, and seldom needed.
            None => match Box::pin(prepare_one(engine, step, kind)).await? {
                Ok(prepared) => prepared,
                Err(ending) => return Ok(Err(ending)),
            },
        };
        let Prepared { setting, contact, communications, total, .. } = prepared;
        let (mut messages, mut agent) = (Vec::new(), None);
        if let Some(session) = about.session() {
            agent = session.agent_id.and_then(|id| setting.agents.get(&id)).cloned();
            if session.timeout_ms.is_some() {
                messages = store.messages(scope, session.id).await?;
                // The stage may have got another one meanwhile.
                if let (Some(id), None) = (session.agent_id, &agent) {
                    agent = store.agents_by_id(scope, &[id]).await?.remove(&id);
                }
            }
        }
        Ok(Ok(Self { setting, contact, communications, total, messages, agent }))
    }
}
