//! Finds the Python runtime component, flattens it, and embeds code and memory apart, the memory compressed; hashes both once, so
//! that a start never has to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=STRATAGEM_RUNTIME_WASM");
    println!("cargo::rerun-if-env-changed=HOME");
    let path = runtime_path();
    println!("cargo::rerun-if-changed={}", path.display());
    // Tests run the component itself beside what became of it.
    println!("cargo::rustc-env=STRATAGEM_RUNTIME_PATH={}", path.display());
    match embed(&path) {
        Ok(hash) => {
            println!("cargo::rustc-env=STRATAGEM_RUNTIME_HASH={hash}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!(
                "cargo::error=the Python runtime component {} cannot be embedded ({error}): run `make runtime` first, or \
                 name another one in STRATAGEM_RUNTIME_WASM",
                path.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// Writes code and memory beside the build. Returns the hash of both: what runs, not what it was made of.
fn embed(path: &Path) -> Result<blake3::Hash, Box<dyn std::error::Error>> {
    let wasm = std::fs::read(path)?;
    let flattened = stratagem_flatten::flatten(&wasm, stratagem_flatten::features())?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(out.join("python-runtime.wasm"), &flattened.component)?;
    std::fs::write(out.join("python-runtime.image.lz4"), lz4_flex::compress_prepend_size(&flattened.image))?;
    Ok(blake3::Hasher::new().update(&flattened.component).update(&flattened.image).finalize())
}

fn runtime_path() -> PathBuf {
    match std::env::var_os("STRATAGEM_RUNTIME_WASM") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
            .join(".cache/stratagem/python-runtime/python-runtime.wasm"),
    }
}
