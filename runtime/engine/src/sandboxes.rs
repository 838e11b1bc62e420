//! Places for decisions that are under way. Each has a sandbox's memory, so there are only so many, and a decision has its place for as
//! long as it waits for HTTP answers.
//!
//! Campaigns share them so that none can starve another, however slow what its strategy calls: a campaign is given a place while
//! it has fewer than half of what is free (the dynamic threshold of Choudhury and Hahne, "Dynamic queue length thresholds for
//! shared-memory packet switches", 1998). One alone gets a third of all, n that want as many as they can get have 1/(n + 2) each, and
//! some are left for whoever comes next. The decisions of a campaign that has its share wait here.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::EngineError;

/// A campaign has its share when it has as many places as are free for each of these.
const FREE_FOR_EACH: usize = 2;

/// The places. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sandboxes(Arc<Mutex<Shares>>);

struct Shares {
    free: usize,
    /// Of campaigns that have places, or wait for some.
    campaigns: HashMap<Uuid, Share>,
}

#[derive(Default)]
struct Share {
    taken: usize,
    waiting: VecDeque<oneshot::Sender<Place>>,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    sandboxes: Sandboxes,
    campaign_id: Uuid,
}

/// Who waits because their campaigns have their shares.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) decisions: usize,
    pub(crate) campaigns: Vec<Uuid>,
}

impl Sandboxes {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Shares { free: places, campaigns: HashMap::new() })))
    }

    /// A place for a decision of this campaign, as soon as there is one for it.
    pub(crate) async fn take(&self, campaign_id: Uuid) -> Result<Place, EngineError> {
        let granted = {
            let mut shares = self.shares();
            let free = shares.free;
            let share = shares.campaigns.entry(campaign_id).or_default();
            if share.waiting.is_empty() && share.may_take(free) {
                share.taken += 1;
                shares.free -= 1;
                return Ok(Place { sandboxes: self.clone(), campaign_id });
            }
            let (sender, granted) = oneshot::channel();
            share.waiting.push_back(sender);
            granted
        };
        granted.await.map_err(|_| EngineError::Internal("there are no places for decisions any more".to_owned()))
    }

    /// Who waits now.
    pub(crate) fn waiting(&self) -> Waiting {
        let shares = self.shares();
        let mut waiting = Waiting::default();
        for (campaign_id, share) in &shares.campaigns {
            let decisions = share.waiting.iter().filter(|sender| !sender.is_closed()).count();
            waiting.decisions += decisions;
            waiting.campaigns.extend((decisions > 0).then_some(*campaign_id));
        }
        waiting
    }

    fn give_back(&self, campaign_id: Uuid) {
        let granted = {
            let mut shares = self.shares();
            shares.free += 1;
            if let Some(share) = shares.campaigns.get_mut(&campaign_id) {
                share.taken -= 1;
            }
            shares.grant()
        };
        for (campaign_id, sender) in granted {
            // Whoever went away meanwhile drops the place, which gives it back.
            let _ = sender.send(Place { sandboxes: self.clone(), campaign_id });
        }
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shares {
    /// Takes places for those that wait, the campaign first that has fewest. Who has gone away meanwhile is passed over.
    fn grant(&mut self) -> Vec<(Uuid, oneshot::Sender<Place>)> {
        let mut granted = Vec::new();
        loop {
            let waiting = self.campaigns.iter_mut().filter(|(_, share)| !share.waiting.is_empty());
            let next = waiting.min_by_key(|(_, share)| share.taken).filter(|(_, share)| share.may_take(self.free));
            let Some((campaign_id, share)) = next else { break };
            if let Some(sender) = share.waiting.pop_front().filter(|sender| !sender.is_closed()) {
                share.taken += 1;
                self.free -= 1;
                granted.push((*campaign_id, sender));
            }
        }
        self.campaigns.retain(|_, share| share.taken > 0 || !share.waiting.is_empty());
        granted
    }
}

impl Share {
    fn may_take(&self, free: usize) -> bool {
        self.taken * FREE_FOR_EACH < free
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sandboxes.give_back(self.campaign_id);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn campaign(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    /// As many places as there are for it without waiting.
    fn take_all(sandboxes: &Sandboxes, campaign_id: Uuid) -> Vec<Place> {
        std::iter::from_fn(|| sandboxes.take(campaign_id).now_or_never()).map(|place| place.unwrap()).collect()
    }

    #[test]
    fn campaigns_share_and_some_places_are_left_for_the_next() {
        let sandboxes = Sandboxes::new(128);
        let mut held: Vec<_> = (0..10).map(|number| take_all(&sandboxes, campaign(number))).collect();
        assert_eq!(held[0].len(), 43, "a third");
        assert!(held.iter().all(|places| !places.is_empty()));
        assert!(sandboxes.shares().free > 0);
        // Whoever came early evens out with the others once theirs come back.
        for _ in 0..50 {
            for (number, places) in (0..).zip(&mut held) {
                places.pop();
                places.extend(take_all(&sandboxes, campaign(number)));
            }
        }
        let (most, fewest) = (held.iter().map(Vec::len).max().unwrap(), held.iter().map(Vec::len).min().unwrap());
        assert!(fewest >= 9 && most <= 12, "{fewest} to {most}, where 128/12 are everyone's");
    }

    #[tokio::test]
    async fn who_waits_is_served_when_its_campaign_has_less_than_its_share() {
        let sandboxes = Sandboxes::new(6);
        let (slow, quick) = (campaign(1), campaign(2));
        let mut held = take_all(&sandboxes, slow);
        assert_eq!(held.len(), 2);
        let waits = |campaign_id| {
            tokio::spawn({
                let sandboxes = sandboxes.clone();
                async move { sandboxes.take(campaign_id).await }
            })
        };
        let (given_up, patient) = (waits(slow), waits(slow));
        tokio::task::yield_now().await;
        assert_eq!((sandboxes.waiting().decisions, sandboxes.waiting().campaigns), (2, vec![slow]));
        given_up.abort();
        assert!(given_up.await.is_err());
        drop(sandboxes.take(quick).await.unwrap());
        assert!(!patient.is_finished(), "the other's place is not for a campaign that has its share");
        held.pop();
        let place = patient.await.unwrap().unwrap();
        assert_eq!(sandboxes.waiting().decisions, 0);
        drop((place, held));
        assert_eq!(sandboxes.shares().free, 6);
        assert!(sandboxes.shares().campaigns.is_empty());
    }
}
