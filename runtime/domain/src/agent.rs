//! Who talks with contacts in two-way sessions: what an agent is, what one turn of it is given, and what it may do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// A language model behind an OpenAI-compatible endpoint.
    Llm,
    /// Rules that the tenant wrote.
    Scripted,
}

impl AgentKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Llm, Self::Scripted];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Scripted => "scripted",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Whether an agent takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// It does.
    Active,
    /// The tenant switched it off: its turns wait.
    Inactive,
    /// It cannot, e.g. because its credentials were refused: its turns wait until somebody mends it.
    Error,
}

impl AgentStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Inactive, Self::Error];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Error => "error",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// The contact.
    Human,
    /// The agent, or the stage's own message.
    Ai,
    /// A person of the tenant's.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Human, Self::Ai, Self::Operator];

    /// Its name in the API, in the database and in Python.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "HUMAN",
            Self::Ai => "AI",
            Self::Operator => "OPERATOR",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// One state of an agent's workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentState {
    /// Unique within the agent.
    pub name: String,
    /// What holds in this state, beside the agent's own instructions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instructions: String,
    /// The states that may follow; without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transitions: Option<Vec<String>>,
}

/// Who talks, as the tenant configured it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentSpec {
    /// Its name, as the contact may be told.
    pub name: String,
    /// What answers.
    pub kind: AgentKind,
    /// What it is to do, in plain words.
    pub instructions: String,
    /// A scripted agent's rules, as TOML.
    pub rules: String,
    /// Its workflow; the first state is where a conversation begins unless the stage or the communication names another. May be empty.
    pub states: Vec<AgentState>,
    /// JSON Schema that the results of a session must satisfy; none where any object will do.
    pub result_schema: Option<Value>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Who.
    pub role: Role,
    /// What.
    pub content: String,
}

/// What an agent is given to answer: one contact's conversation and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The conversation so far, oldest first. A turn that begins a call has no message of the contact.
    pub messages: Vec<Utterance>,
    /// Where in its workflow the agent is; none where it has no states.
    pub state: Option<String>,
    /// What the agent may know of the contact: name, params, the campaign's and stage's name.
    pub context: Map<String, Value>,
    /// A call: answers are spoken, so they are short and without markup.
    pub spoken: bool,
}

/// What an agent does in one turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Act {
    /// What it says; none where it ends or hands over without a word.
    pub say: Option<String>,
    /// The state that it is in from now on, where that changes. Always one that may follow.
    pub state: Option<String>,
    /// Ends the session with these results, which satisfy the schema.
    pub end: Option<Map<String, Value>>,
    /// Gives the conversation to a person, for this reason.
    pub hand_over: Option<String>,
    /// What it took.
    pub usage: Usage,
}

/// What a turn took of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Requests to the model, repeated ones included.
    pub requests: u32,
    /// Tokens that it read.
    pub prompt_tokens: u64,
    /// Tokens that it wrote.
    pub completion_tokens: u64,
    /// What that cost by the integration's prices, in millionths of its currency; 0 where no prices are given.
    pub cost_micros: u64,
}

/// Why an agent gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// It may work in a while.
    #[error("{reason}")]
    Retry {
        /// Not before this long, in milliseconds, where the provider says so.
        after_ms: Option<u64>,
        /// In plain words.
        reason: String,
    },
    /// Its credentials or settings are at fault: it goes to status `error`.
    #[error("{reason}")]
    Misconfigured {
        /// In plain words.
        reason: String,
    },
    /// It answered what makes no sense, and again when it was told so: the session ends with `AGENT_ERROR`.
    #[error("{reason}")]
    Invalid {
        /// In plain words.
        reason: String,
    },
}
