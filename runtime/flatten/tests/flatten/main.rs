//! Flattening components that are small enough to read. That a large one then behaves the same is shown in the sandbox's crate.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which may")]

mod mutations;
mod refusals;
mod standalone;

use stratagem_flatten::{CELLS, Flattened, PAGE, features, flatten, with_image};
use wasmparser::Validator;

const LINKED: &str = include_str!("linked.wat");

fn linked() -> (Vec<u8>, Flattened) {
    let bytes = wat::parse_str(LINKED).unwrap();
    let flattened = flatten(&bytes, features()).unwrap();
    (bytes, flattened)
}

/// The shim and the fix-up as they were; the others in one module, without the function that nobody calls and with the global
/// that it writes as a constant; offsets of the table as constants.
#[test]
fn linked_modules_become_one() {
    insta::assert_snapshot!(wasmprinter::print_bytes(linked().1.component).unwrap());
}

#[test]
fn the_image_has_the_data_and_the_globals_that_are_written() {
    let image = linked().1.image;
    let mut expected = vec![0; PAGE];
    let cells = CELLS as usize;
    expected[cells..cells + 4].copy_from_slice(&1024_u32.to_le_bytes());
    expected[cells + 4..cells + 8].copy_from_slice(&4096_u32.to_le_bytes());
    expected[2048..2053].copy_from_slice(b"hello");
    assert!(image == expected);
}

#[test]
fn an_image_makes_it_whole_again() {
    let Flattened { component, mut image } = linked().1;
    let whole = |image: &[u8]| {
        let whole = with_image(&component, image).unwrap();
        Validator::new_with_features(features()).validate_all(&whole).unwrap();
        wasmprinter::print_bytes(whole).unwrap()
    };
    // All but the memory is as it was.
    let empty = wasmprinter::print_bytes(&component).unwrap();
    let begins = |text: &str, with: &str| text.lines().any(|line| line.trim_start().starts_with(with));
    let rest = |text: &str| text.split_once("(core instance").unwrap().1.to_owned();
    let same = whole(&image);
    assert_eq!(rest(&same), rest(&empty));
    assert!(begins(&same, "(data (;1;) (i32.const 2048) \"hello\")") && !begins(&empty, "(data"), "{same}");
    // Another one may be larger.
    image.resize(3 * PAGE, 7);
    assert!(begins(&whole(&image), "(memory (;0;) 3)"));

    image.pop();
    assert!(with_image(&component, &image).unwrap_err().to_string().contains("ends within a page"));
    assert!(with_image(b"\0asm\x0d\0\x01\0", &[]).unwrap_err().to_string().contains("a core module"));
}
