//! The list of scenarios.

use stratagem_tests::Faults;

use crate::{database, disk_full, kill, lost_answer, machine, nodes, world::World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    Kill,
    Nodes,
    Database,
    DiskFull,
    LostAnswer,
    Resend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// A scenario on a database.
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) database: Database,
    pub(crate) rounds: u32,
}

impl Scenario {
    pub(crate) const ALL: [Self; 6] =
        [Self::Kill, Self::Nodes, Self::Database, Self::DiskFull, Self::LostAnswer, Self::Resend];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Nodes => "nodes",
            Self::Database => "database",
            Self::DiskFull => "disk-full",
            Self::LostAnswer => "lost-answer",
            Self::Resend => "resend",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    pub(crate) fn databases(self) -> &'static [Database] {
        match self {
            Self::Kill | Self::LostAnswer | Self::Resend => &[Database::Sqlite, Database::Postgres],
            Self::Nodes | Self::Database => &[Database::Postgres],
            Self::DiskFull => &[Database::Sqlite],
        }
    }

    /// How many of the rounds that were asked for are enough, where a round takes longer than a kill.
    pub(crate) fn share(self, rounds: u32) -> u32 {
        match self {
            Self::Kill => rounds,
            Self::Database => rounds.div_ceil(2),
            Self::Nodes | Self::DiskFull | Self::LostAnswer | Self::Resend => rounds.div_ceil(4),
        }
    }

    /// How the mail server behaves.
    pub(crate) fn faults(self) -> Faults {
        if matches!(self, Self::LostAnswer | Self::Resend) { lost_answer::FAULTS } else { Faults::default() }
    }

    pub(crate) async fn run(self, world: &mut World, rounds: u32) {
        match self {
            // Killed beside a mail server that cuts connections, with stages that send again what nobody confirmed.
            Self::Kill | Self::Resend => kill::run(world, rounds).await,
            Self::Nodes => nodes::run(world, rounds).await,
            Self::Database => database::run(world, rounds).await,
            Self::DiskFull => disk_full::run(world, rounds).await,
            Self::LostAnswer => lost_answer::run(world, rounds).await,
        }
    }
}

impl Database {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Sqlite, Self::Postgres].into_iter().find(|database| database.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl Plan {
    pub(crate) fn title(&self) -> String {
        format!("{} on {}", self.scenario.name(), self.database.name())
    }

    /// Why this machine cannot run it.
    pub(crate) fn obstacle(&self) -> Option<&'static str> {
        if self.database == Database::Postgres && stratagem_tests::postgres_server().is_none() {
            return Some("there is no STRATAGEM_TEST_POSTGRES");
        }
        match self.scenario {
            Scenario::Database if !machine::restarts_postgres() => {
                Some("STRATAGEM_TEST_POSTGRES_DATA is not set: it cannot be restarted")
            }
            Scenario::DiskFull if !machine::mounts() => Some("only root can mount the small disk that it needs"),
            _ => None,
        }
    }
}
