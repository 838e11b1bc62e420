use std::{
    fs::{File, TryLockError},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use stratagem_channels::AddressPolicy;
use stratagem_domain::{
    clock::{Clock, JumpingClock, SteadyClock, SystemClock},
    random::{self, Random},
};
use stratagem_engine::{Files, FilesError, Keep, Vault};
use tokio::net::TcpListener;

use super::{
    DataArgs, Failure, log_to_stderr, print,
    python::{self, Memories},
    stop::StopSignals,
};
use crate::{
    MetricsAccess,
    app::{App, Setup, channels, private_folder},
    master_key,
};

/// Our own crates tell what they do, others only what is wrong.
const DEFAULT_LOG: &str = "warn,stratagem=info,stratagem_server=info,stratagem_engine=info,stratagem_store=info,\
stratagem_sandbox=info,stratagem_channels=info";

/// Purpose of the key that authenticates compiled code.
const ARTEFACT_KEY: &str = "stratagem 2026-11 sandbox: compiled artefacts";

/// Start a server
///
/// Runs the migrations, compiles the Python runtime the first time, then prints one line on stdout: `listening on
/// http://ADDRESS`. On a new database it prints before it, this once, a platform admin's token and that of an admin of the
/// tenant `default`. Log lines go to stderr. SIGTERM or SIGINT stops it: calls and sends under way are finished; a second
/// signal stops it at once.
///
/// Secrets come from the environment alone, so that they stay out of process lists:
///   STRATAGEM_MASTER_KEY      seals secrets: 64 hex digits, or base64 of 32 bytes; where it is absent one is made and
///                             kept as <data-dir>/master.key
///   STRATAGEM_ADMIN_TOKEN     token of an admin of the tenant `default`, in place of a made one
///   STRATAGEM_PLATFORM_TOKEN  token of a platform admin, in place of a made one
///   STRATAGEM_METRICS_TOKEN   token that reads /metrics and nothing else. Where it is absent, a platform admin's is needed,
///                             or none where the server listens on loopback and has no --public-url
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "STRATAGEM_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: String,

    #[command(flatten)]
    data: DataArgs,

    /// Folder of compiled code [default: <data-dir>/artefacts]
    #[arg(long, env = "STRATAGEM_ARTEFACT_DIR", value_name = "DIR")]
    artefact_dir: Option<PathBuf>,

    /// How a run of a source strategy gets its memory: `slots`, the fastest, which needs Linux 6.7; `pooling`, without unsafe code
    /// of ours, half as fast on such a Linux, and several times as slow on others; or `auto`, slots where this machine has them
    #[arg(
        long,
        env = "STRATAGEM_SANDBOX_MEMORY",
        default_value = "auto",
        value_name = "WAY",
        hide_possible_values = true
    )]
    sandbox_memory: Memories,

    /// Where uploaded files and components are kept: file:///FOLDER or s3://BUCKET/PREFIX. Servers that share a database share
    /// it, too. For S3 and what speaks it the usual variables are read: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
    /// AWS_ENDPOINT_URL, AWS_ALLOW_HTTP, … [default: <data-dir>/objects]
    #[arg(long, env = "STRATAGEM_OBJECT_STORE", value_name = "URL")]
    object_store: Option<String>,

    /// Where the server is reached from outside, for links in messages [default: http://<address>]
    #[arg(long, env = "STRATAGEM_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// Hosts and networks that tenants' settings may name though they are private, comma-separated. Loopback is allowed
    /// without it where the server itself listens on loopback and has no --public-url: a development server
    #[arg(
        long,
        env = "STRATAGEM_HTTP_ALLOW_PRIVATE",
        default_value = "",
        value_name = "LIST",
        hide_default_value = true
    )]
    http_allow_private: String,

    /// `real`, or `jump`: the clock jumps to what is due next, so that weeks pass in seconds, and nothing but loopback
    /// can be reached
    #[arg(long, env = "STRATAGEM_CLOCK", default_value = "real", hide_possible_values = true)]
    clock: ClockKind,

    /// Seconds after which other servers on the same database take over the steps of one that died
    #[arg(
        long,
        env = "STRATAGEM_LEASE_S",
        default_value_t = 15,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    lease_s: u64,

    #[command(flatten)]
    keep: KeepArgs,

    /// What is logged, e.g. `debug` or `warn,stratagem_server=debug`
    #[arg(long, env = "STRATAGEM_LOG", default_value = DEFAULT_LOG, hide_default_value = true, value_name = "FILTER")]
    log: String,
}

/// How long things are kept.
#[derive(Args, Clone, Copy)]
struct KeepArgs {
    /// Days for which inputs, logs and HTTP answers of strategy runs are kept; 0 for ever
    #[arg(long, env = "STRATAGEM_KEEP_RUNS_DAYS", default_value_t = Keep::default().runs_days, value_name = "DAYS")]
    keep_runs_days: u32,

    /// Days for which finished steps are kept; 0 for ever
    #[arg(long, env = "STRATAGEM_KEEP_STEPS_DAYS", default_value_t = Keep::default().steps_days, value_name = "DAYS")]
    keep_steps_days: u32,

    /// Days for which it is kept what was wrong with rows of imports; 0 for ever
    #[arg(long, env = "STRATAGEM_KEEP_RECEIPTS_DAYS", default_value_t = Keep::default().receipts_days, value_name = "DAYS")]
    keep_receipts_days: u32,
}

impl From<KeepArgs> for Keep {
    fn from(days: KeepArgs) -> Self {
        Self {
            runs_days: days.keep_runs_days,
            steps_days: days.keep_steps_days,
            receipts_days: days.keep_receipts_days,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockKind {
    Real,
    Jump,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        log_to_stderr(&self.log)?;
        let random = random::system().map_err(|error| format!("no randomness: {error}"))?;
        let url = self.data.database_url();
        private_folder(&self.data.data_dir).map_err(|e| format!("{}: {e}", self.data.data_dir.display()))?;
        let _lock = if url.starts_with("sqlite:") { Some(lock(&self.data)?) } else { None };
        let vault = Vault::new(self.master_key(&url, &*random)?, Arc::clone(&random));

        let listener =
            TcpListener::bind(&self.listen).await.map_err(|e| format!("cannot listen on {}: {e}", self.listen))?;
        let address = listener.local_addr()?;
        // A server for its own machine alone.
        let development = address.ip().is_loopback() && self.public_url.is_none();
        let policy = self.address_policy(development)?;
        let artefacts = self.artefact_dir.clone().unwrap_or_else(|| self.data.data_dir.join("artefacts"));
        let sandbox = python::open(&artefacts, vault.derive_key(ARTEFACT_KEY), self.sandbox_memory).await?;
        // Until here a signal ends the process at once: nothing has begun.
        let files = self.files().await?;
        let signals = StopSignals::listen()?;
        let real = Arc::new(SteadyClock::new(SystemClock.now_ms()));
        let app = App::build(Setup {
            database_url: url.clone(),
            files,
            program: std::env::current_exe().map_err(|error| format!("the path of this program: {error}"))?,
            addresses: policy.clone(),
            sandbox,
            channels: Arc::new(channels(policy)),
            vault,
            clock: self.clock(&real),
            real,
            lease: Duration::from_secs(self.lease_s),
            random,
            public_url: self.public_url.unwrap_or_else(|| format!("http://{address}")),
            admin_token: secret("STRATAGEM_ADMIN_TOKEN"),
            platform_token: secret("STRATAGEM_PLATFORM_TOKEN"),
            keep: self.keep.into(),
            metrics: MetricsAccess::new(secret("STRATAGEM_METRICS_TOKEN"), development),
        })
        .await?;
        announce(&app, address);
        app.serve(listener, signals.first()).await?;
        Ok(ExitCode::SUCCESS)
    }

    /// On a database that several servers share, all go by its time: what is due then does not depend on a machine's clock.
    fn clock(&self, real: &Arc<SteadyClock>) -> Arc<dyn Clock> {
        match self.clock {
            ClockKind::Real if !self.data.database_url().starts_with("sqlite:") => Arc::clone(real) as _,
            ClockKind::Real => Arc::new(SystemClock),
            ClockKind::Jump => Arc::new(JumpingClock::new(SystemClock.now())),
        }
    }

    async fn files(&self) -> Result<Files, FilesError> {
        let data = &self.data.data_dir;
        let scratch = data.join("scratch");
        match self.object_store.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Files::open(url, &scratch).await,
            None => Files::in_folder(&data.join("objects"), &scratch).await,
        }
    }

    fn address_policy(&self, development: bool) -> Result<AddressPolicy, Failure> {
        let policy = AddressPolicy::parse(&self.http_allow_private)?.allow_loopback(development);
        Ok(if self.clock == ClockKind::Jump { policy.loopback_only() } else { policy })
    }

    fn master_key(&self, url: &str, random: &dyn Random) -> Result<[u8; 32], Failure> {
        if let Some(text) = secret("STRATAGEM_MASTER_KEY") {
            return Ok(
                master_key::parse(text.expose_secret()).map_err(|error| format!("STRATAGEM_MASTER_KEY: {error}"))?
            );
        }
        if !url.starts_with("sqlite:") {
            return Err("several servers may share this database, so STRATAGEM_MASTER_KEY has to be set".into());
        }
        let path = self.data.data_dir.join("master.key");
        Ok(master_key::load_or_create(&path, random).map_err(|error| format!("{}: {error}", path.display()))?)
    }
}

/// An environment variable that holds a secret; an empty one is none.
pub(super) fn secret(name: &str) -> Option<SecretString> {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map(SecretString::from)
}

/// Keeps a second process out of the same database for as long as the file is open.
pub(super) fn lock(data: &DataArgs) -> Result<File, Failure> {
    let folder = data.data_dir.display();
    let busy = format!("another stratagem process is using {folder}: stop it first, or choose another --data-dir");
    Ok(try_lock(data)?.ok_or(busy)?)
}

/// As [`lock`]; none where another process has it.
pub(super) fn try_lock(data: &DataArgs) -> Result<Option<File>, Failure> {
    let path = data.data_dir.join("stratagem.lock");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

fn announce(app: &App, address: SocketAddr) {
    if let Some(token) = &app.tokens.platform {
        print(format_args!("token of a platform admin, shown this once: {}", token.expose_secret()));
    }
    if let Some(token) = &app.tokens.admin {
        print(format_args!("token of an admin of tenant `default`, shown this once: {}", token.expose_secret()));
    }
    print(format_args!("listening on http://{address}"));
}
