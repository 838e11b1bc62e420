//! What a batch is checked against before anything of it is written.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use stratagem_domain::step::StepState;
use uuid::Uuid;

use super::{Committed, Completion, Fence};
use crate::{
    StoreError,
    bulk::filled_up,
    entities::{communication, contact, step},
};

/// The rows that a batch depends on, as they are in the transaction.
pub(super) struct Seen {
    pub(super) fences: HashSet<Fence>,
    /// Lanes of the steps.
    pub(super) lanes: HashMap<i64, i64>,
    contacts: HashMap<Uuid, i64>,
    pub(super) communications: HashMap<Uuid, communication::Model>,
}

impl Seen {
    pub(super) async fn load(transaction: &DatabaseTransaction, batch: &[Completion]) -> Result<Self, StoreError> {
        // By their ids alone: PostgreSQL would rather read the index of all that is claimed, with what is left in it of the past.
        let mut steps = step::Entity::find()
            .select_only()
            .columns([step::Column::Id, step::Column::ClaimEpoch, step::Column::LaneId, step::Column::State])
            .filter(step::Column::Id.is_in(filled_up(batch.iter().map(|completion| completion.fence.step_id))))
            .order_by_asc(step::Column::Id)
            .lock_exclusive()
            .into_tuple::<(i64, i64, i64, String)>()
            .all(transaction)
            .await?;
        steps.retain(|(.., state)| state == StepState::Claimed.as_str());
        let contact_ids: Vec<Uuid> = batch.iter().filter_map(|c| Some(c.writes.contact.as_ref()?.id)).collect();
        let contacts = if contact_ids.is_empty() {
            Vec::new()
        } else {
            contact::Entity::find()
                .select_only()
                .columns([contact::Column::Id, contact::Column::Version])
                .filter(contact::Column::Id.is_in(filled_up(contact_ids)))
                .order_by_asc(contact::Column::Id)
                .lock_exclusive()
                .into_tuple::<(Uuid, i64)>()
                .all(transaction)
                .await?
        };
        let ids: Vec<Uuid> = batch.iter().flat_map(|c| c.writes.communications.iter().map(|write| write.id)).collect();
        let communications = if ids.is_empty() {
            Vec::new()
        } else {
            communication::Entity::find()
                .filter(communication::Column::Id.is_in(filled_up(ids)))
                .order_by_asc(communication::Column::Id)
                .lock_exclusive()
                .all(transaction)
                .await?
        };
        Ok(Self {
            lanes: steps.iter().map(|(step_id, _, lane_id, _)| (*step_id, *lane_id)).collect(),
            fences: steps.into_iter().map(|(step_id, epoch, ..)| Fence { step_id, epoch }).collect(),
            contacts: contacts.into_iter().collect(),
            communications: communications.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    /// What becomes of the completion.
    pub(super) fn judge(&self, completion: &Completion) -> Committed {
        let writes = &completion.writes;
        let contact = writes.contact.as_ref().is_none_or(|write| self.contacts.get(&write.id) == Some(&write.version));
        let communications = writes.communications.iter().all(|write| {
            self.communications.get(&write.id).is_some_and(|row| {
                write.expected.is_none_or(|(s, d)| row.status == s.as_str() && row.delivery == d.as_str())
            })
        });
        if !self.fences.contains(&completion.fence) {
            Committed::Fenced
        } else if contact && communications {
            Committed::Applied
        } else {
            Committed::Changed
        }
    }
}
