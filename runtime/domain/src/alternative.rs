//! Which of a stage's settings a contact gets: its own, or one of the weighted alternatives.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::random::mix;

/// Other settings of a stage, for some of its contacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Its name in reports; unique within the stage.
    pub label: String,
    /// Percentage of the contacts that get it; the stage's own settings take the rest.
    pub weight: f64,
    /// Its channel by name.
    pub channel: String,
    /// Who talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Uuid>,
    /// What it goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<Uuid>,
    /// What the channel needs.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

/// The places of a stage's choices in the order in which they are tried for a contact: the chosen one, then the others as they are
/// listed. Place 0 is the stage's own settings, place n the n-th alternative. The same contact always gets the same.
pub fn order(contact_id: Uuid, stage_id: Uuid, weights: &[f64]) -> Vec<usize> {
    let (contact, stage) = (contact_id.as_u128(), stage_id.as_u128());
    let halves = [contact as u64, (contact >> 64) as u64, stage as u64, (stage >> 64) as u64];
    let hash = halves.into_iter().fold(0, |hash, half| mix(hash ^ half));
    // 53 bits, which a float holds exactly.
    let point = (hash >> 11) as f64 / (1_u64 << 53) as f64 * 100.0;
    let mut edge = 0.0;
    let chosen = weights.iter().position(|weight| {
        edge += weight.max(0.0);
        point < edge
    });
    let chosen = chosen.map_or(0, |index| index + 1);
    std::iter::once(chosen).chain((0..=weights.len()).filter(|place| *place != chosen)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_as_their_weights() {
        let stage = Uuid::from_u128(7);
        let mut counts = [0; 3];
        for contact in 0..20_000_u128 {
            counts[order(Uuid::from_u128(contact), stage, &[10.0, 30.0])[0]] += 1;
        }
        for (count, share) in counts.into_iter().zip([0.6, 0.1, 0.3]) {
            let off = f64::from(count) / 20_000.0 - share;
            assert!(off.abs() < 0.015, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn everybody_gets_every_place_once_and_always_the_same(
            contact: u128, stage: u128, weights in prop::collection::vec(0.0..40.0_f64, 0..5)
        ) {
            let (contact, stage) = (Uuid::from_u128(contact), Uuid::from_u128(stage));
            let first = order(contact, stage, &weights);
            prop_assert_eq!(&first, &order(contact, stage, &weights));
            let mut places = first;
            places.sort_unstable();
            prop_assert_eq!(places, (0..=weights.len()).collect::<Vec<_>>());
        }
    }
}
