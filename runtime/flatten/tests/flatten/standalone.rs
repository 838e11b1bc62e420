//! One export of a component, as a component of its own.

use stratagem_flatten::{PAGE, features, flatten, standalone};

/// What each of two worlds has: a type of its own that is imported by name, a function, and one that stays the host's.
const OUTER: &str = r#"
  (import "types" (instance $types
    (type $string string)
    (export "text" (type (eq $string)))
    (type $u32 u32)
    (export "number" (type (eq $u32)))))
  (alias export $types "number" (type $number'))
  (alias export $types "text" (type $text'))
  (import "private" (type $private (eq $number')))
  (import "number" (type $number (eq $number')))
  (import "text" (type (eq $text')))
"#;
const EXPORTS: &str = r#"
  (func (export "private") (result $private) (canon lift (core func $app "run")))
  (func (export "one") (result $number) (canon lift (core func $app "run")))
  (component $nested (import "f" (func $f (result u32))) (export "f" (func $f)))
"#;

fn flattened() -> (Vec<u8>, Vec<u8>) {
    let text = super::LINKED.replace("(component\n", &format!("(component\n{OUTER}"));
    let at = text.rfind(')').unwrap();
    let text = format!("{}{EXPORTS}{}", &text[..at], &text[at..]);
    let flattened = flatten(&wat::parse_str(text).unwrap(), features()).unwrap();
    (flattened.component, flattened.image)
}

#[test]
fn one_export_stays_with_what_it_needs() {
    let (component, image) = flattened();
    let alone = standalone(&component, &image, "one", "run", features()).unwrap();
    let text = wasmprinter::print_bytes(&alone).unwrap();
    insta::assert_snapshot!(text.lines().filter(is_of_the_component).collect::<Vec<_>>().join("\n"));
    assert!(text.contains("\"hello\"") && !text.contains("(component (;0;)"), "{text}");
    assert!(alone == standalone(&component, &image, "one", "run", features()).unwrap(), "the same bytes each time");
}

/// What stands in the component itself, but for core modules and instances, which other tests look at.
fn is_of_the_component(line: &&str) -> bool {
    line.starts_with("  (") && !line.starts_with("  (core")
}

#[test]
fn what_is_not_there_is_an_error() {
    let (component, mut image) = flattened();
    let why =
        |export: &str, image: &[u8]| standalone(&component, image, export, "run", features()).unwrap_err().to_string();
    assert!(why("two", &image).contains("the export \"two\""));
    image.truncate(PAGE - 1);
    assert!(why("one", &image).contains("ends within a page"));
    assert!(standalone(b"\0asm\x0d\0\x01\0", &[], "one", "run", features()).is_err());
    assert!(standalone(&component[..component.len() / 2], &[], "one", "run", features()).is_err());
}
