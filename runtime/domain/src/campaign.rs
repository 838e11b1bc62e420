//! A campaign's life.

use serde::{Deserialize, Serialize};

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// Being put together: contacts may be imported, nothing is decided or sent.
    Draft,
    /// Decides and sends.
    Active,
    /// Held: nothing is decided or sent until it is resumed, and nothing is lost.
    Paused,
    /// Every contact is at rest for good: nothing planned, no open conversation. A new import makes it active again.
    Completed,
    /// Put away for good.
    Archived,
}

impl CampaignStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Active, Self::Paused, Self::Completed, Self::Archived];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Whether the campaign's lanes may be claimed from.
    pub fn runs(self) -> bool {
        matches!(self, Self::Active | Self::Completed)
    }
}
