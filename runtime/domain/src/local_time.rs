//! Local times of a run: naive datetimes are in the contact's time zone where it has one, else in the campaign's.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no ISO 8601 date and time")]
pub struct NoMoment(pub String);

/// The zone of that IANA name.
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// The moment as a local time in `zone`, without an offset, as strategies are given it.
pub fn to_local(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone).naive_local();
    if local.and_utc().timestamp_subsec_micros() == 0 {
        local.format("%Y-%m-%dT%H:%M:%S").to_string()
    } else {
        local.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }
}

/// The moment with its offset in `zone`, as the API shows it.
pub fn to_offset(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What a strategy meant: a text with an offset is taken as it is, one without is local time in `zone`. A local time in a
/// gap of daylight saving moves to the later one, in an overlap to the first.
pub fn resolve(text: &str, zone: Tz) -> Result<DateTime<Utc>, NoMoment> {
    if let Ok(aware) = DateTime::parse_from_rfc3339(text) {
        return Ok(aware.with_timezone(&Utc));
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or_else(|| NoMoment(text.chars().take(100).collect()))?;
    local_to_utc(naive, zone).ok_or_else(|| NoMoment(text.chars().take(100).collect()))
}

fn local_to_utc(naive: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => {
            // In a gap the offset before it still counts: the same distance after the change, one gap later on the wall.
            let before = zone.from_local_datetime(&naive.checked_sub_signed(Duration::hours(24))?).earliest()?;
            Some(before.with_timezone(&Utc) + Duration::hours(24))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, zone: Tz) -> String {
        resolve(text, zone).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    #[test]
    fn a_gap_moves_to_the_later_time_and_an_overlap_means_the_first() {
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(utc("2026-03-29T02:30:00", berlin), "2026-03-29T01:30:00Z"); // 03:30 summer time
        assert_eq!(utc("2026-10-25T02:30:00", berlin), "2026-10-25T00:30:00Z"); // still summer time
        assert_eq!(utc("2026-07-01T12:00:00.250000", berlin), "2026-07-01T10:00:00Z");
        assert_eq!(utc("2026-07-01T12:00:00+09:00", berlin), "2026-07-01T03:00:00Z");
        assert!(resolve("tomorrow", berlin).is_err());
    }

    #[test]
    fn local_times_round_trip_in_every_zone() {
        let at = DateTime::parse_from_rfc3339("2026-06-15T08:05:09Z").unwrap().with_timezone(&Utc);
        for zone in chrono_tz::TZ_VARIANTS {
            assert_eq!(resolve(&to_local(at, zone), zone).unwrap(), at, "{zone}");
        }
    }
}
