//! A large file, into the real process.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::json;
use stratagem_tests::{Binary, Campaign, until};

const ROWS: u64 = 100_000;
/// One row in so many has no name, and is rejected.
const NAMELESS: u64 = 1_000;
/// One row in so many is the one before it once more, and updates.
const REPEATED: u64 = 500;
/// What the process may grow by, whatever the file's size, in MB: what SQLite's connections keep of the database, and the rows under way.
const GROWTH_MB: u64 = 200;
/// How long an answer may take while the file is read.
const ANSWER: Duration = Duration::from_secs(2);

fn file() -> String {
    let mut file = "object_id,external_id,name,email,phone,due_date,amount,note\n".to_owned();
    for row in 1..=ROWS {
        let id = if row % REPEATED == 0 { row - 1 } else { row };
        let name = if row % NAMELESS == 7 { String::new() } else { format!("Contact {id}") };
        let note = "Prefers to be written to in the morning";
        writeln!(file, "C-{id},P-{id},{name},contact-{id}@example.com,+12025550123,2026-12-01,{id}.50,\"{note}\"")
            .unwrap();
    }
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_rows_are_taken_in_bounded_memory_while_the_api_answers() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::serve(folder.path()).await;
    let campaign = Campaign::make(&server.admin, "Large", "UTC", "").await;
    let before = server.memory().peak_mb;
    assert!(before > 0, "the memory of a process is not known here");

    let begun = Instant::now();
    let id = campaign.upload("text/csv", file()).await;
    let (mut slowest, mut answers, mut partly) = (Duration::ZERO, 0, false);
    let report = until("the import's end", async || {
        let asked = Instant::now();
        let report = server.admin.get(&format!("/imports/{id}")).await.ok();
        campaign.summary().await;
        slowest = slowest.max(asked.elapsed());
        answers += 1;
        partly |= (1..ROWS).contains(&report["rows"].as_u64().unwrap());
        (report["status"] == "completed").then_some(report)
    })
    .await;
    let (took, growth) = (begun.elapsed(), server.memory().peak_mb - before);
    println!("{ROWS} rows in {took:?}; memory grew by {growth} MB; slowest of {answers} looks {slowest:?}");

    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("rows"), ROWS);
    assert_eq!(count("created") + count("updated") + count("rejected"), ROWS, "{report}");
    assert_eq!((count("rejected"), count("updated")), (ROWS / NAMELESS, ROWS / REPEATED), "{report}");
    assert_eq!(campaign.summary().await["contacts"], count("created"));
    assert_eq!(campaign.receipts(&id, "rejected").await.len() as u64, count("rejected"));
    let steps = campaign.summary().await["steps"].clone();
    assert_eq!(steps, json!({ "waiting": count("created") + count("updated"), "dead": 0 }), "a decision for every row");
    assert!(partly, "nothing was seen of the rows while they came");
    assert!(growth < GROWTH_MB, "memory grew by {growth} MB");
    assert!(slowest < ANSWER, "an answer took {slowest:?}");
}
