//! Files of contacts on their way to a server that may not be there.

use std::collections::{BTreeMap, VecDeque};

use reqwest::Method;
use stratagem_tests::{Api, rows};

/// Contacts of the last file that are in the next one too: they are loaded once more.
const AGAIN: u64 = 5;

/// Files that the server has not taken yet, and what is in all of them.
pub(crate) struct Uploads {
    /// Path of the campaign's imports.
    path: String,
    waiting: VecDeque<File>,
    /// How often each contact is in a file.
    pub(crate) imported: BTreeMap<u64, u64>,
    /// How often a file had to be sent again.
    pub(crate) repeated: u64,
}

struct File {
    /// Under which the server recognises it when it comes again.
    key: String,
    csv: String,
}

impl Uploads {
    pub(crate) fn to(path: String) -> Self {
        Self { path, waiting: VecDeque::new(), imported: BTreeMap::new(), repeated: 0 }
    }

    /// Adds a file of so many new contacts, and a few of those before.
    pub(crate) fn add(&mut self, new: u64) {
        let known = self.imported.len() as u64;
        let numbers = known.saturating_sub(AGAIN)..known + new;
        for number in numbers.clone() {
            *self.imported.entry(number).or_default() += 1;
        }
        self.waiting.push_back(File { key: format!("file-{known}"), csv: rows(numbers) });
    }

    pub(crate) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Sends what is waiting until the server has taken all, or does not take one: that one is first the next time.
    pub(crate) async fn send(&mut self, api: &Api) {
        while let Some(file) = self.waiting.front() {
            let request = api.request(Method::POST, &self.path).header("idempotency-key", &file.key);
            let request = request.header("content-type", "text/csv").body(file.csv.clone());
            match Api::try_send(request).await {
                Ok(answer) if answer.status == 202 => {
                    self.waiting.pop_front();
                }
                // Refused for what it is: no later attempt would do.
                Ok(answer) if answer.status < 500 && answer.status != 409 => {
                    answer.with(202);
                }
                _ => {
                    self.repeated += 1;
                    return;
                }
            }
        }
    }
}
