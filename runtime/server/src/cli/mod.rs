//! The command line.

mod backup;
mod build;
mod check;
mod compile;
mod database;
mod inspect;
mod migrate;
mod openapi;
mod python;
mod restore;
mod run;
mod serve;
mod source;
mod steps;
mod stop;

use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Why a command failed, for people.
type Failure = Box<dyn Error + Send + Sync>;

/// Runs outreach campaigns whose logic is the tenants' own Python, every decision in a fresh WebAssembly sandbox.
#[derive(Parser)]
#[command(name = "stratagem", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Steps(steps::Steps),
    Openapi(openapi::Openapi),
    Check(check::Check),
    Run(run::Run),
    Build(build::Build),
    Inspect(inspect::Inspect),
    #[command(hide = true)]
    CompileComponent(compile::CompileComponent),
}

/// Where the data is.
#[derive(Args)]
struct DataArgs {
    /// Folder of the database, uploaded files, compiled code and the master key; made where it is missing
    #[arg(long, env = "STRATAGEM_DATA_DIR", default_value = "./data", value_name = "DIR")]
    data_dir: PathBuf,

    /// Database; sqlite://PATH is made where it is missing [default: sqlite://<data-dir>/stratagem.db]
    #[arg(long, env = "STRATAGEM_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl DataArgs {
    fn database_url(&self) -> String {
        let default = || format!("sqlite://{}", self.data_dir.join("stratagem.db").display());
        self.database_url.clone().unwrap_or_else(default)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::CompileComponent(command) = cli.command {
        // Before there are threads: its limits hold for the whole process.
        return command.run();
    }
    failpoints();
    // Fails only where it was set before, in which case there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let result = tokio::runtime::Runtime::new().map_err(Failure::from).and_then(|runtime| {
        let result = runtime.block_on(async {
            match cli.command {
                Command::Serve(command) => command.run().await,
                Command::Migrate(command) => command.run().await,
                Command::Backup(command) => command.run().await,
                Command::Restore(command) => command.run().await,
                Command::Steps(command) => command.run().await,
                Command::Openapi(command) => command.run(),
                Command::Check(command) => command.run().await,
                Command::Run(command) => command.run().await,
                Command::Build(command) => command.run().await,
                Command::Inspect(command) => command.run(),
                Command::CompileComponent(command) => Ok(command.run()),
            }
        });
        // Work on blocking threads that nobody waits for must not hold the process.
        runtime.shutdown_background();
        result
    });
    result.unwrap_or_else(|error| {
        eprintln!("stratagem: {error}");
        ExitCode::FAILURE
    })
}

/// Where failpoints are compiled in, which tests alone do, the environment's `FAILPOINTS` are set, and the one that is reached ends
/// the process on the spot, as a power cut would.
fn failpoints() {
    if !fail::has_failpoints() || std::env::var_os("FAILPOINTS").is_none() {
        return;
    }
    std::mem::forget(fail::FailScenario::setup());
    std::panic::set_hook(Box::new(|info| {
        eprintln!("{info}");
        if info.to_string().contains("failpoint") {
            std::process::abort();
        }
    }));
}

/// Log lines go to stderr, so that stdout holds what a command is asked for and nothing else.
fn log_to_stderr(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("`{filter}` is no log filter: {error}"))?;
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(io::stderr).init();
    Ok(())
}

/// Writes a line to stdout. A reader that has gone away is no reason to fail.
fn print(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
