//! Sends that are held until an operator releases them: after a restore, nobody but a person can know what has left since the
//! backup was made.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::{Store, StoreError, entities::setting, unique::Unique};

/// Name of the setting that holds them; its value is the reason.
const SENDS_HELD: &str = "sends_held";

impl Store {
    /// Why no send is claimed; none where sends are not held. One read by primary key: every claim asks.
    pub async fn sends_held(&self) -> Result<Option<String>, StoreError> {
        let held = setting::Entity::find_by_id(SENDS_HELD.to_owned()).unique(self.read()).await?;
        Ok(held.map(|setting| setting.value))
    }

    /// Lets sends go on; false where they were not held.
    pub async fn release_sends(&self) -> Result<bool, StoreError> {
        let released = setting::Entity::delete_by_id(SENDS_HELD.to_owned()).exec(self.write()).await?;
        Ok(released.rows_affected > 0)
    }
}

/// Holds every send from now on, for this reason.
pub(crate) async fn hold_sends(connection: &impl ConnectionTrait, reason: &str) -> Result<(), StoreError> {
    let held = setting::ActiveModel { name: Set(SENDS_HELD.to_owned()), value: Set(reason.to_owned()) };
    let again = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(held).on_conflict(again).exec_without_returning(connection).await?;
    Ok(())
}
