//! One decision in a fresh sandbox, and in whatever else runs Python.

mod component;
mod contacts;
mod peer;
mod sandbox;

use stratagem_sandbox::Sandbox;

use crate::{Outcome, machine, options::Options, series::Series, table};
use contacts::Contact;
use peer::Peer;
use sandbox::Sandboxed;

pub(crate) use component::compile_component;
pub(crate) use contacts::now;

/// What the ratios are made of, for the small contact.
pub(crate) struct Figures {
    pub(crate) one_thread_us: f64,
    pub(crate) one_thread_a_second: f64,
    pub(crate) all_threads_a_second: f64,
    pub(crate) python_us: f64,
}

/// Parts that take turns, so that a slow phase of the machine meets all of them.
const ROUNDS: usize = 5;

/// A way to come to a decision, and what it took with each contact.
struct Way {
    name: String,
    how: How,
    /// Decisions in all, with each contact.
    count: usize,
    series: [Series; 2],
}

enum How {
    Sandbox(Sandboxed),
    /// A python3 process for each.
    Process,
    Peer(Peer),
}

impl Way {
    fn new(name: &str, how: How, count: usize) -> Self {
        Self { name: name.to_owned(), how, count, series: Default::default() }
    }

    fn decide(&mut self, contact: &Contact, count: usize) -> Outcome<()> {
        let series = &mut self.series[contact.number];
        let decided = match &mut self.how {
            How::Sandbox(sandboxed) => sandboxed.decide(contact, count, series),
            How::Process => peer::in_processes(contact, count, series),
            How::Peer(peer) => peer.decide(contact, count, series),
        };
        decided.map_err(|error| format!("{}: {error}", self.name).into())
    }

    fn row(&self) -> Vec<String> {
        let figures = self.series.iter().flat_map(|series| {
            let micros = [series.median(), series.p99()].map(|wall| table::number(wall.as_secs_f64() * 1e6));
            micros.into_iter().chain([table::number(series.a_second())])
        });
        [self.name.clone()].into_iter().chain(figures).collect()
    }
}

/// Measures and prints.
pub(crate) fn measure(sandbox: &Sandbox, options: &Options) -> Outcome<Figures> {
    let contacts = contacts::both()?;
    let (ways, mut absent) = ways(sandbox, options, &contacts)?;
    let mut ways = warmed_up(ways, &contacts, &mut absent)?;
    for _ in 0..ROUNDS {
        for contact in &contacts {
            ways.iter_mut().try_for_each(|way| way.decide(contact, way.count.div_ceil(ROUNDS)))?;
        }
    }
    let heads = [
        "A decision",
        "small contact: median µs",
        "p99 µs",
        "a second",
        "typical one: median µs",
        "p99 µs",
        "a second",
    ];
    table::print(options, &heads, &ways.iter().map(Way::row).collect::<Vec<_>>());
    println!(
        "\nThe small contact has 2 params and a hook that sets one field. The typical one has 10 params and 5 communications, and the \
         specification's data load sample plans one more."
    );
    absent.iter().for_each(|absent| println!("Not measured: {absent}."));
    // In the order of `ways`.
    let [one, all, _, _, python, ..] = ways.as_slice() else { return Err("a way is missing".into()) };
    Ok(Figures {
        one_thread_us: one.series[0].median().as_secs_f64() * 1e6,
        one_thread_a_second: one.series[0].a_second(),
        all_threads_a_second: all.series[0].a_second(),
        python_us: python.series[0].median().as_secs_f64() * 1e6,
    })
}

/// The ways that this machine has, and why it has not the others.
fn ways(sandbox: &Sandbox, options: &Options, contacts: &[Contact; 2]) -> Outcome<(Vec<Way>, Vec<String>)> {
    let processors = machine::processors();
    let source = |threads| Sandboxed::sources(sandbox, contacts, threads).map(How::Sandbox);
    let pooled = Sandbox::open(&crate::sandbox_config(Some(stratagem_sandbox::Way::Pooling))?, &mut |_| {})?;
    let mut ways = vec![
        Way::new("**fresh sandbox**, one thread", source(1)?, options.decisions),
        Way::new(&format!("**fresh sandbox**, {processors} threads"), source(processors)?, options.decisions),
        Way::new(
            "fresh sandbox from wasmtime's pool (`--sandbox-memory pooling`)",
            How::Sandbox(Sandboxed::sources(&pooled, contacts, 1)?),
            options.peers,
        ),
        Way::new(
            "fresh instance of the strategy's own componentize-py component",
            How::Sandbox(Sandboxed::components(sandbox, contacts)?),
            options.peers,
        ),
        Way::new("`python3` process", How::Process, options.python),
    ];
    let mut absent = Vec::new();
    for (name, module, python) in [
        ("`fork()` of a warm process", "in_a_fork", machine::python()),
        ("fresh sandbox of CPython in wasmtime", "in_eryx", machine::peers_python()),
        ("fresh session of an interpreter that is not CPython", "in_monty", machine::peers_python()),
    ] {
        match Peer::start(module, &python, contacts)? {
            Ok((peer, version)) => ways.push(Way::new(&format!("{version}: {name}"), How::Peer(peer), options.peers)),
            Err(reason) => absent.push(format!("{name}: {reason}")),
        }
    }
    Ok((ways, absent))
}

/// The first decisions of each find nothing warm. A peer that refuses the sample is left out.
fn warmed_up(ways: Vec<Way>, contacts: &[Contact], absent: &mut Vec<String>) -> Outcome<Vec<Way>> {
    let mut warm = Vec::new();
    for mut way in ways {
        let decided = contacts.iter().try_for_each(|contact| way.decide(contact, 2));
        way.series = Default::default();
        match decided {
            Ok(()) => warm.push(way),
            Err(error) if matches!(way.how, How::Peer(_)) => absent.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(warm)
}
