//! The stand-ins, put to clients that others wrote: the scripts in `tests/oracles`.
//!
//! They run where `STRATAGEM_ORACLES_PYTHON` names a Python that has `tests/oracles/requirements.txt`, and are skipped elsewhere.

use std::process::Command;

fn agrees(script: &str) {
    let Ok(python) = std::env::var("STRATAGEM_ORACLES_PYTHON") else {
        eprintln!("skipped {script}: STRATAGEM_ORACLES_PYTHON is not set");
        return;
    };
    let path = format!("{}/../oracles/{script}", env!("CARGO_MANIFEST_DIR"));
    let program = env!("CARGO_BIN_EXE_stratagem-providers");
    let output = Command::new(&python).args([&path, program]).output().expect("STRATAGEM_ORACLES_PYTHON runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn pywa_and_meta() {
    agrees("whatsapp.py");
}
