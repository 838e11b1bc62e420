//! The same moment gives the same run, to the byte and to the unit of fuel.

use stratagem_domain::strategy::RunReport;

use crate::common::{Ask, hook, moment, returned};

const DRAWS: &str = "import random, uuid, secrets, os\n\
    contact.results['out'] = [random.random(), str(uuid.uuid4()), secrets.token_hex(8), os.urandom(70_000).hex()[-16:], \
    [id(object()), hash('x')], sorted({'a', 'b', 'c'}, key=hash)]";

async fn with_seed(seed: u64) -> RunReport {
    let mut at = moment();
    at.seed = seed;
    Ask { at, ..Ask::default() }.run(&hook(DRAWS)).await
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_the_same_fuel() {
    let (one, two) = (with_seed(7).await, with_seed(7).await);
    returned(&one);
    assert_eq!(one.outcome, two.outcome);
    assert_eq!((one.fuel, one.peak_memory), (two.fuel, two.peak_memory));
}

#[tokio::test]
async fn another_seed_gives_other_bytes() {
    let (one, two) = (returned(&with_seed(7).await), returned(&with_seed(8).await));
    for draw in 0..4 {
        assert_ne!(one.results["out"][draw], two.results["out"][draw], "draw {draw}");
    }
}
