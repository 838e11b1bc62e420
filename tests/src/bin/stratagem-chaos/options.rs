//! What is to be run.

use crate::scenario::{Database, Plan, Scenario};

const USAGE: &str = "usage: stratagem-chaos [--scenario NAME] [--database sqlite|postgres] [--rounds N] [--contacts N] [--seed N]
with `make`: make chaos CHAOS=\"--scenario kill …\" CHAOS_ROUNDS=N
scenarios: all (the default), kill, nodes, database, disk-full, lost-answer, resend. Of all, those that take long have fewer rounds
--database   for a scenario that runs on both; without it, on each that there is
--contacts   new ones in each round [40]
--seed       repeats the choices of an earlier run; the machine still decides what happens at which moment
PostgreSQL is found in STRATAGEM_TEST_POSTGRES; `tests/support/postgres.py run --durable COMMAND` provides one.";

/// The arguments.
pub(crate) struct Options {
    scenario: Option<Scenario>,
    database: Option<Database>,
    rounds: u32,
    /// New contacts in each round.
    pub(crate) contacts: u64,
    /// Where the choices come from; drawn where there is none.
    pub(crate) seed: Option<u64>,
}

impl Options {
    /// Reads `--name value` pairs; the error is how to use it.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut options = Self { scenario: None, database: None, rounds: 200, contacts: 40, seed: None };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            let number = value.parse::<u64>().ok();
            match name.as_str() {
                "--scenario" if value == "all" => options.scenario = None,
                "--scenario" => options.scenario = Some(Scenario::parse(&value).ok_or(USAGE)?),
                "--database" => options.database = Some(Database::parse(&value).ok_or(USAGE)?),
                "--rounds" => options.rounds = number.and_then(|n| u32::try_from(n).ok()).ok_or(USAGE)?,
                "--contacts" => options.contacts = number.filter(|n| *n > 0).ok_or(USAGE)?,
                "--seed" => options.seed = Some(number.ok_or(USAGE)?),
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }

    /// Each scenario on each of its databases, as far as they were asked for.
    pub(crate) fn plans(&self) -> Vec<Plan> {
        let chosen = Scenario::ALL.into_iter().filter(|scenario| self.scenario.is_none_or(|only| only == *scenario));
        let plans = chosen.flat_map(|scenario| {
            let rounds = if self.scenario.is_some() { self.rounds } else { scenario.share(self.rounds) };
            scenario.databases().iter().map(move |database| Plan { scenario, database: *database, rounds })
        });
        plans.filter(|plan| self.database.is_none_or(|only| only == plan.database)).collect()
    }

    /// Whether to leave something out is a failure: it was asked for by its name.
    pub(crate) fn must_run(&self) -> bool {
        self.scenario.is_some() && self.database.is_some()
    }
}
