//! Importing contacts, each with the step that decides about it.

use std::time::Instant;

use sea_orm::{ConnectionTrait, Statement, TransactionTrait, Value};
use serde_json::{Value as Json, json};
use stratagem_domain::step::StepKind;
use stratagem_store::{
    commit::Fence,
    entities::{contact, import},
    imports::{ImportBatch, ImportedRow},
};
use uuid::Uuid;

use crate::{
    Outcome,
    filling::NOW_MS,
    options::Options,
    place::{CAMPAIGN, Place, SCOPE, TENANT},
    queue,
    ratio::Ratio,
};

/// As many as the engine stores in one transaction.
const BATCH: u64 = 500;
/// Contacts' ids: beyond those of others.
const FIRST: u128 = 1 << 100;

pub(crate) async fn measure(place: &Place, options: &Options) -> Outcome<()> {
    place.make_bare("contacts").await?;
    // Without it an import that goes on after a crash would not be one.
    place.run("CREATE UNIQUE INDEX bare_pairs ON bare_contacts (campaign_id, object_id, external_id)").await?;
    let (id, fence) = begin(place, 1).await?;
    let mut ratio = Ratio::default();
    let batches = options.import.div_ceil(BATCH);
    for batch in 0..batches {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let contacts: Vec<contact::Model> = numbers.map(contact).collect();
        let began = Instant::now();
        raw(place, &contacts).await?;
        ratio.raw += began.elapsed();
        let began = Instant::now();
        store(place, id, fence, contacts).await?;
        ratio.store += began.elapsed();
    }
    ratio.print(place.kind.name(), &format!("import {BATCH} contacts, a step for each"), batches * BATCH);
    Ok(())
}

/// An import that is claimed.
pub(crate) async fn begin(place: &Place, number: u128) -> Outcome<(Uuid, Fence)> {
    let id = Uuid::from_u128(FIRST - number);
    let row = import::Model {
        id,
        tenant_id: TENANT,
        campaign_id: CAMPAIGN,
        status: "running".to_owned(),
        file: "contacts.csv".to_owned(),
        error: None,
        prepared: None,
        checkpoint: None,
        bytes_total: 0,
        bytes_read: 0,
        rows: 0,
        created: 0,
        updated: 0,
        rejected: 0,
        warned: 0,
        created_at_ms: NOW_MS,
        finished_at_ms: None,
    };
    place.store.insert_import(SCOPE, row, None, None).await?;
    let claimed = queue::claim(place, StepKind::Import, 1).await?;
    Ok((id, Fence::from(claimed.first().ok_or("the import was not claimed")?)))
}

pub(crate) fn contact(number: u64) -> contact::Model {
    contact::Model {
        id: Uuid::from_u128(FIRST + u128::from(number)),
        tenant_id: TENANT,
        campaign_id: CAMPAIGN,
        object_id: format!("I-{number}"),
        external_id: format!("E-{number}"),
        name: format!("John Doe {number}"),
        email: Some(format!("john.{number}@example.com")),
        phone: Some("+12025550100".to_owned()),
        time_zone: None,
        current_stage: None,
        params: json!({"add_param1": number.to_string(), "add_param2": "Additional data"}).into(),
        results: json!({}).into(),
        internal_data: json!({}).into(),
        version: 1,
        created_at_ms: NOW_MS,
        updated_at_ms: NOW_MS,
    }
}

pub(crate) async fn store(place: &Place, id: Uuid, fence: Fence, contacts: Vec<contact::Model>) -> Outcome<()> {
    let rows = contacts.len() as i64;
    let accepted = contacts.into_iter().map(|contact| ImportedRow { contact, fields: Json::Null }).collect();
    let batch = ImportBatch {
        import_id: id,
        campaign_id: CAMPAIGN,
        accepted,
        receipts: Vec::new(),
        rejected: 0,
        warned: 0,
        checkpoint: json!({"byte": 1}),
        bytes_read: 1,
    };
    let stored = place.store.commit_import(NOW_MS, SCOPE, fence, batch).await?;
    if stored.is_some_and(|stored| stored.created == rows) { Ok(()) } else { Err("not all rows were stored".into()) }
}

const CONTACT: &str = "id, tenant_id, campaign_id, object_id, external_id, name, email, phone, time_zone, current_stage, \
                       params, results, internal_data, version, created_at_ms, updated_at_ms";
const STEP: &str = "tenant_id, campaign_id, lane_id, contact_id, subject_id, kind, decides, payload, due_at_ms, state, \
                    attempt, crashes, claim_epoch, claimed_by, lease_until_ms, last_error, created_at_ms, finished_at_ms, trace_id";

/// The plainest statements that do it: no receipts, no counts, no look whether a contact is there.
async fn raw(place: &Place, contacts: &[contact::Model]) -> Outcome<()> {
    let transaction = place.raw.begin().await?;
    let contact = |c: &contact::Model| -> [Value; 16] {
        [
            c.id.into(),
            c.tenant_id.into(),
            c.campaign_id.into(),
            c.object_id.clone().into(),
            c.external_id.clone().into(),
            c.name.clone().into(),
            c.email.clone().into(),
            c.phone.clone().into(),
            c.time_zone.clone().into(),
            c.current_stage.clone().into(),
            c.params.to_string().into(),
            c.results.to_string().into(),
            c.internal_data.to_string().into(),
            c.version.into(),
            c.created_at_ms.into(),
            c.updated_at_ms.into(),
        ]
    };
    let step = |c: &contact::Model| -> [Value; 19] {
        [
            c.tenant_id.into(),
            c.campaign_id.into(),
            1_i64.into(),
            c.id.into(),
            Option::<Uuid>::None.into(),
            StepKind::LoadData.as_str().into(),
            true.into(),
            "null".into(),
            NOW_MS.into(),
            "scheduled".into(),
            0_i32.into(),
            0_i32.into(),
            0_i64.into(),
            Option::<String>::None.into(),
            Option::<i64>::None.into(),
            Option::<String>::None.into(),
            NOW_MS.into(),
            Option::<i64>::None.into(),
            Option::<String>::None.into(),
        ]
    };
    for (table, columns, values) in [
        ("bare_contacts", CONTACT, contacts.iter().flat_map(contact).collect::<Vec<_>>()),
        ("bare_steps", STEP, contacts.iter().flat_map(step).collect()),
    ] {
        let row = format!("({})", vec!["?"; values.len() / contacts.len()].join(", "));
        let rows = vec![row; contacts.len()].join(", ");
        let sql = place.marked(&format!("INSERT INTO {table} ({columns}) VALUES {rows}"));
        transaction.execute_raw(Statement::from_sql_and_values(place.backend(), sql, values)).await?;
    }
    transaction.commit().await?;
    Ok(())
}
