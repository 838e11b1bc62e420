//! What is measured, and how much of it.

const USAGE: &str =
    "usage: stratagem-bench-db [--only ratio|flat|nodes] [--NAME N]…, with `make`: make bench-db BENCH=\"--NAME N …\"
--steps      that are claimed and completed, in batches of 100 [20000]
--import     rows that are imported, in batches of 500 [20000]
--rows       to which steps, contacts and communications are filled, from 10000 up [1000000]; 5000000 takes half an hour
--contacts   of the campaign that one server and two servers do [300]
--answer-ms  that its mail server takes to answer each mail [200]";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Ratio,
    Flat,
    Nodes,
}

pub(crate) struct Options {
    only: Option<Part>,
    pub(crate) steps: u64,
    pub(crate) import: u64,
    pub(crate) rows: u64,
    pub(crate) contacts: u64,
    pub(crate) answer_ms: u64,
}

impl Options {
    /// Reads `--name value` pairs; the error is how to use it.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut options =
            Self { only: None, steps: 20_000, import: 20_000, rows: 1_000_000, contacts: 300, answer_ms: 200 };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            let number = || value.parse::<u64>().ok().filter(|n| *n > 0).ok_or(USAGE);
            match name.as_str() {
                "--only" => options.only = Some(Part::parse(&value).ok_or(USAGE)?),
                "--steps" => options.steps = number()?,
                "--import" => options.import = number()?,
                "--rows" => options.rows = number()?,
                "--contacts" => options.contacts = number()?,
                "--answer-ms" => options.answer_ms = number()?,
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }

    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// The arguments that would measure the same.
    pub(crate) fn as_arguments(&self) -> String {
        let Self { only, steps, import, rows, contacts, answer_ms } = self;
        let only = only.map_or_else(String::new, |part| format!("--only {} ", part.name()));
        format!("{only}--steps {steps} --import {import} --rows {rows} --contacts {contacts} --answer-ms {answer_ms}")
    }
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Flat => "flat",
            Self::Nodes => "nodes",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Ratio, Self::Flat, Self::Nodes].into_iter().find(|part| part.name() == name)
    }
}
