use std::{
    io::{self, Write},
    panic,
    process::ExitCode,
};

use clap::Args;
use stratagem_sandbox::compile_here;

/// Compile a component from stdin to stdout, in a process that can do nothing else
///
/// The server starts this for each component that is uploaded.
#[derive(Args)]
pub(super) struct CompileComponent {}

impl CompileComponent {
    pub(super) fn run(self) -> ExitCode {
        // What the compiler says when it gives up is no sentence for a tenant.
        panic::set_hook(Box::new(|_| {}));
        let compiled = panic::catch_unwind(|| compile_here(&mut io::stdin().lock(), &mut io::stdout().lock()));
        let gave_up =
            |_| Err("the compiler gave up on it: it nests components in a way that is not supported".to_owned());
        match compiled.unwrap_or_else(gave_up) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                // Whoever does not read it has gone away.
                let _ = writeln!(io::stderr().lock(), "{reason}");
                ExitCode::FAILURE
            }
        }
    }
}
