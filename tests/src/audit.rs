//! Whether what became of a counted campaign is the whole truth: nobody lost, nobody doubled.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use serde_json::Value;

use crate::counted::{END, MAILS, address};
use crate::{Api, Campaign, Ledger, of_contact};

/// Contacts that are looked at together.
const AT_ONCE: usize = 8;

/// What was found.
#[derive(Debug, Default)]
pub struct Audit {
    /// Contacts that are there.
    pub contacts: u64,
    /// Mails that the mail server took.
    pub mails: u64,
    /// Communications that were sent for sure.
    pub completed: u64,
    /// Communications of which the server does not know whether they were sent, and says so.
    pub unknown: u64,
    /// How many of those did arrive.
    pub arrived: u64,
    /// Attempts that nobody confirmed and that were made again, as the stage wants it.
    pub again: u64,
    /// Mails that arrived more than once by that.
    pub twice: u64,
    /// What should have happened and did not.
    pub lost: Vec<String>,
    /// What happened more than once.
    pub doubled: Vec<String>,
    /// What the server says otherwise than it was.
    pub untrue: Vec<String>,
}

/// Looks at every contact of a counted campaign that has come to rest, through the HTTP API, and compares with the mail
/// server's ledger. `imported` says how often a row of each contact was imported.
pub async fn audit(campaign: &Campaign, imported: &BTreeMap<u64, u64>, ledger: &Ledger) -> Audit {
    let mut audit = Audit { mails: ledger.taken.values().sum(), ..Audit::default() };
    audit.steps(&campaign.summary().await);
    let contacts = campaign.api.list(&campaign.path("/contacts")).await;
    audit.contacts = contacts.len() as u64;
    let looks = contacts.into_iter().map(|contact| look(&campaign.api, contact));
    let looks: Vec<Look> = stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    let mut found = BTreeMap::<u64, Vec<Look>>::new();
    for look in looks {
        found.entry(look.number()).or_default().push(look);
    }
    for number in found.keys().filter(|number| !imported.contains_key(number)) {
        audit.doubled.push(format!("contact {number} was never imported"));
    }
    for (number, loads) in imported {
        let looks = found.get(number).map_or(&[][..], Vec::as_slice);
        audit.count(1, looks.len() as u64, &format!("contact {number}"));
        for look in looks {
            audit.contact(look, *loads, ledger);
        }
    }
    for (to, subject) in ledger.taken.keys() {
        let number = subject.split(' ').next_back().and_then(|number| number.parse().ok());
        if !number.is_some_and(|number| found.contains_key(&number) && *to == address(number)) {
            audit.doubled.push(format!("a mail to nobody: {subject} to {to}"));
        }
    }
    audit
}

/// A contact and its communications.
struct Look {
    contact: Value,
    communications: Vec<Value>,
}

async fn look(api: &Api, contact: Value) -> Look {
    let communications = api.list(&of_contact(&contact, "/communications")).await;
    Look { contact, communications }
}

impl Look {
    fn number(&self) -> u64 {
        self.contact["object_id"].as_str().unwrap().parse().unwrap()
    }

    fn on<'a>(&'a self, stage: &'a str) -> impl Iterator<Item = &'a Value> {
        self.communications.iter().filter(move |communication| communication["stage_name"] == stage)
    }

    /// With which delivery statuses the aggregation strategy was told about a stage.
    fn told(&self, stage: &str) -> Vec<&str> {
        let all = self.contact["results"]["Told"].as_array().map_or(&[][..], Vec::as_slice);
        let pairs = all.iter().filter_map(|told| told.as_str()?.split_once(' '));
        pairs.filter_map(|(of, status)| (of == stage).then_some(status)).collect()
    }
}

/// How many attempts the history says nobody confirmed, so that they were made again.
fn sent_again(communication: &Value) -> u64 {
    let history = communication["status_history"].as_array().map_or(&[][..], Vec::as_slice);
    let said = history.iter().filter_map(|entry| entry["reason"].as_str());
    said.filter(|reason| reason.ends_with("the contact may get it twice")).count() as u64
}

impl Audit {
    /// Whether nothing was found amiss.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.untrue.is_empty()
    }

    fn steps(&mut self, summary: &Value) {
        for state in ["waiting", "dead"] {
            let steps = summary["steps"][state].as_u64().unwrap();
            self.lost.extend((steps > 0).then(|| format!("{steps} steps are {state}")));
        }
    }

    fn contact(&mut self, look: &Look, loads: u64, ledger: &Ledger) {
        let number = look.number();
        let loaded = look.contact["results"]["Loads"].as_u64().unwrap_or(0);
        self.count(loads, loaded, &format!("data load of contact {number}"));
        for stage in MAILS {
            let subject = format!("{stage} {number}");
            self.count(1, look.on(stage).count() as u64, &format!("communication {subject}"));
            let told = look.told(stage);
            self.count(1, told.len() as u64, &format!("aggregation of {subject}"));
            for communication in look.on(stage) {
                self.communication(communication, &told, (address(number), subject.clone()), ledger);
            }
        }
        let ended = look.on(END).filter(|end| end["status"] == "completed").count() as u64;
        self.count(1, ended, &format!("end of contact {number}"));
    }

    fn communication(&mut self, communication: &Value, told: &[&str], mail: (String, String), ledger: &Ledger) {
        let (taken, subject) = (ledger.taken.get(&mail).copied().unwrap_or(0), &mail.1);
        let again = sent_again(communication);
        self.again += again;
        self.twice += u64::from(taken > 1 && again > 0);
        // A process that dies while it sends again leaves no entry.
        let most = if again > 0 { taken.max(1) } else { 1 };
        let expected = match (communication["status"].as_str().unwrap(), communication["delivery"].as_str().unwrap()) {
            ("completed", "sent") => {
                self.completed += 1;
                self.count(taken.clamp(1, most), taken, &format!("mail {subject}"));
                if again == 0 && ledger.unanswered.contains(&mail) {
                    self.untrue.push(format!("{subject} is completed, though the mail server never said so"));
                }
                "SENT"
            }
            ("unknown", "unknown") => {
                self.unknown += 1;
                self.arrived += taken.min(1);
                self.count(taken.min(most), taken, &format!("mail {subject}, unknown"));
                "UNKNOWN"
            }
            _ => return self.lost.push(format!("{subject} ended as {communication}")),
        };
        if told.iter().any(|told| *told != expected) {
            self.untrue.push(format!("the strategy was told {told:?} about {subject}, which is {expected}"));
        }
    }

    fn count(&mut self, expected: u64, found: u64, what: &str) {
        match found.cmp(&expected) {
            std::cmp::Ordering::Less => self.lost.push(format!("{what}: {found} instead of {expected}")),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => self.doubled.push(format!("{what}: {found} instead of {expected}")),
        }
    }
}
