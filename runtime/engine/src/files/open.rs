//! The store that the operator named.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use object_store::{
    ClientConfigKey, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path as Name,
    prefix::PrefixStore,
};
use url::Url;

use super::{
    Files, FilesError,
    ready::LastLook,
    scratch::{Scratch, private_folder},
};

/// How long a store may take to show that it works when the server starts.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a request is tried again before a store counts as unusable when the server starts.
const TRIES_AT_START: usize = 1;
/// The same while it runs: seconds, since somebody may be waiting. Steps come again until the store is back.
const TRIES: usize = 5;
const TRYING: Duration = Duration::from_secs(60);
/// What is written and removed to see whether it can be.
const PROBE: &str = "probe";

impl Files {
    /// The store of that URL: `file:///FOLDER` or `s3://BUCKET/PREFIX`, which the usual `AWS_…` variables are for. Copies go
    /// into a folder below `scratch`. Something is written and removed, to see whether it can be.
    pub async fn open(url: &str, scratch: &Path) -> Result<Self, FilesError> {
        let parsed = Url::parse(url).map_err(|_no_url| unusable(url, HOW))?;
        // Whatever else a URL may carry, a secret perhaps, is shown to nobody.
        if !parsed.username().is_empty() || parsed.password().is_some() || parsed.query().is_some() {
            return Err(unusable(&format!("{}:…", parsed.scheme()), HOW));
        }
        match parsed.scheme() {
            "file" => {
                let folder = parsed.to_file_path().map_err(|()| unusable(url, HOW))?;
                Self::in_folder(&folder, scratch).await
            }
            "s3" => {
                probe(&*s3(&parsed, TRIES_AT_START)?, url, PATIENCE).await?;
                Self::of(s3(&parsed, TRIES)?, None, url.to_owned(), scratch)
            }
            _ => Err(unusable(url, HOW)),
        }
    }

    /// The store in that folder, which is made where it is missing.
    pub async fn in_folder(folder: &Path, scratch: &Path) -> Result<Self, FilesError> {
        let place = folder.display().to_string();
        made(folder).map_err(|error| unusable(&place, error))?;
        // What is acknowledged must survive a power cut, which the file system promises only where it is asked to.
        let local = LocalFileSystem::new_with_prefix(folder).map_err(|error| unusable(&place, error))?.with_fsync(true);
        probe(&local, &place, PATIENCE).await?;
        Self::of(Arc::new(local.clone()), Some(local), place, scratch)
    }

    fn of(
        store: Arc<dyn ObjectStore>,
        folder: Option<LocalFileSystem>,
        place: String,
        scratch: &Path,
    ) -> Result<Self, FilesError> {
        let scratch = Arc::new(Scratch::open(scratch)?);
        Ok(Self { store, folder, place, scratch, last_look: LastLook::default() })
    }

    /// The folder that objects are in, where it is one.
    pub(super) fn root(&self) -> Option<PathBuf> {
        self.folder.as_ref()?.path_to_filesystem(&Name::from(PROBE)).ok()?.parent().map(Path::to_owned)
    }
}

const HOW: &str = "write file:///FOLDER, or s3://BUCKET or s3://BUCKET/PREFIX";

pub(super) fn unusable(place: &str, reason: impl ToString) -> FilesError {
    FilesError::Unusable { place: place.to_owned(), reason: reason.to_string() }
}

/// Makes the folder, and its name last.
fn made(folder: &Path) -> io::Result<()> {
    private_folder(folder)?;
    match folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn s3(url: &Url, max_retries: usize) -> Result<Arc<dyn ObjectStore>, FilesError> {
    let bucket = url.host_str().filter(|bucket| !bucket.is_empty()).ok_or_else(|| unusable(url.as_str(), HOW))?;
    let prefix = Name::from_url_path(url.path()).map_err(|error| unusable(url.as_str(), error))?;
    let retry = RetryConfig { max_retries, retry_timeout: TRYING, ..RetryConfig::default() };
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
    let set = |key| builder.get_config_value(&key).unwrap_or_default();
    let allowed = set(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp));
    if set(AmazonS3ConfigKey::Endpoint).starts_with("http:") && allowed.parse() != Ok(true) {
        return Err(unusable(url.as_str(), "its endpoint is not encrypted (http); AWS_ALLOW_HTTP=true allows it"));
    }
    let store = builder.build().map_err(|error| unusable(url.as_str(), error))?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

/// What the store said when it was tried, in a line.
fn said(error: &object_store::Error, of_s3: bool) -> String {
    if of_s3 && matches!(error, object_store::Error::NotFound { .. }) {
        return "there is no such bucket".to_owned();
    }
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    if of_s3 && std::env::var_os("AWS_ACCESS_KEY_ID").is_none() {
        return format!("{line} (AWS_ACCESS_KEY_ID is not set, so a role of this machine was asked for)");
    }
    line.to_owned()
}

/// Writes something and removes it, within that time.
pub(super) async fn probe(store: &dyn ObjectStore, place: &str, patience: Duration) -> Result<(), FilesError> {
    let name = Name::from(PROBE);
    let tried = tokio::time::timeout(patience, async {
        store.put(&name, "Can be written.".into()).await?;
        match store.delete(&name).await {
            // Another server, which starts at the same time, was faster.
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => done,
        }
    });
    match tried.await {
        Ok(done) => done.map_err(|error| unusable(place, said(&error, place.starts_with("s3:")))),
        Err(_) => Err(unusable(place, format!("it does not answer within {} seconds", patience.as_secs()))),
    }
}
