//! Opens the sandbox, and tells people what takes so long the first time.

use std::path::Path;

use clap::ValueEnum;
use stratagem_sandbox::{Progress, Sandbox, SandboxConfig, Way};

use super::Failure;

/// How source strategies get their memory, as a setting.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Memories {
    Auto,
    Slots,
    Pooling,
}

impl From<Memories> for Option<Way> {
    fn from(memories: Memories) -> Self {
        match memories {
            Memories::Auto => None,
            Memories::Slots => Some(Way::Slots),
            Memories::Pooling => Some(Way::Pooling),
        }
    }
}

/// Loads the compiled Python runtime from `artefact_dir`, or compiles it.
pub(super) async fn open(artefact_dir: &Path, key: [u8; 32], memories: Memories) -> Result<Sandbox, Failure> {
    let config = SandboxConfig { artefact_dir: artefact_dir.to_owned(), key, way: memories.into(), verify: false };
    let open = move || Sandbox::open(&config, &mut tell);
    Ok(tokio::task::spawn_blocking(open).await??)
}

fn tell(progress: Progress) {
    match progress {
        Progress::Compiling { bytes } => {
            eprintln!(
                "compiling the Python runtime ({} MB): this takes 10 to 30 seconds, once on each machine",
                bytes >> 20
            );
        }
        Progress::StillCompiling { elapsed } if elapsed.as_secs().is_multiple_of(5) => {
            eprintln!("still compiling the Python runtime, {} s so far", elapsed.as_secs());
        }
        Progress::Ready { compiled: true, elapsed } => {
            eprintln!("the Python runtime is compiled and kept, it took {:.1} s", elapsed.as_secs_f64());
        }
        Progress::StillCompiling { .. } | Progress::Ready { compiled: false, .. } => {}
    }
}
