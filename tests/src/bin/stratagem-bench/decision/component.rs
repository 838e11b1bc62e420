//! A strategy as a compiled one: a component of its own, which componentize-py links when it is instantiated.

use std::{
    env, fs, io,
    path::Path,
    process::{Command, ExitCode},
};

use stratagem_domain::strategy::{Limits, StrategyType};
use stratagem_sandbox::{Boundary, Compiler, Component, Sandbox, compile_here};
use tokio::runtime::Runtime;

use crate::{Outcome, machine};

/// Builds it as a tenant does and compiles it as the server does, which takes some 20 s.
pub(super) fn build(sandbox: &Sandbox, strategy: &Path) -> Outcome<Component> {
    let folder = tempfile::TempDir::with_prefix("stratagem-bench-")?;
    let path = folder.path().join("strategy.wasm");
    let built = Command::new(machine::python())
        .args(["-m", "stratagem", "build"])
        .arg(strategy)
        .args(["--type", "data_load", "--out"])
        .arg(&path)
        .env("PYTHONPATH", machine::repository().join("strategy-sdk/src"))
        .output()?;
    if !built.status.success() {
        return Err(format!("{} was not built: {}", strategy.display(), String::from_utf8_lossy(&built.stderr)).into());
    }
    let hash = Boundary::check(&fs::read(&path)?, StrategyType::DataLoad, &Limits::default())?.component_hash;
    Runtime::new()?.block_on(sandbox.compile(&Compiler::new(env::current_exe()?), &path, &hash))?;
    Ok(sandbox.component(&hash)?.ok_or("the compiled component was not kept")?)
}

/// What [`Compiler`] starts this program for.
pub(crate) fn compile_component() -> ExitCode {
    match compile_here(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
