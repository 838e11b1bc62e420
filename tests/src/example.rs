//! The folders of `examples/`, loaded with the same calls as `examples/load.py` makes.

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

    /// Makes integration, campaign, stages and strategies, activates it and imports the contacts, their dates moved along
    /// with `today`; returns the campaign and the import's report.
    pub async fn load(&self, api: &Api, smtp_port: u16, today: NaiveDate) -> (Campaign, Value) {
        let mut integration = self.spec["integration"].clone();
        integration["settings"]["host"] = json!("127.0.0.1");
        integration["settings"]["port"] = json!(smtp_port);
        integration["secrets"] = json!({});
        let smtp = api.post("/integrations", integration).await.with(201)["id"].as_str().unwrap().to_owned();
        let id =
            api.post("/campaigns", self.spec["campaign"].clone()).await.with(201)["id"].as_str().unwrap().to_owned();
        let campaign = Campaign { api: api.clone(), id, smtp };
        for stage in self.spec["stages"].as_array().unwrap() {
            let mut stage = stage.clone();
            if stage["channel"] == "email_notification" {
                stage["integration_id"] = json!(campaign.smtp);
            }
            campaign.try_stage(stage).await.with(201);
        }
        for strategy in self.spec["strategies"].as_array().unwrap() {
            let mut strategy = strategy.clone();
            let file = strategy.as_object_mut().unwrap().remove("file").unwrap();
            strategy["source"] = json!(std::fs::read_to_string(self.folder.join(file.as_str().unwrap())).unwrap());
            api.post(&campaign.path("/strategies"), strategy).await.with(201);
        }
        campaign.activate().await;
        let report = campaign.import(&self.contacts(today)).await;
        (campaign, report)
    }

    fn contacts(&self, today: NaiveDate) -> String {
        let file = self.spec["contacts"]["file"].as_str().unwrap();
        let text = std::fs::read_to_string(self.folder.join(file)).unwrap();
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
