//! The folders of `examples/`, loaded with the same calls as `examples/load.py` makes.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::{Api, Campaign};

/// A folder with a whole campaign.
pub struct Example {
    folder: PathBuf,
    spec: Value,
    /// `expected.toml`.
    pub expected: Value,
}

impl Example {
    /// Reads the folder of that name.
    pub fn read(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
        let read = |file: &str| {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap()
        };
        Self { spec: read("campaign.toml"), expected: read("expected.toml"), folder }
    }

    /// The moment that its contact file was written for.
    pub fn written_for(&self) -> Option<DateTime<Utc>> {
        // A TOML date-time in JSON is an object with one field.
        let at = &self.spec["contacts"]["written_for"];
        let text = at.as_str().or_else(|| at.as_object()?.values().next()?.as_str())?;
        Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
    }

    /// What its contacts answer.
    pub fn answers(&self) -> String {
        self.text("answers.toml")
    }

    /// Makes integrations, agents, campaign, stages and strategies, and activates it. `accounts` has settings and secrets by the kind of
    /// integration. Returns the campaign, and the integrations' ids by kind.
    pub async fn make(&self, api: &Api, accounts: &Value) -> (Campaign, HashMap<String, String>) {
        let senders = self.make_senders(api, accounts).await;
        let id = make(api, "/campaigns", self.spec["campaign"].clone()).await;
        let campaign = Campaign { api: api.clone(), id, smtp: senders.by_kind["smtp"].clone() };
        for stage in self.each("stages") {
            let mut stage = senders.named_in(stage);
            for alternative in stage.get_mut("alternatives").and_then(Value::as_array_mut).into_iter().flatten() {
                *alternative = senders.named_in(alternative);
            }
            campaign.try_stage(stage).await.with(201);
        }
        for strategy in self.each("strategies") {
            let strategy = self.with_text(strategy, "file", "source");
            api.post(&campaign.path("/strategies"), strategy).await.with(201);
        }
        campaign.activate().await;
        (campaign, senders.by_kind)
    }

    async fn make_senders(&self, api: &Api, accounts: &Value) -> Senders {
        let mut senders = Senders::default();
        for integration in self.each("integrations") {
            let kind = integration["kind"].as_str().unwrap().to_owned();
            let id = make(api, "/integrations", laid_over(integration.clone(), &accounts[&kind])).await;
            senders.integrations.insert(integration["name"].clone(), id.clone());
            senders.by_kind.insert(kind, id);
        }
        for agent in self.each("agents") {
            let mut body = self.with_text(agent, "rules_file", "rules");
            for integration in body["integrations"].as_object_mut().unwrap().values_mut() {
                *integration = json!(senders.integrations[integration]);
            }
            senders.agents.insert(agent["name"].clone(), make(api, "/agents", body).await);
        }
        senders
    }

    /// The item with a file's text in the field `text`, in the place of the file's name.
    fn with_text(&self, item: &Value, file: &str, text: &str) -> Value {
        let mut item = item.clone();
        let name = item.as_object_mut().unwrap().remove(file).unwrap();
        item[text] = json!(self.text(name.as_str().unwrap()));
        item
    }

    fn each(&self, what: &str) -> &[Value] {
        self.spec[what].as_array().unwrap()
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// The contact file, its dates moved along with `today`.
    pub fn contacts(&self, today: NaiveDate) -> String {
        let text = self.text(self.spec["contacts"]["file"].as_str().unwrap());
        let Some(written_for) = self.written_for() else { return text };
        let days = today - written_for.date_naive();
        // Dates stand alone in their cells.
        let moved = |cell: &str| match cell.parse::<NaiveDate>() {
            Ok(date) if cell.len() == 10 => (date + days).to_string(),
            _ => cell.to_owned(),
        };
        text.split('\n')
            .map(|line| line.split(',').map(moved).collect::<Vec<_>>().join(","))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// What a campaign reaches its contacts through.
#[derive(Default)]
struct Senders {
    /// Ids by name.
    integrations: HashMap<Value, String>,
    /// Ids by name.
    agents: HashMap<Value, String>,
    /// Ids of integrations by kind.
    by_kind: HashMap<String, String>,
}

impl Senders {
    /// A stage or an alternative, with the ids of the integration and the agent that it names.
    fn named_in(&self, stage: &Value) -> Value {
        let mut stage = stage.clone();
        for (name, ids) in [("integration", &self.integrations), ("agent", &self.agents)] {
            if let Some(named) = stage.as_object_mut().unwrap().remove(name) {
                stage[format!("{name}_id")] = json!(ids[&named]);
            }
        }
        stage
    }
}

async fn make(api: &Api, path: &str, body: Value) -> String {
    api.post(path, body).await.with(201)["id"].as_str().unwrap().to_owned()
}

/// The integration with an account's settings over its own, and all else of the account.
fn laid_over(mut integration: Value, account: &Value) -> Value {
    for (part, value) in account.as_object().expect("an account of this kind") {
        match (integration[part].as_object_mut(), value.as_object()) {
            (Some(own), Some(theirs)) => own.extend(theirs.clone()),
            _ => integration[part] = value.clone(),
        }
    }
    integration
}
