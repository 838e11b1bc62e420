//! Contact files in JSON Lines.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "import.rs"]
mod import;

fuzz_target!(|data: &[u8]| {
    import::read(&[b"{\"object_id\": \"1\", \"external_id\": \"1\", \"name\": \"Ann\"}\n", data].concat());
    import::read(&[b"{", data].concat());
});
