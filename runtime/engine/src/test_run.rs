//! Runs a strategy on a contact that is made up for it: validated like a real run, and nothing is changed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use stratagem_domain::{
    channel::FieldError,
    clock::from_ms,
    communication::{Delivery, Status},
    local_time,
    strategy::{
        CommunicationDoc, ContactDoc, HookInput, HttpExchange, LogLine, MessageDoc, Output, RunError, SessionDoc,
        StrategyType,
    },
};
use stratagem_sandbox::Moment;
use stratagem_store::{
    Scope,
    entities::{campaign, stage, strategy, strategy_version},
};

use crate::{
    Engine, EngineError,
    decide::{self, Call},
    documents,
};

/// What to run on. In the contacts only `object_id`, `external_id` and `name` are required.
#[derive(Debug, Clone, Default)]
pub struct TestRun {
    /// The contact.
    pub contact: Map<String, Value>,
    /// For data load: the contact that there was before.
    pub existing_contact: Option<Map<String, Value>>,
    /// For aggregation: what the session collected.
    pub session_results: Option<Map<String, Value>>,
    /// For answer analysis: the agent's answer.
    pub message: Option<TestMessage>,
    /// The run's clock; now where it is absent.
    pub now: Option<DateTime<Utc>>,
    /// The run's randomness; 0 where it is absent, so that a test-run is repeatable.
    pub seed: Option<u64>,
}

/// The agent's answer of a test-run.
#[derive(Debug, Clone)]
pub struct TestMessage {
    /// `HUMAN`, `AI` or `OPERATOR`.
    pub role: String,
    /// Its text.
    pub content: String,
    /// When; the run's clock where it is absent.
    pub at: Option<DateTime<Utc>>,
}

/// What came of a test-run.
#[derive(Debug, Clone)]
pub struct TestRunReport {
    /// The returned contact; none where the strategy failed or returned none.
    pub contact: Option<Value>,
    /// What it logged and printed.
    pub logs: Vec<LogLine>,
    /// Its HTTP requests with what came of them.
    pub transcript: Vec<HttpExchange>,
    /// Fuel used.
    pub fuel: u64,
    /// The most linear memory it had, in bytes.
    pub peak_memory: u64,
    /// Milliseconds.
    pub wall_ms: f64,
    /// Why it failed, or why its result would be refused.
    pub error: Option<RunError>,
}

impl Engine {
    /// Runs this version of the strategy.
    pub async fn test_run(
        &self,
        scope: Scope,
        strategy: &strategy::Model,
        version: &strategy_version::Model,
        request: TestRun,
    ) -> Result<TestRunReport, EngineError> {
        let kind = StrategyType::parse(&strategy.kind)
            .ok_or_else(|| EngineError::Internal(format!("strategy {} has an unknown type", strategy.id)))?;
        let campaign = self
            .store()
            .campaign(scope, strategy.campaign_id)
            .await?
            .ok_or_else(|| EngineError::Internal("the strategy's campaign is gone".to_owned()))?;
        let stages = self.store().stages(scope, campaign.id).await?;
        let now = request.now.unwrap_or_else(|| self.clock().now());
        let contact_zone = request.contact.get("time_zone").and_then(Value::as_str);
        let zone = documents::zone(contact_zone, &campaign);
        let (stored, input) = input(kind, request.clone(), &campaign, &stages, now, zone)?;
        let limits = self.limits(scope).await?;
        let seed = request.seed.unwrap_or(0);
        let code = self.code(version).await?;
        let call = Call {
            stored: &stored,
            input,
            at: Moment { now, time_zone: zone.name(), seed },
            limits: &limits,
            stages: &stages,
            outbound: self.egress(scope, &format!("test-run {} {now} {seed}", strategy.id)),
        };
        let _place = self.interactive().await?;
        let decided = decide::call(self, &code.as_strategy(kind), call).await?;
        let error = decided.change.err();
        let returned = decided.report.outcome.ok().and_then(Output::into_contact);
        Ok(TestRunReport {
            contact: returned
                .filter(|_| error.is_none())
                .map(|contact| serde_json::to_value(contact).unwrap_or_default()),
            logs: decided.report.logs,
            transcript: decided.report.transcript,
            fuel: decided.report.fuel,
            peak_memory: decided.report.peak_memory,
            wall_ms: decided.report.wall.as_secs_f64() * 1000.0,
            error,
        })
    }
}

/// The hook's input, and the contact that its result is compared with.
fn input(
    kind: StrategyType,
    request: TestRun,
    campaign: &campaign::Model,
    stages: &[stage::Model],
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(ContactDoc, HookInput), EngineError> {
    let contact = contact("contact", request.contact, now, zone)?;
    let existing_contact =
        request.existing_contact.map(|fields| self::contact("existing_contact", fields, now, zone)).transpose()?;
    let mut context = documents::context(campaign, stages, now, zone);
    if kind != StrategyType::DataLoad {
        context.session = Some(session(&contact));
    }
    let message = request.message.map(|message| MessageDoc {
        role: message.role,
        content: message.content,
        at: local_time::to_local(message.at.unwrap_or(now), zone),
    });
    if kind == StrategyType::AnswerAnalysis && message.is_none() {
        let error =
            FieldError::new("message", "an answer analysis strategy needs the agent's message: {role, content}");
        return Err(EngineError::Invalid(vec![error]));
    }
    let session_results = (kind == StrategyType::Aggregation).then(|| request.session_results.unwrap_or_default());
    let stored = existing_contact.clone().unwrap_or_else(|| contact.clone());
    Ok((stored, HookInput { contact, existing_contact, session_results, message, context }))
}

fn session(contact: &ContactDoc) -> SessionDoc {
    let flagged = contact.communications.iter().find(|communication| communication.flagged);
    SessionDoc {
        id: String::new(),
        channel: flagged.and_then(|communication| communication.channel.clone()).unwrap_or_default(),
        agent: None,
        messages: Vec::new(),
    }
}

/// A whole contact from the fields that were given. Unknown ones are refused by name.
fn contact(at: &str, given: Map<String, Value>, now: DateTime<Utc>, zone: Tz) -> Result<ContactDoc, EngineError> {
    let required = ["object_id", "external_id", "name"].into_iter().filter(|name| !given.contains_key(*name));
    let missing: Vec<FieldError> =
        required.map(|name| FieldError::new(format!("{at}.{name}"), "is required")).collect();
    if !missing.is_empty() {
        return Err(EngineError::Invalid(missing));
    }
    let blank = ContactDoc {
        id: "00000000-0000-7000-8000-000000000000".to_owned(),
        object_id: String::new(),
        external_id: String::new(),
        name: String::new(),
        email: None,
        phone: None,
        time_zone: None,
        current_stage: None,
        params: Map::new(),
        results: Map::new(),
        internal_data: Map::new(),
        communications: Vec::new(),
        communications_total: 0,
    };
    let mut given = given;
    let communications = given.remove("communications");
    let mut contact: ContactDoc = merged(at, &blank, given)?;
    if let Some(communications) = communications {
        contact.communications = self::communications(at, communications, now, zone)?;
    }
    contact.communications_total = u32::try_from(contact.communications.len()).unwrap_or(u32::MAX);
    Ok(contact)
}

fn communications(at: &str, given: Value, now: DateTime<Utc>, zone: Tz) -> Result<Vec<CommunicationDoc>, EngineError> {
    let at = format!("{at}.communications");
    let Value::Array(items) = given else {
        return Err(EngineError::Invalid(vec![FieldError::new(at, "must be a list")]));
    };
    items
        .into_iter()
        .enumerate()
        .map(|(i, item)| {
            let blank = CommunicationDoc {
                id: Some(format!("00000000-0000-7000-8000-{:012x}", i + 1)),
                name: String::new(),
                stage_name: String::new(),
                start_date: local_time::to_local(from_ms(now.timestamp_millis()), zone),
                start_state: None,
                params: Map::new(),
                status: Status::Planned.as_str().to_owned(),
                channel: None,
                delivery: Delivery::None.as_str().to_owned(),
                flagged: false,
            };
            let at = format!("{at}[{i}]");
            match item {
                Value::Object(fields) => merged(&at, &blank, fields),
                _ => Err(EngineError::Invalid(vec![FieldError::new(at, "must be an object")])),
            }
        })
        .collect()
}

/// The blank with the given fields laid over it.
fn merged<T>(at: &str, blank: &T, given: Map<String, Value>) -> Result<T, EngineError>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let wrong = |error: serde_json::Error| EngineError::Invalid(vec![FieldError::new(at, error.to_string())]);
    let mut fields = match serde_json::to_value(blank).map_err(wrong)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.extend(given);
    serde_json::from_value(Value::Object(fields)).map_err(wrong)
}
