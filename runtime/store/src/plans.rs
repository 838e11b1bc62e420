//! That what is asked all the time reads the indexes made for it: the store's own calls, on tables with enough rows that a database
//! which had lost an index would step over all of them. Each statement that a call runs is explained.

use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::{Value, json};
use stratagem_domain::step::StepKind;
use uuid::Uuid;

use crate::{
    Page, Scope, Store,
    claims::{Claimer, Without},
    commit::{CommunicationWrite, Completion, ContactWrite, Ending, Fence, Writes},
    contacts::ContactFilter,
    dead::DeadFilter,
    entities::{contact, import},
    imports::{ImportBatch, ImportedRow},
    testing,
};

const SCOPE: Scope = Scope(Uuid::from_u128(1));
/// Has nearly all rows.
const LARGE: Uuid = Uuid::from_u128(2);
/// Has those of a hundred contacts.
const SMALL: Uuid = Uuid::from_u128(3);
const ROWS: u32 = 40_000;
const TABLES: [&str; 4] = ["steps", "contacts", "communications", "events"];
/// What the plans have to show: without one of them something reads more than it asks for.
const INDEXES: [&str; 11] = [
    "ix_steps_lane_id_due_at_ms_id",
    "ix_steps_contact_id_id",
    "ix_steps_lease",
    "ix_steps_alone",
    "ix_steps_dead",
    "ix_contacts_campaign_id_id",
    "ix_contacts_campaign_id_current_stage_id",
    "ix_contacts_campaign_id_object_id_external_id",
    "ix_communications_contact_id_id",
    "ix_communications_campaign_id_status_alternative",
    "ix_events_tenant_id_xact_id",
];
/// Indexes over few rows, which may be read from end to end.
const PARTIAL: [&str; 4] = ["ix_steps_lease", "ix_steps_alone", "ix_steps_dead", "ix_steps_deciding_contact"];

type Seen = Arc<Mutex<Vec<Statement>>>;

#[tokio::test]
async fn what_is_asked_all_the_time_reads_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = testing::store(folder.path()).await;
    fill(&store).await;
    let seen = Seen::default();
    for connection in [&mut store.read, &mut store.write] {
        listen(connection, seen.clone());
    }
    ask(&store).await;
    work(&store).await;
    remove(&store).await;
    let statements = std::mem::take(&mut *seen.lock().unwrap());
    let mut plans = Vec::new();
    for statement in statements {
        if ["SELECT", "WITH", "UPDATE", "DELETE"].iter().any(|verb| statement.sql.starts_with(verb)) {
            plans.push(plan(&store, statement).await);
        }
    }
    for index in INDEXES {
        assert!(plans.iter().any(|plan| plan.contains(index)), "nothing reads {index}");
    }
}

fn listen(connection: &mut DatabaseConnection, seen: Seen) {
    connection.set_metric_callback(move |info| {
        assert!(!info.failed, "{}", info.statement);
        seen.lock().unwrap().push(info.statement.clone());
    });
}

/// Rows as they are after months: most steps are done, some are due or scheduled for later.
async fn fill(store: &Store) {
    for id in [LARGE, SMALL] {
        store.insert_campaign(testing::active_campaign(SCOPE, id)).await.unwrap();
    }
    let sqlite = store.backend() == DatabaseBackend::Sqlite;
    let id = |id: Uuid| if sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") };
    let (tenant, large, small) = (id(SCOPE.0), id(LARGE), id(SMALL));
    let contact = if sqlite { "unhex(printf('%032x', i))" } else { "lpad(to_hex(i), 32, '0')::uuid" };
    let campaign = format!("CASE WHEN i > 100 THEN {large} ELSE {small} END");
    let run = async |sql: &str| {
        let sql = if sqlite {
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) {sql} FROM n")
        } else {
            format!("{sql} FROM generate_series(1, {ROWS}) n(i)")
        };
        store.write().execute_unprepared(&sql).await.unwrap();
    };
    for (lane, campaign) in [(1, &large), (2, &small)] {
        let sql = format!(
            "INSERT INTO lanes (id, tenant_id, campaign_id, kind, sender, paused, next_due_ms, served, held_until_ms) \
             VALUES ({lane}, {tenant}, {campaign}, 'load_data', '', FALSE, 0, 0, 0)"
        );
        store.write().execute_unprepared(&sql).await.unwrap();
    }
    if !sqlite {
        store.write().execute_unprepared("SELECT setval(pg_get_serial_sequence('lanes', 'id'), 2)").await.unwrap();
    }
    run(&format!(
        "INSERT INTO steps (tenant_id, campaign_id, lane_id, contact_id, kind, decides, payload, due_at_ms, state, attempt, \
         crashes, claim_epoch, created_at_ms, finished_at_ms) SELECT {tenant}, {campaign}, CASE WHEN i > 100 THEN 1 ELSE 2 END, \
         {contact}, 'load_data', TRUE, 'null', i, CASE WHEN i % 10 < 6 THEN 'done' WHEN i % 1000 = 9 THEN 'dead' ELSE 'scheduled' END, \
         0, 0, 1, 0, 0"
    ))
    .await;
    run(&format!(
        "INSERT INTO contacts (id, tenant_id, campaign_id, object_id, external_id, name, current_stage, params, results, \
         internal_data, version, created_at_ms, updated_at_ms) SELECT {contact}, {tenant}, {campaign}, 'O-' || i, 'E', 'Ann', \
         'stage ' || (i % 10), '{{}}', '{{}}', '{{}}', 1, 0, 0"
    ))
    .await;
    run(&format!(
        "INSERT INTO communications (id, tenant_id, campaign_id, contact_id, planned_by_step, ordinal, name, stage_name, channel, \
         start_at_ms, params, status, delivery, status_history, created_at_ms, updated_at_ms) SELECT {contact}, {tenant}, {campaign}, \
         {contact}, i, 0, 'Mail', 'Mail', 'email_notification', 0, '{{}}', CASE WHEN i % 10 < 8 THEN 'completed' ELSE 'planned' END, \
         'none', '[]', 0, 0"
    ))
    .await;
    run(&format!("INSERT INTO events (tenant_id, kind, data, at_ms) SELECT {tenant}, 'run', '{{}}', i")).await;
    if !sqlite {
        store.write().execute_unprepared("VACUUM ANALYZE").await.unwrap();
    }
}

/// What people, and the scheduler, look at.
async fn ask(store: &Store) {
    store.next().await.unwrap();
    store.next_due_after(50).await.unwrap();
    store.any_alone(50).await.unwrap();
    store.any_claimed().await.unwrap();
    store.any_sending(SCOPE).await.unwrap();
    store.complete_campaigns(0).await.unwrap();
    let page = Page { after: Some(Uuid::from_u128(9_000)), limit: 50 };
    for (campaign, stage) in [(LARGE, None), (LARGE, Some("stage 3".to_owned())), (SMALL, None)] {
        store.contacts(SCOPE, campaign, &ContactFilter { stage, text: None }, page).await.unwrap();
    }
    let contacts = [1, 9_001].map(Uuid::from_u128);
    store.contact_counts(SCOPE, &contacts).await.unwrap();
    store.held_deliveries(SCOPE, contacts[1]).await.unwrap();
    let summary = store.summary(SCOPE, SMALL).await.unwrap();
    assert_eq!((summary.contacts, summary.steps_waiting, summary.steps_dead), (100, 39, 1));
    store.dead_steps(Some(SCOPE), DeadFilter::default(), None, 50).await.unwrap();
    store.forget_steps(0, 0).await.unwrap();
    let end = store.listen(SCOPE, 1, 0).await.unwrap();
    assert_eq!(store.events(SCOPE, end, 500).await.unwrap(), []);
    store.forget_events(0, 0).await.unwrap();
}

/// What the engine does all the time.
async fn work(store: &Store) {
    let claimer = Claimer {
        worker: "here",
        now_ms: 10_000,
        real_now_ms: 10_000,
        lease_until_ms: 20_000,
        turn: 1,
        without: Without::NONE,
    };
    let steps = store.claim(claimer, &[StepKind::LoadData], 100).await.unwrap();
    assert!(steps.len() > 50, "{}", steps.len());
    store.claim_alone(claimer).await.unwrap();
    store.renew_leases("here", steps.iter().map(|step| step.id).collect(), 20_000).await.unwrap();
    let (end, mut rest) = (steps.len() - 10, steps);
    let rest_of_claimed = rest.split_off(end);
    let completion = |step: &crate::entities::step::Model| {
        let id = step.contact_id.unwrap();
        let change = Default::default();
        let communication = CommunicationWrite { id, unschedule: true, ..Default::default() };
        Completion {
            scope: SCOPE,
            fence: Fence::from(step),
            ending: Ending::Done,
            writes: Writes {
                contact: Some(ContactWrite { id, version: 1, change }),
                communications: vec![communication],
                ..Default::default()
            },
        }
    };
    store.commit(10_000, &rest.iter().map(completion).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(store.rescue(30_000).await.unwrap().again, rest_of_claimed.len() as u64);
    store.rescue_all().await.unwrap();
    read_a_file(store, claimer).await;
}

async fn read_a_file(store: &Store, claimer: Claimer<'_>) {
    let row = import::Model {
        id: Uuid::from_u128(7),
        tenant_id: SCOPE.0,
        campaign_id: LARGE,
        status: "running".to_owned(),
        file: String::new(),
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
        created_at_ms: 0,
        finished_at_ms: None,
    };
    store.insert_import(SCOPE, row, None, None).await.unwrap();
    let steps = store.claim(claimer, &[StepKind::Import], 1).await.unwrap();
    let mut sample = store.contact(SCOPE, Uuid::from_u128(9_000)).await.unwrap().unwrap();
    let mut accepted = Vec::new();
    // Half of them are there already.
    for number in (ROWS - 20)..(ROWS + 20) {
        sample.object_id = format!("O-{number}");
        let contact = contact::Model { id: Uuid::from_u128(u128::from(number) << 32), ..sample.clone() };
        accepted.push(ImportedRow { contact, fields: json!({}) });
    }
    let batch = ImportBatch {
        import_id: Uuid::from_u128(7),
        campaign_id: LARGE,
        accepted,
        receipts: Vec::new(),
        rejected: 0,
        warned: 0,
        checkpoint: Value::Null,
        bytes_read: 0,
    };
    let stored = store.commit_import(0, SCOPE, Fence::from(&steps[0]), batch).await.unwrap().unwrap();
    assert_eq!((stored.created, stored.updated), (19, 21));
}

async fn remove(store: &Store) {
    assert!(store.erase_contact(SCOPE, Uuid::from_u128(9_001), &[]).await.unwrap());
    assert!(store.delete_campaign(SCOPE, SMALL).await.unwrap().is_some());
}

/// How the database does it, without stepping over a table.
async fn plan(store: &Store, statement: Statement) -> String {
    let backend = store.backend();
    let explain = if backend == DatabaseBackend::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let sql = format!("{explain} {}", statement.sql);
    let values = statement.values.iter().flat_map(|values| values.0.clone());
    let rows = store.write().query_all_raw(Statement::from_sql_and_values(backend, &sql, values)).await.unwrap();
    let column = if backend == DatabaseBackend::Sqlite { "detail" } else { "QUERY PLAN" };
    let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    let whole = plan.iter().zip(plan.iter().skip(1).map(Some).chain([None])).find(|(line, next)| {
        let after = next.map_or("", |next| next.trim_start());
        if backend == DatabaseBackend::Sqlite { steps_over_all(line) } else { reads_all(line, after) }
    });
    let text = statement.to_string();
    assert!(whole.is_none(), "{}\n{}", text.get(..2_000).unwrap_or(&text), plan.join("\n"));
    plan.join("\n")
}

/// SQLite: a scan of a table, or of an index from end to end.
fn steps_over_all(line: &str) -> bool {
    let Some(scanned) = line.trim_start().strip_prefix("SCAN ") else { return false };
    let table = scanned.split(' ').next().unwrap_or_default();
    let ours = TABLES.contains(&table) || ["s", "e"].contains(&table);
    ours && !may_be_read_whole(scanned)
}

/// PostgreSQL: the same.
fn reads_all(line: &str, after: &str) -> bool {
    let on = |name: &str| line.contains(&format!(" on {name} ")) || line.contains(&format!(" on {name}_1 "));
    let whole = line.contains("Seq Scan") || (line.contains("Index") && !after.starts_with("Index Cond"));
    line.contains("Scan")
        && TABLES.iter().any(|table| on(table))
        && whole
        && !line.contains("Bitmap Heap Scan")
        && !may_be_read_whole(line)
}

fn may_be_read_whole(line: &str) -> bool {
    PARTIAL.iter().any(|index| line.contains(index)) || line.contains("ix_steps_lane_id_due_at_ms_id")
}
