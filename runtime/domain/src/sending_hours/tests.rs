use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn hours(days: Value) -> SendingHours {
    SendingHours::read(days.as_object().unwrap()).unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn spans_are_read() {
    for good in [
        json!({"mon": ["00:00-24:00"]}),
        json!({"mon": [], "tue": ["09:00-12:00", "12:00-24:00"], "sun": ["00:00-00:01"]}),
    ] {
        assert!(SendingHours::read(good.as_object().unwrap()).is_ok(), "{good}");
    }
}

#[test]
fn everything_wrong_is_found_where_it_is() {
    for (bad, field, says) in [
        (json!({}), "sending_hours", "never open"),
        (json!({"mon": [], "sun": []}), "sending_hours", "never open"),
        (json!({"monday": []}), "sending_hours.monday", "no day"),
        (json!({"Mon": ["09:00-12:00"]}), "sending_hours.Mon", "no day"),
        (json!({"mon": "09:00-12:00"}), "sending_hours.mon", "list"),
        (json!({"mon": null}), "sending_hours.mon", "list"),
        (json!({"mon": [9]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["9:00-12:00"]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["+9:00-12:00"]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["09:00 - 12:00"]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["09:00-24:01"]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["09:60-12:00"]}), "sending_hours.mon[0]", "no span"),
        (json!({"mon": ["09:00-12:00", "12:00"]}), "sending_hours.mon[1]", "no span"),
        (json!({"sat": ["12:00-09:00"]}), "sending_hours.sat[0]", "end after"),
        (json!({"sat": ["24:00-24:00"]}), "sending_hours.sat[0]", "end after"),
        (json!({"sat": ["09:00-12:00", "11:59-13:00"]}), "sending_hours.sat[1]", "before the span"),
    ] {
        let faults = SendingHours::read(bad.as_object().unwrap()).unwrap_err();
        let [fault] = faults.as_slice() else { panic!("{bad}: {faults:?}") };
        assert_eq!(fault.field, field, "{bad}");
        assert!(fault.message.contains(says), "{bad}: {}", fault.message);
    }
    let many = json!({"mon": vec!["never"; 100_000], "tuesday": [], "wed": 1});
    assert_eq!(SendingHours::read(many.as_object().unwrap()).unwrap_err().len(), MOST_FAULTS);
}

/// Zone, span on Sundays and Fridays, moment, and the first open one.
#[test]
fn the_next_open_moment_is_found_across_changes_of_the_clock() {
    for (zone, span, at, open) in [
        // An open moment is its own answer, to the millisecond; the end of a span is closed.
        ("Europe/Berlin", "09:00-18:00", "2026-03-29T15:59:59.999Z", "2026-03-29T15:59:59.999Z"),
        ("Europe/Berlin", "09:00-18:00", "2026-03-29T16:00:00Z", "2026-04-03T07:00:00Z"),
        ("Europe/Berlin", "09:00-18:00", "2026-03-28T23:30:00Z", "2026-03-29T07:00:00Z"),
        // 02:00-03:00 is left out: a span that begins in it opens at its end, one that lies in it not at all.
        ("Europe/Berlin", "02:30-04:00", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "02:00-03:00", "2026-03-29T00:00:00Z", "2026-04-03T00:00:00Z"),
        // 02:00-03:00 comes twice, and is open twice.
        ("Europe/Berlin", "02:00-02:30", "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "02:15-02:30", "2026-10-25T00:40:00Z", "2026-10-25T01:15:00Z"),
        // Half an hour of daylight saving.
        ("Australia/Lord_Howe", "02:10-02:20", "2026-10-03T15:00:00Z", "2026-10-08T15:10:00Z"),
        ("Australia/Lord_Howe", "01:45-01:50", "2026-04-04T14:55:00Z", "2026-04-04T15:15:00Z"),
        ("Asia/Kathmandu", "09:00-18:00", "2026-03-29T00:00:00Z", "2026-03-29T03:15:00Z"),
        // Friday, 2011-12-30, was left out whole.
        ("Pacific/Apia", "09:00-18:00", "2011-12-30T09:00:00Z", "2011-12-31T19:00:00Z"),
        // The new day begins at 01:00.
        ("America/Asuncion", "00:00-24:00", "2023-09-30T12:00:00Z", "2023-10-01T04:00:00Z"),
    ] {
        let hours = hours(json!({"sun": [span], "fri": [span]}));
        assert_eq!(hours.next_open(utc(at), zone.parse().unwrap()), utc(open), "{zone} {span} {at}");
    }
}

fn any_hours() -> impl Strategy<Value = SendingHours> {
    let day = prop_oneof![
        2 => Just(vec![]),
        2 => prop::collection::btree_set(0..=MINUTES_OF_A_DAY, 2).prop_map(Vec::from_iter),
        1 => prop::collection::btree_set(0..=MINUTES_OF_A_DAY, 6).prop_map(Vec::from_iter),
        // Where clocks are changed.
        2 => prop::collection::btree_set(0..=240_u32, 2).prop_map(Vec::from_iter),
    ];
    prop::array::uniform7(day).prop_filter_map("never open", |week| {
        let read = |bounds: Vec<u32>| {
            bounds.chunks_exact(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect::<Vec<_>>()
        };
        let week = week.map(read);
        week.iter().any(|day| !day.is_empty()).then_some(SendingHours(week))
    })
}

/// A zone and a moment of it in 1973 to 2037 (whole minutes of offset everywhere), every second time shortly before its clock is
/// changed.
fn any_moment() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let zone = prop::sample::select(&TZ_VARIANTS[..]);
    (zone, 94_694_400_i64..2_145_916_800, any::<bool>(), 0_i64..5 * 86_400, 0_u32..1_000).prop_map(
        |(zone, seconds, near, before, millis)| {
            let at = DateTime::from_timestamp_secs(seconds).unwrap();
            let change = near.then(|| next_change(at, at + Duration::days(400), zone)).flatten();
            let at = change.map_or(at, |change| change - Duration::seconds(before));
            (zone, at + Duration::milliseconds(millis.into()))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_next_open_moment_is_open_and_the_first(hours in any_hours(), (zone, at) in any_moment()) {
        let next = hours.next_open(at, zone);
        prop_assert!(next >= at);
        prop_assert!(hours.is_open(next, zone), "{next} is closed");
        prop_assert_eq!(next == at, hours.is_open(at, zone));
        // Nothing opens but with a minute.
        let whole = DateTime::from_timestamp_secs(at.timestamp().div_euclid(60) * 60 + 60).unwrap();
        let minutes = (0..8 * 24 * 60).map(|minute| whole + Duration::minutes(minute));
        for minute in minutes.take_while(|minute| *minute < next) {
            prop_assert!(next == at || !hours.is_open(minute, zone), "{minute} is open, before {next}");
        }
    }
}
