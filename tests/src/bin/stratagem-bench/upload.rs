//! How soon a source can be run after it was uploaded, and a server with its artefact on disk after its start.

use std::{fmt::Write as _, time::Instant};

use stratagem_domain::strategy::{Limits, Sources, StrategyType};
use stratagem_sandbox::{Moment, Sandbox, Strategy};

use crate::{Outcome, campaign, decision, options::Options, series::Series, table};

/// Measures, and prints it with what opening the sandbox took.
pub(crate) async fn measure(sandbox: &Sandbox, options: &Options, opened: Series) -> Outcome<()> {
    let sample = campaign::sample("data_load")?;
    let long = long_source(&sample)?;
    let (mut small, mut large) = (Series::default(), Series::default());
    for _ in 0..options.uploads {
        check(sandbox, &sample, &mut small).await?;
        check(sandbox, &long, &mut large).await?;
    }
    let name = |what: &str, text: &str| {
        format!(
            "{what}, {} lines and {} bytes",
            table::number(text.lines().count() as f64),
            table::number(text.len() as f64)
        )
    };
    let row = |what: String, series: &Series| {
        let [median, p99] = [series.median(), series.p99()].map(|wall| format!("{:.1}", wall.as_secs_f64() * 1e3));
        vec![what, median, p99, table::number(series.len() as f64)]
    };
    let rows = [
        row(name("the specification's data load sample", &sample), &small),
        row(name("a generated source", &long), &large),
        row("opening the sandbox, its artefact on disk".to_owned(), &opened),
    ];
    table::print(options, &["From upload to runnable", "median ms", "p99 ms", "times"], &rows);
    Ok(())
}

/// What the server does with an upload: loads it, warms it up, keeps its image. Done anew each time.
async fn check(sandbox: &Sandbox, text: &str, series: &mut Series) -> Outcome<()> {
    let (sources, at) = (Sources::single(text), Moment { now: decision::now(), time_zone: "UTC", seed: 7 });
    let strategy = Strategy::python(&sources, "run", StrategyType::DataLoad, at.now);
    let started = Instant::now();
    let report = sandbox.check(&strategy, &at, &Limits::default()).await;
    series.add(started.elapsed());
    report.outcome?;
    Ok(())
}

/// Some 1,700 lines as people write them: classes with constants and short methods, and the sample in the end.
fn long_source(sample: &str) -> Outcome<String> {
    const RULES: usize = 105;
    let mut text = String::new();
    for number in 0..RULES {
        writeln!(
            text,
            r#"class Rule{number}:
    """Whether a contact belongs to segment {number}."""

    threshold = {number} * 1.5
    words = ("alpha{number}", "beta{number}", "gamma{number}")

    def __init__(self, plan: str, amount: float = 0.0) -> None:
        self.plan = plan
        self.amount = amount

    def applies(self, contact: Contact) -> bool:
        if self.plan in self.words and self.amount > self.threshold:
            return contact.params.get("segment") == "{number}"
        return any(word in contact.name for word in self.words)

"#
        )?;
    }
    Ok(text + sample)
}
