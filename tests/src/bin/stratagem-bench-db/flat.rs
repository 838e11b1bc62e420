//! Whether a cost grows with the rows that are there: of ten steps six are done, three are scheduled for later and one is due.

use std::time::{Duration, Instant};

use stratagem_domain::step::StepKind;
use stratagem_store::{Page, Store, StoreError, contacts::ContactFilter};
use uuid::Uuid;

use crate::{
    Outcome,
    filling::{NOW_MS, Span},
    imports,
    options::Options,
    place::{CAMPAIGN, Kind, Place, SCOPE, SMALL},
    queue,
};

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 5_000_000];
/// Rows of the small campaign beside the large one.
const FEW: u64 = 1_000;
/// How often each thing is done: the median counts.
const TIMES: usize = 9;
/// Rows that one statement fills.
const CHUNK: u64 = 250_000;

type Line = (&'static str, Vec<Duration>);

pub(crate) async fn measure(kind: Kind, options: &Options) -> Outcome<()> {
    let place = Place::make(kind).await?;
    let lane = place.lane(CAMPAIGN, StepKind::LoadData, "").await?;
    let small = place.lane(SMALL, StepKind::CloseSession, "").await?;
    let far = 1 << 40;
    let few = Span { from: far, to: far + FEW - 1 };
    place.fill_mixed(small, few).await?;
    place.fill_contacts(SMALL, few).await?;
    place.fill_communications(SMALL, few).await?;
    let mut table = Vec::<Line>::new();
    let (mut sizes, mut filled, mut filling) = (Vec::new(), 0, Vec::new());
    for size in SIZES.into_iter().filter(|size| *size <= options.rows) {
        let began = Instant::now();
        while filled < size {
            let span = Span { from: filled + 1, to: size.min(filled + CHUNK) };
            place.fill_mixed(lane, span).await?;
            place.fill_contacts(CAMPAIGN, span).await?;
            place.fill_communications(CAMPAIGN, span).await?;
            filled = span.to;
        }
        place.settle().await?;
        filling.push(began.elapsed());
        let lines = look(&place, sizes.len() as u64).await?;
        for (index, (what, took)) in lines.into_iter().enumerate() {
            match table.get_mut(index) {
                Some((_, all)) => all.push(took),
                None => table.push((what, vec![took])),
            }
        }
        sizes.push(size);
    }
    table.push(("filling", filling));
    print(kind, &sizes, &table);
    place.remove().await;
    Ok(())
}

fn print(kind: Kind, sizes: &[u64], table: &[Line]) {
    println!("\n{}, ms (median of {TIMES}) with as many steps, contacts and communications", kind.name());
    let head: String = sizes.iter().map(|size| format!("{size:>12}")).collect();
    println!("  {:<54}{head}", "");
    for (what, took) in table {
        let figures: String = took.iter().map(|took| format!("{:>12.2}", took.as_secs_f64() * 1e3)).collect();
        println!("  {what:<54}{figures}");
    }
}

/// Everything that is measured, at one size.
async fn look(place: &Place, round: u64) -> Outcome<Vec<(&'static str, Duration)>> {
    let mut lines = Vec::new();
    let (mut claims, mut commits) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let began = Instant::now();
        let steps = queue::claim(place, StepKind::LoadData, 100).await?;
        claims.push(began.elapsed());
        let began = Instant::now();
        queue::complete(place, steps).await?;
        commits.push(began.elapsed());
    }
    lines.push(("claim of 100", median(claims)));
    lines.push(("commit of 100", median(commits)));
    let (id, fence) = imports::begin(place, 1 + u128::from(round)).await?;
    let mut batches = Vec::new();
    for batch in 0..TIMES as u64 {
        let first = (round * TIMES as u64 + batch) * 500;
        let contacts = (first..first + 500).map(imports::contact).collect();
        let began = Instant::now();
        imports::store(place, id, fence, contacts).await?;
        batches.push(began.elapsed());
    }
    lines.push(("import of 500", median(batches)));
    lines.extend(questions(&place.store).await?);
    Ok(lines)
}

/// What is asked again and again.
async fn questions(store: &Store) -> Outcome<Vec<(&'static str, Duration)>> {
    let page = Page { after: Some(Uuid::from_u128(5_000)), limit: 50 };
    let (all, stage) = (ContactFilter::default(), ContactFilter { stage: Some("stage 3".to_owned()), text: None });
    Ok(vec![
        ("next due", times(async || store.next().await).await?),
        ("next due after now", times(async || store.next_due_after(NOW_MS).await).await?),
        ("lost steps looked for", times(async || store.rescue(NOW_MS - 1).await).await?),
        ("steps that run alone looked for", times(async || store.any_alone(NOW_MS).await).await?),
        ("anything claimed?", times(async || store.any_claimed().await).await?),
        ("campaigns at rest looked for", times(async || store.complete_campaigns(NOW_MS).await).await?),
        ("contact list, a page", times(async || store.contacts(SCOPE, CAMPAIGN, &all, page).await).await?),
        (
            "contact list, a page of one stage",
            times(async || store.contacts(SCOPE, CAMPAIGN, &stage, page).await).await?,
        ),
        ("summary of a campaign of 1,000", times(async || store.summary(SCOPE, SMALL).await).await?),
        ("summary of the campaign of all others", times(async || store.summary(SCOPE, CAMPAIGN).await).await?),
        ("figures of the queue, for metrics", times(async || store.step_counts().await).await?),
        ("housekeeping: 1,000 steps looked at", times(async || store.forget_steps(0, 0).await).await?),
    ])
}

async fn times<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreError>) -> Outcome<Duration> {
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = Instant::now();
        ask().await?;
        took.push(began.elapsed());
    }
    Ok(median(took))
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}
