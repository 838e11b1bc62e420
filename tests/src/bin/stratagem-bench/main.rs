//! What a decision, an import and a whole journey cost on this machine: `make bench`.
//!
//! Everything is measured in one run, through the public interfaces of the crates, and given as ratios too: the figures of
//! two runs, or of two machines, are not to be compared. Each part takes its size as an argument, see `--help`. The tables are
//! Markdown, each below the command that measures it.

mod campaign;
mod decision;
mod machine;
mod memory;
mod options;
mod road;
mod series;
mod sink;
mod table;
mod upload;

use std::{error::Error, path::PathBuf, process::ExitCode};

use stratagem_sandbox::{Sandbox, SandboxConfig, Way};

use crate::{
    options::{Options, Part},
    series::Series,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    // The sandbox has components compiled by a process of its own: this program again.
    if std::env::args().nth(1).as_deref() == Some("compile-component") {
        return decision::compile_component();
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match bench(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(options: &Options) -> Outcome<()> {
    stratagem_tests::install_crypto();
    machine::describe(options);
    let (sandbox, opened) = open_sandbox()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let decisions = options.wants(Part::Decisions).then(|| decision::measure(&sandbox, options)).transpose()?;
    if options.wants(Part::Uploads) {
        runtime.block_on(upload::measure(&sandbox, options, opened))?;
    }
    let road = match options.wants(Part::Road) {
        true => Some(runtime.block_on(road::measure(&sandbox, options))?),
        false => None,
    };
    if let (Some(decisions), Some(road)) = (decisions, road) {
        ratios(&decisions, &road);
    }
    if options.wants(Part::Memory) {
        runtime.block_on(memory::measure(options.contacts))?;
    }
    Ok(())
}

/// With the key and the folder that the sandbox's tests use: what they compiled need not be compiled again.
fn sandbox_config(way: Option<Way>) -> Outcome<SandboxConfig> {
    let home = PathBuf::from(std::env::var_os("HOME").ok_or("HOME is not set")?);
    let artefact_dir = home.join(".cache/stratagem/artefacts-test/sandbox");
    Ok(SandboxConfig { artefact_dir, key: [7; 32], way, verify: false })
}

/// Beside the sandbox: how long it takes to open one whose artefact is on disk.
fn open_sandbox() -> Outcome<(Sandbox, Series)> {
    const OPENED: usize = 5;
    let config = sandbox_config(None)?;
    // The first opening may compile, which takes some 10 s; what a start costs are the others.
    let sandbox = Sandbox::open(&config, &mut |_| {})?;
    let mut opened = Series::default();
    for _ in 0..OPENED {
        let started = std::time::Instant::now();
        Sandbox::open(&config, &mut |_| {})?;
        opened.add(started.elapsed());
    }
    Ok((sandbox, opened))
}

fn ratios(decisions: &decision::Figures, road: &road::Figures) {
    println!("\nRatios");
    let lines = [
        ("a python3 process : a fresh sandbox, median", decisions.python_us / decisions.one_thread_us),
        ("decisions a second, all processors : one", decisions.all_threads_a_second / decisions.one_thread_a_second),
        ("decisions a second : contacts planned a second", decisions.all_threads_a_second / road.planned),
        ("rows imported a second : contacts planned a second", road.imported / road.planned),
        ("contacts planned a second : contacts a second for the whole journey", road.planned / road.journey),
    ];
    for (what, ratio) in lines {
        println!("  {what:<70} {ratio:>7.2}");
    }
}
