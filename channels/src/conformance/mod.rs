//! The one suite that every adapter passes. An adapter describes itself in a [`Case`] and calls [`conform`] from its tests;
//! what is particular to it (phases of SMTP, connections) it tests beside that.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use stratagem_domain::channel::ChannelKind;

use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome};

/// What a provider does with the next messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes them.
    Takes,
    /// Refuses the contact for good.
    RefusesContact,
    /// Refuses whoever sends.
    RefusesSender,
    /// Asks to come again.
    Busy,
    /// Cannot be reached.
    Absent,
    /// Hears everything and does not answer.
    Silent,
}

/// A provider, or what stands for it, that can be put into any mood.
#[async_trait]
pub(crate) trait Peer: Send {
    /// The integration that leads to a provider in this mood, where the channel needs one.
    async fn integration(&mut self, mood: Mood) -> Option<Integration>;
}

/// An adapter, and what the suite must know to put it to the test.
pub(crate) struct Case<'a> {
    pub(crate) channel: &'a dyn Channel,
    pub(crate) provider: &'a mut dyn Peer,
    /// Settings that are complete. `{}` in a text stands for the place of a template.
    pub(crate) settings: Value,
    /// The settings that must be there.
    pub(crate) required: &'a [&'a str],
    /// The setting that is a template, if there is one; `parameters.0` is one within another.
    pub(crate) template: Option<&'a str>,
    /// Unknown settings are refused.
    pub(crate) strict: bool,
    /// The contact's field that the channel cannot do without, and values of it that are no address.
    pub(crate) address: Option<(&'a str, Vec<Value>)>,
    /// [`Draft::known_as`].
    pub(crate) known_as: Option<&'a str>,
}

/// Runs the suite.
pub(crate) async fn conform(mut case: Case<'_>) {
    settings_are_checked(&case);
    what_is_not_confirmed_is_sent_again_only_where_the_tenant_chose_so(&case);
    unreachable_contacts_are_found_before_anything_is_sent(&mut case).await;
    values_are_data(&mut case).await;
    the_same_draft_gives_the_same_message(&mut case).await;
    outcomes_say_what_to_do_next(&mut case).await;
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value} is no object") };
    map
}

pub(crate) fn scope() -> Value {
    json!({
        "contact": {
            "id": "c1", "name": "Ada Lovelace", "email": "ada@contact.example", "phone": "+31612345678",
            "params": {"due_date": "1 May", "amount": 120}, "results": {},
        },
        "campaign": {"id": "k1", "name": "Spring"},
        "stage": {"name": "reminder"},
        "communication": {"params": {}},
        "unsubscribe_url": "https://campaigns.example/u/token",
    })
}

pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_777_636_800, 0).unwrap()
}

/// An opening message to a contact that was never heard of.
pub(crate) fn draft<'a>(
    settings: &'a Map<String, Value>,
    scope: &'a Value,
    integration: Option<&'a Integration>,
) -> Draft<'a> {
    Draft {
        content: Content::Opening,
        known_as: None,
        heard_at: None,
        hook_url: "https://campaigns.example/hooks/i1",
        settings,
        scope,
        integration,
        reference: "0a1b-2c3d",
        now: noon(),
    }
}

impl Case<'_> {
    fn settings(&self) -> Map<String, Value> {
        object(self.settings.clone())
    }

    fn settings_with(&self, name: &str, template: &str) -> Map<String, Value> {
        let mut settings = self.settings.clone();
        *settings.pointer_mut(&format!("/{}", name.replace('.', "/"))).unwrap() = json!(template);
        object(settings)
    }

    async fn prepare(&mut self, settings: &Map<String, Value>, scope: &Value) -> Result<Prepared, PrepareError> {
        let integration = self.provider.integration(Mood::Takes).await;
        let draft = Draft { known_as: self.known_as, ..draft(settings, scope, integration.as_ref()) };
        self.channel.prepare(&draft)
    }
}

/// Where a message could be sent again, a tenant may choose that it is; for calls there is no such setting.
fn what_is_not_confirmed_is_sent_again_only_where_the_tenant_chose_so(case: &Case<'_>) {
    let traits = case.channel.traits();
    let with = |value: Value| {
        let mut settings = case.settings();
        settings.insert("resend_unconfirmed".to_owned(), value);
        settings
    };
    let faults = |value: Value| case.channel.check_settings(&with(value)).err().unwrap_or_default();
    let choice = traits.sends && !traits.voice && traits.ambiguity == Ambiguity::AtMostOnce;
    if case.strict {
        assert_eq!(faults(json!(true)).is_empty(), choice);
        assert_eq!(faults(json!("yes")).len(), 1);
    }
    assert_eq!(traits.ambiguity_in(&case.settings()), traits.ambiguity);
    assert_eq!(traits.ambiguity_in(&with(json!(false))), traits.ambiguity);
    if choice {
        assert_eq!(traits.ambiguity_in(&with(json!(true))), Ambiguity::AtLeastOnce);
    }
}

fn settings_are_checked(case: &Case<'_>) {
    assert_eq!(case.channel.check_settings(&case.settings()), Ok(()));
    for required in case.required {
        for wrong in [None, Some(Value::Null), Some(json!("")), Some(json!(7))] {
            let mut settings = case.settings();
            match wrong {
                None => drop(settings.remove(*required)),
                Some(wrong) => drop(settings.insert((*required).to_owned(), wrong)),
            }
            let errors = case.channel.check_settings(&settings).unwrap_err();
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].field, format!("settings.{required}"));
        }
    }
    if case.strict {
        let mut settings = case.settings();
        settings.insert("subjct".to_owned(), json!("x"));
        let errors = case.channel.check_settings(&settings).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["settings.subjct"]);
    }
    if let Some(name) = case.template {
        for wrong in ["{{ contact.name", "{{ customer }}", "{{ contact.nmae }}", "{% set x = 1 %}"] {
            let settings = case.settings_with(name, wrong);
            let errors = case.channel.check_settings(&settings).unwrap_err();
            assert_eq!(errors.len(), 1, "{wrong}: {errors:?}");
            assert_eq!(errors[0].field, format!("settings.{name}"));
        }
    }
}

async fn unreachable_contacts_are_found_before_anything_is_sent(case: &mut Case<'_>) {
    let settings = case.settings();
    let Some((field, values)) = case.address.clone() else { return };
    for value in values.into_iter().chain([Value::Null, json!("")]) {
        let mut scope = scope();
        scope["contact"][field] = value.clone();
        let error = case.prepare(&settings, &scope).await.unwrap_err();
        assert!(matches!(error, PrepareError::Unreachable { .. }), "{value}: {error:?}");
    }
}

async fn values_are_data(case: &mut Case<'_>) {
    let Some(name) = case.template else { return };
    let mut scope = scope();
    scope["contact"]["name"] = json!("{{7*7}}{% set a = 1 %}\r\nBcc: everyone@contact.example\r\n\r\n.\r\nMAIL");
    let settings = case.settings_with(name, "Dear {{ contact.name }}");
    let prepared = case.prepare(&settings, &scope).await.unwrap();
    let payload = String::from_utf8_lossy(&prepared.payload).to_string();
    assert!(payload.contains("{{7*7}}"), "{payload}");
    let headers = payload.split("\r\n\r\n").next().unwrap_or_default();
    assert!(!headers.contains("\nBcc:"), "{headers}");

    let settings = case.settings_with(name, "{{ contact.params.missing }}");
    let error = case.prepare(&settings, &scope).await.unwrap_err();
    assert!(
        matches!(&error, PrepareError::Template { reason } if reason.contains("contact.params.missing")),
        "{error:?}"
    );
}

async fn the_same_draft_gives_the_same_message(case: &mut Case<'_>) {
    let settings = case.settings();
    let first = case.prepare(&settings, &scope()).await.unwrap();
    assert_eq!(first.reference, "0a1b-2c3d");
    assert_eq!(case.prepare(&settings, &scope()).await.unwrap(), first);
    assert!(!format!("{first:?}").contains("ada@"), "no personal data where it may be logged");
}

async fn outcomes_say_what_to_do_next(case: &mut Case<'_>) {
    let traits = case.channel.traits();
    // A person has no moods that a channel would have to know.
    let provided = traits.sends && case.channel.kind() != ChannelKind::Human;
    let moods: &[Mood] = match provided {
        true => &[Mood::Takes, Mood::RefusesContact, Mood::RefusesSender, Mood::Busy, Mood::Absent, Mood::Silent],
        false => &[Mood::Takes],
    };
    let settings = case.settings();
    for &mood in moods {
        let prepared = case.prepare(&settings, &scope()).await.unwrap();
        let integration = case.provider.integration(mood).await;
        let outcome = case.channel.send(&prepared, integration.as_ref()).await;
        let right = match mood {
            Mood::Takes => matches!(outcome, SendOutcome::Sent { .. }),
            Mood::RefusesContact => matches!(outcome, SendOutcome::Rejected { .. }),
            Mood::RefusesSender => matches!(outcome, SendOutcome::Misconfigured { .. }),
            Mood::Busy | Mood::Absent => matches!(outcome, SendOutcome::Retry { .. }),
            // An idempotent provider is simply asked again.
            Mood::Silent if traits.ambiguity == Ambiguity::Idempotent => matches!(outcome, SendOutcome::Retry { .. }),
            Mood::Silent => matches!(outcome, SendOutcome::Unknown { .. }),
        };
        assert!(right, "{mood:?} became {outcome:?}");
    }
    if traits.integration.is_some() {
        let prepared = case.prepare(&settings, &scope()).await.unwrap();
        let outcome = case.channel.send(&prepared, None).await;
        assert!(matches!(outcome, SendOutcome::Misconfigured { .. }), "{outcome:?}");
    }
}
