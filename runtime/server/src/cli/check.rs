use std::process::ExitCode;

use clap::Args;
use stratagem_domain::{
    clock::{Clock, SystemClock},
    strategy::Limits,
};
use stratagem_sandbox::Moment;

use super::{
    Failure, log_to_stderr, print,
    source::{SourceArgs, describe, sandbox},
};

/// Check whether a file can be a strategy
///
/// Loads it in the real sandbox, under the limits of a server, without calling its function: finds syntax errors,
/// exceptions of the top level and a missing function, with line numbers. No database or server is needed. The exit code is
/// 1 where something is wrong.
#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    source: SourceArgs,
}

impl Check {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        log_to_stderr("warn")?;
        let strategy = self.source.read()?;
        let sandbox = sandbox().await?;
        let at = Moment { now: SystemClock.now(), time_zone: "UTC", seed: 0 };
        let report = sandbox.check(&strategy.as_strategy(at.now), &at, &Limits::default()).await;
        eprintln!("{}", describe(&report));
        match &report.outcome {
            Ok(_) => {
                print(format_args!("ok: {}", strategy.title()));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                eprint!("{}", strategy.explain(error));
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
