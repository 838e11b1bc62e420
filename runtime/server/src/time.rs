//! Times as the API shows them and takes them: RFC 3339 with offset.

use chrono::{DateTime, SecondsFormat, Utc};
use stratagem_domain::clock::from_ms;

/// A stored time, in UTC.
pub(crate) fn rfc3339(ms: i64) -> String {
    from_ms(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time of a request.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, &'static str> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_not_a_time| "is no RFC 3339 time with offset, such as `2026-03-10T09:30:00+01:00`")
}
