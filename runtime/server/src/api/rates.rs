//! Rate limits, as requests give them.

use std::collections::BTreeMap;

use serde_json::Value;
use stratagem_domain::{channel::ChannelKind, rate::Rate};
use stratagem_store::Json;

use crate::error::Faults;

/// The rate as it is stored; none where it is at fault, which is noted.
pub(crate) fn stored(field: &str, rate: Option<Rate>, faults: &mut Faults) -> Option<Json> {
    let rate = rate?;
    faults.check(field, rate.check().map(|()| serde_json::to_value(rate).unwrap_or_default())).map(Json)
}

/// A provider's known limit as it is stored.
pub(crate) fn known(rate: Option<Rate>) -> Option<Json> {
    rate.and_then(|rate| serde_json::to_value(rate).ok()).map(Json)
}

/// Rates by channel as they are stored.
pub(crate) fn of_channels(rates: BTreeMap<String, Rate>, faults: &mut Faults) -> Option<Json> {
    let mut all = serde_json::Map::new();
    for (channel, rate) in rates {
        let field = format!("channel_rates.{channel}");
        if ChannelKind::parse(&channel).is_none_or(|kind| kind == ChannelKind::None) {
            faults.add(&field, "is no channel that sends");
        }
        if let Some(rate) = stored(&field, Some(rate), faults) {
            all.insert(channel, rate.into());
        }
    }
    (!all.is_empty()).then(|| Value::Object(all).into())
}
