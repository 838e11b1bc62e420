//! What the stories in `it/` are told with: a whole server, its API as a client sees it, and a mail server that keeps what
//! it is sent.
//!
//! A story starts a [`TestApp`] (or the real binary, [`Binary`], where a process has to die), makes a [`Campaign`] through
//! the HTTP API, lets it come to rest with [`Campaign::settle`], and reads contacts, communications, runs and mails. There
//! are no fixed sleeps: everything waits for what it wants to see, with a deadline ([`until`]).
//!
//! Every part is the real one: axum on a port, SQLite in a folder of its own or a PostgreSQL database (where
//! `STRATAGEM_TEST_POSTGRES` says where there is one), tenants' Python in the sandbox, mail over SMTP.
//! Only time is another's: it starts at [`MONDAY`] and jumps to whatever is due next ([`Time::Jumps`]), or stands still until
//! the story moves it ([`Time::ByHand`]).

pub mod api;
mod app;
mod audit;
mod binary;
mod campaign;
mod catcher;
mod clock;
mod counted;
mod database;
mod events;
mod example;
mod folder;
mod machine;
mod machine_clock;
mod peer;
mod sink;
mod wait;

pub use api::{Answer, Api};
pub use app::{MONDAY, TestApp, Time, shared_artefacts, smtp_integration};
pub use audit::{Audit, audit};
pub use binary::{Binary, Launch, Starting, command_line_cache, program};
pub use campaign::{Campaign, of_contact};
pub use catcher::{Catcher, Mail};
pub use counted::{counted, counted_after, counted_again, rows};
pub use database::{database_of, drop_database, make_database, on_postgres, postgres_server};
pub use events::{Events, Told};
pub use example::Example;
pub use folder::files_below;
pub use machine::{Memory, describe_machine, origin_of_figures};
pub use machine_clock::MachineClock;
pub use peer::{Behaviour, Peer};
pub use sink::{Faults, Ledger, Pace, Sink};
pub use wait::{DEADLINE, until, until_within};

/// Installs the cryptography that reqwest, lettre and rustls share. The first call does it, later ones nothing.
pub fn install_crypto() {
    // An error means that somebody was faster, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
