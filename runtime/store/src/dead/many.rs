//! The same for many steps, in transactions that nobody waits for long.

use super::DeadFilter;
use crate::{Scope, Store, StoreError};

/// Steps that are changed in one transaction: on SQLite nothing else is written meanwhile.
const BATCH: u64 = 100;

/// What a person does about steps that were given up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// They are done again: [`Store::retry_dead`].
    Retry,
    /// They are canceled: [`Store::drop_dead`].
    Drop,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedied {
    /// How many steps were changed.
    pub steps: u64,
    /// Whether there are more that are wanted.
    pub more: bool,
}

impl Store {
    /// Does that about those of the steps that were given up on, and returns their ids.
    pub async fn remedy_dead(
        &self,
        whose: Option<Scope>,
        ids: &[i64],
        remedy: Remedy,
        now_ms: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let mut done = Vec::new();
        for some in ids.chunks(BATCH as usize) {
            done.extend(match remedy {
                Remedy::Retry => self.retry_dead(whose, some, now_ms).await?,
                Remedy::Drop => self.drop_dead(whose, some, now_ms).await?,
            });
        }
        Ok(done)
    }

    /// Does that about all that are wanted, but for `most` at most. Each is looked at once, however soon it is given up on again.
    pub async fn remedy_all_dead(
        &self,
        whose: Option<Scope>,
        filter: DeadFilter,
        remedy: Remedy,
        most: u64,
        now_ms: i64,
    ) -> Result<Remedied, StoreError> {
        let (mut steps, mut after) = (0, None);
        loop {
            let found = self.dead_steps(whose, filter, after, BATCH.min(most - steps).max(1)).await?;
            let ids: Vec<i64> = found.iter().map(|step| step.id).collect();
            let Some(last) = ids.last() else { return Ok(Remedied { steps, more: false }) };
            if steps == most {
                return Ok(Remedied { steps, more: true });
            }
            after = Some(*last);
            steps += self.remedy_dead(whose, &ids, remedy, now_ms).await?.len() as u64;
        }
    }
}
