use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use stratagem_domain::{
    clock::{Clock, SystemClock},
    strategy::Limits,
};
use stratagem_sandbox::{Boundary, Moment};

use super::{
    Failure, log_to_stderr, print,
    source::{SourceArgs, describe, sandbox},
};
use crate::time;

/// Make one self-contained component of a strategy
///
/// Loads it in the real sandbox, under the limits of a server, and writes Python with the strategy in it as one standard component
/// of its public world: any host of components can run it, and a server takes it as an upload. It is what GET
/// /strategies/{id}/component answers. No database, server or Python is needed. The exit code is 1 where something is wrong; what was
/// at the output's place stays there then.
#[derive(Args)]
pub(super) struct Build {
    #[command(flatten)]
    source: SourceArgs,

    /// Where to put the component
    #[arg(short, long, value_name = "FILE.wasm")]
    output: PathBuf,

    /// What the clock shows while the top level runs, RFC 3339; the same source and time give the same bytes [default: the present]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

impl Build {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        log_to_stderr("warn")?;
        let now = match &self.now {
            Some(text) => time::parse(text).map_err(|error| format!("--now {error}"))?,
            None => SystemClock.now(),
        };
        let folder = folder_of(&self.output)?;
        let strategy = self.source.read()?;
        let sandbox = sandbox().await?;
        let at = Moment { now, time_zone: "UTC", seed: 0 };
        let (code, limits) = (strategy.as_strategy(now), Limits::default());
        let report = sandbox.check(&code, &at, &limits).await;
        eprintln!("{}", describe(&report));
        let component = match report.outcome {
            Ok(_) => sandbox.standalone(&code, &limits).await,
            Err(error) => Err(error),
        };
        let component = match component {
            Ok(component) => component,
            Err(error) => {
                eprint!("{}", strategy.explain(&error));
                return Ok(ExitCode::FAILURE);
            }
        };
        put(&component, folder, &self.output)?;
        if let Err(error) = Boundary::check(&component, strategy.kind, &limits) {
            eprintln!("a server would refuse it: {error}");
        }
        let hash = blake3::hash(&component);
        print(format_args!("ok: {}: {} bytes, BLAKE3 {hash}", self.output.display(), component.len()));
        Ok(ExitCode::SUCCESS)
    }
}

/// The folder that the file is to be in. Said before anything is built where there is none.
fn folder_of(output: &Path) -> Result<&Path, Failure> {
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if output.is_dir() {
        return Err(format!("{}: is a folder; name a file", output.display()).into());
    }
    if !folder.is_dir() {
        return Err(format!("{}: there is no folder {}", output.display(), folder.display()).into());
    }
    Ok(folder)
}

/// Writes the file in one step, so that a reader sees the old one or the new one.
fn put(component: &[u8], folder: &Path, output: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| format!("{} cannot be written: {error}", output.display());
    let name = output.file_name().ok_or_else(|| failed(&"it names no file"))?.to_string_lossy();
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let written = fs::File::create(&unfinished).and_then(|mut file| file.write_all(component));
    let placed = written.and_then(|()| fs::rename(&unfinished, output));
    if let Err(error) = placed {
        // It may never have been there.
        let _ = fs::remove_file(&unfinished);
        return Err(failed(&error).into());
    }
    Ok(())
}
