//! Named secrets: `{{secret:NAME}}` in a header or a body stands for a value that the guest never sees.

use secrecy::{ExposeSecret, SecretString};
use stratagem_domain::strategy::{HttpError, HttpErrorKind, HttpRequest, HttpRule};
use stratagem_store::{Scope, entities::secret};

use crate::{Engine, EngineError};

const OPEN: &[u8] = b"{{secret:";
const CLOSE: &[u8] = b"}}";

/// Field name that a secret's value is sealed under.
pub const FIELD: &str = "secret value";

/// The secrets that one request mentions.
pub(super) struct Secrets(Vec<Opened>);

struct Opened {
    name: String,
    value: SecretString,
    hosts: Vec<HttpRule>,
}

/// Whether there is a placeholder in it.
pub(super) fn mentions(bytes: &[u8]) -> bool {
    find(bytes, OPEN).is_some()
}

impl Secrets {
    /// Opens those that the request mentions. Nothing is read where it mentions none.
    pub(super) async fn load(engine: &Engine, scope: Scope, request: &HttpRequest) -> Result<Self, HttpError> {
        let body = request.body.iter().map(|body| body.0.as_slice());
        let mut names: Vec<String> =
            request.headers.iter().map(|(_, value)| value.as_bytes()).chain(body).flat_map(names).collect();
        names.sort();
        names.dedup();
        let mut opened = Vec::new();
        for name in names {
            let row = engine.store().secret(scope, &name).await.map_err(EngineError::from).map_err(broken)?;
            let row =
                row.ok_or_else(|| HttpError::new(HttpErrorKind::Denied, format!("the tenant has no secret `{name}`")))?;
            opened.push(open(engine, row)?);
        }
        Ok(Self(opened))
    }

    /// The bytes with every placeholder filled in. Refused where a secret is not for this place.
    pub(super) fn fill(&self, place: &Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, HttpError> {
        let mut filled = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((before, name, after)) = next(rest) {
            filled.extend_from_slice(before);
            let secret = self.0.iter().find(|secret| secret.name.as_bytes() == name);
            match secret {
                Some(secret) if secret.hosts.iter().any(|rule| place.is_covered_by(rule)) => {
                    filled.extend_from_slice(secret.value.expose_secret().as_bytes());
                }
                Some(secret) => {
                    let message = format!("the secret `{}` is not for {}://{}", secret.name, place.scheme, place.host);
                    return Err(HttpError::new(HttpErrorKind::Denied, message));
                }
                // Not a name that a secret can have: it stays what it is.
                None => filled.extend_from_slice(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        filled.extend_from_slice(rest);
        Ok(filled)
    }

    /// The bytes with every secret's value taken out, as it is and as JSON and URLs write it: an answer may repeat what it was
    /// sent. Who means to give a secret away can write it in other ways.
    pub(super) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut forms: Vec<(Vec<u8>, &str)> = self.0.iter().flat_map(Opened::forms).collect();
        if forms.is_empty() {
            return bytes;
        }
        // The longest first: one secret may begin like another.
        forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        let mut redacted = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some((first, others)) = rest.split_first() {
            match forms.iter().find(|(form, _)| rest.starts_with(form)) {
                Some((form, name)) => {
                    redacted.extend([OPEN, name.as_bytes(), CLOSE].concat());
                    rest = rest.get(form.len()..).unwrap_or_default();
                }
                None => {
                    redacted.push(*first);
                    rest = others;
                }
            }
        }
        redacted
    }

    /// A text without any secret's value.
    pub(super) fn redact_text(&self, text: String) -> String {
        if self.0.is_empty() { text } else { String::from_utf8_lossy(&self.redact(text.into_bytes())).into_owned() }
    }
}

/// Where a request goes.
pub(super) struct Place<'a> {
    pub(super) method: &'a str,
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    pub(super) port: u16,
}

impl Place<'_> {
    pub(super) fn is_covered_by(&self, rule: &HttpRule) -> bool {
        rule.allows(self.method, self.scheme, self.host, self.port)
    }
}

impl Opened {
    fn forms(&self) -> Vec<(Vec<u8>, &str)> {
        let value = self.value.expose_secret();
        let json = serde_json::to_string(value).unwrap_or_default();
        let url: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        [value, json.trim_matches('"'), &url].map(|form| (form.as_bytes().to_vec(), self.name.as_str())).into()
    }
}

fn open(engine: &Engine, row: secret::Model) -> Result<Opened, HttpError> {
    let value = engine.vault().open(row.tenant_id, row.id, FIELD, &row.sealed).map_err(broken)?;
    let lines = row.hosts.as_array().cloned().unwrap_or_default();
    let hosts = lines.iter().filter_map(|line| HttpRule::parse(line.as_str()?).ok()).collect();
    Ok(Opened { name: row.name, value, hosts })
}

fn broken(error: impl std::fmt::Display) -> HttpError {
    tracing::error!(%error, "a secret of a strategy's request cannot be read");
    HttpError::new(HttpErrorKind::Denied, "the secret cannot be read; the server's log says why")
}

fn names(bytes: &[u8]) -> Vec<String> {
    let (mut names, mut rest) = (Vec::new(), bytes);
    while let Some((_, name, after)) = next(rest) {
        names.extend(std::str::from_utf8(name).ok().filter(|name| is_name(name)).map(str::to_owned));
        rest = after;
    }
    names
}

/// What stands before the next placeholder, its name, and what stands after it.
fn next(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let start = find(bytes, OPEN)?;
    let inside = bytes.get(start + OPEN.len()..)?;
    let end = find(inside, CLOSE)?;
    Some((bytes.get(..start)?, inside.get(..end)?, inside.get(end + CLOSE.len()..)?))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len().max(1)).position(|window| window == what)
}

/// Whether a secret can have that name: 1 to 64 of `A-Z a-z 0-9 _ . -`.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let hosts = vec![HttpRule::parse("https://*.crm.example").unwrap()];
        let secret = |name: &str, value: &str| Opened { name: name.into(), value: value.into(), hosts: hosts.clone() };
        Secrets(vec![secret("CRM", "s3cret-value"), secret("LONG", "s3cret-value-2"), secret("ODD", "a\"b/c d+e")])
    }

    fn place<'a>(scheme: &'a str, host: &'a str) -> Place<'a> {
        Place { method: "GET", scheme, host, port: 443 }
    }

    #[test]
    fn a_placeholder_is_filled_for_its_own_places_alone() {
        let text = b"Bearer {{secret:CRM}}, {{secret:CRM}} {{x}} {{secret:";
        let filled = secrets().fill(&place("https", "api.crm.example"), text).unwrap();
        assert_eq!(filled, b"Bearer s3cret-value, s3cret-value {{x}} {{secret:");
        for (scheme, host) in [("https", "evil.example"), ("http", "api.crm.example")] {
            let error = secrets().fill(&place(scheme, host), b"{{secret:CRM}}").unwrap_err();
            assert_eq!(error.message, format!("the secret `CRM` is not for {scheme}://{host}"));
        }
        let plain = b"plain {{secret:a b}}";
        assert_eq!(secrets().fill(&place("https", "evil.example"), plain).unwrap(), plain);
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_redacted() {
        let seen = secrets().redact(b"s3cret-values3cret-value! s3cret s3cret-value-2".to_vec());
        assert_eq!(seen, b"{{secret:CRM}}{{secret:CRM}}! s3cret {{secret:LONG}}");
        let seen = secrets().redact_text(r#"{"x": "a\"b/c d+e"} ?key=a%22b%2Fc+d%2Be"#.to_owned());
        assert_eq!(seen, r#"{"x": "{{secret:ODD}}"} ?key={{secret:ODD}}"#);
    }

    #[test]
    fn names_are_found_where_they_are() {
        assert_eq!(names(b"{{secret:A}}{{secret:b-1.x}} {{secret:}} {{secret:\xff}} {{secret:long"), ["A", "b-1.x"]);
        assert!(mentions(b"x {{secret:A}}") && !mentions(b"x {{Secret:A}}"));
    }
}
