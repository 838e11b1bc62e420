//! Contact files in CSV: every row is a contact or a rejection with its number, and reading comes to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "import.rs"]
mod import;

fuzz_target!(|data: &[u8]| {
    import::read(data);
    import::read(&[b"object_id,external_id,name,email,phone,x\n", data].concat());
});
