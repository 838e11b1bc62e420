//! What the scenarios do to the machine: a restart of PostgreSQL, a disk that is small.

use std::path::{Path, PathBuf};

use tokio::process::Command;

/// Whether it is one that `tests/support/postgres.py` started.
pub(crate) fn restarts_postgres() -> bool {
    std::env::var_os("STRATAGEM_TEST_POSTGRES_DATA").is_some()
}

/// Restarts PostgreSQL without a farewell; returns when it takes connections again.
pub(crate) async fn restart_postgres() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/support/postgres.py");
    let python = std::env::var("STRATAGEM_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    run(Command::new(python).args([script, "restart"])).await;
}

/// Whether this user may mount.
pub(crate) fn mounts() -> bool {
    // A folder of one's own says whose process this is.
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(folder.path()).output();
    let mounted = mounted.is_ok_and(|output| output.status.success());
    if mounted {
        let _ = std::process::Command::new("umount").arg(folder.path()).status();
    }
    mounted
}

/// A file system in memory, unmounted when it is dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of `size`, as mount(8) takes it, on a folder that it makes.
    pub(crate) async fn mount(folder: &Path, size: &str) -> Self {
        std::fs::create_dir_all(folder).expect("a folder can be made");
        run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder)).await;
        Self(folder.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is just ending may still have files open.
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

async fn run(command: &mut Command) {
    let output = command.output().await.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
}
