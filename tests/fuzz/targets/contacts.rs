//! Contacts in and out: a stored contact and a returned one, as JSON lines. What is taken over changes nothing that it may not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratagem_domain::strategy::{ContactDoc, Rules, change_of};

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(stored) = serde_json::from_slice::<ContactDoc>(&data[..at]) else { return };
    let Ok(returned) = serde_json::from_slice::<ContactDoc>(&data[at + 1..]) else { return };
    let rules = Rules { zone: chrono_tz::Europe::Berlin, stages: &["Mail", "Call"] };
    if let Ok(change) = change_of(&stored, &returned, rules) {
        assert_eq!(
            (&stored.id, &stored.object_id, &stored.external_id, &stored.time_zone),
            (&returned.id, &returned.object_id, &returned.external_id, &returned.time_zone)
        );
        assert!(change.planned.iter().all(|new| rules.stages.contains(&new.stage_name.as_str())));
        // Nothing that was there has gone.
        assert!(returned.communications.len() >= stored.communications.len());
    }
});
