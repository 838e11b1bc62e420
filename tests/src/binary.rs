//! The real program `stratagem` as a process that can die.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::app::{ADMIN_TOKEN, MASTER_KEY, PLATFORM_TOKEN, artefact_key, sandbox, shared_artefacts};
use crate::{Api, MachineClock, Memory, database_of};

/// How long a process may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a process is to be started: `stratagem serve`, on a jumping clock unless it is told otherwise.
#[derive(Debug, Clone)]
pub struct Launch {
    data: PathBuf,
    database_url: Option<String>,
    log: Option<PathBuf>,
    artefacts: Option<PathBuf>,
    clock: &'static str,
    env: Vec<(String, String)>,
}

/// A process that may not listen yet.
pub struct Starting(Child);

/// `stratagem serve`.
pub struct Binary {
    /// An admin of the first tenant.
    pub admin: Api,
    process: Child,
}

impl Launch {
    /// On a data folder, which may be one that another process died on, and the database of that folder.
    pub fn on(data: &Path) -> Self {
        let (database_url, log, artefacts) = Default::default();
        Self { data: data.to_owned(), database_url, log, artefacts, clock: "jump", env: Vec::new() }
    }

    /// With a variable in its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// On the real clock.
    pub fn on_real_time(self) -> Self {
        Self { clock: "real", ..self }
    }

    /// On the real clock of a machine whose clock is wrong.
    pub fn on_clock(self, clock: &MachineClock) -> Self {
        let mut launch = self.on_real_time();
        launch.env.extend(clock.environment());
        launch
    }

    /// With another database.
    pub fn with_database(self, url: &str) -> Self {
        Self { database_url: Some(url.to_owned()), ..self }
    }

    /// Log lines are added to this file, instead of going where the test's own go.
    pub fn logging_to(self, file: &Path) -> Self {
        Self { log: Some(file.to_owned()), ..self }
    }

    /// With the compiled runtime in this folder; where it is not there, the process compiles it.
    pub fn with_artefacts(self, folder: &Path) -> Self {
        Self { artefacts: Some(folder.to_owned()), ..self }
    }

    /// Starts it, and waits until it listens.
    pub async fn start(&self) -> Binary {
        self.spawn().await.listening().await
    }

    /// Starts it, and does not wait.
    pub async fn spawn(&self) -> Starting {
        let artefacts = match &self.artefacts {
            Some(folder) => folder.clone(),
            None => {
                // Compiles the runtime, if nobody did, where the process will find it.
                tokio::task::spawn_blocking(sandbox).await.unwrap();
                shared_artefacts()
            }
        };
        let database = match &self.database_url {
            Some(url) => url.clone(),
            None => database_of(&self.data).await,
        };
        let mut command = Command::new(program());
        command
            .args(["serve", "--clock", self.clock, "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&self.data)
            .args(["--database-url", &database])
            .env("STRATAGEM_ARTEFACT_DIR", artefacts)
            .env("STRATAGEM_MASTER_KEY", hex(&MASTER_KEY))
            .env("STRATAGEM_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("STRATAGEM_PLATFORM_TOKEN", PLATFORM_TOKEN)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(log) = &self.log {
            command.stderr(File::options().create(true).append(true).open(log).unwrap());
        }
        Starting(command.spawn().unwrap())
    }
}

impl Starting {
    /// Waits until it listens.
    ///
    /// # Panics
    /// When it ends before, or takes too long.
    pub async fn listening(mut self) -> Binary {
        let mut lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let url = loop {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("the server says nothing").unwrap();
            let line = line.expect("the server ended before it listened");
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        Binary { admin: Api::new(&url, Some(ADMIN_TOKEN)), process: self.0 }
    }

    /// SIGKILL; waits until the process is gone.
    pub async fn kill(mut self) {
        self.0.kill().await.unwrap();
    }
}

impl Binary {
    /// Starts it on a data folder, which may be one that another process died on.
    pub async fn serve(data: &Path) -> Self {
        Launch::on(data).start().await
    }

    /// SIGKILL: no farewell, as in a power cut. Waits until the process is gone.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// SIGTERM; waits until the process has ended.
    pub async fn terminate(mut self) -> ExitStatus {
        self.signal("TERM").await;
        timeout(PATIENCE, self.process.wait()).await.expect("the server does not end").unwrap()
    }

    /// Its memory.
    pub fn memory(&self) -> Memory {
        Memory::of(&self.id().to_string())
    }

    /// Begins the peak of its memory anew.
    pub fn forget_peak(&self) {
        Memory::forget_peak(&self.id().to_string());
    }

    /// Stands still (SIGSTOP), as a machine does that is paused or starved, until [`Binary::go_on`].
    pub async fn stand_still(&self) {
        self.signal("STOP").await;
    }

    /// Goes on after [`Binary::stand_still`], without knowing that time has passed.
    pub async fn go_on(&self) {
        self.signal("CONT").await;
    }

    /// A figure of `/metrics`, of all its labels together; 0 where nothing was counted yet.
    pub async fn figure(&self, name: &str) -> f64 {
        let text = self.admin.get("/metrics").await.text;
        let samples = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        samples.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).unwrap()).sum()
    }

    /// How it ended, if it did so by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    async fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().await.unwrap();
        assert!(told.success());
    }

    fn id(&self) -> u32 {
        self.process.id().expect("the process has ended")
    }
}

/// The program, which cargo builds into the folder above this test's, or beside this one where it is a program too.
///
/// # Panics
/// When it is not there.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap();
    let folder = if folder.ends_with("deps") { folder.parent().unwrap() } else { folder };
    let program = folder.join("stratagem");
    assert!(program.exists(), "{} is not built: run `cargo build --workspace` first", program.display());
    program
}

/// The environment in which `stratagem check` and `stratagem run` find the runtime that is compiled already.
pub fn command_line_cache() -> PathBuf {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let cache = shared_artefacts().with_file_name("command-line");
        let own = cache.join("stratagem");
        std::fs::create_dir_all(&own).unwrap();
        // Put there whole, because another run of the tests may be reading it.
        let fresh = own.join(format!("artefacts.key.{}", std::process::id()));
        std::fs::write(&fresh, hex(&artefact_key())).unwrap();
        std::fs::rename(fresh, own.join("artefacts.key")).unwrap();
        // An error means that it is there.
        let _ = std::os::unix::fs::symlink(shared_artefacts(), own.join("artefacts"));
        sandbox();
        cache
    };
    CACHE.get_or_init(make).clone()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
