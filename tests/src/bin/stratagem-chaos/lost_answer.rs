//! The mail server takes a message and cuts the connection before it says so, or cuts it earlier. Whoever cannot know marks
//! the message as unknown; whoever can know sends it again.

use std::time::Duration;

use stratagem_tests::Faults;

use crate::world::World;

/// Of a hundred mails.
pub(crate) const FAULTS: Faults = Faults { unanswered: 15, in_content: 10, at_data: 15 };

pub(crate) async fn run(world: &mut World, rounds: u32) {
    for round in 1..=rounds {
        world.all_alive();
        world.feed().await;
        tokio::time::sleep(world.moment(Duration::from_secs(1))).await;
        world.tell(round, rounds);
    }
    let ledger = world.sink.ledger();
    world.blows = ledger.unanswered.len() as u64;
}
