//! What a strategy wants to change: its returned contact, checked against the stored one.
//!
//! A strategy may change `name`, `email`, `phone`, `current_stage`, `params`, `results` and `internal_data`; append
//! communications; change `start_date`, `stage_name`, `params` and `status` (cancel, skip) of those still planned; and set
//! the status of the flagged one. Anything else is refused with [`RunErrorKind::InvalidResult`] and the field's name, and
//! nothing is applied.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::{CommunicationDoc, ContactDoc, RunError, RunErrorKind, check_object, check_text};
use crate::{communication::Status, local_time};

/// Most communications that one run may plan.
const MAX_PLANNED: usize = 100;

/// Bytes of a name, an address or a stage.
const MAX_SHORT: usize = 1_000;

/// What the check needs to know beside the two contacts.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The run's zone, in which moments without an offset are.
    pub zone: Tz,
    /// Names of the campaign's stages.
    pub stages: &'a [&'a str],
}

/// The difference that is applied to the stored contact. A field that is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactChange {
    /// New name.
    pub name: Option<String>,
    /// New e-mail address, or none any more.
    pub email: Option<Option<String>>,
    /// New phone number, or none any more.
    pub phone: Option<Option<String>>,
    /// New time zone, or none any more. Only an import changes it, never a strategy.
    pub time_zone: Option<Option<String>>,
    /// New stage, or none any more.
    pub current_stage: Option<Option<String>>,
    /// New parameters, whole.
    pub params: Option<Map<String, Value>>,
    /// New results, whole.
    pub results: Option<Map<String, Value>>,
    /// New internal data, whole.
    pub internal_data: Option<Map<String, Value>>,
    /// Communications to plan, in order.
    pub planned: Vec<NewCommunication>,
    /// Changes to communications that there are.
    pub changed: Vec<PlannedChange>,
}

/// A communication that the strategy has made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCommunication {
    /// The strategy's name for it.
    pub name: String,
    /// A stage of the campaign.
    pub stage_name: String,
    /// When to send.
    pub start_date: DateTime<Utc>,
    /// State of the agent's workflow to begin with.
    pub start_state: Option<String>,
    /// Whatever else was attached.
    pub params: Map<String, Value>,
}

/// A change to a communication; a field that is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannedChange {
    /// Which one.
    pub id: String,
    /// New stage.
    pub stage_name: Option<String>,
    /// New start.
    pub start_date: Option<DateTime<Utc>>,
    /// New attachments, whole.
    pub params: Option<Map<String, Value>>,
    /// New status.
    pub status: Option<Status>,
}

impl ContactChange {
    /// Names of what changes, for the run's record.
    pub fn fields(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("email", self.email.is_some()),
            ("phone", self.phone.is_some()),
            ("time_zone", self.time_zone.is_some()),
            ("current_stage", self.current_stage.is_some()),
            ("params", self.params.is_some()),
            ("results", self.results.is_some()),
            ("internal_data", self.internal_data.is_some()),
            ("communications", !self.planned.is_empty() || !self.changed.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }
}

/// The difference between the stored contact and the returned one, or why it may not be.
pub fn change_of(stored: &ContactDoc, returned: &ContactDoc, rules: Rules<'_>) -> Result<ContactChange, RunError> {
    check(stored, returned, rules).map_err(|message| RunError::new(RunErrorKind::InvalidResult, message))
}

fn check(stored: &ContactDoc, returned: &ContactDoc, rules: Rules<'_>) -> Result<ContactChange, String> {
    unchanged("contact.id", &stored.id, &returned.id)?;
    unchanged("contact.object_id", &stored.object_id, &returned.object_id)?;
    unchanged("contact.external_id", &stored.external_id, &returned.external_id)?;
    unchanged("contact.time_zone", &stored.time_zone, &returned.time_zone)?;
    for (name, before, after) in [
        ("contact.name", Some(&stored.name), Some(&returned.name)),
        ("contact.email", stored.email.as_ref(), returned.email.as_ref()),
        ("contact.phone", stored.phone.as_ref(), returned.phone.as_ref()),
        ("contact.current_stage", stored.current_stage.as_ref(), returned.current_stage.as_ref()),
    ] {
        if let Some(after) = after.filter(|_| before != after) {
            check_short(name, after)?;
        }
    }
    check_object("contact.params", &returned.params)?;
    check_object("contact.results", &returned.results)?;
    check_object("contact.internal_data", &returned.internal_data)?;

    let (planned, changed) = communications(stored, returned, rules)?;
    Ok(ContactChange {
        name: differs(&stored.name, &returned.name),
        email: differs(&stored.email, &returned.email),
        phone: differs(&stored.phone, &returned.phone),
        time_zone: None,
        current_stage: differs(&stored.current_stage, &returned.current_stage),
        params: differs(&stored.params, &returned.params),
        results: differs(&stored.results, &returned.results),
        internal_data: differs(&stored.internal_data, &returned.internal_data),
        planned,
        changed,
    })
}

fn communications(
    stored: &ContactDoc,
    returned: &ContactDoc,
    rules: Rules<'_>,
) -> Result<(Vec<NewCommunication>, Vec<PlannedChange>), String> {
    let mut known: HashMap<&str, &CommunicationDoc> =
        stored.communications.iter().filter_map(|c| Some((c.id.as_deref()?, c))).collect();
    let (mut planned, mut changed) = (Vec::new(), Vec::new());
    for (i, communication) in returned.communications.iter().enumerate() {
        let at = format!("contact.communications[{i}]");
        match communication.id.as_deref() {
            None => planned.push(new_communication(&at, communication, rules)?),
            Some(id) => {
                let before =
                    known.remove(id).ok_or(format!("{at}.id is no communication of this contact, or twice there"))?;
                changed.extend(changed_communication(&at, before, communication, rules)?);
            }
        }
    }
    if let Some(missing) = known.values().next() {
        return Err(format!(
            "contact.communications lacks `{}`: history cannot be removed; cancel a planned one by its status",
            missing.name
        ));
    }
    if planned.len() > MAX_PLANNED {
        return Err(format!("contact.communications has {} new ones; a run may plan {MAX_PLANNED}", planned.len()));
    }
    Ok((planned, changed))
}

fn new_communication(at: &str, new: &CommunicationDoc, rules: Rules<'_>) -> Result<NewCommunication, String> {
    if new.status != Status::Planned.as_str() {
        return Err(format!("{at}.status is `{}`: a new communication is planned", new.status));
    }
    check_short(&format!("{at}.name"), &new.name)?;
    check_short(&format!("{at}.start_state"), new.start_state.as_deref().unwrap_or_default())?;
    check_object(&format!("{at}.params"), &new.params)?;
    Ok(NewCommunication {
        name: new.name.clone(),
        stage_name: stage(at, &new.stage_name, rules)?,
        start_date: moment(at, &new.start_date, rules)?,
        start_state: new.start_state.clone(),
        params: new.params.clone(),
    })
}

fn changed_communication(
    at: &str,
    before: &CommunicationDoc,
    after: &CommunicationDoc,
    rules: Rules<'_>,
) -> Result<Option<PlannedChange>, String> {
    unchanged(&format!("{at}.name"), &before.name, &after.name)?;
    unchanged(&format!("{at}.start_state"), &before.start_state, &after.start_state)?;
    unchanged(&format!("{at}.channel"), &before.channel, &after.channel)?;
    unchanged(&format!("{at}.delivery"), &before.delivery, &after.delivery)?;
    unchanged(&format!("{at}.flagged"), &before.flagged, &after.flagged)?;
    let mut change = PlannedChange { id: before.id.clone().unwrap_or_default(), ..PlannedChange::default() };
    if before.status == Status::Planned.as_str() {
        if before.stage_name != after.stage_name {
            change.stage_name = Some(stage(at, &after.stage_name, rules)?);
        }
        if before.start_date != after.start_date {
            change.start_date = Some(moment(at, &after.start_date, rules)?);
        }
        check_object(&format!("{at}.params"), &after.params)?;
        change.params = differs(&before.params, &after.params);
    } else {
        unchanged(&format!("{at}.stage_name"), &before.stage_name, &after.stage_name)?;
        unchanged(&format!("{at}.start_date"), &before.start_date, &after.start_date)?;
        if before.params != after.params {
            return Err(format!("{at}.params cannot be changed once the communication is `{}`", before.status));
        }
    }
    if before.status != after.status {
        change.status = Some(status(at, before, after)?);
    }
    let untouched = PlannedChange { id: change.id.clone(), ..PlannedChange::default() };
    Ok((change != untouched).then_some(change))
}

fn status(at: &str, before: &CommunicationDoc, after: &CommunicationDoc) -> Result<Status, String> {
    let wanted =
        Status::parse(&after.status).ok_or_else(|| format!("{at}.status is `{}`, which is no status", after.status))?;
    let withdrawn = matches!(wanted, Status::Canceled | Status::Skipped);
    if before.flagged || (before.status == Status::Planned.as_str() && withdrawn) {
        return Ok(wanted);
    }
    Err(format!(
        "{at}.status cannot go from `{}` to `{}`: a planned communication may be canceled or skipped, and only the flagged \
         one may take any status",
        before.status, after.status
    ))
}

fn stage(at: &str, name: &str, rules: Rules<'_>) -> Result<String, String> {
    if rules.stages.contains(&name) {
        return Ok(name.to_owned());
    }
    let known = rules.stages.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none".to_owned() } else { known };
    Err(format!("{at}.stage_name is `{name}`, which is no stage of the campaign; its stages are: {known}"))
}

fn moment(at: &str, text: &str, rules: Rules<'_>) -> Result<DateTime<Utc>, String> {
    local_time::resolve(text, rules.zone).map_err(|error| format!("{at}.start_date: {error}"))
}

/// A text that a database keeps in an index, and people in one line.
fn check_short(name: &str, text: &str) -> Result<(), String> {
    check_text(name, text)?;
    match text.len() <= MAX_SHORT {
        true => Ok(()),
        false => Err(format!("{name} has {} bytes, {MAX_SHORT} are allowed", text.len())),
    }
}

fn differs<T: PartialEq + Clone>(before: &T, after: &T) -> Option<T> {
    (before != after).then(|| after.clone())
}

fn unchanged<T: PartialEq>(field: &str, before: &T, after: &T) -> Result<(), String> {
    if before == after { Ok(()) } else { Err(format!("{field} is read-only and was changed")) }
}
