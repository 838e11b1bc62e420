//! A whole server in the test's own process.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use stratagem_channels::{AddressPolicy, Registry};
use stratagem_domain::{
    clock::{Clock, JumpingClock, SteadyClock, SystemClock},
    random::{self, Random},
};
use stratagem_engine::{Engine, Files, Keep, Vault};
use stratagem_sandbox::{Sandbox, SandboxConfig};
use stratagem_server::{App, MetricsAccess, Setup};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;

use crate::clock::HandClock;
use crate::{Api, Campaign, Catcher, Mail, database_of};

/// When the stories begin: a Monday morning.
pub const MONDAY: &str = "2026-11-23T08:00:00Z";
/// The installation's master key, always the same, so that the Python runtime is compiled once for all runs of the tests.
pub(crate) const MASTER_KEY: [u8; 32] = [7; 32];
pub(crate) const ADMIN_TOKEN: &str = "admin-token-of-the-default-tenant-in-tests";
pub(crate) const PLATFORM_TOKEN: &str = "platform-token-in-tests";
const METRICS_TOKEN: &str = "metrics-token-in-tests";
/// What `stratagem serve` derives the key of its artefacts with, so that both find the same ones.
const ARTEFACT_KEY: &str = "stratagem 2026-11 sandbox: compiled artefacts";

/// How the story's time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// To whatever is due next, as soon as nothing else is to be done.
    Jumps,
    /// Only by [`TestApp::advance`].
    ByHand,
}

/// A server on a port, with a database of its own, and a mail server beside it once somebody asks for it.
pub struct TestApp {
    /// An admin of the first tenant.
    pub admin: Api,
    /// The use cases behind the API.
    pub engine: Engine,
    url: String,
    hand_clock: Option<Arc<HandClock>>,
    catcher: OnceCell<Catcher>,
    smtp: OnceCell<String>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
    folder: TempDir,
}

impl TestApp {
    /// Starts one whose clock jumps, on [`MONDAY`].
    pub async fn start() -> Self {
        Self::start_at(MONDAY.parse().unwrap(), Time::Jumps).await
    }

    /// Starts one at that moment.
    pub async fn start_at(start: DateTime<Utc>, time: Time) -> Self {
        Self::start_with(start, time, |registry| registry).await
    }

    /// As [`TestApp::start`], but strategies' requests may go only where this policy lets them.
    pub async fn start_guarded(addresses: AddressPolicy) -> Self {
        Self::start_as(MONDAY.parse().unwrap(), Time::Jumps, |registry| registry, addresses).await
    }

    /// As [`TestApp::start_at`], with some channels in the place of others.
    pub async fn start_with(start: DateTime<Utc>, time: Time, channels: impl FnOnce(Registry) -> Registry) -> Self {
        Self::start_as(start, time, channels, AddressPolicy::default().loopback_only()).await
    }

    /// As [`TestApp::start_at`], on the database of this folder, which may be one of another server's that has ended.
    pub async fn start_in(folder: TempDir, start: DateTime<Utc>, time: Time) -> Self {
        Self::start_as_in(folder, start, time, |registry| registry, AddressPolicy::default().loopback_only()).await
    }

    async fn start_as(
        start: DateTime<Utc>,
        time: Time,
        channels: impl FnOnce(Registry) -> Registry,
        addresses: AddressPolicy,
    ) -> Self {
        Self::start_as_in(tempfile::tempdir().unwrap(), start, time, channels, addresses).await
    }

    async fn start_as_in(
        folder: TempDir,
        start: DateTime<Utc>,
        time: Time,
        channels: impl FnOnce(Registry) -> Registry,
        addresses: AddressPolicy,
    ) -> Self {
        crate::install_crypto();
        let random = random::system().unwrap();
        let hand_clock = (time == Time::ByHand).then(|| Arc::new(HandClock::new(start)));
        let clock: Arc<dyn Clock> = match &hand_clock {
            Some(clock) => clock.clone(),
            None => Arc::new(JumpingClock::new(start)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = App::build(Setup {
            database_url: database_of(folder.path()).await,
            files: Files::in_folder(&folder.path().join("objects"), &folder.path().join("scratch")).await.unwrap(),
            program: crate::binary::program(),
            addresses,
            sandbox: tokio::task::spawn_blocking(sandbox).await.unwrap(),
            channels: Arc::new(channels(stratagem_server::channels(AddressPolicy::default().loopback_only()))),
            vault: vault(),
            clock,
            lease: Duration::from_secs(15),
            real: Arc::new(SteadyClock::new(SystemClock.now_ms())),
            random,
            public_url: url.clone(),
            keep: Keep::default(),
            admin_token: Some(SecretString::from(ADMIN_TOKEN)),
            platform_token: Some(SecretString::from(PLATFORM_TOKEN)),
            metrics: MetricsAccess::new(Some(SecretString::from(METRICS_TOKEN)), true),
        })
        .await
        .unwrap();
        let engine = app.engine.clone();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(app.serve(listener, async {
            // An error is the story's end, too.
            let _ = stopped.await;
        }));
        let admin = Api::new(&url, Some(ADMIN_TOKEN));
        let (catcher, smtp) = Default::default();
        Self { admin, engine, url, hand_clock, catcher, smtp, stop: Some(stop), server, folder }
    }

    /// The URL of a path outside the API.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// URL of its database.
    pub async fn database_url(&self) -> String {
        database_of(self.folder.path()).await
    }

    /// Moves time on. Only with [`Time::ByHand`].
    pub fn advance(&self, by: chrono::Duration) {
        self.hand_clock.as_ref().expect("this app's time jumps").advance(by);
        self.engine.wake();
    }

    /// Stops the server as SIGTERM does, and waits until it has.
    pub async fn stop(&mut self) {
        self.stop.take().expect("it is stopped already").send(()).unwrap();
        (&mut self.server).await.unwrap().unwrap();
    }

    /// Nobody in particular: a client without a token.
    pub fn stranger(&self) -> Api {
        self.admin.with_token(None)
    }

    /// A platform admin.
    pub fn platform(&self) -> Api {
        self.admin.with_token(Some(PLATFORM_TOKEN))
    }

    /// Who reads the figures and may do nothing else.
    pub fn observer(&self) -> Api {
        self.admin.with_token(Some(METRICS_TOKEN))
    }

    /// Somebody of the first tenant with this role.
    pub async fn somebody(&self, role: &str) -> Api {
        let made = self.admin.post("/tokens", json!({ "name": role, "role": role })).await.with(201);
        self.admin.with_token(made["token"].as_str())
    }

    /// The admin of another tenant.
    pub async fn other_tenant(&self, name: &str) -> Api {
        let platform = self.platform();
        let tenant = platform.post("/tenants", json!({ "name": name, "time_zone": "UTC" })).await.with(201);
        let path = format!("/tenants/{}/tokens", tenant["id"].as_str().unwrap());
        let made = platform.post(&path, json!({ "name": "admin", "role": "admin" })).await.with(201);
        self.admin.with_token(made["token"].as_str())
    }

    /// The mail server; the first call starts it.
    pub async fn catcher(&self) -> &Catcher {
        self.catcher.get_or_init(|| Catcher::start(self.folder.path())).await
    }

    /// The mails that one address was sent, in order.
    pub async fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.catcher().await.mails_to(address)
    }

    /// The integration of the mail server, by its id.
    pub async fn smtp(&self) -> String {
        let make = || async { smtp_integration(&self.admin, self.catcher().await.port).await };
        self.smtp.get_or_init(make).await.clone()
    }

    /// A campaign in UTC whose mails go to the mail server, still a draft.
    pub async fn campaign(&self, name: &str) -> Campaign {
        Campaign::make(&self.admin, name, "UTC", &self.smtp().await).await
    }
}

/// Makes an integration with a mail server on loopback; returns its id.
pub async fn smtp_integration(api: &Api, port: u16) -> String {
    let settings = json!({ "host": "127.0.0.1", "port": port, "tls": "none", "from": "Tests <tests@example.com>" });
    let body = json!({ "name": "Mail server", "kind": "smtp", "settings": settings, "secrets": {} });
    api.post("/integrations", body).await.with(201)["id"].as_str().unwrap().to_owned()
}

fn vault() -> Vault {
    let random: Arc<dyn Random> = random::system().unwrap();
    Vault::new(MASTER_KEY, random)
}

/// Where the Python runtime is kept compiled, for these tests alone.
pub fn shared_artefacts() -> PathBuf {
    let home = PathBuf::from(std::env::var_os("HOME").expect("HOME is set"));
    home.join(".cache/stratagem/artefacts-test/server")
}

/// The key that authenticates it.
pub(crate) fn artefact_key() -> [u8; 32] {
    vault().derive_key(ARTEFACT_KEY)
}

/// One sandbox for all stories of the process. The first of all runs compiles it, which takes some 20 s.
pub(crate) fn sandbox() -> Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let config = SandboxConfig { artefact_dir: shared_artefacts(), key: artefact_key(), way: None, verify: true };
    SANDBOX.get_or_init(|| Sandbox::open(&config, &mut |progress| eprintln!("{progress:?}")).unwrap()).clone()
}
