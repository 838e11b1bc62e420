//! From the texts of a row to a contact: what is required, what only warns.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::{Map, Value};
use stratagem_domain::address;

use super::columns::Field;
use super::{Finding, ImportedContact, MAX_ID_CHARS, Present};

/// A row before its values were looked at.
#[derive(Default)]
pub(super) struct Draft<'a> {
    /// By [`Field`]; `None` where the row has no such column or key.
    fields: [Option<Cow<'a, str>>; Field::COUNT],
    pub(super) params: Map<String, Value>,
    pub(super) warnings: Vec<Finding>,
}

impl<'a> Draft<'a> {
    /// Puts a value in. False where the row had one already.
    pub(super) fn set(&mut self, field: Field, text: impl Into<Cow<'a, str>>) -> bool {
        self.fields[field as usize].replace(text.into()).is_none()
    }

    /// Checks everything.
    ///
    /// # Errors
    /// The first thing that rejects the row.
    pub(super) fn finish(mut self) -> Result<(ImportedContact, Vec<Finding>), Finding> {
        let object_id = self.id(Field::ObjectId)?;
        let external_id = self.id(Field::ExternalId)?;
        let name = self.required(Field::Name)?;
        let mut present = Present::default();
        let email = self.optional(Field::Email, &mut present.email);
        if let Some(email) = &email {
            address::check_email(email).map_err(|reason| Finding::of(Field::Email.name(), email, reason))?;
        }
        let phone = self.optional(Field::Phone, &mut present.phone).map(|text| self.phone(text));
        let time_zone = self.optional(Field::TimeZone, &mut present.time_zone);
        let time_zone = match time_zone {
            Some(text) if chrono_tz::Tz::from_str(&text).is_err() => {
                self.warn(Field::TimeZone, &text, "is no time zone (such as Europe/Berlin) and was left out");
                present.time_zone = false;
                None
            }
            known => known,
        };
        let contact =
            ImportedContact { object_id, external_id, name, email, phone, time_zone, params: self.params, present };
        Ok((contact, self.warnings))
    }

    /// A value without the white space around it, and whether the row has the field at all.
    fn optional(&mut self, field: Field, present: &mut bool) -> Option<String> {
        let text = self.fields[field as usize].take();
        *present = text.is_some();
        text.and_then(trimmed)
    }

    fn required(&mut self, field: Field) -> Result<String, Finding> {
        let Some(text) = self.fields[field as usize].take() else {
            return Err(Finding::of(field.name(), "", "is missing"));
        };
        trimmed(text).ok_or_else(|| Finding::of(field.name(), "", "is empty"))
    }

    fn id(&mut self, field: Field) -> Result<String, Finding> {
        let id = self.required(field)?;
        if id.len() > MAX_ID_CHARS && id.chars().count() > MAX_ID_CHARS {
            return Err(Finding::of(field.name(), &id, format!("is longer than {MAX_ID_CHARS} characters")));
        }
        Ok(id)
    }

    /// A number that cannot be dialled stays as it is: it is the tenant's data, and may be right one day.
    fn phone(&mut self, text: String) -> String {
        match address::dialable(&text) {
            Ok(number) => number,
            Err(reason) => {
                self.warn(Field::Phone, &text, reason);
                text
            }
        }
    }

    fn warn(&mut self, field: Field, value: &str, reason: &str) {
        self.warnings.push(Finding::of(field.name(), value, reason));
    }
}

/// None where only white space is left.
fn trimmed(text: Cow<'_, str>) -> Option<String> {
    let inner = text.trim();
    if inner.is_empty() {
        None
    } else if inner.len() == text.len() {
        Some(text.into_owned())
    } else {
        Some(inner.to_owned())
    }
}
