//! Where a communication stands: the campaign's view and the provider's.

use serde::{Deserialize, Serialize};

/// The campaign's view. The first five are open, the others are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for its start date.
    Planned,
    /// On its way, or held.
    Started,
    /// The provider delivered it.
    Delivered,
    /// The contact has read it.
    Read,
    /// The contact has answered.
    Replied,
    /// Ended well.
    Completed,
    /// Ended without an answer.
    NoResponse,
    /// Could not be sent, or its session failed.
    Failed,
    /// Taken back before it was sent.
    Canceled,
    /// Not sent, because a rule or the contact's data said no.
    Skipped,
    /// The provider may or may not have accepted it.
    Unknown,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 11] = [
        Self::Planned,
        Self::Started,
        Self::Delivered,
        Self::Read,
        Self::Replied,
        Self::Completed,
        Self::NoResponse,
        Self::Failed,
        Self::Canceled,
        Self::Skipped,
        Self::Unknown,
    ];

    /// Whether nothing more happens to it.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Planned | Self::Started | Self::Delivered | Self::Read | Self::Replied)
    }

    /// Its name in the API, in the database and in Python.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Started => "started",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Replied => "replied",
            Self::Completed => "completed",
            Self::NoResponse => "no_response",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

/// The provider's side. It moves forward by rank only; `failed` and `unknown` are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Nothing was handed over.
    None,
    /// Committed before the socket opens: whoever finds it after a crash knows that the send may have happened.
    Sending,
    /// The provider accepted it.
    Sent,
    /// It reached the contact.
    Delivered,
    /// The contact opened it.
    Read,
    /// The provider refused it, or could not deliver it.
    Failed,
    /// Nobody knows.
    Unknown,
}

impl Delivery {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Sending, Self::Sent, Self::Delivered, Self::Read, Self::Failed, Self::Unknown];

    /// Its name in the API, in the database and in Python.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == name)
    }

    /// Whether a provider's word may move it there: forward only, and `failed` only while nobody has seen it arrive.
    pub fn may_become(self, next: Self) -> bool {
        match next {
            Self::Failed => matches!(self, Self::Sending | Self::Sent | Self::Unknown),
            Self::Sent | Self::Delivered | Self::Read => match (self.rank(), next.rank()) {
                (Some(before), Some(after)) => before > 0 && after > before,
                // What nobody knew is known now.
                (None, Some(_)) => self == Self::Unknown,
                (_, None) => false,
            },
            Self::None | Self::Sending | Self::Unknown => false,
        }
    }

    fn rank(self) -> Option<u8> {
        match self {
            Self::None => Some(0),
            Self::Sending => Some(1),
            Self::Sent => Some(2),
            Self::Delivered => Some(3),
            Self::Read => Some(4),
            Self::Failed | Self::Unknown => None,
        }
    }

    /// What the campaign's view becomes with it, where that is more than it was.
    pub fn shows(self, status: Status) -> Option<Status> {
        let shown = match self {
            Self::Delivered => Status::Delivered,
            Self::Read => Status::Read,
            _ => return None,
        };
        let order = [Status::Started, Status::Delivered, Status::Read, Status::Replied];
        let rank = |status| order.iter().position(|known| *known == status);
        (rank(status)? < rank(shown)?).then_some(shown)
    }

    /// The final status of a communication that has ended so and that nobody gave one.
    pub fn settled(self) -> Status {
        match self {
            Self::Failed => Status::Failed,
            Self::Unknown | Self::Sending => Status::Unknown,
            Self::None => Status::Skipped,
            Self::Sent | Self::Delivered | Self::Read => Status::Completed,
        }
    }
}

/// One entry of a communication's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The campaign's view, where it changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
    /// The provider's side, where it changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivery: Option<Delivery>,
    /// Why, where there is more to say than the state does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}
