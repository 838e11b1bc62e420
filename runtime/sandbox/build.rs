//! Finds the Python runtime component that is embedded in the binary, and hashes it once, so that a start never has to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=STRATAGEM_RUNTIME_WASM");
    println!("cargo::rerun-if-env-changed=HOME");
    let path = runtime_path();
    println!("cargo::rerun-if-changed={}", path.display());
    match embed(&path) {
        Ok(hash) => {
            println!("cargo::rustc-env=STRATAGEM_RUNTIME_HASH={hash}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!(
                "cargo::error=the Python runtime component {} cannot be read ({error}): run `make runtime` first, or \
                 name another one in STRATAGEM_RUNTIME_WASM",
                path.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// Copies the component, so that what is hashed and what is embedded are the same bytes even while it is being rebuilt.
fn embed(path: &Path) -> std::io::Result<blake3::Hash> {
    let wasm = std::fs::read(path)?;
    std::fs::write(PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("python-runtime.wasm"), &wasm)?;
    Ok(blake3::hash(&wasm))
}

fn runtime_path() -> PathBuf {
    match std::env::var_os("STRATAGEM_RUNTIME_WASM") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
            .join(".cache/stratagem/python-runtime/python-runtime.wasm"),
    }
}
