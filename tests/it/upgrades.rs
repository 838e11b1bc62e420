//! After an upgrade of the runtime no image of a strategy is there any more.

use std::fs;
use std::path::Path;

use stratagem_tests::{Campaign, Launch, shared_artefacts, smtp_integration, until};

use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL};

/// The compiled runtime and its base, as a new version has them, and nothing else.
fn without_images(folder: &Path) {
    for part in ["", "bases"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        for entry in fs::read_dir(shared_artefacts().join(part)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::hard_link(entry.path(), folder.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strategies_in_force_are_prepared_before_somebody_needs_them() {
    // In the same file system as what is linked.
    let folder = tempfile::tempdir_in(shared_artefacts().parent().unwrap()).unwrap();
    let (data, artefacts) = (folder.path().join("data"), folder.path().join("artefacts"));
    let server = Launch::on(&data).start().await;
    let smtp = smtp_integration(&server.admin, 9).await;
    for (name, activated) in [("In force", true), ("A draft", false)] {
        let campaign = Campaign::make(&server.admin, name, "UTC", &smtp).await;
        campaign.mails("Mail", "Hello", "Hello.").await;
        campaign.decides("data_load", PLAN_ONE_MAIL).await;
        campaign.decides("aggregation", LEAVE_IT).await;
        if activated {
            campaign.activate().await;
        }
    }
    assert!(server.terminate().await.success());

    without_images(&artefacts);
    let server = Launch::on(&data).env("STRATAGEM_ARTEFACT_DIR", artefacts.to_str().unwrap()).start().await;
    let images = || fs::read_dir(artefacts.join("images")).map_or(0, Iterator::count);
    until("the images", async || (images() == 2).then_some(())).await;
    assert!(server.terminate().await.success());
    assert_eq!(images(), 2, "nobody waits for a draft's");
}
