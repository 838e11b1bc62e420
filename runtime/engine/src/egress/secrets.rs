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

    /// The bytes with every placeholder filled in. Refused where a secret is not for this host.
    pub(super) fn fill(&self, host: &str, bytes: &[u8]) -> Result<Vec<u8>, HttpError> {
        let mut filled = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((before, name, after)) = next(rest) {
            filled.extend_from_slice(before);
            let secret = self.0.iter().find(|secret| secret.name.as_bytes() == name);
            match secret {
                Some(secret) if secret.hosts.iter().any(|rule| rule.covers(host)) => {
                    filled.extend_from_slice(secret.value.expose_secret().as_bytes());
                }
                Some(secret) => {
                    let message = format!("the secret `{}` is not for {host}", secret.name);
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

    /// The bytes with every secret's value taken out: an answer may repeat what it was sent.
    pub(super) fn redact(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for secret in &self.0 {
            let value = secret.value.expose_secret().as_bytes();
            let mut at = 0;
            while let Some(found) = bytes.get(at..).and_then(|rest| find(rest, value)) {
                let placeholder = [OPEN, secret.name.as_bytes(), CLOSE].concat();
                bytes.splice(at + found..at + found + value.len(), placeholder.iter().copied());
                at += found + placeholder.len();
            }
        }
        bytes
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
        let hosts = vec![HttpRule::parse("*.crm.example").unwrap()];
        Secrets(vec![Opened { name: "CRM".into(), value: "s3cret-value".into(), hosts }])
    }

    #[test]
    fn a_placeholder_is_filled_for_its_hosts_alone() {
        let filled =
            secrets().fill("api.crm.example", b"Bearer {{secret:CRM}}, {{secret:CRM}} {{x}} {{secret:").unwrap();
        assert_eq!(filled, b"Bearer s3cret-value, s3cret-value {{x}} {{secret:");
        let error = secrets().fill("evil.example", b"{{secret:CRM}}").unwrap_err();
        assert_eq!(error.message, "the secret `CRM` is not for evil.example");
        assert_eq!(secrets().fill("evil.example", b"plain {{secret:a b}}").unwrap(), b"plain {{secret:a b}}");
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_redacted() {
        let seen = secrets().redact(b"s3cret-values3cret-value! s3cret".to_vec());
        assert_eq!(seen, b"{{secret:CRM}}{{secret:CRM}}! s3cret");
    }

    #[test]
    fn names_are_found_where_they_are() {
        assert_eq!(names(b"{{secret:A}}{{secret:b-1.x}} {{secret:}} {{secret:\xff}} {{secret:long"), ["A", "b-1.x"]);
        assert!(mentions(b"x {{secret:A}}") && !mentions(b"x {{Secret:A}}"));
    }
}
