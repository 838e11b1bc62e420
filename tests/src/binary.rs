//! The real program `stratagem` as a process that can die.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::app::{ADMIN_TOKEN, MASTER_KEY, PLATFORM_TOKEN, artefact_key, sandbox, shared_artefacts};
use crate::{Api, database_of};

/// How long a process may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// `stratagem serve` on a jumping clock.
pub struct Binary {
    /// An admin of the first tenant.
    pub admin: Api,
    process: Child,
}

impl Binary {
    /// Starts it on a data folder, which may be one that another process died on.
    pub async fn serve(data: &Path) -> Self {
        Self::serve_with(data, &[], Stdio::inherit()).await
    }

    /// As [`Binary::serve`], with variables in its environment, and its log in that file.
    pub async fn serve_logging(data: &Path, env: &[(&str, &str)], log: &Path) -> Self {
        Self::serve_with(data, env, Stdio::from(std::fs::File::create(log).unwrap())).await
    }

    async fn serve_with(data: &Path, env: &[(&str, &str)], log: Stdio) -> Self {
        // Compiles the runtime, if nobody did, where the process will find it.
        tokio::task::spawn_blocking(sandbox).await.unwrap();
        let mut process = Command::new(program())
            .args(["serve", "--clock", "jump", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .args(["--database-url", &database_of(data).await])
            .env("STRATAGEM_ARTEFACT_DIR", shared_artefacts())
            .env("STRATAGEM_MASTER_KEY", hex(&MASTER_KEY))
            .env("STRATAGEM_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("STRATAGEM_PLATFORM_TOKEN", PLATFORM_TOKEN)
            .envs(env.iter().copied())
            .stderr(log)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("the server says nothing").unwrap();
            let line = line.expect("the server ended before it listened");
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        Self { admin: Api::new(&url, Some(ADMIN_TOKEN)), process }
    }

    /// SIGKILL: no farewell, as in a power cut. Waits until the process is gone.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// SIGTERM; waits until the process has ended.
    pub async fn terminate(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().await.unwrap();
        assert!(told.success());
        timeout(PATIENCE, self.process.wait()).await.expect("the server does not end").unwrap()
    }

    /// Memory that the process has had at most, in bytes: `VmHWM` of `/proc`.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    fn id(&self) -> u32 {
        self.process.id().expect("the process has ended")
    }
}

/// The program, which cargo builds into the folder above this test's.
///
/// # Panics
/// When it is not there.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
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
