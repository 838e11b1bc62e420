use std::process::ExitCode;

use clap::Args;

use super::{Failure, print};

/// Print the OpenAPI 3.1 document of the HTTP API
#[derive(Args)]
pub(super) struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        print(serde_json::to_string_pretty(&crate::openapi())?);
        Ok(ExitCode::SUCCESS)
    }
}
