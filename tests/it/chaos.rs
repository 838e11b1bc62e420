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

/// On the database that the stories run on.
fn on_this_database(scenario: &str, rounds: u32) {
    let database = if stratagem_tests::on_postgres() { "postgres" } else { "sqlite" };
    run(scenario, database, rounds);
}

#[test]
fn killed_at_random_moments_it_loses_nobody_and_doubles_nobody() {
    on_this_database("kill", 6);
}

/// Servers that share a database, of which one is killed or stands still beyond its lease.
#[test]
fn of_several_servers_any_may_die_or_stand_still() {
    if !stratagem_tests::on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    run("nodes", "postgres", 4);
}

#[test]
fn a_mail_whose_answer_is_lost_is_unknown_and_not_sent_again() {
    on_this_database("lost-answer", 3);
}
