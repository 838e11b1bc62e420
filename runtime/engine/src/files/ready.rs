//! Whether the store can be written to, for those who ask again and again.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use super::{Files, FilesError, open};

/// For how long an answer is good, in milliseconds: however many ask, it costs two requests in that time.
const GOOD_FOR_MS: i64 = 5_000;
/// How long the store may take: whoever asks does not wait for long.
const PATIENCE: Duration = Duration::from_secs(3);

/// The last answer. Clones are the same one.
#[derive(Clone, Default)]
pub(super) struct LastLook(Arc<Mutex<Option<Look>>>);

struct Look {
    at_ms: i64,
    /// Why it cannot be written to, where it cannot.
    fault: Option<String>,
}

impl Files {
    /// Writes something and removes it, unless somebody did so within the last five seconds before `now_ms` (real time): then that is the
    /// answer. Whoever comes meanwhile waits for the same one.
    ///
    /// # Errors
    /// [`FilesError::Unusable`] where the store cannot be reached or written to.
    pub async fn ready(&self, now_ms: i64) -> Result<(), FilesError> {
        let mut last = self.last_look.0.lock().await;
        let fault = match &*last {
            Some(look) if (0..GOOD_FOR_MS).contains(&now_ms.saturating_sub(look.at_ms)) => look.fault.clone(),
            _ => {
                let fault = self.fault().await;
                if let Some(reason) = &fault {
                    tracing::warn!(place = %self.place, reason, "the object store cannot be used");
                }
                *last = Some(Look { at_ms: now_ms, fault: fault.clone() });
                fault
            }
        };
        fault.map_or(Ok(()), |reason| Err(open::unusable(&self.place, reason)))
    }

    async fn fault(&self) -> Option<String> {
        // A folder that is gone, such as one of a disk that is not mounted any more, would be made anew by writing into it.
        if self.root().is_some_and(|folder| !folder.is_dir()) {
            return Some("the folder is not there any more".to_owned());
        }
        match open::probe(&*self.store, &self.place, PATIENCE).await {
            Ok(()) => None,
            Err(FilesError::Unusable { reason, .. }) => Some(reason),
            Err(other) => Some(other.to_string()),
        }
    }
}
