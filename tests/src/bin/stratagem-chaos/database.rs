//! PostgreSQL is restarted without a farewell every few seconds. The server stays up, and has to find its way back.

use std::time::Duration;

use stratagem_tests::until;

use crate::{machine, world::World};

pub(crate) async fn run(world: &mut World, rounds: u32) {
    for round in 1..=rounds {
        world.all_alive();
        world.feed().await;
        tokio::time::sleep(world.moment(Duration::from_secs(4))).await;
        machine::restart_postgres().await;
        world.blows += 1;
        world.tell(round, rounds);
    }
    // Calls are answered with 503 until it has.
    let api = world.servers[0].admin.clone();
    until("the server to find its way back", async || (api.get("/me").await.status == 200).then_some(())).await;
}
