//! The compiled runtime on disk: trusted only if we made it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use stratagem_sandbox::{Progress, Sandbox, SandboxConfig};

use crate::common::{self, Ask, config, hook, returned, sandbox};

fn open(config: &SandboxConfig) -> (Sandbox, bool) {
    let mut compiled_anew = false;
    let sandbox = Sandbox::open(config, &mut |progress| {
        if let Progress::Ready { compiled, .. } = progress {
            compiled_anew = compiled;
        }
    });
    (sandbox.unwrap(), compiled_anew)
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).collect()
}

#[tokio::test]
async fn a_poisoned_artefact_is_refused_and_compiled_anew() {
    sandbox();
    let directory = tempfile::tempdir().unwrap();
    let config = SandboxConfig { artefact_dir: directory.path().to_owned(), ..config() };
    for good in files(&common::config().artefact_dir) {
        let mut bytes = fs::read(&good).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(directory.path().join(good.file_name().unwrap()), &bytes).unwrap();
    }

    let (sandbox, compiled) = open(&config);
    assert!(compiled, "a poisoned artefact was loaded");
    returned(&Ask { sandbox: &sandbox, ..Ask::default() }.run(&hook("pass")).await);

    let (_, compiled) = open(&config);
    assert!(!compiled, "the artefact that was just stored is good");
    let stored = files(directory.path()).into_iter().max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    assert_eq!(fs::metadata(stored.unwrap()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        files(directory.path()).iter().all(|path| path.extension().unwrap() == "artefact"),
        "no temporary file is left"
    );
}
