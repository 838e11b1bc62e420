use std::process::ExitCode;

use clap::Args;

use super::{DataArgs, Failure, serve::lock};
use crate::app::{open_store, private_folder};

/// Bring a database up to date and leave
///
/// `serve` does the same when it starts.
#[derive(Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    data: DataArgs,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let url = self.data.database_url();
        private_folder(&self.data.data_dir)?;
        let _lock = if url.starts_with("sqlite:") { Some(lock(&self.data)?) } else { None };
        open_store(&url).await?;
        eprintln!("the database is up to date");
        Ok(ExitCode::SUCCESS)
    }
}
