//! Who answers in two-way sessions: a language model or rules, behind one port.
//!
//! [`Agent`] is the port and [`Agents`] dispatches by what the tenant configured. Whatever answers, it goes through the same few
//! tools (`tools.rs`): it may speak, end the session with results that satisfy the schema, move to a state that may follow, or hand
//! over to a person, and nothing else. That is what holds against a contact who tries to talk a model into more: what the model wants is
//! only ever a proposal.
//!
//! Nothing here logs what is said.

mod agents;
mod check;
mod limits;
mod llm;
mod port;
mod schema;
mod scripted;
mod sentences;
mod text;
mod tools;

pub use agents::Agents;
pub use check::check;
pub use limits::Limits;
pub use llm::LlmProvider;
pub use port::{Agent, Aloud};
pub use schema::check_results;
