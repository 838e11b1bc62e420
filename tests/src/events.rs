//! Server-sent events as a client reads them.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use crate::Api;

/// How long an event may be on its way.
const PATIENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// Where to go on; empty where the event has none.
    pub id: String,
    /// What it says.
    pub data: Value,
}

/// A stream of events.
pub struct Events {
    response: Response,
    text: String,
    waiting: VecDeque<Told>,
}

impl Events {
    /// Listens, from after the event of that id where one is given.
    ///
    /// # Panics
    /// When there is no stream.
    pub async fn listen(api: &Api, query: &str, last: Option<&str>) -> Self {
        let request = api.request(Method::GET, &format!("/events{query}"));
        let request = last.into_iter().fold(request, |request, id| request.header("Last-Event-ID", id));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new(), waiting: VecDeque::new() }
    }

    /// The next event; none where the server has ended the stream.
    ///
    /// # Panics
    /// When neither comes.
    pub async fn next(&mut self) -> Option<Told> {
        while self.waiting.is_empty() {
            let chunk =
                tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("an event or the end").unwrap();
            self.text += std::str::from_utf8(&chunk?).unwrap();
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                self.waiting.extend(read(block));
                self.text = rest.to_owned();
            }
        }
        self.waiting.pop_front()
    }

    /// All events up to the first that this is true of.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn until(&mut self, last: impl Fn(&Told) -> bool) -> Vec<Told> {
        let mut all = Vec::new();
        while !all.last().is_some_and(&last) {
            all.push(self.next().await.unwrap_or_else(|| panic!("the stream ended after {all:#?}")));
        }
        all
    }

    /// All events up to the stream's end.
    pub async fn rest(mut self) -> Vec<Told> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}

/// A block of lines; none where it is a comment alone.
fn read(block: &str) -> Option<Told> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(Told {
        name: field("event")?.to_owned(),
        id: field("id").unwrap_or_default().to_owned(),
        data: serde_json::from_str(field("data")?).unwrap(),
    })
}
