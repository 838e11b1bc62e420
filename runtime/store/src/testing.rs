//! Databases for the tests of this crate.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database};
use stratagem_domain::{campaign::CampaignStatus, random};
use uuid::Uuid;

use crate::{Scope, Store, entities::campaign};

/// An id that no other test has.
pub(crate) fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    random::system().unwrap().fill(&mut bytes);
    Uuid::from_bytes(bytes)
}

/// A campaign that is at work, as a row.
pub(crate) fn active_campaign(scope: Scope, id: Uuid) -> campaign::Model {
    campaign::Model {
        id,
        tenant_id: scope.0,
        name: "Autumn".to_owned(),
        description: String::new(),
        time_zone: "UTC".to_owned(),
        sending_hours: None,
        send_rate: None,
        status: CampaignStatus::Active.as_str().to_owned(),
        created_at_ms: 0,
        updated_at_ms: 0,
    }
}

/// A new database in the folder; or, where `STRATAGEM_TEST_POSTGRES` is the URL of a PostgreSQL server, there.
pub(crate) async fn store(folder: &Path) -> Store {
    let url = match std::env::var("STRATAGEM_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) {
        None => format!("sqlite://{}", folder.join("test.db").display()),
        Some(server) => {
            let name = format!("stratagem_test_{}", new_id().simple());
            let connection = Database::connect(&server).await.unwrap();
            connection.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
            format!("{}/{name}", server.rsplit_once('/').unwrap().0)
        }
    };
    stratagem_migrations::run(&Store::alone(&url).await.unwrap()).await.unwrap();
    Store::open(&url).await.unwrap()
}
