//! Two servers, later three, on one PostgreSQL: one is killed, or stands still beyond the lease of what it claimed and then
//! goes on as if nothing had been, while the others work. They share a folder for what is uploaded.

use std::time::Duration;

use crate::world::World;

/// How long a claim holds: less than by default, so that the next blow need not be waited for.
pub(crate) const LEASE: Duration = Duration::from_secs(4);
/// Beyond it.
const STANDSTILL: Duration = Duration::from_secs(5);

pub(crate) async fn run(world: &mut World, rounds: u32) {
    world.servers.push(world.launch.start().await);
    for round in 1..=rounds {
        if round == rounds / 2 {
            world.servers.push(world.launch.start().await);
        }
        world.all_alive();
        world.feed().await;
        tokio::time::sleep(world.moment(Duration::from_secs(2))).await;
        let victim = world.below(world.servers.len() as u64) as usize;
        if world.below(2) == 0 {
            kill(world, victim).await;
        } else {
            stand_still(world, victim).await;
        }
        world.blows += 1;
        world.tell(round, rounds);
    }
}

/// The others go on alone for a moment, then the next one comes.
async fn kill(world: &mut World, victim: usize) {
    world.servers.remove(victim).kill().await;
    world.feed().await;
    tokio::time::sleep(world.moment(Duration::from_secs(3))).await;
    world.servers.push(world.launch.start().await);
}

async fn stand_still(world: &mut World, victim: usize) {
    let server = world.servers.remove(victim);
    server.stand_still().await;
    let length = STANDSTILL + world.moment(Duration::from_secs(4));
    let until = tokio::time::Instant::now() + length;
    while tokio::time::Instant::now() < until {
        world.feed().await;
        tokio::time::sleep(length / 8).await;
    }
    server.go_on().await;
    world.servers.push(server);
}
