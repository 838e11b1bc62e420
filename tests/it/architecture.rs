//! Dependencies point one way (ARCHITECTURE.md): a new edge fails here first.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Our crates, and the ones of ours that each may build on.
const EDGES: [(&str, &[&str]); 11] = [
    ("stratagem-domain", &[]),
    ("stratagem-migrations", &[]),
    ("stratagem-store", &["stratagem-domain"]),
    ("stratagem-sandbox", &["stratagem-domain", "stratagem-flatten"]),
    ("stratagem-channels", &["stratagem-domain"]),
    ("stratagem-agent", &["stratagem-channels", "stratagem-domain"]),
    (
        "stratagem-engine",
        &["stratagem-agent", "stratagem-channels", "stratagem-domain", "stratagem-sandbox", "stratagem-store"],
    ),
    ("stratagem-flatten", &[]),
    ("stratagem-providers", &[]),
    (
        "stratagem-server",
        &[
            "stratagem-agent",
            "stratagem-channels",
            "stratagem-domain",
            "stratagem-engine",
            "stratagem-migrations",
            "stratagem-sandbox",
            "stratagem-store",
        ],
    ),
    (
        "stratagem-tests",
        &[
            "stratagem-agent",
            "stratagem-channels",
            "stratagem-domain",
            "stratagem-engine",
            "stratagem-migrations",
            "stratagem-providers",
            "stratagem-sandbox",
            "stratagem-server",
            "stratagem-store",
        ],
    ),
];

/// What a crate's own tests may build on beside that: the store's need a schema.
const TESTS_ALSO: [(&str, &str); 3] = [
    ("stratagem-store", "stratagem-migrations"),
    ("stratagem-channels", "stratagem-providers"),
    ("stratagem-agent", "stratagem-providers"),
];

/// Foreign crates that only some of ours may build on, themselves or through others of ours.
const KEPT: [(&str, &[&str]); 13] = [
    ("wasmtime", &["stratagem-sandbox"]),
    ("wasmtime-wasi", &["stratagem-sandbox"]),
    // The benchmark measures the store beside raw statements.
    ("sea-orm", &["stratagem-store", "stratagem-tests"]),
    ("sea-orm-migration", &["stratagem-migrations"]),
    // The stories have services of their own for strategies to call.
    ("axum", &["stratagem-providers", "stratagem-server", "stratagem-tests"]),
    ("reqwest", &["stratagem-channels", "stratagem-engine", "stratagem-providers", "stratagem-tests"]),
    ("wasmparser", &["stratagem-flatten", "stratagem-sandbox"]),
    ("seccompiler", &["stratagem-sandbox"]),
    ("utoipa", &["stratagem-server"]),
    ("lettre", &["stratagem-channels"]),
    ("minijinja", &["stratagem-channels", "stratagem-server"]),
    ("object_store", &["stratagem-engine"]),
    ("prometheus-client", &["stratagem-engine", "stratagem-server"]),
];

/// What the domain must not reach, by however many steps: no tasks, no I/O.
const NOT_IN_DOMAIN: [&str; 12] = [
    "async-std",
    "async-trait",
    "axum",
    "futures",
    "hyper",
    "lettre",
    "mio",
    "reqwest",
    "sea-orm",
    "sqlx",
    "tokio",
    "wasmtime",
];

/// What cargo knows, asked once for all tests. Crates for other systems are not on this machine, so they are left out.
fn metadata() -> &'static Metadata {
    static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
        let asked = Command::new("rustc").arg("-vV").output().unwrap();
        let told = String::from_utf8(asked.stdout).unwrap();
        let host = told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .other_options(["--offline", "--filter-platform", host].map(str::to_owned))
            .exec()
            .unwrap()
    });
    &METADATA
}

fn ours(metadata: &Metadata) -> BTreeMap<&str, &Package> {
    metadata.workspace_packages().into_iter().map(|package| (package.name.as_str(), package)).collect()
}

/// What a package builds on itself, tests aside.
fn builds_on(package: &Package) -> BTreeSet<&str> {
    let built = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    built.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn our_crates_build_on_one_another_only_as_planned() {
    let metadata = metadata();
    let ours = ours(metadata);
    let planned: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    for (name, package) in &ours {
        let allowed = planned.get(name).unwrap_or_else(|| panic!("{name} is new: say in EDGES what it may build on"));
        for dependency in builds_on(package).into_iter().filter(|dependency| ours.contains_key(dependency)) {
            assert!(allowed.contains(&dependency), "{name} must not build on {dependency}");
        }
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Development) {
            let edge = (*name, dependency.name.as_str());
            let planned = allowed.contains(&edge.1) || TESTS_ALSO.contains(&edge);
            assert!(planned || !ours.contains_key(edge.1), "tests of {name} must not build on {}", edge.1);
        }
    }
    for name in planned.keys() {
        assert!(ours.contains_key(name), "{name} of EDGES is gone");
    }
}

#[test]
fn large_foreign_crates_stay_behind_one_of_ours() {
    let metadata = metadata();
    for (foreign, keepers) in KEPT {
        for (name, package) in ours(metadata) {
            let uses = builds_on(package).contains(foreign);
            assert!(!uses || keepers.contains(&name), "{name} must not build on {foreign}: only {keepers:?} may");
        }
    }
}

#[test]
fn the_domain_reaches_no_task_and_no_io() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let mut waiting = vec![&ours(metadata)["stratagem-domain"].id];
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !reached.insert(names[id]) {
            continue;
        }
        let built =
            nodes[id].deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        waiting.extend(built.map(|dep| &dep.pkg));
    }
    assert!(reached.contains("chrono"), "{reached:?}");
    for forbidden in NOT_IN_DOMAIN {
        assert!(!reached.contains(forbidden), "the domain reaches {forbidden}");
    }
}

#[test]
fn one_version_of_what_must_agree() {
    let metadata = metadata();
    // A second sqlx would bring an older SQLite with a bug in its log; a second rustls another cryptography.
    for name in ["libsqlite3-sys", "sqlx-core", "rustls", "wasmtime", "tokio"] {
        let versions: Vec<_> = metadata
            .packages
            .iter()
            .filter(|package| package.name.as_str() == name)
            .map(|p| p.version.to_string())
            .collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}
