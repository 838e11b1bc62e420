//! Reading the JSON objects that settings are stored as, for channels and for providers, whichever crate they live in.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;
use url::Url;

use crate::template::Templates;

/// The setting of a stage that sends messages by which a tenant chooses that one whose outcome is not known is sent again, although
/// the contact may then get it twice. False where it is absent. Calls have no such setting.
pub(crate) const RESEND_UNCONFIRMED: &str = "resend_unconfirmed";

/// Reads the fields of a `settings` object and collects every fault, so that an author sees all of them at once.
pub struct Fields<'a> {
    settings: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Notes every field that is not among `known`.
    pub fn new(settings: &'a Map<String, Value>, known: &[&str]) -> Self {
        let errors = settings
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| FieldError::new(path(name), format!("unknown field; there are {}", known.join(", "))))
            .collect();
        Self { settings, errors }
    }

    /// The same for a stage that sends messages, which may have [`RESEND_UNCONFIRMED`] too.
    pub(crate) fn of_messages(settings: &'a Map<String, Value>, known: &[&str]) -> Self {
        let mut fields = Self::new(settings, &[known, &[RESEND_UNCONFIRMED]].concat());
        fields.flag(RESEND_UNCONFIRMED);
        fields
    }

    /// A field that must be there.
    pub fn required(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.settings.get(name).filter(|value| !value.is_null());
        if value.is_none() {
            self.wrong(name, "is required");
        }
        value
    }

    /// A text that must be there, and not be blank.
    pub fn required_text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.required(name)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.wrong(name, "must be a text that is not empty");
        }
        text
    }

    /// A text that may be there.
    pub fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.settings.get(name).filter(|value| !value.is_null())?;
        if !value.is_string() {
            self.wrong(name, "must be a text");
        }
        value.as_str()
    }

    /// True or false, where it is there.
    fn flag(&mut self, name: &str) {
        if self.settings.get(name).is_some_and(|value| !value.is_null() && !value.is_boolean()) {
            self.wrong(name, "must be true or false");
        }
    }

    /// A template that may be there.
    pub(crate) fn template(&mut self, name: &str, templates: &Templates) {
        let Some(source) = self.text(name) else { return };
        for reason in templates.check(source).err().into_iter().flatten() {
            self.wrong(name, reason);
        }
    }

    /// A whole number within `range` that may be there.
    pub(crate) fn whole(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.settings.get(name).filter(|value| !value.is_null())?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|n| range.contains(n));
        if number.is_none() {
            self.wrong(name, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// One of `known` that may be there.
    pub(crate) fn one_of(&mut self, name: &str, known: &[&str]) -> Option<&'a str> {
        let text = self.text(name)?;
        if !known.contains(&text) {
            self.wrong(name, format!("must be one of {}", known.join(", ")));
        }
        Some(text)
    }

    /// The address of a provider's web interface, without a slash at its end; `usual` where the field is not there.
    pub(crate) fn web_address(&mut self, name: &str, usual: &'a str) -> &'a str {
        let Some(text) = self.text(name).map(|text| text.trim_end_matches('/')) else { return usual };
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        // A path may be there, for a gateway in between.
        if !url.is_some_and(|url| url.has_host() && url.query().is_none() && url.fragment().is_none()) {
            self.wrong(name, "must be an address such as https://api.example.com");
        }
        text
    }

    /// Notes a fault of one field.
    pub fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(path(name), message));
    }

    /// Everything that was noted.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Everything that was noted, as a result.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

/// Notes secrets that are not among `known`, and those of `required` that are missing.
pub(crate) fn check_secrets(given: &[&str], known: &[&str], required: &[&str]) -> Vec<FieldError> {
    let unknown = given.iter().filter(|name| !known.contains(name)).map(|name| {
        FieldError::new(format!("secrets.{name}"), format!("unknown secret; there are {}", known.join(" and ")))
    });
    let missing = required.iter().filter(|name| !given.contains(name));
    unknown.chain(missing.map(|name| FieldError::new(format!("secrets.{name}"), "is required"))).collect()
}

/// Faults in one line, for whom uses settings that were not checked.
pub(crate) fn one_line(errors: impl AsRef<[FieldError]>) -> String {
    errors.as_ref().iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}

fn path(name: &str) -> String {
    format!("settings.{name}")
}
