//! How much of each thing is measured.

/// One of the benchmark's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Decisions,
    Uploads,
    Road,
    Memory,
}

impl Part {
    const ALL: [(&str, Self); 4] =
        [("decisions", Self::Decisions), ("uploads", Self::Uploads), ("road", Self::Road), ("memory", Self::Memory)];
}

/// Sizes, and which part is measured. The defaults take some four minutes on two cores.
pub(crate) struct Options {
    /// That part alone, without the ratios between parts.
    pub(crate) only: Option<Part>,
    /// Decisions in the sandbox, for each number of threads.
    pub(crate) decisions: usize,
    /// Decisions in a python3 process each.
    pub(crate) python: usize,
    /// Decisions of each other peer.
    pub(crate) peers: usize,
    /// Sources that are uploaded, of each size.
    pub(crate) uploads: usize,
    /// Rows of the file that is only imported.
    pub(crate) import: usize,
    /// Contacts that are imported and planned.
    pub(crate) planned: usize,
    /// Contacts that go the whole way.
    pub(crate) journey: usize,
    /// Contacts that are imported and planned by a server whose memory is looked at.
    pub(crate) contacts: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            only: None,
            decisions: 1_000,
            python: 50,
            peers: 200,
            uploads: 50,
            import: 100_000,
            planned: 20_000,
            journey: 4_000,
            contacts: 50_000,
        }
    }
}

impl Options {
    /// Reads `--name N` pairs; the error is how to use it.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(name) = arguments.next() {
            let size = match name.as_str() {
                "--only" => {
                    let wanted = arguments.next();
                    let part = Part::ALL.iter().find(|(name, _)| wanted.as_deref() == Some(*name));
                    options.only = Some(part.ok_or_else(Self::usage)?.1);
                    continue;
                }
                "--decisions" => &mut options.decisions,
                "--python" => &mut options.python,
                "--peers" => &mut options.peers,
                "--uploads" => &mut options.uploads,
                "--import" => &mut options.import,
                "--planned" => &mut options.planned,
                "--journey" => &mut options.journey,
                "--contacts" => &mut options.contacts,
                _ => return Err(Self::usage()),
            };
            let given = arguments.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
            *size = given.ok_or_else(Self::usage)?;
        }
        Ok(options)
    }

    /// Whether the part is wanted.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// The arguments that would give the same.
    pub(crate) fn as_arguments(&self) -> String {
        let only = Part::ALL.iter().find(|(_, part)| self.only == Some(*part));
        let only = only.map(|(name, _)| format!("--only {name} ")).unwrap_or_default();
        format!(
            "{only}--decisions {} --python {} --peers {} --uploads {} --import {} --planned {} --journey {} --contacts {}",
            self.decisions,
            self.python,
            self.peers,
            self.uploads,
            self.import,
            self.planned,
            self.journey,
            self.contacts
        )
    }

    fn usage() -> String {
        format!(
            "usage: stratagem-bench [--only decisions|uploads|road|memory] [--NAME N]…, with `make`: make bench BENCH=\"--NAME N …\"\ndefaults: {}",
            Self::default().as_arguments()
        )
    }
}
