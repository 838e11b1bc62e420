//! On what the figures were taken.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use stratagem_domain::clock::{Clock, SystemClock};

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

/// Prints machine, date, versions and the command.
pub(crate) fn describe(options: &Options) {
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let checks = if cfg!(debug_assertions) { "debug assertions on" } else { "no debug assertions" };
    println!("Stratagem {} benchmark, {}", env!("CARGO_PKG_VERSION"), SystemClock.now().format("%Y-%m-%d %H:%M UTC"));
    println!("  command  make bench BENCH=\"{}\"", options.as_arguments());
    println!(
        "  machine  {}, {processors} processors, Linux {}",
        processor(),
        first_words("/proc/sys/kernel/osrelease", 1)
    );
    println!("  load     {} at the beginning: figures of a busy machine say little", first_words("/proc/loadavg", 3));
    println!(
        "  build    {}, {checks}; commit {}",
        answer("rustc", &["--version"]),
        answer("git", &["rev-parse", "--short", "HEAD"])
    );
    println!("  python   {} as the peer process; CPython 3.14 in the sandbox", answer(&python(), &["--version"]));
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.starts_with("model name"));
    model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown processor").to_owned()
}

fn first_words(path: &str, count: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}

fn answer(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(repository()).output().ok();
    let text = output.filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
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
