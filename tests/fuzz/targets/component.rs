//! The judge of uploaded components: it reads what nobody has looked at, in the server's own process.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratagem_domain::strategy::{Limits, StrategyType};
use stratagem_sandbox::Boundary;

fuzz_target!(|data: &[u8]| {
    let known = Boundary::of(data);
    for hook in StrategyType::ALL {
        if let Ok(boundary) = Boundary::check(data, hook, &Limits::default()) {
            assert_eq!(Some(&boundary), known.as_ref().ok());
            assert!(boundary.imports.iter().all(|import| import.answered_by != "nothing"));
        }
    }
});
