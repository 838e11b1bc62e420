//! What a batch is checked against before anything of it is written.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{CommunicationWrite, Completion};
use crate::{
    StoreError,
    bulk::filled_up,
    entities::{communication, contact},
};

/// The contacts and communications that a batch changes, as they are in the transaction.
pub(super) struct Seen {
    contacts: HashMap<Uuid, i64>,
    pub(super) communications: HashMap<Uuid, communication::Model>,
}

impl Seen {
    pub(super) async fn load(transaction: &DatabaseTransaction, batch: &[Completion]) -> Result<Self, StoreError> {
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
            contacts: contacts.into_iter().collect(),
            communications: communications.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    /// Whether what the completion changes is still as its step saw it.
    pub(super) fn is_unchanged(&self, completion: &Completion) -> bool {
        let writes = &completion.writes;
        let contact = writes.contact.as_ref().is_none_or(|write| self.contacts.get(&write.id) == Some(&write.version));
        let as_seen = |write: &CommunicationWrite| {
            self.communications.get(&write.id).is_some_and(|row| {
                write.expected.is_none_or(|(s, d)| row.status == s.as_str() && row.delivery == d.as_str())
            })
        };
        contact && writes.communications.iter().all(as_seen)
    }
}
