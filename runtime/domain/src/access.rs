//! Who may do what through the API.

use serde::{Deserialize, Serialize};

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Makes tenants and sets their limits; belongs to no tenant.
    PlatformAdmin,
    /// Everything within a tenant.
    Admin,
    /// Campaigns, stages and strategies, beside what a viewer may.
    Developer,
    /// Contacts, imports and the inbox, beside what a viewer may.
    Operator,
    /// Reads.
    Viewer,
}

/// A class of calls that a role may or may not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Tenants, their limits and their first tokens.
    Platform,
    /// Tokens, integrations, secrets.
    Administer,
    /// Campaigns, stages, strategies.
    Build,
    /// Contacts, imports, pausing and resuming.
    Operate,
    /// Reading anything of the tenant.
    Read,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::PlatformAdmin, Self::Admin, Self::Developer, Self::Operator, Self::Viewer];

    /// Whether the role has the permission.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::PlatformAdmin => permission == Permission::Platform,
            Self::Admin => permission != Permission::Platform,
            Self::Developer => matches!(permission, Permission::Build | Permission::Read),
            Self::Operator => matches!(permission, Permission::Operate | Permission::Read),
            Self::Viewer => permission == Permission::Read,
        }
    }

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PlatformAdmin => "platform_admin",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == name)
    }
}
