//! What a strategy can reach, kept as a snapshot: whoever widens the boundary changes this file's snapshot, in review.

use stratagem_sandbox::interfaces;

use crate::common::sandbox;

#[test]
fn the_boundary_is_what_was_reviewed() {
    let mut boundary = sandbox().boundary().unwrap();
    assert_eq!(boundary.component_hash, sandbox().runtime_hash());
    // They change with every build of the runtime, and say nothing about what it reaches.
    (boundary.component_hash, boundary.component_bytes) = (String::new(), 0);
    insta::assert_json_snapshot!("boundary", boundary);
    assert!(boundary.imports.iter().all(|import| import.answered_by != "nothing"));
}

/// What any component can be linked with, whoever made it.
#[test]
fn the_interfaces_are_those_that_were_reviewed() {
    let list: Vec<String> = interfaces().map(|(name, answer)| format!("{name}: {answer}")).collect();
    insta::assert_snapshot!("interfaces", list.join("\n"));
}
