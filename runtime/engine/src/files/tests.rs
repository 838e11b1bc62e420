use std::{collections::BTreeSet, path::Path};

use futures::{Stream, StreamExt, stream};
use stratagem_store::Scope;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

const MOST: u64 = 64 << 20;

/// A store in a folder, and the folder.
struct Local {
    files: Files,
    folder: TempDir,
}

impl Local {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(&folder.path().join("objects"), &folder.path().join("scratch")).await.unwrap();
        Self { files, folder }
    }

    /// Every file of the store and of its scratch folder, locks aside.
    fn left(&self) -> BTreeSet<String> {
        files_below(self.folder.path()).into_iter().filter(|path| !path.ends_with("lock")).collect()
    }
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}

fn name() -> ObjectName {
    ObjectName::import(Scope(Uuid::from_u128(1)), Uuid::from_u128(2))
}

/// More than two parts of any store, in chunks that do not fit them.
fn large() -> Vec<Bytes> {
    (0..300_u32).map(|n| Bytes::from(n.to_le_bytes().repeat(17_001))).collect()
}

fn sent(chunks: &[Bytes]) -> impl Stream<Item = Result<Bytes, &'static str>> + use<> {
    let own: Vec<_> = chunks.iter().cloned().map(Ok).collect();
    stream::iter(own)
}

async fn read(files: &Files, name: &ObjectName) -> Vec<u8> {
    let on_disk = files.on_disk(name).await.unwrap();
    std::fs::read(on_disk.path()).unwrap()
}

async fn comes_back_as_it_was_sent(files: &Files) {
    for chunks in [vec![], vec![Bytes::from("a,b\n"), Bytes::from("1,2\n")], large()] {
        let whole = chunks.concat();
        let stored = files.put(&name(), MOST, sent(&chunks)).await.unwrap();
        assert_eq!(stored, Stored { bytes: whole.len() as u64, hash: blake3::hash(&whole).to_hex().to_string() });
        assert!(read(files, &name()).await == whole, "{} bytes came back otherwise", whole.len());
        assert!(files.bytes(&name()).await.unwrap() == whole);
    }
    files.delete(&name()).await.unwrap();
    files.delete(&name()).await.unwrap();
    assert!(matches!(files.bytes(&name()).await, Err(FilesError::Gone(_))));
}

/// The first parts are on their way when it breaks off.
async fn leaves_nothing_when_it_breaks_off(files: &Files) {
    let broken = sent(&large()).chain(stream::iter([Err("hung up")]));
    assert!(matches!(files.put(&name(), MOST, broken).await, Err(PutError::Upload("hung up"))));
    assert!(matches!(files.put(&name(), 9 << 20, sent(&large())).await, Err(PutError::TooLarge)));
    let (name, asked_for_more) = (name(), Arc::new(tokio::sync::Notify::new()));
    let hangs = stream::once({
        let asked_for_more = asked_for_more.clone();
        async move {
            asked_for_more.notify_one();
            std::future::pending().await
        }
    });
    let mut given_up = Box::pin(files.put(&name, MOST, sent(&large()).chain(hangs)));
    tokio::select! {
        _ = &mut given_up => panic!("nothing ended it"),
        () = asked_for_more.notified() => {}
    }
    drop(given_up);
    assert!(matches!(files.bytes(&name).await, Err(FilesError::Gone(_))));
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_sent() {
    let local = Local::open().await;
    comes_back_as_it_was_sent(&local.files).await;
    assert!(local.left().is_empty(), "{:?}", local.left());
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let local = Local::open().await;
    leaves_nothing_when_it_breaks_off(&local.files).await;
    // Removing what was dropped goes on by itself.
    while !local.left().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_folders_objects_are_read_where_they_are() {
    let local = Local::open().await;
    local.files.put(&name(), MOST, sent(&[Bytes::from("x")])).await.unwrap();
    let on_disk = local.files.on_disk(&name()).await.unwrap();
    assert!(on_disk.path().starts_with(local.folder.path().canonicalize().unwrap().join("objects")));
    let derived = on_disk.derived("utf8");
    std::fs::write(&derived, "made of it").unwrap();
    drop(on_disk);
    assert!(!derived.exists(), "it goes with what it was made of");
    assert_eq!(local.left().len(), 1);
}

#[tokio::test]
async fn what_a_dead_process_left_is_cleared_and_a_living_ones_is_not() {
    let local = Local::open().await;
    local.files.put(&name(), MOST, sent(&[Bytes::from("x")])).await.unwrap();
    let held = local.files.on_disk(&name()).await.unwrap();
    std::fs::write(held.derived("utf8"), "in use").unwrap();
    let (dead, scratch) = (local.folder.path().join("scratch/1/0"), local.folder.path().join("scratch"));
    std::fs::create_dir_all(&dead).unwrap();
    std::fs::write(dead.join("copy"), "left behind").unwrap();
    let second = Files::in_folder(&local.folder.path().join("objects"), &scratch).await.unwrap();
    assert!(!dead.exists());
    assert!(held.derived("utf8").exists());
    assert!(second.on_disk(&name()).await.unwrap().derived("utf8").starts_with(scratch.join("1")));
}

#[tokio::test]
async fn a_store_that_cannot_be_used_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let inside = format!("file://{}/taken/objects", folder.path().display());
    for (url, said) in [
        (inside.as_str(), "Not a directory"),
        ("objects", "write file:///FOLDER"),
        ("gs://bucket", "write file:///FOLDER"),
        ("s3://", "write file:///FOLDER"),
        ("s3://key:secret@bucket", "write file:///FOLDER"),
    ] {
        let error = Files::open(url, &folder.path().join("scratch")).await.unwrap_err().to_string();
        assert!(error.starts_with("the object store `") && error.contains(said), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn no_name_leads_out_of_the_store() {
    for name in ["../x", "a/../../x", "a//b", "a/./b", "a\0b"] {
        assert!(ObjectName::stored(name).is_err(), "{name}");
    }
    let odd = ObjectName::component(Scope(Uuid::nil()), "../../x");
    assert_eq!(odd.to_string(), format!("{}/components/..%2F..%2Fx.wasm", Uuid::nil()));
    assert_eq!(ObjectName::stored(&name().to_string()).unwrap(), name());
}

/// A store that speaks S3, whose endpoint is `STRATAGEM_TEST_S3`, with the bucket `stratagem`. Other settings are the usual
/// `AWS_…`.
#[tokio::test]
async fn a_store_that_speaks_s3_does_the_same() {
    if std::env::var("STRATAGEM_TEST_S3").is_err() {
        println!("skipped: STRATAGEM_TEST_S3 is not set");
        return;
    }
    // An error means that another test was faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open("s3://stratagem/of/tests", folder.path()).await.unwrap();
    comes_back_as_it_was_sent(&files).await;
    leaves_nothing_when_it_breaks_off(&files).await;
    assert_eq!(files_below(folder.path()).len(), 1, "only the lock: {:?}", files_below(folder.path()));
    let error = Files::open("s3://no-such-bucket", folder.path()).await.unwrap_err().to_string();
    assert_eq!(error, "the object store `s3://no-such-bucket` cannot be used: there is no such bucket");
}

#[tokio::test]
async fn it_is_asked_every_five_seconds_whether_it_can_be_written_to() {
    let local = Local::open().await;
    let files = &local.files;
    let (objects, away) = (local.folder.path().join("objects"), local.folder.path().join("away"));
    files.ready(0).await.unwrap();
    std::fs::rename(&objects, &away).unwrap();
    files.ready(4_999).await.unwrap();
    let error = files.ready(5_000).await.unwrap_err().to_string();
    assert!(error.ends_with("the folder is not there any more"), "{error}");
    assert!(!objects.exists(), "to ask does not make it");
    std::fs::write(&objects, "a file").unwrap();
    files.ready(10_000).await.unwrap_err();
    std::fs::remove_file(&objects).unwrap();
    std::fs::rename(&away, &objects).unwrap();
    files.ready(14_999).await.unwrap_err();
    files.ready(15_000).await.unwrap();
    assert_eq!(local.left().len(), 0, "nothing stays");
}
