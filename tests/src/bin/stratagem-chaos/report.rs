//! The figures of a scenario.

use stratagem_tests::Audit;

/// How many findings of a kind are printed.
const SHOWN: usize = 20;

pub(crate) struct Report {
    /// How often something was done to the server.
    pub(crate) blows: u64,
    /// How often a file had to be sent again.
    pub(crate) repeated: u64,
    pub(crate) seconds_under_fire: u64,
    pub(crate) audit: Audit,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.audit.is_clean()
    }

    pub(crate) fn print(&self, title: &str, seconds: u64) {
        let Audit { contacts, mails, completed, unknown, arrived, again, twice, lost, doubled, untrue } = &self.audit;
        let missing = unknown - arrived;
        let rows = [
            ("blows", self.blows.to_string()),
            ("files sent again", self.repeated.to_string()),
            ("contacts", contacts.to_string()),
            ("mails in the ledger", mails.to_string()),
            ("communications completed", completed.to_string()),
            ("communications unknown", format!("{unknown} ({arrived} arrived, {missing} did not)")),
            ("attempts made again", format!("{again} ({twice} mails arrived twice)")),
            ("lost", lost.len().to_string()),
            ("doubled", doubled.len().to_string()),
            ("told otherwise than it was", untrue.len().to_string()),
            ("seconds", format!("{seconds} ({} of them under fire)", self.seconds_under_fire)),
        ];
        println!("  {title}: {}", if self.is_clean() { "nobody lost, nobody doubled" } else { "FAILED" });
        for (what, figure) in rows {
            println!("    {what:<28} {figure}");
        }
        for (what, findings) in [("lost", lost), ("doubled", doubled), ("untrue", untrue)] {
            findings.iter().take(SHOWN).for_each(|finding| println!("    {what}: {finding}"));
        }
    }
}
