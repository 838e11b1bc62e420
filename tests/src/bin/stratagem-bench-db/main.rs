//! What the store costs beside raw statements, whether that grows with the rows that are there, and what a second server
//! brings: `make bench-db`.
//!
//! Everything is measured on SQLite and on PostgreSQL in one run and given as ratios too: the figures of two runs, or of two
//! machines, are not to be compared.

mod filling;
mod flat;
mod imports;
mod nodes;
mod options;
mod place;
mod queue;
mod ratio;

use std::{error::Error, process::ExitCode};

use stratagem_tests::{describe_machine, postgres_server};

use crate::{
    options::{Options, Part},
    place::{Kind, Place},
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(bench(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(options: &Options) -> Outcome<()> {
    stratagem_tests::install_crypto();
    describe_machine("benchmark of the database", &format!("make bench-db BENCH=\"{}\"", options.as_arguments()));
    if postgres_server().is_none() {
        return Err(
            "PostgreSQL is missing: run it with `tests/support/postgres.py run --durable`, as `make bench-db` does"
                .into(),
        );
    }
    if options.wants(Part::Ratio) {
        println!(
            "\nThe store beside raw statements on bare tables, rows a second, batches of the same size, synced to disk"
        );
        for kind in Kind::ALL {
            let place = Place::make(kind).await?;
            queue::measure(&place, options).await?;
            imports::measure(&place, options).await?;
            place.remove().await;
        }
    }
    if options.wants(Part::Flat) {
        for kind in Kind::ALL {
            flat::measure(kind, options).await?;
        }
    }
    if options.wants(Part::Nodes) {
        nodes::measure(options).await?;
    }
    Ok(())
}
