//! The channel that stands in for any other in tests: it keeps what was sent, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use stratagem_domain::channel::{ChannelKind, FieldError};
use tokio::sync::watch;

use crate::settings::Fields;
use crate::template::{self, Format, Templates};
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// A channel without a network. Every text among a stage's settings is rendered as a template, and the payload is a JSON
/// object of the rendered texts, so that a test reads them back:
///
/// ```
/// # use stratagem_channels::{Channel, Memory, SendOutcome};
/// # use stratagem_domain::channel::ChannelKind;
/// let channel = Memory::new(ChannelKind::Telegram);
/// channel.answer(SendOutcome::Unknown { reason: "lost".into() }); // for the next send; later ones are `Sent`
/// assert!(channel.sent().is_empty());
/// ```
pub struct Memory {
    kind: ChannelKind,
    traits: Traits,
    templates: Templates,
    state: Mutex<State>,
    /// How many sends have begun.
    begun: watch::Sender<usize>,
    /// Whether sends wait before they are answered.
    held: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    sent: Vec<Prepared>,
    answers: VecDeque<SendOutcome>,
}

impl Memory {
    /// Stands in for `kind`. It is one-way where the real one is, and needs neither agent nor integration.
    pub fn new(kind: ChannelKind) -> Self {
        let one_way = matches!(kind, ChannelKind::EmailNotification | ChannelKind::None);
        let sends = kind != ChannelKind::None;
        let traits = Traits {
            one_way,
            needs_agent: false,
            integration: None,
            ambiguity: Ambiguity::AtMostOnce,
            sends,
            voice: false,
        };
        Self::with_traits(kind, traits)
    }

    /// Stands in for `kind`, with other traits than the usual ones.
    pub fn with_traits(kind: ChannelKind, traits: Traits) -> Self {
        let templates = Templates::new();
        Self {
            kind,
            traits,
            templates,
            state: Mutex::default(),
            begun: watch::Sender::new(0),
            held: watch::Sender::new(false),
        }
    }

    /// Answers the next send that has no answer yet. Sends beyond the last answer are [`SendOutcome::Sent`], with
    /// `memory-<reference>` as the provider's id.
    pub fn answer(&self, outcome: SendOutcome) {
        self.state().answers.push_back(outcome);
    }

    /// Everything that reached [`Channel::send`] so far, in order, whatever the answer was.
    pub fn sent(&self) -> Vec<Prepared> {
        self.state().sent.clone()
    }

    /// Lets sends begin but not end, until [`Memory::release`].
    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Answers the sends that are held, and holds no more.
    pub fn release(&self) {
        self.held.send_replace(false);
    }

    /// Returns once `count` sends in all have begun.
    pub async fn begun(&self, count: usize) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.begun.subscribe().wait_for(|begun| *begun >= count).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The field of the contact that the real channel would look at.
    fn address_field(&self) -> &'static str {
        match self.kind {
            ChannelKind::EmailNotification | ChannelKind::EmailCommunication => "email",
            ChannelKind::Human | ChannelKind::None => "name",
            _ => "phone",
        }
    }
}

#[async_trait]
impl Channel for Memory {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn traits(&self) -> Traits {
        self.traits
    }

    /// Takes any fields. Texts must be templates.
    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let names: Vec<&str> = settings.keys().map(String::as_str).collect();
        let mut fields = Fields::new(settings, &names);
        for name in names {
            let Some(source) = settings[name].as_str() else { continue };
            for reason in self.templates.check(source).err().into_iter().flatten() {
                fields.wrong(name, reason);
            }
        }
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let field = self.address_field();
        let address = draft.scope["contact"][field].as_str().unwrap_or_default();
        if address.is_empty() {
            return Err(PrepareError::Unreachable { reason: format!("the contact has no {field}") });
        }
        let scope = template::scope(draft.scope);
        let mut rendered = Map::new();
        if let Content::Reply { text, .. } = draft.content {
            rendered.insert("text".to_owned(), text.into());
        }
        let opening = draft.settings.iter().filter(|_| matches!(draft.content, Content::Opening));
        for (name, setting) in opening {
            let value = match setting.as_str() {
                Some(source) => json!(
                    self.templates
                        .render(name, source, Format::Text, &scope)
                        .map_err(|reason| PrepareError::Template { reason })?
                ),
                None => setting.clone(),
            };
            rendered.insert(name.clone(), value);
        }
        let text = rendered.values().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
        Ok(Prepared {
            address: address.to_owned(),
            sender: None,
            reference: draft.reference.to_owned(),
            text,
            payload: Bytes::from(Value::Object(rendered).to_string()),
        })
    }

    async fn send(&self, prepared: &Prepared, _: Option<&Integration>) -> SendOutcome {
        let answer = {
            let mut state = self.state();
            state.sent.push(prepared.clone());
            state.answers.pop_front()
        };
        self.begun.send_modify(|begun| *begun += 1);
        let _ = self.held.subscribe().wait_for(|held| !held).await;
        answer.unwrap_or_else(|| SendOutcome::Sent { provider_id: Some(format!("memory-{}", prepared.reference)) })
    }
}

#[cfg(test)]
mod tests;
