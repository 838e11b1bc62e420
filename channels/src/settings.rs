//! Reading the JSON objects that settings are stored as.

use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;

/// Reads the fields of a `settings` object and collects every fault, so that an author sees all of them at once.
pub(crate) struct Fields<'a> {
    settings: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Notes every field that is not among `known`.
    pub(crate) fn new(settings: &'a Map<String, Value>, known: &[&str]) -> Self {
        let errors = settings
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| FieldError::new(path(name), format!("unknown field; there are {}", known.join(", "))))
            .collect();
        Self { settings, errors }
    }

    /// A field that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.settings.get(name).filter(|value| !value.is_null());
        if value.is_none() {
            self.wrong(name, "is required");
        }
        value
    }

    /// A text that must be there, and not be blank.
    pub(crate) fn required_text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.required(name)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.wrong(name, "must be a text that is not empty");
        }
        text
    }

    /// A text that may be there.
    pub(crate) fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.settings.get(name).filter(|value| !value.is_null())?;
        if !value.is_string() {
            self.wrong(name, "must be a text");
        }
        value.as_str()
    }

    /// Notes a fault of one field.
    pub(crate) fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(path(name), message));
    }

    /// Everything that was noted.
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Everything that was noted, as a result.
    pub(crate) fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

/// The faults as one sentence, for where there is no list to show.
pub(crate) fn one_line(errors: Vec<FieldError>) -> String {
    errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}

fn path(name: &str) -> String {
    format!("settings.{name}")
}
