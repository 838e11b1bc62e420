//! Compiling in a process of its own: `stratagem compile-component`, which runs [`super::compile_here`].

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::ComponentError;
use crate::artefact::Artefacts;
use crate::outcome::cut;

/// Compiled components that are kept. One that is used after it went is compiled again.
const KEPT: usize = 100;

/// The process has a limit of processor time; this is for one that waits, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(300);

/// Bytes of the process's own words that a tenant reads.
const WORDS: usize = 2_000;

/// Compiles components, one at a time.
pub struct Compiler {
    program: PathBuf,
    place: Semaphore,
}

impl Compiler {
    /// A compiler that runs this program with the argument `compile-component`.
    pub fn new(program: PathBuf) -> Self {
        Self { program, place: Semaphore::new(1) }
    }

    /// Compiles the file, whose hash is `hash`, into the artefacts.
    pub(crate) async fn compile(&self, artefacts: &Artefacts, wasm: &Path, hash: &str) -> Result<(), ComponentError> {
        let _place = self.place.acquire().await.map_err(|error| ComponentError::host("the compiler is gone", error))?;
        // Who waited for the same component finds it done.
        if artefacts.load(hash).is_some() {
            return Ok(());
        }
        let input = File::open(wasm).map_err(|error| ComponentError::host("the component cannot be read", error))?;
        let mut output = tempfile()?;
        let written =
            output.try_clone().map_err(|error| ComponentError::host("the compiled code has no place", error))?;
        let mut process = Command::new(&self.program)
            .arg("compile-component")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(written))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| ComponentError::host("the compiling process could not be started", error))?;
        let mut words = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, async {
            if let Some(stderr) = process.stderr.take() {
                stderr.take(WORDS as u64).read_to_end(&mut words).await?;
            }
            process.wait().await
        });
        match ended.await {
            Ok(Ok(status)) if status.success() => {}
            Ok(Ok(status)) => return Err(failed(status, &String::from_utf8_lossy(&words))),
            Ok(Err(error)) => return Err(ComponentError::host("the compiling process was lost", error)),
            Err(_) => return Err(ComponentError::host("the compiling process", "it did not end in time")),
        }
        let mut code = Vec::new();
        output
            .seek(SeekFrom::Start(0))
            .map_err(|error| ComponentError::host("the compiled code cannot be read", error))?;
        output
            .read_to_end(&mut code)
            .map_err(|error| ComponentError::host("the compiled code cannot be read", error))?;
        artefacts
            .store(hash, &code, KEPT)
            .map_err(|error| ComponentError::host("the compiled code was not kept", error))
    }
}

/// A file without a name.
fn tempfile() -> Result<File, ComponentError> {
    rustix::fs::memfd_create("stratagem-compiled", rustix::fs::MemfdFlags::CLOEXEC)
        .map(File::from)
        .map_err(|error| ComponentError::host("the compiled code has no place", error))
}

/// The process ended in a way that is the component's doing, as far as can be told.
fn failed(status: ExitStatus, words: &str) -> ComponentError {
    let words = words.trim();
    let reason = match status.signal() {
        Some(libc::SIGXCPU | libc::SIGKILL) => {
            "compiling it takes more processor time or memory than it may".to_owned()
        }
        Some(libc::SIGABRT) => "compiling it takes more memory than it may".to_owned(),
        Some(signal) => format!("compiling it ended with signal {signal}"),
        None if words.is_empty() => format!("compiling it failed ({status})"),
        None => cut(words, WORDS),
    };
    ComponentError::refused(format!("the component does not compile: {reason}"))
}
