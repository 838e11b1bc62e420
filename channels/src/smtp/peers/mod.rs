//! Who the tests talk to: a real server, and one that misbehaves on demand.

mod catcher;
mod scripted;

use std::collections::HashMap;

pub(crate) use catcher::Catcher;
pub(crate) use scripted::{Act, Plan, Scripted};
use serde_json::{Value, json};
use stratagem_domain::channel::IntegrationKind;

use crate::Integration;

/// An integration without encryption or credentials.
pub(crate) fn integration(port: u16) -> Integration {
    with_settings(json!({"host": "127.0.0.1", "port": port, "tls": "none", "from": "Acme <billing@acme.example>"}))
}

pub(crate) fn with_settings(settings: Value) -> Integration {
    let Value::Object(settings) = settings else { panic!("{settings} is no object") };
    let (id, secrets, kept) = ("i1".to_owned(), HashMap::new(), Default::default());
    Integration { id, version: 1, kind: IntegrationKind::Smtp, settings, secrets, kept }
}

/// The same with credentials, as another version.
pub(crate) fn with_credentials(mut integration: Integration, user: &str, password: &str) -> Integration {
    integration.secrets.insert("username".to_owned(), user.into());
    integration.secrets.insert("password".to_owned(), password.into());
    integration.version += 1;
    integration
}
