//! On what the figures were taken.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use crate::options::Options;

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

/// Processor time of this process so far: what a figure costs even on a machine that does other things too.
pub(crate) fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    // Linux counts in hundredths of a second, whatever the kernel's own tick is.
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}
