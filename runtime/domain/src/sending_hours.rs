//! The hours of the week in which messages may leave, as the contact's clock on the wall shows them.
//!
//! A moment is open if its local time lies in a span. That alone says what changes of the clock mean: what a change leaves out is
//! never open, what comes twice is open twice.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use crate::channel::FieldError;

/// The days as the API names them, from Monday.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const MINUTES_OF_A_DAY: u32 = 24 * 60;
/// More faults than anybody reads at once.
const MOST_FAULTS: usize = 20;
/// Changes of the clock that a search for the next open moment goes across at most: years of them.
const MOST_CHANGES: usize = 20;

/// Spans of local time for each day of the week, in order and without overlaps; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingHours([Vec<Span>; 7]);

/// Minutes of a day, the last one not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u32,
    to: u32,
}

impl SendingHours {
    /// Reads weekday to list of `HH:MM-HH:MM`. A day that is absent or empty is closed; `24:00` ends a day.
    ///
    /// # Errors
    /// Everything that is wrong, at `sending_hours` or below it.
    pub fn read(days: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let (mut week, mut faults) = (<[Vec<Span>; 7]>::default(), Vec::new());
        for (name, spans) in days {
            match DAYS.iter().zip(&mut week).find(|(day, _)| *day == name) {
                Some((day, into)) => *into = read_day(day, spans, &mut faults),
                None => faults.push(FieldError::new(
                    format!("sending_hours.{}", shorten(name)),
                    format!("is no day of the week; there are {}", DAYS.join(", ")),
                )),
            }
        }
        if faults.is_empty() && week.iter().all(Vec::is_empty) {
            let message = "are never open, so that nothing could be sent: give a span, such as {\"mon\": [\"09:00-17:30\"]}, or null \
                           for no limit";
            faults.push(FieldError::new("sending_hours", message));
        }
        faults.truncate(MOST_FAULTS);
        if faults.is_empty() { Ok(Self(week)) } else { Err(faults) }
    }

    /// Whether a message may leave at that moment to somebody in that zone.
    pub fn is_open(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let local = local(at, zone);
        let minute = local.hour() * 60 + local.minute();
        self.day(local).iter().any(|span| span.from <= minute && minute < span.to)
    }

    /// The first open moment that is not before `at`.
    pub fn next_open(&self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let mut at = at;
        for _ in 0..MOST_CHANGES {
            if self.is_open(at, zone) {
                break;
            }
            let now = local(at, zone);
            let Some(opening) = self.next_start(now).and_then(|start| at.checked_add_signed(start - now)) else {
                break;
            };
            match next_change(at, opening, zone) {
                // The clock on the wall goes on from another time: what it shows then decides.
                Some(change) => at = change,
                None => return opening,
            }
        }
        at
    }

    /// The first start of a span after that local time.
    fn next_start(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        (0..=7).find_map(|days| {
            let midnight = after.date().checked_add_days(Days::new(days))?.and_time(NaiveTime::MIN);
            let starts = self.day(midnight).iter().map(|span| midnight + Duration::minutes(span.from.into()));
            starts.into_iter().find(|start| *start > after)
        })
    }

    fn day(&self, local: NaiveDateTime) -> &[Span] {
        self.0.get(local.weekday().num_days_from_monday() as usize).map_or(&[], Vec::as_slice)
    }
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first moment after `from`, up to `to`, from which the zone has another offset.
fn next_change(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    // Changes are days apart at least, and fall on whole seconds.
    const STRIDE: Duration = Duration::hours(12);
    let differs = |a: DateTime<Utc>, b: DateTime<Utc>| {
        zone.offset_from_utc_datetime(&a.naive_utc()) != zone.offset_from_utc_datetime(&b.naive_utc())
    };
    let mut before = from;
    while before < to {
        let after = before.checked_add_signed(STRIDE).map_or(to, |next| next.min(to));
        if differs(before, after) {
            let (mut same, mut other) = (before.timestamp(), after.timestamp());
            while other - same > 1 {
                let middle = DateTime::from_timestamp_secs(same + (other - same) / 2)?;
                if differs(before, middle) { other = middle.timestamp() } else { same = middle.timestamp() }
            }
            return DateTime::from_timestamp_secs(other);
        }
        before = after;
    }
    None
}

fn read_day(day: &str, spans: &Value, faults: &mut Vec<FieldError>) -> Vec<Span> {
    let Some(spans) = spans.as_array() else {
        faults.push(FieldError::new(
            format!("sending_hours.{day}"),
            "must be a list, such as [\"09:00-12:00\", \"13:00-18:00\"], or [] for a closed day",
        ));
        return Vec::new();
    };
    let mut good: Vec<Span> = Vec::new();
    for (index, text) in spans.iter().enumerate() {
        match read_span(text, good.last().map_or(0, |span| span.to)) {
            Ok(span) => good.push(span),
            Err(message) => faults.push(FieldError::new(format!("sending_hours.{day}[{index}]"), message)),
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    good
}

fn read_span(value: &Value, last_end: u32) -> Result<Span, String> {
    let span = value.as_str().and_then(|text| {
        let (from, to) = text.split_once('-')?;
        Some(Span { from: minute_of_day(from)?, to: minute_of_day(to)? })
    });
    let shown = shorten(&value.to_string());
    let Some(span) = span else {
        return Err(format!("{shown} is no span of time, such as \"09:00-17:30\", from 00:00 to 24:00"));
    };
    if span.from >= span.to {
        return Err(format!(
            "{shown} does not end after it begins; one across midnight is two, the second on the next day"
        ));
    }
    if span.from < last_end {
        return Err(format!("{shown} begins before the span before it ends"));
    }
    Ok(span)
}

fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let at = hours * 60 + minutes;
    (minutes < 60 && at <= MINUTES_OF_A_DAY).then_some(at)
}

fn shorten(text: &str) -> String {
    text.chars().take(50).collect()
}

#[cfg(test)]
mod tests;
