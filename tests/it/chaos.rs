//! The scenarios of `make chaos`, a few rounds of each that takes seconds.

use std::process::Command;

fn run(scenario: &str, database: &str, rounds: u32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stratagem-chaos"));
    command.args(["--scenario", scenario, "--database", database, "--rounds", &rounds.to_string(), "--contacts", "20"]);
    let output = command.output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("nobody lost, nobody doubled"), "it ran: {said}");
}

/// On SQLite, and on PostgreSQL where there is one.
fn on_each_database(scenario: &str, rounds: u32) {
    run(scenario, "sqlite", rounds);
    if std::env::var("STRATAGEM_TEST_POSTGRES").is_ok_and(|url| !url.is_empty()) {
        run(scenario, "postgres", rounds);
    }
}

#[test]
fn killed_at_random_moments_it_loses_nobody_and_doubles_nobody() {
    on_each_database("kill", 6);
}

#[test]
fn a_mail_whose_answer_is_lost_is_unknown_and_not_sent_again() {
    on_each_database("lost-answer", 3);
}
