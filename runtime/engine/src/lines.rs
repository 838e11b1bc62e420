//! Where a turn that is being made and the socket of its call meet, if both are in this process: the one says what has been said so far,
//! the other passes it on and says when the contact breaks in.
//!
//! Nothing is kept here alone. What is said here was stored before, and whoever is not here, or comes late, finds it in the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::watch;
use uuid::Uuid;

/// The lines of all calls, by their sessions.
#[derive(Default)]
pub(crate) struct Lines(Mutex<HashMap<Uuid, Weak<watch::Sender<Line>>>>);

#[derive(Default)]
struct Line {
    /// Sockets of the call; another may be open for a moment.
    followers: usize,
    /// A turn is being made.
    making: bool,
    /// The contact broke in upon it.
    stopped: bool,
    words: Option<Begun>,
}

/// What has been said so far of a message that is not done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The message.
    pub(crate) id: Uuid,
    /// Its beginning. It only ever grows.
    pub(crate) text: String,
}

impl Lines {
    /// The socket's end of a session's line.
    pub(crate) fn follow(&self, session: Uuid) -> Follower {
        let line = self.line(session);
        line.send_modify(|line| line.followers += 1);
        Follower(line)
    }

    /// The turn's end of it.
    pub(crate) fn make(&self, session: Uuid) -> Making {
        let line = self.line(session);
        line.send_modify(|line| (line.making, line.stopped, line.words) = (true, false, None));
        Making(line)
    }

    fn line(&self, session: Uuid) -> Arc<watch::Sender<Line>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&session).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(watch::Sender::default());
        lines.insert(session, Arc::downgrade(&line));
        line
    }
}

/// Held by a socket.
pub(crate) struct Follower(Arc<watch::Sender<Line>>);

impl Follower {
    /// What has been said of the message that is being made, once that is more than `told`. May be dropped at any time.
    pub(crate) async fn more(&self, told: Option<&Begun>) -> Begun {
        let is_more = |begun: &Begun| told.is_none_or(|told| told.id != begun.id || told.text.len() < begun.text.len());
        let mut line = self.0.subscribe();
        let found = line.wait_for(|line| line.words.as_ref().is_some_and(is_more)).await;
        match found.ok().and_then(|line| line.words.clone()) {
            Some(begun) => begun,
            // The sender is held here, so it is never gone.
            None => std::future::pending().await,
        }
    }

    /// Ends the turn that is being made, where there is one, and returns when it has stored what it said.
    pub(crate) async fn stop(&self) {
        self.0.send_if_modified(|line| {
            line.stopped = line.making;
            line.stopped
        });
        let _ = self.0.subscribe().wait_for(|line| !line.making).await;
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.send_modify(|line| line.followers -= 1);
    }
}

/// Held by a turn until all of it is stored.
pub(crate) struct Making(Arc<watch::Sender<Line>>);

impl Making {
    /// Whether a socket would pass on what is said.
    pub(crate) fn is_followed(&self) -> bool {
        self.0.borrow().followers > 0
    }

    /// Returns when a socket would.
    pub(crate) async fn gets_followed(&self) {
        let _ = self.0.subscribe().wait_for(|line| line.followers > 0).await;
    }

    /// Says what has been said so far.
    pub(crate) fn say(&self, begun: Begun) {
        self.0.send_modify(|line| line.words = Some(begun));
    }

    /// Returns when the contact has broken in.
    pub(crate) async fn is_stopped(&self) {
        let _ = self.0.subscribe().wait_for(|line| line.stopped).await;
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.0.send_modify(|line| (line.making, line.stopped, line.words) = (false, false, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(id: Uuid, text: &str) -> Begun {
        Begun { id, text: text.to_owned() }
    }

    #[tokio::test]
    async fn words_reach_whoever_follows_also_one_that_comes_late() {
        let (lines, session, message) = (Lines::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let making = lines.make(session);
        assert!(!making.is_followed());
        let early = lines.follow(session);
        assert!(making.is_followed() && !lines.make(Uuid::from_u128(3)).is_followed());
        making.say(begun(message, "One."));
        let one = early.more(None).await;
        assert_eq!(one.text, "One.");
        making.say(begun(message, "One. Two."));
        assert_eq!(early.more(Some(&one)).await.text, "One. Two.");
        assert_eq!(lines.follow(session).more(None).await.text, "One. Two.");
        drop(early);
        assert!(!making.is_followed());
    }

    #[tokio::test]
    async fn whoever_breaks_in_waits_until_the_turn_is_stored() {
        let (lines, session) = (Lines::default(), Uuid::from_u128(1));
        let socket = lines.follow(session);
        // Nothing is being said.
        socket.stop().await;
        let making = lines.make(session);
        let turn = tokio::spawn(async move {
            making.is_stopped().await;
            tokio::task::yield_now().await;
            drop(making);
            true
        });
        socket.stop().await;
        assert!(turn.is_finished() || turn.await.unwrap());
        let next = lines.make(session);
        assert!(tokio::time::timeout(std::time::Duration::ZERO, next.is_stopped()).await.is_err());
    }
}
