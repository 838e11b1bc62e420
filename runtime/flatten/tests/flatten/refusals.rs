//! What there is no rule for is named, never guessed.

use stratagem_flatten::flatten;
use wasmparser::WasmFeatures;

use crate::LINKED;

/// For each: where it stands, what it is, and what the error says.
const REFUSED: [(&str, &str, &str); 28] = [
    ("app", "(start $dead)", "a start function"),
    ("app", "(tag)", "a module's section TagSection"),
    ("app", "(type (struct))", "a type that is no function's"),
    ("app", "(data \"later\")", "a segment that fills memory later"),
    ("app", "(data (i32.const 16) \"over the cells\")", "data at the lowest addresses"),
    ("app", "(data (i32.const 0xffff) \"ab\")", "memory at 65535 for 2 bytes"),
    ("app", "(data (i32.const -1) \"a\")", "memory at 4294967295 for 1 bytes"),
    ("app", "(elem func $answer)", "a segment that fills a table later"),
    ("app", "(elem declare func $answer)", "a segment that fills a table later"),
    ("app", "(elem (i32.const 0) funcref (ref.null func))", "a table that is filled with expressions"),
    ("app", "(elem (i32.mul (i32.const 1) (i32.const 1)) func $answer)", "I32Mul in a constant expression"),
    ("app", "(func (drop (table.grow $table (ref.null func) (i32.const 1))))", "the instruction TableGrow"),
    ("app", "(func (table.set $table (i32.const 0) (ref.null func)))", "the instruction TableSet"),
    ("app", "(func (table.copy $table $table (i32.const 0) (i32.const 0) (i32.const 0)))", "the instruction TableCopy"),
    (
        "app",
        "(data $d \"\") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))",
        "the instruction MemoryInit",
    ),
    ("app", "(elem $e func) (func (elem.drop $e))", "the instruction ElemDrop"),
    ("app", "(global f64 (f64.const 1))", "F64Const"),
    ("app", "(global funcref (ref.null func))", "RefNull"),
    (
        "app",
        "(global $g (mut i64) (i64.const 1)) (func $w (global.set $g (i64.const 2))) (elem (i32.const 0) func $w)",
        "a global of 64 bits",
    ),
    ("app", "(memory 1)", "2 memories"),
    ("libc", "(table 1 funcref (ref.func 0)) (elem (i32.const 0) func)", "begins with something else than null"),
    ("fix-up", "(import \"\" \"stack\" (global (mut i32)))", "a Global that others refer to"),
    ("component", "(core func (canon task.cancel))", "the canonical function TaskCancel"),
    ("component", "(import \"m\" (core module))", "a core module that is imported"),
    ("component", "(core module $m) (export \"m\" (core module $m))", "a core module that is imported, exported"),
    (
        "component",
        "(core module $m) (instance (export \"m\" (core module $m)))",
        "a core module that is imported, exported or passed on",
    ),
    (
        "component",
        "(core module $m) (component $c (import \"m\" (core module))) (instance (instantiate $c (with \"m\" (core module $m))))",
        "passed on",
    ),
    ("component", "(core module $m) (component (core instance (instantiate $m)))", "passed on"),
];

#[test]
fn what_has_no_rule_is_named() {
    for (place, item, says) in REFUSED {
        refused(&replaced(&[(&format!(";; <{place}>"), item)]), says);
    }
}

#[test]
fn an_option_of_an_export_that_has_no_rule_is_named() {
    let text = replaced(&[
        (";; <app>", "(func (export \"callback\") (param i32 i32 i32) (result i32) (i32.const 0))"),
        ("(func (export \"run\") (result u32)", "(func (export \"run\") async (result u32)"),
        ("(;options;)", "async (callback (func $app \"callback\"))"),
    ]);
    refused(&text, "the canonical option Async");
}

#[test]
fn a_memory_is_one_and_no_more_than_its_size() {
    for limits in ["1 9", "1 (pagesize 1)"] {
        let text = replaced(&[
            ("(memory (export \"memory\") 1)", &format!("(memory (export \"memory\") {limits})")),
            ("(memory 1)", &format!("(memory {limits})")),
        ]);
        refused(&text, "a memory that is more than a size");
    }
    refused("(component)", "0 memories");
}

/// [`LINKED`] with other pieces.
fn replaced(pieces: &[(&str, &str)]) -> String {
    pieces.iter().fold(LINKED.to_owned(), |text, (piece, by)| {
        assert!(text.contains(piece), "{piece}");
        text.replace(piece, by)
    })
}

#[track_caller]
fn refused(text: &str, says: &str) {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("for {says:?}: {error}"));
    match flatten(&bytes, WasmFeatures::all()) {
        Ok(_) => panic!("flattened, and yet it was to be refused for {says:?}"),
        Err(error) => assert!(error.to_string().contains(says), "not {says:?}: {error}"),
    }
}
