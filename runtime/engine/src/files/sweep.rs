//! Removes what nobody refers to: components of deleted strategies, files of imports that are over or never were.

use std::{collections::HashSet, fs, io, path::Path, time::Duration};

use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path as Name};
use stratagem_store::Scope;
use uuid::Uuid;

use super::{Files, FilesError, ObjectName, SETTLED, name, upload};
use crate::{Engine, EngineError};

/// Objects that the database is asked about at once.
const ASKED: usize = 500;

impl Engine {
    /// Removes objects that nothing in the database refers to and that are too old for something to be about to. Returns how
    /// many there were. Nodes may do it at the same time.
    pub async fn sweep_files(&self) -> Result<u64, EngineError> {
        let (files, now_ms) = (self.files(), self.real_ms());
        files.sweep_parts(now_ms).await?;
        let mut removed = 0;
        for scope in files.tenants().await? {
            for objects in files.older(&name::imports(scope), files.upload_settles(), now_ms).await?.chunks(ASKED) {
                let ids = objects.iter().filter_map(ObjectName::import_id).collect();
                let wanted: HashSet<Uuid> = self.store().imports_under_way(scope, ids).await?;
                let unwanted = |object: &ObjectName| object.import_id().is_some_and(|id| !wanted.contains(&id));
                removed += files.sweep(objects, unwanted, files.upload_settles(), now_ms).await?;
            }
            for objects in files.older(&name::components(scope), SETTLED, now_ms).await?.chunks(ASKED) {
                let hashes = objects.iter().filter_map(ObjectName::component_hash).map(str::to_owned).collect();
                let wanted: HashSet<String> = self.store().components_in_use(scope, hashes).await?;
                let unwanted = |object: &ObjectName| object.component_hash().is_some_and(|hash| !wanted.contains(hash));
                removed += files.sweep(objects, unwanted, SETTLED, now_ms).await?;
            }
        }
        Ok(removed)
    }
}

impl Files {
    /// How long after the date of an uploaded file its import may not be in the database yet.
    fn upload_settles(&self) -> Duration {
        // A folder dates a file by its last byte.
        if self.folder.is_some() { SETTLED } else { upload::LONGEST + SETTLED }
    }

    async fn tenants(&self) -> Result<Vec<Scope>, FilesError> {
        let listed = self.store.list_with_delimiter(None).await?;
        let named = |prefix: &Name| prefix.filename()?.parse().ok().map(Scope);
        Ok(listed.common_prefixes.iter().filter_map(named).collect())
    }

    async fn older(&self, prefix: &Name, than: Duration, now_ms: i64) -> Result<Vec<ObjectName>, FilesError> {
        let objects = self.store.list(Some(prefix)).map_err(FilesError::from);
        let old = objects.try_filter(|object| std::future::ready(is_older(object, than, now_ms)));
        old.map_ok(|object| ObjectName(object.location)).try_collect().await
    }

    async fn sweep(
        &self,
        objects: &[ObjectName],
        unwanted: impl Fn(&ObjectName) -> bool,
        settles: Duration,
        now_ms: i64,
    ) -> Result<u64, FilesError> {
        let mut removed = 0;
        for object in objects.iter().filter(|object| unwanted(object)) {
            // A component that is uploaded once more gets a new date before it is referred to again.
            match self.store.head(&object.0).await {
                Ok(now) if !is_older(&now, settles, now_ms) => continue,
                Ok(_) => self.delete(object).await?,
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            tracing::info!(%object, "removed a file that nothing refers to");
            removed += 1;
        }
        Ok(removed)
    }

    /// A process that died in mid-upload left the parts in the folder. Others' are being written to, so they are newer. Stores
    /// that speak S3 keep parts out of sight; there a rule of the bucket removes them.
    async fn sweep_parts(&self, now_ms: i64) -> Result<(), FilesError> {
        let Some(root) = self.root() else { return Ok(()) };
        let failed = |error: io::Error| FilesError::Scratch(root.clone(), error);
        let swept = tokio::task::spawn_blocking({
            let root = root.clone();
            move || remove_tenants_parts(&root, now_ms)
        });
        swept.await.map_err(|error| failed(error.into()))?.map_err(failed)
    }
}

fn is_older(object: &ObjectMeta, than: Duration, now_ms: i64) -> bool {
    was_before(object.last_modified.timestamp_millis(), than, now_ms)
}

fn was_before(ms: i64, age: Duration, now_ms: i64) -> bool {
    now_ms.saturating_sub(ms) > i64::try_from(age.as_millis()).unwrap_or(i64::MAX)
}

fn remove_tenants_parts(root: &Path, now_ms: i64) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        // What else may be in the folder is not ours.
        if entry.file_name().to_str().is_some_and(|name| Uuid::parse_str(name).is_ok()) {
            remove_parts(&entry.path(), now_ms)?;
        }
    }
    Ok(())
}

fn remove_parts(folder: &Path, now_ms: i64) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            remove_parts(&entry.path(), now_ms)?;
        } else if name.to_str().is_some_and(is_part) {
            let Ok(written) = entry.metadata().and_then(|metadata| metadata.modified()) else { continue };
            let written_ms = chrono::DateTime::<chrono::Utc>::from(written).timestamp_millis();
            if was_before(written_ms, SETTLED, now_ms) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
    Ok(())
}

/// `NAME#NUMBER` is what a folder's objects are called until they are whole.
fn is_part(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
