//! The kinds of durable work.

use serde::{Deserialize, Serialize};

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
    /// Ends one session with its results.
    CloseSession,
    /// Runs the aggregation strategy for one ended session.
    Aggregate,
}

impl StepKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Import,
        Self::Compile,
        Self::LoadData,
        Self::Deliver,
        Self::Reschedule,
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
            Self::CloseSession => "close_session",
            Self::Aggregate => "aggregate",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// Whether it runs a strategy that changes the contact: these run one at a time for each contact, in order.
    pub fn decides(self) -> bool {
        matches!(self, Self::LoadData | Self::Aggregate)
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

/// What a step that sends is sent through, as the name of its lane: the channel, and the integration where there is one.
pub fn sender(channel: &str, integration_id: Option<uuid::Uuid>) -> String {
    integration_id.map_or_else(|| channel.to_owned(), |id| format!("{channel}:{id}"))
}

/// The channel and the integration of a [`sender`].
pub fn sender_parts(sender: &str) -> (&str, Option<&str>) {
    sender.split_once(':').map_or((sender, None), |(channel, id)| (channel, Some(id)))
}

/// After this many crashes a step runs alone, so that a bad one takes no healthy neighbour with it.
pub const CRASHES_UNTIL_ALONE: i32 = 2;
/// After this many crashes, three of them alone, a step is quarantined as dead.
pub const CRASHES_UNTIL_DEAD: i32 = CRASHES_UNTIL_ALONE + 3;
