//! Places for decisions that are under way. Each has a sandbox's memory, so there are only so many, and a decision has its place for as
//! long as it waits for HTTP answers.
//!
//! Tenants share them, and each tenant's campaigns, so that none can starve another, however slow what its strategies call: a tenant may
//! have twice as many as are free, and a campaign a third of what its tenant may still take (the dynamic threshold of Choudhury and
//! Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998, within another). A campaign alone gets a sixth of
//! all, the n campaigns of a tenant 2/(3n + 9) each and less than two thirds together, n tenants with a campaign 2/(2n + 10) each, and
//! some are left for whoever comes next. The decisions of a campaign that has its share wait here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use stratagem_store::{claims::Without, entities::step};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::EngineError;

/// A tenant has its share when it has so many times as many places as are free.
const TENANT_FOR_EACH_FREE: usize = 2;
/// A campaign has its share when its tenant may still take so many times as many as it has.
const ROOM_FOR_EACH: usize = 3;

/// The places. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sandboxes(Arc<Mutex<Shares>>);

struct Shares {
    free: usize,
    /// Of whoever is next to wait.
    ticket: u64,
    /// Those that have places, or wait for some.
    tenants: HashMap<Uuid, Tenant>,
}

#[derive(Default)]
struct Tenant {
    taken: usize,
    /// Those that have places, or wait for some.
    campaigns: HashMap<Uuid, Share>,
}

#[derive(Default)]
struct Share {
    taken: usize,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    /// Rises with each one that waits.
    ticket: u64,
    granted: oneshot::Sender<Place>,
}

/// Whose a decision is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) tenant_id: Uuid,
    pub(crate) campaign_id: Uuid,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    sandboxes: Sandboxes,
    owner: Owner,
}

/// Decisions that wait because their campaigns, or tenants, have their shares.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) decisions: usize,
    /// Whose more would only wait too.
    pub(crate) without: Without,
}

impl Sandboxes {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Shares { free: places, ticket: 0, tenants: HashMap::new() })))
    }

    /// A place for a decision, as soon as there is one for its campaign.
    pub(crate) async fn take(&self, owner: Owner) -> Result<Place, EngineError> {
        let granted = {
            let mut shares = self.shares();
            let (free, ticket) = (shares.free, shares.ticket);
            let tenant = shares.tenants.entry(owner.tenant_id).or_default();
            let room = tenant.room(free);
            let share = tenant.campaigns.entry(owner.campaign_id).or_default();
            if share.waiting.is_empty() && share.may_take(room) {
                shares.take(owner);
                return Ok(Place { sandboxes: self.clone(), owner });
            }
            let (sender, granted) = oneshot::channel();
            share.waiting.push_back(Waiter { ticket, granted: sender });
            shares.ticket += 1;
            granted
        };
        granted.await.map_err(|_| EngineError::Internal("there are no places for decisions any more".to_owned()))
    }

    /// Who waits now.
    pub(crate) fn waiting(&self) -> Waiting {
        let shares = self.shares();
        let mut waiting = Waiting::default();
        for (tenant_id, tenant) in &shares.tenants {
            let before = waiting.decisions;
            for (campaign_id, share) in &tenant.campaigns {
                let decisions = share.waiting.iter().filter(|waiter| !waiter.granted.is_closed()).count();
                waiting.decisions += decisions;
                waiting.without.campaigns.extend((decisions > 0).then_some(*campaign_id));
            }
            if waiting.decisions > before && tenant.room(shares.free) == 0 {
                waiting.without.tenants.push(*tenant_id);
            }
        }
        waiting
    }

    fn give_back(&self, owner: Owner) {
        let granted = {
            let mut shares = self.shares();
            shares.free += 1;
            if let Some(tenant) = shares.tenants.get_mut(&owner.tenant_id) {
                tenant.taken -= 1;
                if let Some(share) = tenant.campaigns.get_mut(&owner.campaign_id) {
                    share.taken -= 1;
                }
            }
            shares.grant()
        };
        for (owner, sender) in granted {
            // Whoever went away meanwhile drops the place, which gives it back.
            let _ = sender.send(Place { sandboxes: self.clone(), owner });
        }
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shares {
    fn take(&mut self, owner: Owner) {
        self.free -= 1;
        let tenant = self.tenants.entry(owner.tenant_id).or_default();
        tenant.taken += 1;
        tenant.campaigns.entry(owner.campaign_id).or_default().taken += 1;
    }

    /// Takes places for those that wait. Who has gone away meanwhile is passed over.
    fn grant(&mut self) -> Vec<(Owner, oneshot::Sender<Place>)> {
        let mut granted = Vec::new();
        while let Some((owner, sender)) = self.next() {
            if !sender.is_closed() {
                self.take(owner);
                granted.push((owner, sender));
            }
        }
        self.tenants.retain(|_, tenant| {
            tenant.campaigns.retain(|_, share| share.taken > 0 || !share.waiting.is_empty());
            !tenant.campaigns.is_empty()
        });
        granted
    }

    /// Who is to have a place next: of the tenant that has fewest, the campaign that has fewest; of several, who has waited longest.
    fn next(&mut self) -> Option<(Owner, oneshot::Sender<Place>)> {
        let free = self.free;
        let waiting = self.tenants.iter_mut().flat_map(|(tenant_id, tenant)| {
            let (taken, room) = (tenant.taken, tenant.room(free));
            let may_take = tenant.campaigns.iter_mut().filter(move |(_, share)| share.may_take(room));
            may_take.filter_map(move |(campaign_id, share)| {
                let order = (taken, share.taken, share.waiting.front()?.ticket);
                Some((order, Owner { tenant_id: *tenant_id, campaign_id: *campaign_id }, share))
            })
        });
        let (_, owner, share) = waiting.min_by_key(|(order, ..)| *order)?;
        Some((owner, share.waiting.pop_front()?.granted))
    }
}

impl Tenant {
    /// How many it may still take until it has [`TENANT_FOR_EACH_FREE`] times as many as are free: each makes one less free.
    fn room(&self, free: usize) -> usize {
        (TENANT_FOR_EACH_FREE * free).saturating_sub(self.taken).div_ceil(TENANT_FOR_EACH_FREE + 1)
    }
}

impl Share {
    fn may_take(&self, room: usize) -> bool {
        self.taken * ROOM_FOR_EACH < room
    }
}

impl From<&step::Model> for Owner {
    fn from(step: &step::Model) -> Self {
        Self { tenant_id: step.tenant_id, campaign_id: step.campaign_id }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sandboxes.give_back(self.owner);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    /// A campaign of a tenant.
    fn campaign(tenant: u128, number: u128) -> Owner {
        Owner { tenant_id: Uuid::from_u128(tenant), campaign_id: Uuid::from_u128(tenant << 32 | number) }
    }

    /// As many places as there are for it without waiting.
    fn take_all(sandboxes: &Sandboxes, owner: Owner) -> Vec<Place> {
        std::iter::from_fn(|| sandboxes.take(owner).now_or_never()).map(|place| place.unwrap()).collect()
    }

    /// Has each give back and take again until they have evened out; the fewest and the most that one has then.
    fn even_out(sandboxes: &Sandboxes, owners: &[Owner]) -> (usize, usize) {
        let mut held: Vec<_> = owners.iter().map(|owner| take_all(sandboxes, *owner)).collect();
        for _ in 0..100 {
            for (owner, places) in owners.iter().zip(&mut held) {
                places.pop();
                places.extend(take_all(sandboxes, *owner));
            }
        }
        assert!(sandboxes.shares().free > 0, "some are left for the next");
        (held.iter().map(Vec::len).min().unwrap(), held.iter().map(Vec::len).max().unwrap())
    }

    #[test]
    fn tenants_share_and_so_do_their_campaigns() {
        let even_out = |owners: &[Owner]| even_out(&Sandboxes::new(192), owners);
        assert_eq!(even_out(&[campaign(1, 0)]), (32, 32));
        let (fewest, most) = even_out(&(0..9).map(|number| campaign(1, number)).collect::<Vec<_>>());
        assert!(fewest >= 10 && most <= 11, "{fewest} to {most}, where 2/36 of 192 are everyone's");
        let (fewest, most) = even_out(&(0..9).map(|tenant| campaign(tenant, 0)).collect::<Vec<_>>());
        assert!(fewest >= 13 && most <= 14, "{fewest} to {most}, where 2/28 of 192 are everyone's");
    }

    #[test]
    fn a_tenant_with_many_campaigns_leaves_a_third_to_the_others() {
        let sandboxes = Sandboxes::new(192);
        let held: Vec<_> = (0..1_000).flat_map(|number| take_all(&sandboxes, campaign(1, number))).collect();
        assert_eq!(held.len(), 128);
        let asked = sandboxes.take(campaign(1, 1_000));
        tokio::pin!(asked);
        assert!(asked.as_mut().now_or_never().is_none());
        let waiting = sandboxes.waiting();
        assert_eq!((waiting.decisions, waiting.without.tenants), (1, vec![campaign(1, 0).tenant_id]));
        assert_eq!(take_all(&sandboxes, campaign(2, 0)).len(), 11, "a sixth of what they left");
    }

    #[tokio::test]
    async fn who_waits_is_served_when_its_campaign_has_less_than_its_share() {
        let sandboxes = Sandboxes::new(9);
        let (slow, quick) = (campaign(1, 0), campaign(2, 0));
        let mut held = take_all(&sandboxes, slow);
        assert_eq!(held.len(), 2);
        let waits = |owner| {
            tokio::spawn({
                let sandboxes = sandboxes.clone();
                async move { sandboxes.take(owner).await }
            })
        };
        let (given_up, patient) = (waits(slow), waits(slow));
        tokio::task::yield_now().await;
        let waiting = sandboxes.waiting();
        assert_eq!((waiting.decisions, waiting.without.campaigns), (2, vec![slow.campaign_id]));
        assert!(waiting.without.tenants.is_empty(), "another campaign of it would be given a place");
        given_up.abort();
        assert!(given_up.await.is_err());
        drop(sandboxes.take(quick).await.unwrap());
        assert!(!patient.is_finished(), "the other's place is not for a campaign that has its share");
        held.pop();
        let place = patient.await.unwrap().unwrap();
        assert_eq!(sandboxes.waiting().decisions, 0);
        drop((place, held));
        assert_eq!(sandboxes.shares().free, 9);
        assert!(sandboxes.shares().tenants.is_empty());
    }
}
