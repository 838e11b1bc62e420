//! One server is killed (SIGKILL) and started again, while files are imported, decisions made and mails sent.

use std::time::Duration;

use crate::world::World;

/// When to kill.
enum Moment {
    /// While it starts, so long after its process was made.
    Starting(Duration),
    /// At work, so long after it listens.
    AtWork(Duration),
    /// Between a mail's being taken and its acknowledgement, or just after: when so many more mails were taken.
    Mail(u64),
    /// While it takes a file, so long after the first byte.
    Upload(Duration),
}

pub(crate) async fn run(world: &mut World, rounds: u32) {
    for round in 1..=rounds {
        strike(world, draw(world)).await;
        world.blows += 1;
        world.tell(round, rounds);
    }
}

fn draw(world: &World) -> Moment {
    match world.below(8) {
        0 => Moment::Starting(world.moment(Duration::from_millis(600))),
        1 => Moment::Upload(world.moment(Duration::from_millis(25))),
        2..=4 => Moment::Mail(1 + world.below(80)),
        _ => Moment::AtWork(world.moment(Duration::from_millis(2_500))),
    }
}

/// Feeds the server that is at work, kills it, and starts the next one.
async fn strike(world: &mut World, moment: Moment) {
    if let Moment::Starting(after) = moment {
        let server = world.servers.remove(0);
        server.kill().await;
        let starting = world.launch.spawn().await;
        tokio::time::sleep(after).await;
        starting.kill().await;
    } else {
        world.all_alive();
        world.uploads.add(world.contacts);
        let taken = world.sink.taken();
        let server = world.servers.remove(0);
        let api = server.admin.clone();
        let kill = async {
            wait(&moment, taken).await;
            server.kill().await;
        };
        tokio::join!(world.uploads.send(&api), kill);
    }
    world.servers.push(world.launch.start().await);
}

async fn wait(moment: &Moment, mut taken: tokio::sync::watch::Receiver<u64>) {
    match moment {
        Moment::Starting(after) | Moment::AtWork(after) | Moment::Upload(after) => tokio::time::sleep(*after).await,
        Moment::Mail(more) => {
            let goal = *taken.borrow() + more;
            // There may be nothing left to send.
            let _ = tokio::time::timeout(Duration::from_secs(3), taken.wait_for(|taken| *taken >= goal)).await;
        }
    }
}
