//! What every scenario has: a server to start, a mail server, a campaign, files on their way, and the audit at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stratagem_domain::random::{self, Random};
use stratagem_tests::{
    Api, Binary, Campaign, Launch, Sink, audit, counted, counted_again, drop_database, make_database,
};

use crate::{
    machine::SmallDisk,
    nodes::LEASE,
    report::Report,
    scenario::{Database, Plan, Scenario},
    uploads::Uploads,
};

/// How long a campaign may take to come to rest, without any step ending, before that counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);
/// Room for all that a few hundred rounds write, and no more than a machine can spare.
const SMALL: &str = "512m";

/// A scenario's surroundings.
pub(crate) struct World {
    pub(crate) launch: Launch,
    pub(crate) sink: Sink,
    pub(crate) uploads: Uploads,
    /// How often something was done to the server.
    pub(crate) blows: u64,
    /// Where the server keeps its files.
    pub(crate) data: PathBuf,
    /// New contacts in each round.
    pub(crate) contacts: u64,
    /// The servers at work; [`World::close`] audits through the first.
    pub(crate) servers: Vec<Binary>,
    random: Arc<dyn Random>,
    campaign: Campaign,
    title: String,
    begun: Instant,
    database_url: Option<String>,
    folder: tempfile::TempDir,
    _disk: Option<SmallDisk>,
}

impl World {
    /// With one server at work, on a campaign that has no contacts yet.
    pub(crate) async fn make(plan: &Plan, seed: u64, contacts: u64) -> Self {
        let random = random::seeded(seed);
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path().join("data");
        let disk = match plan.scenario {
            Scenario::DiskFull => Some(SmallDisk::mount(&data, SMALL).await),
            _ => None,
        };
        let sqlite = format!("sqlite://{}", data.join("stratagem.db").display());
        let mut launch = Launch::on(&data).with_database(&sqlite).logging_to(&log_in(folder.path()));
        if plan.scenario == Scenario::Nodes {
            launch = launch.env("STRATAGEM_LEASE_S", &LEASE.as_secs().to_string());
        }
        let mut database_url = None;
        if plan.database == Database::Postgres {
            let name = format!("chaos_{}_{:08x}", std::process::id(), random.next_u64() >> 32);
            let url = make_database(&name).await;
            launch = launch.with_database(&url);
            database_url = Some(url);
        }
        let sink = Sink::start(random.clone(), plan.scenario.faults()).await;
        let server = launch.start().await;
        let campaign = match plan.scenario {
            Scenario::Resend => counted_again(&server.admin, sink.port).await,
            _ => counted(&server.admin, sink.port).await,
        };
        let uploads = Uploads::to(campaign.path("/imports"));
        Self {
            launch,
            sink,
            uploads,
            blows: 0,
            data,
            contacts,
            servers: vec![server],
            random,
            campaign,
            title: plan.title(),
            begun: Instant::now(),
            database_url,
            folder,
            _disk: disk,
        }
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    /// A duration below `end`.
    pub(crate) fn moment(&self, end: Duration) -> Duration {
        Duration::from_micros(self.below(end.as_micros() as u64))
    }

    /// Another file, and an attempt to send it and those that are waiting to one of the servers.
    pub(crate) async fn feed(&mut self) {
        self.uploads.add(self.contacts);
        self.send().await;
    }

    /// An attempt to send what is waiting to one of the servers.
    pub(crate) async fn send(&mut self) {
        let api = self.any_server();
        self.uploads.send(&api).await;
    }

    fn any_server(&self) -> Api {
        let chosen = self.below(self.servers.len() as u64) as usize;
        self.servers[chosen].admin.clone()
    }

    /// # Panics
    /// When a server has ended by itself.
    pub(crate) fn all_alive(&mut self) {
        for server in &mut self.servers {
            if let Some(status) = server.ended() {
                panic!("the server ended by itself, {status}; its log is {}", self.keep().display());
            }
        }
    }

    /// Says how far it is, now and then.
    pub(crate) fn tell(&self, round: u32, rounds: u32) {
        if round.is_multiple_of(20) || round == rounds {
            let (contacts, mails) = (self.uploads.imported.len(), *self.sink.taken().borrow());
            let seconds = self.begun.elapsed().as_secs();
            println!("  round {round} of {rounds}, {seconds} s: {contacts} contacts, {mails} mails");
        }
    }

    /// Waits until everything has come to rest, audits, and prints; whether nothing was amiss.
    pub(crate) async fn close(mut self) -> bool {
        let seconds_under_fire = self.begun.elapsed().as_secs();
        self.come_to_rest().await;
        let campaign = Campaign { api: self.servers[0].admin.clone(), ..self.campaign.clone() };
        let audit = audit(&campaign, &self.uploads.imported, &self.sink.ledger()).await;
        let report = Report { blows: self.blows, repeated: self.uploads.repeated, seconds_under_fire, audit };
        report.print(&self.title, self.begun.elapsed().as_secs());
        if !report.is_clean() {
            println!("  the database and the log are in {}", self.keep().display());
        } else if let Some(url) = &self.database_url {
            std::mem::take(&mut self.servers).into_iter().for_each(drop);
            drop_database(url).await;
        }
        report.is_clean()
    }

    /// All files are taken, the campaign is completed, and no step waits; or nothing has moved for too long.
    async fn come_to_rest(&mut self) {
        let (mut last, mut moved) = (String::new(), Instant::now());
        while moved.elapsed() < PATIENCE {
            self.all_alive();
            self.send().await;
            let (api, path) = (self.servers[0].admin.clone(), self.campaign.path(""));
            let campaign = Campaign { api: api.clone(), ..self.campaign.clone() };
            let (status, summary) = (api.get(&path).await.ok()["status"].clone(), campaign.summary().await);
            if self.uploads.is_done() && status == "completed" && summary["steps"]["waiting"] == 0 {
                return;
            }
            let state = format!("{status} {summary}");
            if state != last {
                (last, moved) = (state, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        println!("  nothing has moved for {} s: {last}", PATIENCE.as_secs());
    }

    /// Leaves the folder where it is.
    fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// How many lines of the servers' log have this in them.
    pub(crate) fn logged(&self, what: &str) -> usize {
        let log = std::fs::read_to_string(log_in(self.folder.path())).unwrap_or_default();
        log.lines().filter(|line| line.contains(what)).count()
    }
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("server.log")
}
