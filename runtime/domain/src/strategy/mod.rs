//! What a strategy is, what its hooks take and give, and what may come of a run.

mod allow;
mod change;
mod document;
mod http;
mod limits;
mod run;
mod sources;
mod value;

pub use allow::HttpRule;
pub use change::{ContactChange, NewCommunication, PlannedChange, Rules, change_of};
pub use document::{
    CampaignDoc, CommunicationDoc, ContactDoc, ContextDoc, HookInput, MessageDoc, SessionDoc, StageDoc,
};
pub use http::{HttpBody, HttpError, HttpErrorKind, HttpExchange, HttpOutcome, HttpRequest, HttpResponse};
pub use limits::Limits;
pub use run::{Input, LogLevel, LogLine, Output, RunError, RunErrorKind, RunReport};
pub use sources::{SINGLE, Sources, SourcesError};
pub use value::{MAX_DEPTH, check_object, check_text, escape_tags};

use serde::{Deserialize, Serialize};

/// When a strategy runs. One of each type is active per campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrategyType {
    /// When a contact is imported.
    DataLoad,
    /// After a communication's session has ended.
    Aggregation,
    /// After each answer of the agent, while the conversation goes on.
    AnswerAnalysis,
}

impl StrategyType {
    /// Every type, in the order in which a contact meets them.
    pub const ALL: [Self; 3] = [Self::DataLoad, Self::AnswerAnalysis, Self::Aggregation];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataLoad => "data_load",
            Self::Aggregation => "aggregation",
            Self::AnswerAnalysis => "answer_analysis",
        }
    }

    /// The entry point that is called where the tenant names none.
    pub fn default_function(self) -> &'static str {
        match self {
            Self::DataLoad | Self::Aggregation => "run",
            Self::AnswerAnalysis => "on_agent_answer",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == name)
    }
}

impl std::fmt::Display for StrategyType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
