//! Reads an uploaded file. One thread reads and checks rows while the rows before them are stored; the checkpoint is stored
//! with the rows, so a crash goes on where it was.

use std::{io, sync::atomic::Ordering};

use fail::fail_point;
use serde_json::{Value, json};
use stratagem_store::{
    Scope,
    commit::{Committed, Ending, Fence, Writes},
    entities::{import, step},
    imports::{ImportBatch, Receipt},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::commit;
use crate::{
    Engine, EngineError, ObjectName,
    import::{
        imported_row,
        reader::{self, Checkpoint, FileError, Finding, Format, Prepared, Row, Rows},
    },
    scheduler::Shared,
};

/// Rows that are stored in one transaction.
const BATCH: usize = 500;

/// Reads the import that is the step's subject, from its checkpoint on.
pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let (engine, scope) = (&shared.engine, Scope(step.tenant_id));
    let import = match step.subject_id {
        Some(id) => engine.store().import(scope, id).await?,
        None => None,
    };
    let Some(import) = import else {
        return commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ());
    };
    let name = ObjectName::stored(&import.file)?;
    let file = engine.files().on_disk(&name).await?;
    let (path, copy) = (file.path().to_owned(), file.derived("utf8"));
    let prepared = match blocking(move || Ok(reader::prepare(&path, &copy))).await? {
        Ok(prepared) => prepared,
        Err(FileError::Io(error)) => return Err(EngineError::Internal(format!("the uploaded file: {error}"))),
        Err(error) => return finish(shared, step, &import, Some(error.to_string())).await,
    };
    engine.store().begin_import(scope, import.id, describe(&prepared)).await?;
    match read(shared, step, &import, &prepared).await? {
        Read::ToTheEnd => finish(shared, step, &import, None).await,
        Read::Interrupted => {
            let (due_at_ms, reason) = (engine.clock().now_ms(), "the server was stopped".to_owned());
            commit(shared, step, Ending::Again { due_at_ms, reason, failed: false }, Writes::default()).await?;
            Ok(())
        }
        Read::Fenced => Ok(()),
    }
}

/// How reading ended.
enum Read {
    ToTheEnd,
    Interrupted,
    Fenced,
}

async fn read(
    shared: &Shared,
    step: &step::Model,
    import: &import::Model,
    prepared: &Prepared,
) -> Result<Read, EngineError> {
    let checkpoint: Option<Checkpoint> =
        import.checkpoint.clone().and_then(|saved| serde_json::from_value(saved.into()).ok());
    let (sender, mut batches) = mpsc::channel(2);
    let source = BatchSource { engine: shared.engine.clone(), import: import.clone() };
    let prepared = prepared.clone();
    let reading = tokio::task::spawn_blocking(move || source.read_all(&prepared, checkpoint, &sender));
    let (store, fence) = (shared.engine.store(), Fence::from(step));
    while let Some(batch) = batches.recv().await {
        let now_ms = shared.engine.clock().now_ms();
        fail_point!("import_batch");
        let Some(stored) = store.commit_import(now_ms, Scope(step.tenant_id), fence, batch).await? else {
            return Ok(Read::Fenced);
        };
        fail_point!("import_batch_stored");
        shared.engine.metrics().imported(stored);
        tracing::debug!(stored.created, stored.updated, stored.rejected, "rows were stored");
        shared.engine.wake();
        if shared.draining.load(Ordering::SeqCst) {
            return Ok(Read::Interrupted);
        }
    }
    let failed = |error: &dyn std::fmt::Display| EngineError::Internal(format!("the uploaded file: {error}"));
    reading.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    Ok(Read::ToTheEnd)
}

/// Turns rows into batches on a thread of its own.
struct BatchSource {
    engine: Engine,
    import: import::Model,
}

impl BatchSource {
    /// Ends early, without an error, when nobody takes the batches any more.
    fn read_all(
        &self,
        prepared: &Prepared,
        checkpoint: Option<Checkpoint>,
        batches: &mpsc::Sender<ImportBatch>,
    ) -> io::Result<()> {
        let mut rows = Rows::open(prepared, checkpoint)?;
        loop {
            let mut batch = self.empty();
            for _ in 0..BATCH {
                let Some(row) = rows.next_row()? else { break };
                self.add(&mut batch, row);
            }
            let at = rows.checkpoint();
            if batch.accepted.is_empty() && batch.rejected == 0 {
                return Ok(());
            }
            batch.bytes_read = i64::try_from(at.byte).unwrap_or(i64::MAX);
            batch.checkpoint = json!(at);
            if batches.blocking_send(batch).is_err() {
                return Ok(());
            }
        }
    }

    fn empty(&self) -> ImportBatch {
        ImportBatch {
            import_id: self.import.id,
            campaign_id: self.import.campaign_id,
            accepted: Vec::with_capacity(BATCH),
            receipts: Vec::new(),
            rejected: 0,
            warned: 0,
            checkpoint: Value::Null,
            bytes_read: 0,
        }
    }

    fn add(&self, batch: &mut ImportBatch, row: Row) {
        let now = self.engine.clock().now();
        batch.warned += i64::from(!row.warnings.is_empty());
        let id = self.engine.random().id(now);
        let contact_id = row.outcome.is_ok().then_some(id);
        let warned = row.warnings.into_iter().map(|finding| receipt(row.number, finding, "warned", contact_id));
        batch.receipts.extend(warned);
        match row.outcome {
            Ok(contact) => {
                let scope = Scope(self.import.tenant_id);
                let row = imported_row(scope, self.import.campaign_id, id, now.timestamp_millis(), contact);
                batch.accepted.push(row);
            }
            Err(finding) => {
                batch.rejected += 1;
                batch.receipts.push(receipt(row.number, finding, "rejected", None));
            }
        }
    }
}

fn receipt(row: u64, finding: Finding, outcome: &'static str, contact_id: Option<Uuid>) -> Receipt {
    let row = i64::try_from(row).unwrap_or(i64::MAX);
    Receipt { row, field: finding.field, value: finding.value, reason: finding.reason, outcome, contact_id }
}

fn describe(prepared: &Prepared) -> Value {
    let (format, delimiter) = match prepared.format() {
        Format::Csv { delimiter } => ("csv", Some(char::from(delimiter).to_string())),
        Format::JsonLines => ("json_lines", None),
    };
    json!({ "format": format, "delimiter": delimiter, "encoding": prepared.encoding() })
}

/// Ends the import, and removes its file.
async fn finish(
    shared: &Shared,
    step: &step::Model,
    import: &import::Model,
    error: Option<String>,
) -> Result<(), EngineError> {
    let engine = &shared.engine;
    let (scope, fence) = (Scope(step.tenant_id), Fence::from(step));
    fail_point!("import_ended");
    if engine.store().finish_import(engine.clock().now_ms(), scope, fence, import.id, error).await? == Committed::Fenced
    {
        return Ok(());
    }
    fail_point!("import_ended_stored");
    engine.metrics().ended(step, "done");
    engine.files().discard(&ObjectName::stored(&import.file)?).await;
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| EngineError::Internal(error.to_string()))?
        .map_err(|error| EngineError::Internal(error.to_string()))
}
