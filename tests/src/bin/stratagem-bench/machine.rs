//! On what the figures were taken.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use crate::options::Options;

/// Memory of this process, in MB (10^6 bytes).
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident_mb: u64,
    pub(crate) peak_mb: u64,
}

/// The checkout that this was built from.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The interpreter that a decision in a process of its own is measured with.
pub(crate) fn python() -> String {
    std::env::var("STRATAGEM_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// The interpreter of the virtual environment with the peers, where `make bench` has made one.
pub(crate) fn peers_python() -> String {
    std::env::var("STRATAGEM_BENCH_PYTHON").unwrap_or_else(|_| python())
}

/// How many threads can run at once.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What measures the same again.
pub(crate) fn command(options: &Options) -> String {
    format!("make bench BENCH=\"{}\"", options.as_arguments())
}

/// Prints machine, date, versions and the command.
pub(crate) fn describe(options: &Options) {
    stratagem_tests::describe_machine("benchmark", &command(options));
    let version = Command::new(python()).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    println!("  python   {} as the peer process; CPython 3.14 in the sandbox", version.trim());
}

/// What this process has now, and had at most.
pub(crate) fn memory() -> Memory {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|n| n.parse::<u64>().ok());
        kilobytes.unwrap_or(0) * 1024 / 1_000_000
    };
    Memory { resident_mb: megabytes("VmRSS:"), peak_mb: megabytes("VmHWM:") }
}

/// Begins the peak anew.
pub(crate) fn forget_peak() {
    // proc(5): 5 resets the peak resident set size. Where it cannot be written the peak is that of the whole run.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Processor time of this process so far: what a figure costs even on a machine that does other things too.
pub(crate) fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    // Linux counts in hundredths of a second, whatever the kernel's own tick is.
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}
