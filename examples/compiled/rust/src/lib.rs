//! Runs when a contact is imported: plans the first communication and sets the stage.
//!
//! Types and limits are in `wit/types.wit`.

wit_bindgen::generate!({ path: "../../../wit", world: "data-load" });

use std::panic::Location;

use chrono::{NaiveDateTime, TimeDelta};
use stratagem::strategy::logging::{Level, log};
use stratagem::strategy::types::{Communication, Delivery, Status};

struct Strategy;

export!(Strategy);

impl Guest for Strategy {
    fn run(
        mut contact: Contact,
        existing_contact: Option<Contact>,
        context: RunContext,
    ) -> Result<Contact, StrategyError> {
        if existing_contact.is_some() {
            log(Level::Info, &format!("{} was there already", contact.external_id));
            return Ok(contact);
        }
        contact.communications.push(first_communication(&context)?);
        contact.current_stage = Some("First Contact".to_owned());
        log(Level::Info, &format!("first communication of {} planned", contact.external_id));
        Ok(contact)
    }
}

fn first_communication(context: &RunContext) -> Result<Communication, StrategyError> {
    Ok(Communication {
        id: None,
        name: "Initial Message".to_owned(),
        stage_name: "First Contact".to_owned(),
        start_date: hours_later(&context.now, 1)?,
        start_state: None,
        params: "{}".to_owned(),
        status: Status::Planned,
        channel: None,
        delivery: Delivery::None,
        flagged: false,
    })
}

/// A moment without an offset is a local time, and stays one.
fn hours_later(moment: &str, hours: i64) -> Result<String, StrategyError> {
    let time: NaiveDateTime = moment.parse().map_err(|error| failure("BadMoment", &format!("{moment}: {error}")))?;
    Ok((time + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S").to_string())
}

/// An error with the place that it was made at. A panic would be a failed run too, but one without a place.
#[track_caller]
fn failure(kind: &str, message: &str) -> StrategyError {
    let place = Location::caller();
    StrategyError {
        kind: kind.to_owned(),
        message: message.to_owned(),
        traceback: None,
        file: Some(place.file().to_owned()),
        line: Some(place.line()),
        column: Some(place.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_later_is_a_local_time_again() {
        assert_eq!(hours_later("2024-03-01T23:30:00", 1).unwrap(), "2024-03-02T00:30:00");
    }

    #[test]
    fn what_is_no_moment_fails_with_its_place() {
        let error = hours_later("tomorrow", 1).unwrap_err();
        assert_eq!((error.kind.as_str(), error.file.as_deref()), ("BadMoment", Some("src/lib.rs")));
        assert!(error.message.starts_with("tomorrow: "));
    }
}
