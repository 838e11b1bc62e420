//! A machine's clock that is wrong and jumps, for a process of its own: by libfaketime, Debian's package of that name.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A clock that is off by some seconds from the true one. Only what tells the time of day is: what counts seconds goes on as on
/// a machine whose clock somebody sets.
pub struct MachineClock {
    file: PathBuf,
}

impl MachineClock {
    /// One that is off by so many seconds and is kept in this folder.
    pub fn off_by(folder: &Path, seconds: i64) -> Self {
        let clock = Self { file: folder.join("machine-clock") };
        clock.set_off_by(seconds);
        clock
    }

    /// Sets it anew. Processes that go by it see that within a second.
    pub fn set_off_by(&self, seconds: i64) {
        // Put there whole, because a process may be reading it.
        let fresh = self.file.with_extension("fresh");
        std::fs::write(&fresh, format!("{seconds:+}\n")).unwrap();
        std::fs::rename(&fresh, &self.file).unwrap();
    }

    /// What makes a process go by it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let file = self.file.display().to_string();
        [
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Where it is; as root it is installed where it is missing.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| find().unwrap_or_else(install))
}

fn find() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists())
}

fn install() -> PathBuf {
    println!("installing Debian's package libfaketime");
    let apt = |arguments: &[&str]| {
        let status = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        status.is_ok_and(|status| status.success())
    };
    let installed = apt(&["update", "-q"]) && apt(&["install", "-q", "-y", "--no-install-recommends", "libfaketime"]);
    let found = find().filter(|_| installed);
    found.expect("libfaketime is needed for stories of wrong clocks: on Debian and Ubuntu, apt-get install libfaketime")
}
