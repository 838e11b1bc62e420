use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::Args;
use serde_json::{Map, Value, json};
use stratagem_domain::{
    clock::{Clock, SystemClock},
    local_time,
    strategy::{
        CampaignDoc, ContactDoc, ContextDoc, HookInput, Input, Limits, MessageDoc, Output, Rules, RunError, SessionDoc,
        StageDoc, StrategyType, change_of,
    },
};
use stratagem_sandbox::{Closed, Moment};

use super::{
    Failure, log_to_stderr, print,
    source::{SourceArgs, describe, sandbox},
};
use crate::time;

/// Stands for ids that only a server gives.
const NO_ID: &str = "00000000-0000-7000-8000-000000000000";

/// Run a strategy on a contact
///
/// Runs it in the real sandbox, under the limits of a server, and checks the result like a server does. Prints the returned
/// contact as JSON on stdout, and what it logged and used on stderr. No database or server is needed. The exit code is 1
/// where the strategy failed or its result would be refused.
#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    source: SourceArgs,

    /// The contact, a JSON object; only object_id, external_id and name are required
    #[arg(long, value_name = "FILE.json")]
    contact: PathBuf,

    /// For data_load: the contact as it was stored before
    #[arg(long, value_name = "FILE.json")]
    existing_contact: Option<PathBuf>,

    /// For aggregation: what the session collected, a JSON object [default: {}]
    #[arg(long, value_name = "FILE.json")]
    session_results: Option<PathBuf>,

    /// For answer_analysis: the agent's answer, {"role": "AI", "content": "…", "at"?: "…"}
    #[arg(long, value_name = "FILE.json")]
    message: Option<PathBuf>,

    /// Stage of the campaign, for each one; without any, whatever stage the strategy names is there
    #[arg(long = "stage", value_name = "NAME")]
    stages: Vec<String>,

    /// What the run's clocks show, RFC 3339 [default: the present]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// What everything random in the run follows from
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// The campaign's zone, an IANA name; a contact's own time_zone goes before it
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    time_zone: String,
}

impl Run {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        log_to_stderr("warn")?;
        let now = match &self.now {
            Some(text) => time::parse(text).map_err(|error| format!("--now {error}"))?,
            None => SystemClock.now(),
        };
        let contact = object(&self.contact)?;
        let zone = contact.get("time_zone").and_then(Value::as_str).unwrap_or(&self.time_zone);
        let zone = local_time::zone(zone).ok_or_else(|| format!("`{zone}` is no IANA time zone"))?;
        let (stages, seed) = (self.stages.clone(), self.seed);
        let input = Input::new(self.input(contact, now, zone)?)?;
        let strategy = self.source.read()?;

        let sandbox = sandbox().await?;
        let at = Moment { now, time_zone: zone.name(), seed };
        let (code, limits) = (strategy.as_strategy(now), Limits::default());
        let mut report = sandbox.check(&code, &at, &limits).await;
        if report.outcome.is_ok() {
            // A server shows what the top level logs at the upload; here it is part of the one log.
            let logged = report.logs;
            report = sandbox.run(&code, &input, &at, &limits, Arc::new(Closed)).await;
            report.logs.splice(0..0, logged);
        }
        eprintln!("{}", strategy.title());
        eprintln!("{}", describe(&report));
        let result = report.outcome.and_then(|output| acceptable(output, input.document(), &stages, zone));
        match result {
            Ok(contact) => {
                print(serde_json::to_string_pretty(&contact)?);
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                eprint!("{}", strategy.explain(&error));
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn input(&self, fields: Map<String, Value>, now: DateTime<Utc>, zone: Tz) -> Result<HookInput, Failure> {
        let kind = self.source.kind();
        let contact = contact(&self.contact, fields, now, zone)?;
        let existing = self.existing_contact.as_deref();
        let existing_contact = existing.map(|path| self::contact(path, object(path)?, now, zone)).transpose()?;
        let session_results = self.session_results.as_deref().map(object).transpose()?;
        let message = self.message.as_deref().map(|path| message(path, now, zone)).transpose()?;
        if kind == StrategyType::AnswerAnalysis && message.is_none() {
            return Err("an answer_analysis strategy needs --message".into());
        }
        let session = (kind != StrategyType::DataLoad).then(|| SessionDoc {
            id: NO_ID.to_owned(),
            channel: String::new(),
            agent: None,
            messages: Vec::new(),
        });
        let stage = |name: &String| StageDoc { name: name.clone(), channel: "email_notification".to_owned() };
        let campaign = CampaignDoc {
            id: NO_ID.to_owned(),
            name: "stratagem run".to_owned(),
            time_zone: self.time_zone.clone(),
            stages: self.stages.iter().map(stage).collect(),
        };
        let now = local_time::to_local(now, zone);
        let context = ContextDoc { now, time_zone: zone.name().to_owned(), campaign, session };
        let session_results = (kind == StrategyType::Aggregation).then(|| session_results.unwrap_or_default());
        Ok(HookInput { contact, existing_contact, session_results, message, context })
    }
}

/// The returned contact, if a server would take it. Aggregation and answer analysis may return none.
fn acceptable(output: Output, input: &HookInput, stages: &[String], zone: Tz) -> Result<Option<ContactDoc>, RunError> {
    let returned = output.into_contact();
    if let Some(returned) = &returned {
        let stored = input.existing_contact.as_ref().unwrap_or(&input.contact);
        let any = returned.communications.iter().map(|communication| communication.stage_name.as_str());
        let stages: Vec<&str> =
            if stages.is_empty() { any.collect() } else { stages.iter().map(String::as_str).collect() };
        change_of(stored, returned, Rules { zone, stages: &stages })?;
    }
    Ok(returned)
}

fn object(path: &Path) -> Result<Map<String, Value>, Failure> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    Ok(serde_json::from_str(&text).map_err(|error| failed(&format!("no JSON object: {error}")))?)
}

/// A whole contact from the fields that were given. Unknown ones are refused by name.
fn contact(path: &Path, mut fields: Map<String, Value>, now: DateTime<Utc>, zone: Tz) -> Result<ContactDoc, Failure> {
    let given = fields.remove("communications").unwrap_or_else(|| json!([]));
    let given = given.as_array().ok_or_else(|| format!("{}: communications must be a list", path.display()))?;
    let communications: Vec<Value> = given.iter().enumerate().map(|(i, fields)| {
        let blank = json!({
            "id": format!("00000000-0000-7000-8000-{:012x}", i + 1), "start_date": local_time::to_local(now, zone),
            "start_state": null, "params": {}, "status": "planned", "channel": null, "delivery": "none", "flagged": false,
        });
        laid_over(blank, fields.as_object().cloned().unwrap_or_default())
    }).collect();
    let blank = json!({
        "id": NO_ID, "email": null, "phone": null, "time_zone": null, "current_stage": null, "params": {}, "results": {},
        "internal_data": {}, "communications": communications, "communications_total": communications.len(),
    });
    let contact = serde_json::from_value(laid_over(blank, fields));
    Ok(contact.map_err(|error| format!("{}: {error}", path.display()))?)
}

fn laid_over(blank: Value, fields: Map<String, Value>) -> Value {
    let mut whole = blank.as_object().cloned().unwrap_or_default();
    whole.extend(fields);
    Value::Object(whole)
}

fn message(path: &Path, now: DateTime<Utc>, zone: Tz) -> Result<MessageDoc, Failure> {
    let blank = json!({"role": "AI", "at": local_time::to_local(now, zone)});
    let message = serde_json::from_value(laid_over(blank, object(path)?));
    Ok(message.map_err(|error| format!("{}: {error}", path.display()))?)
}
