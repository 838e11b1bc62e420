//! The kinds of durable work.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::strategy::StrategyType;

/// What a step does. Each kind has a file in `engine/steps/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Reads an uploaded file into contacts.
    Import,
    /// Compiles an uploaded component.
    Compile,
    /// Runs the data load strategy for one contact.
    LoadData,
    /// Sends one communication.
    Deliver,
    /// Makes what waits for a campaign's sending hours due again, after they changed.
    Reschedule,
    /// Has an agent answer in one session.
    Converse,
    /// Sends one message within a session.
    Reply,
    /// Runs the answer analysis strategy for what an agent has said.
    AnalyzeAnswer,
    /// Ends one session with its results.
    CloseSession,
    /// Runs the aggregation strategy for one ended session.
    Aggregate,
}

impl StepKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Import,
        Self::Compile,
        Self::LoadData,
        Self::Deliver,
        Self::Reschedule,
        Self::Converse,
        Self::Reply,
        Self::AnalyzeAnswer,
        Self::CloseSession,
        Self::Aggregate,
    ];

    /// Its name in the database and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Compile => "compile",
            Self::LoadData => "load_data",
            Self::Deliver => "deliver",
            Self::Reschedule => "reschedule",
            Self::Converse => "converse",
            Self::Reply => "reply",
            Self::AnalyzeAnswer => "analyze_answer",
            Self::CloseSession => "close_session",
            Self::Aggregate => "aggregate",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// Whether it decides about the contact, or says something in a conversation: these run one at a time for each contact, in order.
    pub fn decides(self) -> bool {
        self.hook().is_some() || matches!(self, Self::Converse | Self::Reply)
    }

    /// The type of strategy that it runs, where it runs one, which changes the contact.
    pub fn hook(self) -> Option<StrategyType> {
        match self {
            Self::LoadData => Some(StrategyType::DataLoad),
            Self::AnalyzeAnswer => Some(StrategyType::AnswerAnalysis),
            Self::Aggregate => Some(StrategyType::Aggregation),
            Self::Import
            | Self::Compile
            | Self::Deliver
            | Self::Reschedule
            | Self::Converse
            | Self::Reply
            | Self::CloseSession => None,
        }
    }

    /// Whether something leaves for the contact.
    pub fn sends(self) -> bool {
        matches!(self, Self::Deliver | Self::Reply)
    }

    /// Whether it goes on while its campaign is not running.
    pub fn ignores_pause(self) -> bool {
        matches!(self, Self::Import | Self::Compile | Self::Reschedule)
    }
}

/// Where a step stands: `scheduled → claimed → done`, with the exits `dead` and `canceled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Waits until it is due and somebody claims it.
    Scheduled,
    /// A worker has it, until its lease ends.
    Claimed,
    /// Finished.
    Done,
    /// Given up on; kept for a person to look at.
    Dead,
    /// No longer wanted.
    Canceled,
}

impl StepState {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Claimed => "claimed",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Canceled => "canceled",
        }
    }
}

/// What a step that sends is sent through, and who talks: steps that share it share a lane, with its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sender<'a> {
    /// The channel, or [`TURN`] or [`CALL_TURN`].
    pub channel: &'a str,
    /// The integration, where there is one.
    pub integration_id: Option<Uuid>,
    /// The agent, where there is one.
    pub agent_id: Option<Uuid>,
}

/// In place of the channel: an agent's turns, which take a seat each.
pub const TURN: &str = "turn";
/// In place of the channel: an agent's turns in calls, which hold a seat already.
pub const CALL_TURN: &str = "call";

impl<'a> Sender<'a> {
    /// Reads the name that [`std::fmt::Display`] writes; what is no id counts as none.
    pub fn parse(name: &'a str) -> Self {
        let mut parts = name.splitn(3, ':');
        let channel = parts.next().unwrap_or_default();
        let mut id = || parts.next().and_then(|part| part.parse().ok());
        Self { channel, integration_id: id(), agent_id: id() }
    }
}

impl std::fmt::Display for Sender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.channel)?;
        match (self.integration_id, self.agent_id) {
            (None, None) => Ok(()),
            (Some(integration), None) => write!(f, ":{integration}"),
            (None, Some(agent)) => write!(f, "::{agent}"),
            (Some(integration), Some(agent)) => write!(f, ":{integration}:{agent}"),
        }
    }
}

/// After this many crashes a step runs alone, so that a bad one takes no healthy neighbour with it.
pub const CRASHES_UNTIL_ALONE: i32 = 2;
/// After this many crashes, three of them alone, a step is quarantined as dead.
pub const CRASHES_UNTIL_DEAD: i32 = CRASHES_UNTIL_ALONE + 3;
