use std::{fmt::Write, fs, path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;
use stratagem_domain::strategy::{Limits, StrategyType};
use stratagem_sandbox::Boundary;

use super::{Failure, print};

/// Print what a component can reach
///
/// Imports with what answers each, exports, hash, size and the limits that hold by default; and whether a server would take it.
/// Nothing is compiled or run. The exit code is 1 where a server would refuse it.
#[derive(Args)]
pub(super) struct Inspect {
    /// The component
    file: PathBuf,

    /// As JSON, the way GET /strategies/{id}/boundary answers
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let wasm = fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let boundary = Boundary::of(&wasm).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let limits = Limits::default();
        let verdicts = StrategyType::ALL.map(|hook| (hook, Boundary::check(&wasm, hook, &limits)));
        let fits = verdicts.iter().any(|(_, verdict)| verdict.is_ok());
        if self.json {
            let mut report = serde_json::to_value(&boundary)?;
            report["limits"] = json!(limits);
            print(serde_json::to_string_pretty(&report)?);
        } else {
            print(describe(&boundary, &limits)?.trim_end());
            // One reason is enough: the three differ in the export alone, unless the component is refused for all.
            for (hook, verdict) in verdicts.iter().filter(|(_, verdict)| verdict.is_ok() || !fits) {
                match verdict {
                    Ok(_) => print(format_args!("\nA server takes it as a {hook} strategy.")),
                    Err(error) => print(format_args!("\nNot as a {hook} strategy: {error}")),
                }
            }
        }
        Ok(if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn describe(boundary: &Boundary, limits: &Limits) -> Result<String, Failure> {
    let mut text = String::new();
    writeln!(text, "world      {}", boundary.world)?;
    writeln!(text, "component  {} bytes, BLAKE3 {}", boundary.component_bytes, boundary.component_hash)?;
    writeln!(text, "engine     {}", boundary.engine)?;
    writeln!(text, "\nexports: all that can be asked of it")?;
    for export in &boundary.exports {
        writeln!(text, "  {}({})", export.name, export.parameters.join(", "))?;
    }
    writeln!(text, "\nimports: all that it can ask for, and what answers")?;
    for import in &boundary.imports {
        writeln!(text, "  {}\n      {}", import.name, import.answered_by)?;
        if !import.functions.is_empty() {
            writeln!(text, "      {}", import.functions.join(", "))?;
        }
    }
    writeln!(text, "\nlimits of a run, by default")?;
    if let serde_json::Value::Object(limits) = serde_json::to_value(limits)? {
        for (name, value) in limits {
            writeln!(text, "  {name:<20} {value}")?;
        }
    }
    Ok(text)
}
