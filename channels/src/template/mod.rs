//! Templates that stages carry: minijinja, narrowed so that a tenant's template can neither run away nor leak.
//!
//! - A contact's values are data: they are never parsed as a template, and a body is escaped as HTML.
//! - A variable without a value (missing or null) is an error, never an empty place in a message.
//! - Templates fill in, strategies compute: there are conditions and loops, and the filters listed in [`filters`]; what
//!   builds large values from small ones is left out or bounded (see [`guard`]), and the time is bounded by fuel.

mod filters;
mod guard;

use std::collections::BTreeMap;
use std::io;

use minijinja::{AutoEscape, Environment, ErrorKind, Template, UndefinedBehavior, Value};

/// A template's source, in bytes: the body of a large mail.
pub(crate) const MAX_SOURCE_BYTES: usize = 128 << 10;
/// A rendered text, in bytes.
const MAX_OUTPUT_BYTES: usize = 512 << 10;
/// A text of the scope, in bytes; what is longer is cut.
const MAX_VALUE_BYTES: usize = 32 << 10;
/// Instructions of one rendering. An ordinary mail takes a few hundred.
const FUEL: u64 = 20_000;

/// Names that templates may begin with.
const SCOPE: [&str; 6] = ["contact", "campaign", "stage", "communication", "unsubscribe_url", "telegram_url"];
/// Fields of `contact`, those of [`stratagem_domain::strategy::ContactDoc`].
const CONTACT_FIELDS: [&str; 13] = [
    "id",
    "object_id",
    "external_id",
    "name",
    "email",
    "phone",
    "time_zone",
    "current_stage",
    "params",
    "results",
    "internal_data",
    "communications",
    "communications_total",
];

/// Whether values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// As they are.
    Text,
    /// As HTML.
    Html,
}

impl Format {
    /// minijinja chooses the escaping by the template's name.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "text.html",
        }
    }
}

/// Renders templates. Made once per channel.
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_auto_escape_callback(|name| {
            if name == Format::Html.name() { AutoEscape::Html } else { AutoEscape::None }
        });
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(32);
        // Without it errors do not know the expression that they are about.
        environment.set_debug(true);
        environment.set_formatter(|out, state, value| {
            if value.is_none() {
                return Err(ErrorKind::UndefinedError.into());
            }
            if *state.auto_escape() == AutoEscape::Html && !value.is_safe() && !value.is_undefined() {
                return Ok(out.write_str(&escape_html(&value.to_string()))?);
            }
            minijinja::escape_formatter(out, state, value)
        });
        filters::install(&mut environment);
        Self { environment }
    }

    /// Finds what can be found without a contact.
    ///
    /// # Errors
    /// Everything that is wrong, in plain words.
    pub(crate) fn check(&self, source: &str) -> Result<(), Vec<String>> {
        let template = self.parse(source, Format::Text).map_err(|reason| vec![reason])?;
        let mut unknown: Vec<String> =
            template.undeclared_variables(true).iter().filter_map(|path| unknown_variable(path)).collect();
        unknown.sort();
        if unknown.is_empty() { Ok(()) } else { Err(unknown) }
    }

    /// Renders `source`, which is the setting `field`.
    ///
    /// # Errors
    /// Why not, with the field, the line and the expression where they are known.
    pub(crate) fn render(&self, field: &str, source: &str, format: Format, scope: &Value) -> Result<String, String> {
        self.try_render(source, format, scope).map_err(|reason| format!("{field}: {reason}"))
    }

    fn try_render(&self, source: &str, format: Format, scope: &Value) -> Result<String, String> {
        let template = self.parse(source, format)?;
        let mut output = Capped(Vec::new());
        match template.render_captured_to(scope, &mut output) {
            Ok(_) => String::from_utf8(output.0).map_err(|error| error.to_string()),
            Err(error) => Err(explain(source, &error)),
        }
    }

    fn parse<'a>(&'a self, source: &'a str, format: Format) -> Result<Template<'a, 'a>, String> {
        if source.len() > MAX_SOURCE_BYTES {
            return Err(format!("longer than {} KiB", MAX_SOURCE_BYTES >> 10));
        }
        guard::check(source)?;
        self.environment.template_from_named_str(format.name(), source).map_err(|error| explain(source, &error))
    }
}

/// What templates see, from the scope's JSON. Made once per message.
pub(crate) fn scope(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::String(text) => Value::from(cut(text)),
        serde_json::Value::Array(items) => items.iter().map(scope).collect(),
        serde_json::Value::Object(fields) => {
            Value::from(fields.iter().map(|(name, value)| (name.clone(), scope(value))).collect::<BTreeMap<_, _>>())
        }
        serde_json::Value::Bool(value) => Value::from(*value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::from(integer),
            (None, float) => Value::from(float),
        },
        serde_json::Value::Null => Value::from(()),
    }
}

/// For text and for attributes in quotes. minijinja would escape `/` too, and so spoil every address that a link shows to
/// those who read the source.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_VALUE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn unknown_variable(path: &str) -> Option<String> {
    let mut names = path.split('.');
    let top = names.next().unwrap_or_default();
    if !SCOPE.contains(&top) {
        return Some(format!("`{top}` is unknown: templates see {}", SCOPE.join(", ")));
    }
    let field = names.next().filter(|_| top == "contact")?;
    (!CONTACT_FIELDS.contains(&field))
        .then(|| format!("`contact.{field}` is unknown: a contact has {}", CONTACT_FIELDS.join(", ")))
}

fn explain(source: &str, error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    let what = match (error.kind(), error.range().and_then(|range| source.get(range))) {
        (ErrorKind::UndefinedError, Some(expression)) => format!("`{}` has no value", expression.trim()),
        (ErrorKind::OutOfFuel, _) => "takes too long".to_owned(),
        (ErrorKind::WriteFailure, _) => format!("becomes longer than {} KiB", MAX_OUTPUT_BYTES >> 10),
        (kind, _) => error.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    };
    format!("{line}{what}")
}

/// Takes a bounded number of bytes.
struct Capped(Vec<u8>);

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
