//! Playing a call: somebody takes it or not, and then our TwiML is obeyed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::report::Reports;
use super::twiml::{self, Element};
use super::{Call, Callee, Shared, Turn, relay};

/// A second of `<Pause>` takes so long here.
const PAUSE: Duration = Duration::from_millis(5);
/// A call that asks more often than this will not end.
const MOST_DOCUMENTS: usize = 2_000;

type Form = Vec<(String, String)>;

/// Plays the call at `index` to its end.
pub(super) async fn play(shared: Arc<Shared>, index: usize, callee: Callee) {
    let mut reports = Reports::new(&shared, index);
    reports.report("initiated", "queued", &[]).await;
    let taken = !matches!(callee, Callee::Fails(_) | Callee::Busy);
    if taken {
        reports.report("ringing", "ringing", &[]).await;
    }
    match callee {
        Callee::Busy => reports.report("completed", "busy", &[("CallDuration", "0")]).await,
        Callee::NoAnswer => reports.report("completed", "no-answer", &[("CallDuration", "0")]).await,
        Callee::Fails(sip) => {
            let sip = sip.to_string();
            reports.report("completed", "failed", &[("CallDuration", "0"), ("SipResponseCode", &sip)]).await;
        }
        Callee::Machine => talk(&shared, index, &mut reports, "machine_start", Vec::new()).await,
        Callee::Answers(turns) => talk(&shared, index, &mut reports, "human", turns).await,
    }
    reports.finish().await;
    shared.ended.send_modify(|ended| *ended += 1);
}

async fn talk(shared: &Shared, index: usize, reports: &mut Reports<'_>, by: &str, turns: Vec<Turn>) {
    reports.report("answered", "in-progress", &[]).await;
    let call = shared.state().calls[index].clone();
    let value = |name: &str| call.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let detects = value("MachineDetection").is_some();
    let mut line = Line { shared, index, turns: turns.into(), hung_up: false };
    let first = detects.then(|| ("AnsweredBy".to_owned(), by.to_owned()));
    if let Err(error) = line.obey(value("Url").unwrap_or_default(), first.into_iter().collect()).await {
        shared.change(index, |call| call.errors.push(error));
    }
    reports.report("completed", "completed", &[("CallDuration", "42")]).await;
}

/// A call that is taken.
pub(super) struct Line<'a> {
    pub(super) shared: &'a Shared,
    pub(super) index: usize,
    turns: VecDeque<Turn>,
    pub(super) hung_up: bool,
}

/// Where to ask next, and what to tell there.
type Next = (String, Form);

impl Line<'_> {
    async fn obey(&mut self, mut url: String, mut more: Form) -> Result<(), String> {
        for _ in 0..MOST_DOCUMENTS {
            let mut fields = self.shared.fields(&self.call());
            fields.append(&mut more);
            let verbs = twiml::read(&self.shared.post(&url, &fields).await?)?;
            match self.run(&url, verbs).await? {
                Some(next) => (url, more) = next,
                None => return Ok(()),
            }
        }
        Err("the call does not end".to_owned())
    }

    async fn run(&mut self, url: &str, verbs: Vec<Element>) -> Result<Option<Next>, String> {
        for verb in verbs {
            if self.hung_up || self.call().status == "completed" {
                return Ok(None);
            }
            let attribute = |name: &str| verb.attributes.get(name).cloned();
            let place = |to: Option<String>| absolute(url, &to.unwrap_or_default());
            match verb.name.as_str() {
                "Say" => self.say(&verb.text)?,
                "Pause" => tokio::time::sleep(PAUSE).await,
                "Hangup" => return Ok(None),
                "Redirect" => return Ok(Some((absolute(url, verb.text.trim())?, Form::new()))),
                "Gather" => {
                    for say in &verb.children {
                        self.say(&say.text)?;
                    }
                    let heard = self.listen();
                    let silent_too = attribute("actionOnEmptyResult").as_deref() == Some("true");
                    if self.hung_up {
                        return Ok(None);
                    }
                    if !heard.is_empty() || silent_too {
                        return Ok(Some((place(attribute("action"))?, heard)));
                    }
                }
                "Connect" => {
                    let relayed = verb.children.first().ok_or("12200 <Connect> has nothing to connect to")?;
                    let told = relay::run(self, relayed).await?;
                    // Whoever hung up is not asked, except that Twilio tells the action how it ended.
                    return Ok(Some((place(attribute("action"))?, told)).filter(|_| !self.hung_up));
                }
                other => return Err(format!("12200 <{other}> is no verb")),
            }
        }
        Ok(None)
    }

    pub(super) fn say(&mut self, text: &str) -> Result<(), String> {
        if text.chars().count() > 4_096 {
            return Err("13520 Say: invalid text".to_owned());
        }
        if !text.trim().is_empty() {
            self.shared.change(self.index, |call| call.transcript.push(format!("agent: {text}")));
        }
        Ok(())
    }

    /// The same, which may go on what was said last.
    pub(super) fn say_on(&mut self, goes_on: bool, text: &str) -> Result<(), String> {
        if !goes_on {
            return self.say(text);
        }
        self.shared
            .change(self.index, |call| call.transcript.last_mut().into_iter().for_each(|last| last.push_str(text)));
        Ok(())
    }

    /// After how many words the contact will break in, where it will.
    pub(super) fn breaks_in_after(&self) -> Option<usize> {
        match self.turns.front() {
            Some(Turn::BreaksIn(words, _)) => Some(*words),
            _ => None,
        }
    }

    /// How many words the agent has said last.
    pub(super) fn words_of_last(&self) -> usize {
        let call = self.call();
        let last = call.transcript.last().and_then(|last| last.strip_prefix("agent: "));
        last.map_or(0, |said| said.split_whitespace().count())
    }

    /// What the contact does next, as the fields that tell it.
    pub(super) fn listen(&mut self) -> Form {
        let (name, text) = match self.turns.pop_front() {
            Some(Turn::Says(text)) => ("SpeechResult", text),
            Some(Turn::Presses(keys)) => ("Digits", keys),
            Some(Turn::BreaksIn(after, text)) => {
                let spoken = self.call().transcript.last().cloned().unwrap_or_default();
                let spoken = spoken.trim_start_matches("agent: ").split_whitespace().take(after).collect::<Vec<_>>();
                self.shared.change(self.index, |call| call.transcript.push(format!("contact: {text}")));
                return vec![("Interrupted".to_owned(), spoken.join(" ")), ("SpeechResult".to_owned(), text)];
            }
            Some(Turn::Silent) => return Form::new(),
            None => {
                self.hung_up = true;
                return Form::new();
            }
        };
        self.shared.change(self.index, |call| call.transcript.push(format!("contact: {text}")));
        let mut fields = vec![(name.to_owned(), text)];
        if name == "SpeechResult" {
            fields.push(("Confidence".to_owned(), "0.9".to_owned()));
        }
        fields
    }

    pub(super) fn call(&self) -> Call {
        self.shared.state().calls[self.index].clone()
    }
}

fn absolute(base: &str, to: &str) -> Result<String, String> {
    let base = url::Url::parse(base).map_err(|error| format!("11100 invalid URL: {error}"))?;
    base.join(to).map(String::from).map_err(|error| format!("11100 invalid URL: {error}"))
}

impl Shared {
    /// What every request about a call tells.
    pub(super) fn fields(&self, call: &Call) -> Form {
        let value = |name: &str| call.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        [
            ("CallSid", call.sid.clone()),
            ("AccountSid", self.account_sid.clone()),
            ("From", value("From").unwrap_or_default()),
            ("To", value("To").unwrap_or_default()),
            ("CallStatus", call.status.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("Direction", "outbound-api".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Posts a signed form and gives the answer.
    pub(super) async fn post(&self, url: &str, fields: &Form) -> Result<String, String> {
        let signature = self.sign(url, fields);
        let request =
            self.client.post(url).header("X-Twilio-Signature", signature).form(fields).timeout(Duration::from_secs(15));
        let response = request.send().await.map_err(|error| format!("11200 {}", error.without_url()))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| format!("11200 {}", error.without_url()))?;
        if status.is_success() { Ok(text) } else { Err(format!("11200 got HTTP {status} response")) }
    }
}
