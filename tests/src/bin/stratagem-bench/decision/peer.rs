//! Decisions outside this process, by the Python files in `peers/`.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::contacts::Contact;
use crate::{Outcome, machine, series::Series};

/// Processes that decide as often as they are asked to, one for each contact's strategy.
pub(super) struct Peer([Serving; 2]);

/// One of them. It ends with its input.
struct Serving {
    _process: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it. Beside it: which version of what it is. The inner error is why it cannot be had here.
    pub(super) fn start(
        module: &str,
        python: &str,
        contacts: &[Contact; 2],
    ) -> Outcome<Result<(Self, String), String>> {
        let mut both = [Serving::start(module, python, &contacts[0])?, Serving::start(module, python, &contacts[1])?];
        let version = both[0].answer().and_then(|answer| both[1].answer().map(|_| answer));
        let version = version.map(|answer| answer["version"].as_str().unwrap_or_default().to_owned());
        Ok(version.map(|version| (Self(both), version)).map_err(|error| error.to_string()))
    }

    pub(super) fn decide(&mut self, contact: &Contact, count: usize, series: &mut Series) -> Outcome<()> {
        let serving = &mut self.0[contact.number];
        writeln!(serving.asked, "{}", json!({"count": count, "input": contact.input.json()}))?;
        let answer = serving.answer()?;
        let walls = answer["walls_us"].as_array().ok_or("no times")?.iter();
        for micros in walls {
            series.add(Duration::from_secs_f64(micros.as_f64().ok_or("no time")? / 1e6));
        }
        contact.expect_decision(answer["returned"].as_str().ok_or("no decision")?)
    }
}

impl Serving {
    fn start(module: &str, python: &str, contact: &Contact) -> Outcome<Self> {
        let mut command = python_file(python, "serve.py");
        let mut process = command.arg(module).arg(&contact.strategy).stderr(Stdio::null()).spawn()?;
        let asked = process.stdin.take().ok_or("no stdin")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no stdout")?);
        Ok(Self { _process: process, asked, answers })
    }

    fn answer(&mut self) -> Outcome<Value> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).map_err(|_| "the process ended")?;
        match answer["cannot"].as_str() {
            Some(reason) => Err(reason.into()),
            None => Ok(answer),
        }
    }
}

/// A process for each decision.
pub(super) fn in_processes(contact: &Contact, count: usize, series: &mut Series) -> Outcome<()> {
    for _ in 0..count {
        let started = Instant::now();
        let mut child = python_file(&machine::python(), "decide.py").arg(&contact.strategy).spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(contact.input.json().as_bytes())?;
        let output = child.wait_with_output()?;
        series.add(started.elapsed());
        contact.expect_decision(&String::from_utf8(output.stdout)?)?;
    }
    Ok(())
}

fn python_file(python: &str, file: &str) -> Command {
    let here = machine::repository();
    let mut command = Command::new(python);
    command.arg(here.join("tests/src/bin/stratagem-bench/peers").join(file));
    command.env("PYTHONPATH", here.join("strategy-sdk/src")).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}
