//! What sends are made of, read for many at a time.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use stratagem_channels::Integration;
use stratagem_domain::{campaign::CampaignStatus, rate::Rate};
use stratagem_store::{
    Scope,
    communications::counts_as_had,
    entities::{agent, campaign, communication, contact, identity, stage, step},
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{Engine, EngineError};

/// How old what was read may be when a send is begun with it.
const FRESH: Duration = Duration::from_millis(500);
/// How old it may be when a message leaves whether its campaign goes on: a pause is to be felt within a second.
const JUST_NOW: Duration = Duration::from_millis(100);

/// What the sends of a campaign have in common.
pub(super) struct Setting {
    scope: Scope,
    pub(super) campaign: campaign::Model,
    pub(super) stages: Vec<stage::Model>,
    pub(super) agents: HashMap<Uuid, agent::Model>,
    read_at: Instant,
    /// The campaign as it was last seen to go on; none where it does not.
    running: Mutex<(Instant, Option<campaign::Model>)>,
    accounts: Mutex<HashMap<Uuid, Option<Arc<Account>>>>,
}

/// An integration that is ready to be sent through.
pub(super) struct Account {
    pub(super) integration: Integration,
    /// Limit of what one contact gets through it.
    pub(super) pair_rate: Option<Rate>,
}

/// A send, with all that is its own.
pub(crate) struct Ahead {
    pub(super) setting: Arc<Setting>,
    pub(super) communication: communication::Model,
    pub(super) contact: contact::Model,
    /// How many communications the contact has had from the stage.
    pub(super) earlier: u32,
    /// How the contact is known at providers, by integration.
    pub(super) identities: HashMap<Uuid, identity::Model>,
}

impl Ahead {
    pub(super) fn is_fresh(&self) -> bool {
        self.setting.read_at.elapsed() < FRESH
    }
}

impl Setting {
    async fn read(engine: &Engine, scope: Scope, campaign_id: Uuid) -> Result<Option<Self>, EngineError> {
        let (store, read_at) = (engine.store(), Instant::now());
        let Some(campaign) = store.campaign(scope, campaign_id).await? else { return Ok(None) };
        let stages = store.stages(scope, campaign_id).await?;
        let agents = engine.agents_of(scope, &stages).await?;
        let running = Mutex::new((read_at, going_on(campaign.clone())));
        Ok(Some(Self { scope, campaign, stages, agents, read_at, running, accounts: Mutex::default() }))
    }

    /// The campaign as it is now, if it goes on: it may have been paused while a send waited for its place.
    pub(super) async fn running_campaign(&self, engine: &Engine) -> Result<Option<campaign::Model>, EngineError> {
        let mut running = self.running.lock().await;
        if running.0.elapsed() > JUST_NOW {
            let read_at = Instant::now();
            let campaign = engine.store().campaign(self.scope, self.campaign.id).await?;
            *running = (read_at, campaign.and_then(going_on));
        }
        Ok(running.1.clone())
    }

    /// The integration of that id; none where the tenant has none of it any more.
    pub(super) async fn account(&self, engine: &Engine, id: Uuid) -> Result<Option<Arc<Account>>, EngineError> {
        let mut accounts = self.accounts.lock().await;
        if let Some(account) = accounts.get(&id) {
            return Ok(account.clone());
        }
        let account = match engine.open_integration(self.scope, id).await? {
            Some(integration) => {
                Some(Arc::new(Account { integration, pair_rate: engine.store().pair_rate(self.scope, id).await? }))
            }
            None => None,
        };
        accounts.insert(id, account.clone());
        Ok(account)
    }
}

fn going_on(campaign: campaign::Model) -> Option<campaign::Model> {
    CampaignStatus::parse(&campaign.status).is_some_and(CampaignStatus::runs).then_some(campaign)
}

/// Reads what these sends are made of, by step. The steps are of one campaign. One whose communication is gone is left out.
pub(crate) async fn look_ahead(engine: &Engine, steps: &[step::Model]) -> Result<HashMap<i64, Ahead>, EngineError> {
    let Some(first) = steps.first() else { return Ok(HashMap::new()) };
    let (store, scope) = (engine.store(), Scope(first.tenant_id));
    let Some(setting) = Setting::read(engine, scope, first.campaign_id).await? else { return Ok(HashMap::new()) };
    let setting = Arc::new(setting);
    let ids: Vec<Uuid> = steps.iter().filter_map(|step| step.subject_id).collect();
    let communications = store.communications_by_id(scope, &ids).await?;
    let contact_ids: Vec<Uuid> = communications.values().map(|row| row.contact_id).collect();
    let contacts = store.contacts_by_id(scope, &contact_ids).await?;
    let had = store.had_from_stages(scope, &contact_ids).await?;
    let mut identities: HashMap<Uuid, HashMap<Uuid, identity::Model>> = HashMap::new();
    for ((integration, contact), row) in store.identities(scope, &contact_ids).await? {
        identities.entry(contact).or_default().insert(integration, row);
    }
    let ahead = steps.iter().filter_map(|step| {
        let communication = communications.get(&step.subject_id?)?.clone();
        let contact = contacts.get(&communication.contact_id)?.clone();
        let had = had.get(&(contact.id, communication.stage_name.clone())).copied().unwrap_or(0);
        let earlier = had.saturating_sub(u64::from(counts_as_had(&communication.status)));
        let earlier = u32::try_from(earlier).unwrap_or(u32::MAX);
        let identities = identities.get(&contact.id).cloned().unwrap_or_default();
        Some((step.id, Ahead { setting: setting.clone(), communication, contact, earlier, identities }))
    });
    Ok(ahead.collect())
}
