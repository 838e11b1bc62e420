//! A database with the rows that these tests need.

use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use stratagem_domain::{
    communication::{Delivery, Status},
    step::StepKind,
};
use uuid::Uuid;

use crate::{
    Scope, Store,
    claims::{Claimer, Without},
    commit::{Committed, Completion, Ending, Fence, Writes},
    entities::{communication, contact, import, session, step},
    sessions::ACTIVE,
    steps::NewStep,
    testing,
};

pub(super) const DECISIONS: [StepKind; 2] = [StepKind::LoadData, StepKind::Aggregate];

pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) scope: Scope,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = testing::store(folder.path()).await;
        Self { store, scope: Scope(Uuid::from_u128(1)), _folder: folder }
    }

    pub(super) async fn campaign(&self, id: u128) -> Uuid {
        let id = Uuid::from_u128(id);
        self.store.insert_campaign(testing::active_campaign(self.scope, id)).await.unwrap();
        id
    }

    pub(super) async fn contact(&self, campaign_id: Uuid, id: u128) -> Uuid {
        let id = Uuid::from_u128(id);
        let row = contact::Model {
            id,
            tenant_id: self.scope.0,
            campaign_id,
            object_id: id.to_string(),
            external_id: "1".to_owned(),
            name: "Ann".to_owned(),
            email: None,
            phone: None,
            time_zone: None,
            current_stage: None,
            params: json!({}).into(),
            results: json!({}).into(),
            internal_data: json!({}).into(),
            version: 1,
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        contact::Entity::insert(row.into_active_model()).exec_without_returning(self.store.write()).await.unwrap();
        id
    }

    pub(super) async fn schedule(&self, steps: Vec<NewStep>) {
        self.store.ensure_lanes(self.scope, &steps).await.unwrap();
        let transaction = self.store.begin().await.unwrap();
        let steps = steps.into_iter().map(|step| (self.scope, step)).collect();
        self.store.insert_steps(&transaction, 0, steps, Default::default()).await.unwrap();
        transaction.commit().await.unwrap();
    }

    pub(super) async fn next_due(&self) -> Option<i64> {
        self.store.next().await.unwrap().map(|next| next.due_ms)
    }

    pub(super) async fn claim(&self, now_ms: i64, limit: u64) -> Vec<step::Model> {
        self.store.claim(claimer(now_ms), &DECISIONS, limit).await.unwrap()
    }

    pub(super) async fn end(&self, step: &step::Model, ending: Ending) -> Committed {
        let batch = vec![self.completion(step, ending, Writes::default())];
        self.store.commit(5, &batch).await.unwrap()[0]
    }

    pub(super) fn completion(&self, step: &step::Model, ending: Ending, writes: Writes) -> Completion {
        Completion { scope: self.scope, fence: Fence::from(step), ending, writes }
    }

    pub(super) async fn communication(&self, contact: Uuid, id: u128, (status, delivery): (Status, Delivery)) -> Uuid {
        let id = Uuid::from_u128(id);
        let row = communication::Model {
            id,
            tenant_id: self.scope.0,
            campaign_id: Uuid::from_u128(10),
            contact_id: contact,
            planned_by_step: i64::try_from(id.as_u128()).unwrap(),
            ordinal: 0,
            name: String::new(),
            stage_name: "Mail".to_owned(),
            channel: "email_notification".to_owned(),
            alternative: None,
            start_at_ms: 0,
            start_state: None,
            params: json!({}).into(),
            status: status.as_str().to_owned(),
            delivery: delivery.as_str().to_owned(),
            status_history: json!([]).into(),
            waiting_for: Some("something".to_owned()),
            session_id: None,
            provider_id: None,
            error: None,
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        communication::Entity::insert(row.into_active_model())
            .exec_without_returning(self.store.write())
            .await
            .unwrap();
        id
    }

    pub(super) async fn session(&self, contact: Uuid, communication_id: Uuid, id: u128) -> Uuid {
        let id = Uuid::from_u128(id);
        let row = session::Model {
            id,
            tenant_id: self.scope.0,
            campaign_id: Uuid::from_u128(10),
            contact_id: contact,
            communication_id,
            channel: "email_notification".to_owned(),
            agent_id: None,
            status: ACTIVE.to_owned(),
            state: None,
            outcome: None,
            results: json!({}).into(),
            opened_at_ms: 0,
            closed_at_ms: None,
            integration_id: None,
            known_as: None,
            timeout_ms: None,
            heard_at_ms: None,
            desk: None,
            desk_reason: None,
            desk_by: None,
            desk_until_ms: None,
            usage: None,
        };
        session::Entity::insert(row.into_active_model()).exec_without_returning(self.store.write()).await.unwrap();
        id
    }

    pub(super) async fn import(&self, campaign_id: Uuid, id: u128) -> Uuid {
        let id = Uuid::from_u128(id);
        let row = import::Model {
            id,
            tenant_id: self.scope.0,
            campaign_id,
            status: "running".to_owned(),
            file: "x".to_owned(),
            error: None,
            prepared: None,
            checkpoint: None,
            bytes_total: 1,
            bytes_read: 0,
            rows: 0,
            created: 0,
            updated: 0,
            rejected: 0,
            warned: 0,
            created_at_ms: 0,
            finished_at_ms: None,
        };
        import::Entity::insert(row.into_active_model()).exec_without_returning(self.store.write()).await.unwrap();
        id
    }

    /// Schedules these, claims them and gives up on them.
    pub(super) async fn give_up_on(&self, steps: Vec<NewStep>) -> Vec<i64> {
        let kinds: Vec<StepKind> = steps.iter().map(|step| step.kind).collect();
        self.schedule(steps).await;
        let claimed = self.store.claim(claimer(0), &kinds, 100).await.unwrap();
        for step in &claimed {
            self.end(step, Ending::Dead { reason: "it broke".to_owned() }).await;
        }
        let mut ids = ids(&claimed);
        ids.sort_unstable();
        ids
    }

    pub(super) async fn status(&self, id: Uuid) -> (String, String) {
        let row = self.store.communication(self.scope, id).await.unwrap().unwrap();
        (row.status, row.delivery)
    }
}

pub(super) fn claimer(now_ms: i64) -> Claimer<'static> {
    Claimer { worker: "here", now_ms, real_now_ms: now_ms, lease_until_ms: 1_000, turn: 1, without: Without::NONE }
}

pub(super) fn step(campaign_id: Uuid, contact_id: Option<Uuid>, kind: StepKind, due_at_ms: i64) -> NewStep {
    NewStep {
        campaign_id,
        contact_id,
        subject_id: None,
        kind,
        sender: String::new(),
        payload: Value::Null,
        due_at_ms,
        trace_id: None,
    }
}

pub(super) fn ids(steps: &[step::Model]) -> Vec<i64> {
    steps.iter().map(|step| step.id).collect()
}
