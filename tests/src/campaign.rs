//! A campaign, told in sentences.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, Api, until};

/// A campaign, with the client that made it.
#[derive(Clone)]
pub struct Campaign {
    /// The client.
    pub api: Api,
    /// The campaign's id.
    pub id: String,
    /// The integration that its mails leave through.
    pub smtp: String,
}

impl Campaign {
    /// Makes one in this time zone, still a draft.
    pub async fn make(api: &Api, name: &str, time_zone: &str, smtp: &str) -> Self {
        let made = api.post("/campaigns", json!({ "name": name, "time_zone": time_zone })).await.with(201);
        Self { api: api.clone(), id: made["id"].as_str().unwrap().to_owned(), smtp: smtp.to_owned() }
    }

    /// A path below the campaign's.
    pub fn path(&self, rest: &str) -> String {
        format!("/campaigns/{}{rest}", self.id)
    }

    /// Tries to add a stage.
    pub async fn try_stage(&self, stage: Value) -> Answer {
        self.api.post(&self.path("/stages"), stage).await
    }

    /// Adds a stage that sends mails; returns its id.
    pub async fn mails(&self, name: &str, subject: &str, body: &str) -> String {
        self.mails_at_most(name, subject, body, 10).await
    }

    /// As [`Campaign::mails`], with a bound on what one contact gets from it.
    pub async fn mails_at_most(&self, name: &str, subject: &str, body: &str, most: u32) -> String {
        let stage = json!({
            "name": name,
            "channel": "email_notification",
            "integration_id": self.smtp,
            "settings": { "subject": subject, "body": body },
            "max_communications": most,
        });
        self.try_stage(stage).await.with(201)["id"].as_str().unwrap().to_owned()
    }

    /// Adds a stage on which sequences end.
    pub async fn ends_with(&self, name: &str) {
        let stage = json!({ "name": name, "channel": "none", "settings": { "start_state": "end" } });
        self.try_stage(stage).await.with(201);
    }

    /// Tries to add a strategy.
    pub async fn try_strategy(&self, kind: &str, source: &str) -> Answer {
        let strategy = json!({ "name": kind, "type": kind, "source": source });
        self.api.post(&self.path("/strategies"), strategy).await
    }

    /// Adds a strategy; returns its id.
    pub async fn decides(&self, kind: &str, source: &str) -> String {
        let made = self.try_strategy(kind, source).await.with(201);
        assert_eq!(made["status"], "ready", "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Sets it to work.
    pub async fn activate(&self) {
        assert_eq!(self.api.act(&self.path("/activate")).await.ok()["status"], "active");
    }

    /// Holds it.
    pub async fn pause(&self) {
        assert_eq!(self.api.act(&self.path("/pause")).await.ok()["status"], "paused");
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        assert_eq!(self.api.act(&self.path("/resume")).await.ok()["status"], "active");
    }

    /// Uploads a file; returns the import's id.
    pub async fn upload(&self, content_type: &str, file: impl Into<reqwest::Body>) -> String {
        let request = self.api.request(Method::POST, &self.path("/imports"));
        let request = request.header("content-type", content_type).body(file);
        let answer = Api::send(request).await.with(202);
        answer["id"].as_str().unwrap().to_owned()
    }

    /// Waits until an import has ended, well or not; returns its report.
    pub async fn import_ended(&self, id: &str) -> Value {
        until("the import's end", async || {
            let report = self.api.get(&format!("/imports/{id}")).await.ok();
            ["completed", "failed"].contains(&report["status"].as_str().unwrap()).then_some(report)
        })
        .await
    }

    /// Uploads a CSV file and waits until it is imported; returns the report.
    pub async fn import(&self, csv: &str) -> Value {
        let id = self.upload("text/csv", csv.to_owned()).await;
        let report = self.import_ended(&id).await;
        assert_eq!(report["status"], "completed", "{report}");
        report
    }

    /// Imports these contacts, `(id, e-mail, what the column "do" says)`, named `Contact <id>`.
    pub async fn import_contacts(&self, contacts: &[(&str, &str, &str)]) -> Value {
        let mut csv = "object_id,external_id,name,email,phone,do\n".to_owned();
        for (id, email, what) in contacts {
            csv += &format!("{id},{id},Contact {id},{email},,{what}\n");
        }
        self.import(&csv).await
    }

    /// What it has come to, in numbers.
    pub async fn summary(&self) -> Value {
        self.api.get(&self.path("/summary")).await.ok()
    }

    /// Waits until it is completed and nothing is left to do; returns the summary.
    ///
    /// # Panics
    /// When it does not come to rest, or a step was given up on.
    pub async fn settle(&self) -> Value {
        self.settle_with_dead(0).await
    }

    /// As [`Campaign::settle`], where so many steps are to be given up on.
    pub async fn settle_with_dead(&self, dead: u64) -> Value {
        let mut last = Value::Null;
        let summary = until("the campaign to come to rest", async || {
            let status = self.api.get(&self.path("")).await.ok()["status"].clone();
            let summary = self.summary().await;
            if last["steps"] != summary["steps"] {
                last = summary.clone();
            }
            (status == "completed" && summary["steps"]["waiting"] == 0).then_some(summary)
        })
        .await;
        if summary["steps"]["dead"] != dead {
            let failed = self.api.list(&self.path("/runs")).await.into_iter().filter(|run| run["outcome"] != "ok");
            let failed: Vec<Value> = failed.map(|run| run["error"].clone()).collect();
            panic!("{dead} dead steps were expected: {summary}\n{failed:#?}");
        }
        summary
    }

    /// Every contact by its `object_id`.
    pub async fn contacts(&self) -> HashMap<String, Value> {
        let contacts = self.api.list(&self.path("/contacts")).await;
        contacts.into_iter().map(|contact| (contact["object_id"].as_str().unwrap().to_owned(), contact)).collect()
    }

    /// One contact.
    pub async fn contact(&self, object_id: &str) -> Value {
        self.contacts().await.remove(object_id).unwrap_or_else(|| panic!("there is no contact {object_id}"))
    }

    /// What was planned for one contact, oldest first.
    pub async fn communications(&self, object_id: &str) -> Vec<Value> {
        let contact = self.contact(object_id).await;
        self.api.list(&of_contact(&contact, "/communications")).await
    }

    /// The runs about one contact, oldest first.
    pub async fn runs(&self, object_id: &str) -> Vec<Value> {
        let contact = self.contact(object_id).await;
        self.api.list(&self.path(&format!("/runs?contact_id={}", contact["id"].as_str().unwrap()))).await
    }

    /// What the runs about one contact logged, in order.
    pub async fn logged(&self, object_id: &str) -> Vec<String> {
        let runs = self.runs(object_id).await;
        let lines = runs.iter().flat_map(|run| run["logs"].as_array().unwrap());
        lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The receipts of an import that have this outcome.
    pub async fn receipts(&self, import_id: &str, outcome: &str) -> Vec<Value> {
        self.api.list(&format!("/imports/{import_id}/receipts?outcome={outcome}")).await
    }
}

/// A path below a contact's.
pub fn of_contact(contact: &Value, rest: &str) -> String {
    format!("/contacts/{}{rest}", contact["id"].as_str().unwrap())
}
