//! Status callbacks.

use super::{Order, Shared};

/// The reports about one call.
pub(super) struct Reports<'a> {
    shared: &'a Shared,
    index: usize,
    number: u32,
    held: Vec<Vec<(String, String)>>,
}

impl<'a> Reports<'a> {
    pub(super) fn new(shared: &'a Shared, index: usize) -> Self {
        Self { shared, index, number: 0, held: Vec::new() }
    }

    /// That the call has `status` now, which is the event of that name where the two differ. `more` are further fields.
    pub(super) async fn report(&mut self, event: &str, status: &str, more: &[(&str, &str)]) {
        self.shared.change(self.index, |call| status.clone_into(&mut call.status));
        let call = self.shared.state().calls[self.index].clone();
        let number = self.number;
        self.number += 1;
        if !call.form.iter().any(|(name, value)| name == "StatusCallbackEvent" && value == event) {
            return;
        }
        let mut fields = self.shared.fields(&call);
        fields.extend([
            ("SequenceNumber".to_owned(), number.to_string()),
            ("CallbackSource".to_owned(), "call-progress-events".to_owned()),
            ("Timestamp".to_owned(), format!("Fri, 01 May 2026 12:00:{number:02} +0000")),
        ]);
        fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.held.push(fields);
        if self.shared.state().order == Order::AsTheyHappen {
            self.post().await;
        }
    }

    /// Posts what is left, the last one first.
    pub(super) async fn finish(mut self) {
        self.post().await;
    }

    async fn post(&mut self) {
        let (url, twice) = {
            let state = self.shared.state();
            let url = state.calls[self.index].form.iter().find(|(name, _)| name == "StatusCallback");
            (url.map(|(_, url)| url.clone()), state.twice)
        };
        let held = std::mem::take(&mut self.held);
        let Some(url) = url else { return };
        for fields in held.into_iter().rev() {
            for _ in 0..1 + u8::from(twice) {
                if let Err(error) = self.shared.post(&url, &fields).await {
                    self.shared.change(self.index, |call| call.errors.push(error));
                }
            }
        }
    }
}
