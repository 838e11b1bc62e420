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

    /// The name of its campaign.
    pub fn name(&self) -> &str {
        self.spec["campaign"]["name"].as_str().unwrap()
    }

    /// What its contacts answer.
    pub fn answers(&self) -> String {
        self.text("answers.toml")
    }

    /// Makes integrations, agents, campaign, stages and strategies, and activates it. `accounts` has settings and secrets by the kind of
    /// integration. Returns the campaign, and the integrations' ids by kind.
    pub async fn make(&self, api: &Api, accounts: &Value) -> (Campaign, HashMap<String, String>) {
        let mut ids = HashMap::new();
        let mut by_kind = HashMap::new();
        for integration in self.each("integrations") {
            let kind = integration["kind"].as_str().unwrap().to_owned();
            let id = make(api, "/integrations", laid_over(integration.clone(), &accounts[&kind])).await;
            ids.insert(integration["name"].clone(), id.clone());
            by_kind.insert(kind, id);
        }
        let mut agents = HashMap::new();
        for agent in self.each("agents") {
            let mut body = agent.clone();
            let file = body.as_object_mut().unwrap().remove("rules_file").unwrap();
            body["rules"] = json!(self.text(file.as_str().unwrap()));
            for integration in body["integrations"].as_object_mut().unwrap().values_mut() {
                *integration = json!(ids[integration]);
            }
            agents.insert(agent["name"].clone(), make(api, "/agents", body).await);
        }
        let id = make(api, "/campaigns", self.spec["campaign"].clone()).await;
        let campaign = Campaign { api: api.clone(), id, smtp: by_kind["smtp"].clone() };
        for stage in self.each("stages") {
            let mut stage = stage.clone();
            with_ids(&mut stage, &ids, &agents);
            for alternative in stage.get_mut("alternatives").and_then(Value::as_array_mut).into_iter().flatten() {
                with_ids(alternative, &ids, &agents);
            }
            campaign.try_stage(stage).await.with(201);
        }
        for strategy in self.each("strategies") {
            let mut strategy = strategy.clone();
            let file = strategy.as_object_mut().unwrap().remove("file").unwrap();
            strategy["source"] = json!(self.text(file.as_str().unwrap()));
            api.post(&campaign.path("/strategies"), strategy).await.with(201);
        }
        campaign.activate().await;
        (campaign, by_kind)
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

/// Puts ids in the place of the names of an integration and an agent.
fn with_ids(stage: &mut Value, integrations: &HashMap<Value, String>, agents: &HashMap<Value, String>) {
    let stage = stage.as_object_mut().unwrap();
    for (name, ids) in [("integration", integrations), ("agent", agents)] {
        if let Some(named) = stage.remove(name) {
            stage.insert(format!("{name}_id"), json!(ids[&named]));
        }
    }
}
