//! Calls over a WebSocket: what is heard is taken in as it comes, and what is said goes out as it is made.

mod playing;

use std::collections::VecDeque;

use stratagem_channels::{Heard, Heards, ReceiveError, Speech, Voice};
use stratagem_domain::channel::IntegrationKind;
use stratagem_store::{
    Scope,
    entities::{integration, session},
};
use tokio::time::Instant;

use self::playing::Playing;
use crate::{
    Engine, EngineError, Hook, WebhookError,
    calls::{Answer, Next},
    lines::{Begun, Follower},
};

/// What a contact may say before the answer to what came first; the rest is not heard.
const MOST_WAITING: usize = 50;

/// A call's WebSocket.
pub struct Relay {
    of: integration::Model,
    /// The call's.
    reference: String,
    /// Counts its frames.
    heard: u64,
    /// Where turns of this process say what they say; none where the call is none of ours.
    line: Option<Follower>,
    stands: Stands,
    /// What was said of the message that is being made.
    told: Option<Begun>,
    /// What was said since the contact last spoke.
    playing: Playing,
    /// What was heard since the question whose answer is awaited.
    waiting: VecDeque<Heard>,
}

/// Whose turn it is.
enum Stands {
    /// The contact's.
    Listening,
    /// The agent's.
    Awaiting(Box<session::Model>),
    /// Nobody's: the call ends when the last words have been played.
    Closing,
    /// The call has been ended.
    Ended,
}

impl Engine {
    /// Verifies the handshake of a call's WebSocket.
    pub async fn open_relay(&self, hook: Hook<'_>) -> Result<Relay, WebhookError> {
        let found = self.store().integration_of_hook(hook.integration_id).await.map_err(EngineError::from)?;
        let row = found.ok_or(WebhookError::NotFound)?;
        let integration = self.unseal(row.clone())?;
        let provider = self.channels().provider(integration.kind).cloned().ok_or(WebhookError::NotFound)?;
        let voice = provider.voice().ok_or(WebhookError::NotFound)?;
        let (url, now) = (self.called_url(&hook), self.real_now());
        let call = stratagem_channels::WebhookCall { request: hook.request, url: &url, path: hook.path, now };
        let heard = voice.hear(&call, &integration)?.filter(|heard| heard.what == Heards::Connects);
        let reference = heard.ok_or(WebhookError::NotFound)?.reference;
        // Another account's call is no session here, so nobody listens to what is said in it.
        let session = self.session_of_call(&row, &reference).await?;
        Ok(Relay {
            line: session.map(|session| self.lines().follow(session.id)),
            of: row,
            reference,
            // A call may open another socket: what is heard there must not look like what was heard before.
            heard: u64::try_from(now.timestamp_millis()).unwrap_or(0),
            stands: Stands::Listening,
            told: None,
            playing: Playing::nothing(Instant::now()),
            waiting: VecDeque::new(),
        })
    }

    /// Takes in a frame of a call's WebSocket.
    pub async fn hear_relay(&self, relay: &mut Relay, frame: &str) -> Result<(), WebhookError> {
        relay.heard += 1;
        let heard =
            self.with_voice(relay, |voice| voice.hear_frame(frame, &relay.reference, relay.heard, self.real_now()))?;
        let Some(heard) = heard.map_err(ReceiveError::Malformed)? else { return Ok(()) };
        match &heard.what {
            Heards::Played(words) => {
                relay.playing.played(words, Instant::now());
                return Ok(());
            }
            Heards::Interrupted(_) => {
                break_in(relay).await;
                return self.take(relay, heard).await;
            }
            _ => {}
        }
        // What is said meanwhile is answered after what was said first.
        if matches!(relay.stands, Stands::Awaiting(_)) || !relay.waiting.is_empty() {
            if relay.waiting.len() < MOST_WAITING {
                relay.waiting.push_back(heard);
            }
            return Ok(());
        }
        self.take(relay, heard).await
    }

    /// The next frame to send; waits for as long as there is none. It may be dropped at any time and loses nothing.
    pub async fn speak_relay(&self, relay: &mut Relay) -> Result<String, WebhookError> {
        loop {
            match &relay.stands {
                Stands::Awaiting(session) => {
                    let scope = Scope(relay.of.tenant_id);
                    tokio::select! {
                        biased;
                        more = more(relay.line.as_ref(), relay.told.as_ref()) => return self.say_part(relay, more),
                        answer = self.next_answer(scope, session) => {
                            let answer = answer?;
                            return self.say_last(relay, answer);
                        }
                    }
                }
                Stands::Closing => {
                    tokio::time::sleep_until(relay.playing.until()).await;
                    relay.stands = Stands::Ended;
                    return self.frame(relay, Speech::HangUp(None));
                }
                Stands::Ended => std::future::pending().await,
                Stands::Listening => match relay.waiting.front().cloned() {
                    Some(heard) => {
                        self.take(relay, heard).await?;
                        relay.waiting.pop_front();
                    }
                    None => std::future::pending().await,
                },
            }
        }
    }

    async fn take(&self, relay: &mut Relay, heard: Heard) -> Result<(), WebhookError> {
        match self.hear_call(&relay.of, heard).await? {
            Next::Answer(session) => (relay.stands, relay.told) = (Stands::Awaiting(session), None),
            Next::HangUp if matches!(relay.stands, Stands::Ended) => {}
            Next::HangUp => relay.stands = Stands::Closing,
            Next::Nothing => return Ok(()),
        }
        // The contact has spoken into what was being said.
        relay.playing = Playing::nothing(Instant::now());
        Ok(())
    }

    fn say_part(&self, relay: &mut Relay, begun: Begun) -> Result<String, WebhookError> {
        let words = unsaid(relay.told.as_ref(), &begun).unwrap_or(&begun.text);
        let frame = self.with_voice(relay, |voice| voice.speak_part(words))?;
        relay.playing.says(words, Instant::now());
        relay.told = Some(begun);
        Ok(frame)
    }

    /// Says what is left of an answer. Where parts were said before it, the call does not end before they have been played.
    fn say_last(&self, relay: &mut Relay, answer: Option<Answer>) -> Result<String, WebhookError> {
        let told = relay.told.take();
        let ends = answer.as_ref().is_none_or(|answer| answer.ends);
        let said = answer.as_ref().map(|answer| &answer.said);
        let (stands, speech) = match (&told, ends) {
            (Some(_), ends) => {
                let left = said.and_then(|said| unsaid(told.as_ref(), said)).unwrap_or_default();
                relay.playing.says(left, Instant::now());
                (if ends { Stands::Closing } else { Stands::Listening }, Speech::Say(left))
            }
            (None, true) => (Stands::Ended, Speech::HangUp(said.map(|said| said.text.as_str()))),
            (None, false) => (Stands::Listening, Speech::Say(said.map(|said| said.text.as_str()).unwrap_or_default())),
        };
        let frame = self.frame(relay, speech)?;
        relay.stands = stands;
        Ok(frame)
    }

    fn frame(&self, relay: &Relay, speech: Speech<'_>) -> Result<String, WebhookError> {
        self.with_voice(relay, |voice| voice.speak_frame(speech).unwrap_or_default())
    }

    fn with_voice<T>(&self, relay: &Relay, what: impl FnOnce(&dyn Voice) -> T) -> Result<T, WebhookError> {
        let kind = IntegrationKind::parse(&relay.of.kind).ok_or(WebhookError::NotFound)?;
        let provider = self.channels().provider(kind).ok_or(WebhookError::NotFound)?;
        Ok(what(provider.voice().ok_or(WebhookError::NotFound)?))
    }
}

/// The contact broke in: what is being said is not said further, and what was awaited does not come. Where nothing of it was said yet, it
/// was what was said before that the contact broke in upon.
async fn break_in(relay: &mut Relay) {
    if relay.told.take().is_some() {
        if let Some(line) = &relay.line {
            line.stop().await;
        }
        relay.stands = Stands::Listening;
    }
}

/// What is to be said beyond what was; none where it is of another message.
fn unsaid<'a>(told: Option<&Begun>, all: &'a Begun) -> Option<&'a str> {
    told.filter(|told| told.id == all.id).and_then(|told| all.text.strip_prefix(told.text.as_str()))
}

async fn more(line: Option<&Follower>, told: Option<&Begun>) -> Begun {
    match line {
        Some(line) => line.more(told).await,
        None => std::future::pending().await,
    }
}
