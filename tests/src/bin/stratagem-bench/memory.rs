//! Memory of the server itself, as an operator sees it: `stratagem serve` on SQLite, filled through its API.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use stratagem_tests::{Binary, Campaign, Launch, smtp_integration};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    Outcome,
    campaign::{contacts, sample},
};

/// How long a server is left alone before it counts as at rest: its allocator gives back in ten seconds what is free.
const REST: Duration = Duration::from_secs(15);
/// How often it is asked how far it is. Whoever asks often is part of what is measured.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// What is planned leaves after an hour.
const PATIENCE: Duration = Duration::from_secs(3_500);

/// Measures and prints.
pub(crate) async fn measure(rows: usize) -> Outcome<()> {
    let folder = TempDir::with_prefix("stratagem-bench-")?;
    println!("\nMemory of `stratagem serve`, resident, with SQLite in {}", std::env::temp_dir().display());
    let server = start(folder.path()).await;
    sleep(REST).await;
    report("idle, after the start that compiles the runtime", &server);
    server.terminate().await;

    let server = start(folder.path()).await;
    sleep(REST).await;
    report("idle, the compiled runtime on disk", &server);
    server.forget_peak();
    plan(&server, rows).await?;
    println!("  {:<58} {:>5} MB", format!("{rows} contacts imported and planned: at most"), server.memory().peak_mb);
    sleep(REST).await;
    report("afterwards, at rest", &server);
    server.terminate().await;
    Ok(())
}

async fn start(data: &Path) -> Binary {
    Launch::on(data).on_real_time().with_artefacts(&data.join("artefacts")).env("STRATAGEM_LOG", "warn").start().await
}

/// The specification's data load sample plans a mail for each contact, an hour later.
async fn plan(server: &Binary, rows: usize) -> Outcome<()> {
    // Nothing is sent within the hour, so nobody listens there.
    let smtp = smtp_integration(&server.admin, 9).await;
    let campaign = Campaign::make(&server.admin, "Benchmark", "Europe/Berlin", &smtp).await;
    campaign.mails("First Contact", "Hello {{ contact.name }}", "{{ contact.params.add_param2 }}").await;
    for strategy in ["data_load", "aggregation"] {
        campaign.decides(strategy, &sample(strategy)?).await;
    }
    campaign.activate().await;
    let import = campaign.upload("text/csv", contacts(rows)).await;
    let began = Instant::now();
    loop {
        sleep(ASK_EVERY).await;
        let report = server.admin.get(&format!("/imports/{import}")).await.ok();
        let summary = campaign.summary().await;
        let planned = summary["communications"]["planned"].as_u64().unwrap_or(0);
        match report["status"].as_str() {
            Some("completed") if planned == rows as u64 => return Ok(()),
            Some("failed") => return Err(format!("the import failed: {report}").into()),
            _ if summary["steps"]["dead"] != 0 => return Err(format!("steps were given up on: {summary}").into()),
            _ if began.elapsed() > PATIENCE => return Err(format!("it takes longer than an hour: {summary}").into()),
            _ => {}
        }
    }
}

fn report(what: &str, server: &Binary) {
    println!("  {what:<58} {:>5} MB", server.memory().resident_mb);
}
