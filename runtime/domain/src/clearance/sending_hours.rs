use super::{Send, Verdict};

/// How the reason of this rule's deferrals begins.
pub const WAITS: &str = "sending hours: ";

/// Messages leave only within the campaign's sending hours, on the contact's clock. Asked at the moment of sending.
pub(super) fn rule(send: &Send<'_>) -> Verdict {
    let Some(hours) = send.sending_hours else { return Verdict::Allow };
    let until = hours.next_open(send.now, send.zone);
    if until <= send.now {
        return Verdict::Allow;
    }
    let local = until.with_timezone(&send.zone).format("%a %Y-%m-%d %H:%M");
    Verdict::Defer { until, reason: format!("{WAITS}opens {local} {}", send.zone.name()) }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::sending_hours::SendingHours;

    #[test]
    fn what_is_due_at_the_weekend_waits_until_monday_of_the_contact() {
        let hours = SendingHours::read(json!({"mon": ["09:00-17:00"]}).as_object().unwrap()).unwrap();
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let send = |now: &str, sending_hours| Send {
            now: at(now),
            zone: chrono_tz::Europe::Berlin,
            sending_hours,
            ..Send::example()
        };
        let reason = "sending hours: opens Mon 2026-11-30 09:00 Europe/Berlin".to_owned();
        let deferred = Verdict::Defer { until: at("2026-11-30T08:00:00Z"), reason };
        assert_eq!(rule(&send("2026-11-28T12:00:00Z", Some(&hours))), deferred);
        assert_eq!(rule(&send("2026-11-30T08:00:00Z", Some(&hours))), Verdict::Allow);
        assert_eq!(rule(&send("2026-11-28T12:00:00Z", None)), Verdict::Allow);
    }
}
