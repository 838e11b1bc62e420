//! On what figures are taken, and what memory a process has.

use std::fs;
use std::process::Command;

use stratagem_domain::clock::{Clock, SystemClock};

/// Memory of a process, in MB (10^6 bytes).
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Now.
    pub resident_mb: u64,
    /// At most so far, or since [`Memory::forget_peak`].
    pub peak_mb: u64,
}

impl Memory {
    /// Of a process by its id, or of `self`; zeros where it is gone.
    pub fn of(process: &str) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let megabytes = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|n| n.parse::<u64>().ok());
            kilobytes.unwrap_or(0) * 1024 / 1_000_000
        };
        Self { resident_mb: megabytes("VmRSS:"), peak_mb: megabytes("VmHWM:") }
    }

    /// Begins the peak of that process anew.
    pub fn forget_peak(process: &str) {
        // proc(5): 5 resets the peak resident set size. Where it cannot be written the peak is that of the whole run.
        let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
    }
}

/// Prints machine, load, date, build and the command that measures the same again.
pub fn describe_machine(what: &str, command: &str) {
    let checks = if cfg!(debug_assertions) { "debug assertions on" } else { "no debug assertions" };
    println!("Stratagem {} {what}, {}", env!("CARGO_PKG_VERSION"), SystemClock.now().format("%Y-%m-%d %H:%M UTC"));
    println!("  command  {command}");
    println!("  machine  {}", machine());
    println!("  load     {} at the beginning: figures of a busy machine say little", first_words("/proc/loadavg", 3));
    println!(
        "  build    {}, {checks}; commit {}",
        answer("rustc", &["--version"]),
        answer("git", &["rev-parse", "--short", "HEAD"])
    );
}

/// Where and when figures are taken and the command that takes them, as a sentence to stand above their table.
pub fn origin_of_figures(command: &str) -> String {
    format!("{} on {}: `{command}`.", SystemClock.now().format("%Y-%m-%d"), machine())
}

fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {processors} processors, Linux {}", processor(), first_words("/proc/sys/kernel/osrelease", 1))
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
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok();
    let text = output.filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}
