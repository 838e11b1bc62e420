//! An engine on an empty database on disk, with one campaign: the specification's sample strategies, one stage that sends
//! e-mail, one that ends the sequence.

use std::{fmt::Write as _, fs, path::PathBuf, sync::Arc, time::Duration};

use serde_json::{Value, json};
use stratagem_agent::Agents;
use stratagem_channels::{AddressPolicy, Registry};
use stratagem_domain::{
    campaign::CampaignStatus,
    clock::{Clock, SteadyClock, SystemClock},
    random,
    strategy::StrategyType,
};
use stratagem_engine::{Engine, Files, Keep, Metrics, Parts, Running, Vault};
use stratagem_sandbox::{Compiler, Sandbox};
use stratagem_store::{
    Scope, Store,
    campaigns::Summary,
    entities::{campaign, import, integration, stage, strategy, strategy_version, tenant},
};
use stratagem_tests::database_of;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Outcome, machine};

/// Where one of the specification's sample strategies lies.
pub(crate) fn sample_path(name: &str) -> PathBuf {
    machine::repository().join(format!("tests/it/samples/{name}.py"))
}

/// One of the specification's sample strategies.
pub(crate) fn sample(name: &str) -> Outcome<String> {
    let path = sample_path(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A file of so many contacts, shaped as the specification's sample.
pub(crate) fn contacts(rows: usize) -> String {
    let mut text = String::from("Object_id,External_ID,Name,Email,Phone,add_param1,add_param2\n");
    for row in 0..rows {
        let phone = 100 + row % 100;
        let _ = writeln!(
            text,
            "C-{row},U-{row},John Doe {row},john.{row}@example.com,+1202555{phone:04},{row},\"Additional data\""
        );
    }
    text
}

/// A campaign in its own database, with the engine at work.
pub(crate) struct Campaign {
    engine: Engine,
    running: Running,
    scope: Scope,
    id: Uuid,
    // Removed at the end.
    folder: TempDir,
}

impl Campaign {
    /// Makes it, as a draft, and starts the engine.
    pub(crate) async fn start(sandbox: &Sandbox, clock: Arc<dyn Clock>, smtp_port: u16) -> Outcome<Self> {
        let folder = TempDir::with_prefix("stratagem-bench-")?;
        let url = database_of(folder.path()).await;
        stratagem_migrations::run(&Store::alone(&url).await?).await?;
        let store = Store::open(&url).await?;
        let random = random::seeded(7);
        let engine = Engine::new(Parts {
            store,
            sandbox: sandbox.clone(),
            channels: Arc::new(Registry::standard(AddressPolicy::default().allow_loopback(true))),
            agents: Arc::new(Agents::new(AddressPolicy::default(), stratagem_agent::Limits::default())),
            vault: Vault::new([7; 32], random.clone()),
            clock,
            lease: Duration::from_secs(15),
            real: Arc::new(SteadyClock::new(SystemClock.now_ms())),
            random,
            files: Files::in_folder(folder.path(), &folder.path().join("scratch")).await?,
            compiler: Compiler::new(PathBuf::from("stratagem")),
            addresses: AddressPolicy::default(),
            public_url: "http://127.0.0.1".to_owned(),
            keep: Keep::default(),
            metrics: Metrics::default(),
        });
        let running = engine.start();
        let (scope, id) = fill(&engine, smtp_port).await?;
        Ok(Self { engine, running, scope, id, folder })
    }

    /// Lets it decide and send.
    pub(crate) async fn activate(&self) -> Outcome<()> {
        let (store, now_ms) = (self.engine.store(), self.engine.clock().now_ms());
        let (from, to) = ([CampaignStatus::Draft], CampaignStatus::Active);
        store.set_campaign_status(self.scope, self.id, &from, to, now_ms).await?;
        Ok(())
    }

    /// Puts a file of so many contacts where uploads lie.
    pub(crate) fn write_file(&self, rows: usize) -> Outcome<i64> {
        let text = contacts(rows);
        fs::write(self.folder.path().join("contacts.csv"), &text)?;
        Ok(i64::try_from(text.len())?)
    }

    /// Does what the server does when the file has been uploaded.
    pub(crate) async fn import(&self, bytes_total: i64) -> Outcome<Uuid> {
        let (engine, now) = (&self.engine, self.engine.clock().now());
        let id = engine.random().id(now);
        let row = import::Model {
            id,
            tenant_id: self.scope.0,
            campaign_id: self.id,
            status: "queued".to_owned(),
            file: "contacts.csv".to_owned(),
            error: None,
            prepared: None,
            checkpoint: None,
            bytes_total,
            bytes_read: 0,
            rows: 0,
            created: 0,
            updated: 0,
            rejected: 0,
            warned: 0,
            created_at_ms: now.timestamp_millis(),
            finished_at_ms: None,
        };
        engine.store().insert_import(self.scope, row, None, None).await?;
        engine.wake();
        Ok(id)
    }

    /// Rows that the import has made contacts of, once it has ended.
    pub(crate) async fn imported(&self, id: Uuid) -> Outcome<Option<i64>> {
        let import = self.engine.store().import(self.scope, id).await?.ok_or("the import is gone")?;
        match import.status.as_str() {
            "completed" => Ok(Some(import.created)),
            "failed" => Err(import.error.unwrap_or_default().into()),
            _ => Ok(None),
        }
    }

    /// Where the campaign stands, in numbers.
    pub(crate) async fn summary(&self) -> Outcome<Summary> {
        Ok(self.engine.store().summary(self.scope, self.id).await?)
    }

    /// Whether nothing is due and nothing under way. A cheap question, unlike a summary: whoever asks often is part of what is measured.
    pub(crate) async fn is_at_rest(&self) -> Outcome<bool> {
        let (store, now_ms) = (self.engine.store(), self.engine.clock().now_ms());
        let due = store.next().await?.is_some_and(|next| next.due_ms <= now_ms);
        Ok(!due && !store.any_claimed().await?)
    }

    /// Whether every contact is at rest for good.
    pub(crate) async fn is_completed(&self) -> Outcome<bool> {
        let row = self.engine.store().campaign(self.scope, self.id).await?.ok_or("the campaign is gone")?;
        Ok(row.status == CampaignStatus::Completed.as_str())
    }

    /// Stops the engine and removes the database.
    pub(crate) async fn end(self) {
        self.running.drain().await;
    }
}

async fn fill(engine: &Engine, smtp_port: u16) -> Outcome<(Scope, Uuid)> {
    let (store, now_ms) = (engine.store(), engine.clock().now_ms());
    let new_id = || engine.random().id(engine.clock().now());
    let (tenant_id, campaign_id, integration_id) = (new_id(), new_id(), new_id());
    store
        .insert_tenant(tenant::Model {
            id: tenant_id,
            name: "bench".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            limits: json!({}).into(),
            http_allow: json!([]).into(),
            send_rate: None,
            channel_rates: None,
            stop_words: None,
            created_at_ms: now_ms,
        })
        .await?;
    store
        .insert_integration(integration::Model {
            id: integration_id,
            tenant_id,
            name: "sink".to_owned(),
            kind: "smtp".to_owned(),
            settings: json!({"host": "127.0.0.1", "port": smtp_port, "tls": "none", "from": "bench@example.com"})
                .into(),
            secrets: json!({}).into(),
            send_rate: None,
            pair_rate: None,
            version: 1,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        })
        .await?;
    store
        .insert_campaign(campaign::Model {
            id: campaign_id,
            tenant_id,
            name: "Benchmark".to_owned(),
            description: String::new(),
            time_zone: "Europe/Berlin".to_owned(),
            sending_hours: None,
            send_rate: None,
            status: CampaignStatus::Draft.as_str().to_owned(),
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        })
        .await?;
    let mail = json!({"subject": "Hello {{ contact.name }}", "body": "<p>{{ contact.params.add_param2 }}</p>"});
    let end = json!({"start_state": "closed"});
    let stages =
        [("First Contact", "email_notification", Some(integration_id), mail), ("Second Attempt", "none", None, end)];
    for (position, (name, channel, integration_id, settings)) in (0..).zip(stages) {
        store
            .insert_stage(stage::Model {
                id: new_id(),
                tenant_id,
                campaign_id,
                position,
                name: name.to_owned(),
                description: String::new(),
                channel: channel.to_owned(),
                agent_id: None,
                integration_id,
                settings: settings.into(),
                alternatives: Value::Array(Vec::new()).into(),
                response_timeout_s: None,
                max_communications: 10,
                created_at_ms: now_ms,
                updated_at_ms: now_ms,
            })
            .await?;
    }
    for kind in [StrategyType::DataLoad, StrategyType::Aggregation] {
        let (row, version) = strategy_rows(new_id(), tenant_id, campaign_id, kind, now_ms)?;
        store.insert_strategy(row, version, None).await?;
    }
    Ok((Scope(tenant_id), campaign_id))
}

fn strategy_rows(
    id: Uuid,
    tenant_id: Uuid,
    campaign_id: Uuid,
    kind: StrategyType,
    now_ms: i64,
) -> Outcome<(strategy::Model, strategy_version::Model)> {
    let row = strategy::Model {
        id,
        tenant_id,
        campaign_id,
        name: kind.as_str().to_owned(),
        kind: kind.as_str().to_owned(),
        version: 1,
        active: true,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    let version = strategy_version::Model {
        strategy_id: id,
        version: 1,
        tenant_id,
        function: kind.default_function().to_owned(),
        source: sample(kind.as_str())?,
        hash: String::new(),
        entry: None,
        modules: None,
        component_hash: None,
        component_bytes: None,
        boundary: None,
        status: "ready".to_owned(),
        status_reason: None,
        created_at_ms: now_ms,
    };
    Ok((row, version))
}
