//! The disk with SQLite's database and the uploads fills up to the last byte, and is freed again. The server stays up.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use crate::world::World;

pub(crate) async fn run(world: &mut World, rounds: u32) {
    let balloon = world.data.join("balloon");
    for round in 1..=rounds {
        world.all_alive();
        world.feed().await;
        tokio::time::sleep(world.moment(Duration::from_millis(800))).await;
        let until = tokio::time::Instant::now() + Duration::from_millis(500) + world.moment(Duration::from_secs(2));
        let mut file = File::create(&balloon).expect("the balloon can be made");
        fill(&mut file);
        world.feed().await;
        while tokio::time::Instant::now() < until {
            // Again and again: what the server frees must not be its again.
            fill(&mut file);
            world.send().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        deflate(&balloon);
        world.blows += 1;
        world.tell(round, rounds);
    }
    println!("  {} log lines say that the disk was full", world.logged("disk is full"));
}

/// Writes until nothing more can be written.
fn fill(file: &mut File) {
    for size in [1 << 20, 1 << 12, 1] {
        let block = vec![0; size];
        while match file.write_all(&block) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => false,
            Err(error) => panic!("the balloon: {error}"),
        } {}
    }
}

fn deflate(balloon: &Path) {
    std::fs::remove_file(balloon).expect("the balloon can be removed");
}
