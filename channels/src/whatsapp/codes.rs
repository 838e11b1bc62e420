//! Meta's error codes of WhatsApp: one table for errors that a call is answered with, for statuses of messages, and for those that Bird
//! passes on. Source: Meta, "WhatsApp Cloud API error codes"; Meta asks to go by the code, not by its title or the HTTP status.

use stratagem_domain::channel::ChannelKind;

use crate::SendOutcome;

/// What follows from a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Not taken; may be tried again.
    Retry,
    /// Too many to this contact at once; may be tried again in a moment.
    Pair,
    /// The number, the account or the token is at fault: nothing gets through.
    Pause,
    /// Never to this contact.
    Recipient,
    /// Never to this contact, which cannot be reached on WhatsApp, and may well be in another way.
    Absent,
    /// Never to this contact, which does not want it: nothing should be sent there again.
    OptedOut,
    /// Not to this contact today.
    NotNow,
    /// The message or its template is at fault.
    Request,
    /// Only a template would be taken.
    Window,
}

/// The class of a code, and what it means in plain words; none for a code that is not in the table.
pub(crate) fn meaning(code: i64) -> Option<(Class, &'static str)> {
    let meaning = match code {
        1 | 2 | 131_000 | 131_016 => (Class::Retry, "WhatsApp has a passing fault"),
        4 | 80_007 | 130_429 => (Class::Retry, "more was sent than the number may send at once"),
        131_057 => (Class::Retry, "the business account is under maintenance"),
        131_056 => (Class::Pair, "more was sent to this contact than WhatsApp allows in a short time"),
        131_048 => (Class::Pause, "WhatsApp holds the number back, because too many contacts blocked or reported it"),
        131_064 => (Class::Pause, "the account has reached the number of contacts that it may write to in 24 hours"),
        368 => (Class::Pause, "WhatsApp has blocked the account for violating a policy"),
        131_031 => (Class::Pause, "WhatsApp has locked the account"),
        131_042 => (Class::Pause, "the account's payment method does not work"),
        0 | 190 => (Class::Pause, "the access token is not valid, or has expired"),
        10 | 131_005 | 200..=299 => (Class::Pause, "the access token lacks a permission"),
        133_010 => (Class::Pause, "the number is not registered with the Cloud API"),
        33 => (Class::Pause, "the phone number id does not exist, or the token cannot see it"),
        131_026 => (Class::Absent, "the contact is not on WhatsApp, or cannot get this message"),
        131_050 => (Class::OptedOut, "the contact does not want marketing messages from this business"),
        131_021 => (Class::Recipient, "the contact's number is the sender's own"),
        131_030 => (Class::Recipient, "the contact's number is not on the test number's list"),
        130_497 => (Class::Recipient, "the business may not write to contacts in this country"),
        131_062 => (Class::Recipient, "WhatsApp takes this kind of message for phone numbers only"),
        131_049 => (
            Class::NotNow,
            "WhatsApp delivers no more marketing messages to this contact for now; it makes no sense to try again within 24 hours",
        ),
        130_472 => (
            Class::NotNow,
            "WhatsApp withholds marketing messages from this contact for an experiment; it makes no sense to try again within 24 \
             hours",
        ),
        100 | 131_008 | 131_009 => (Class::Request, "WhatsApp does not understand a value of the message"),
        131_051 => (Class::Request, "WhatsApp does not know this kind of message"),
        132_000 => (Class::Request, "the number of parameters is not that of the approved template"),
        132_001 => (Class::Request, "there is no approved template of this name in this language"),
        132_005 => (Class::Request, "the template becomes too long with this contact's values"),
        132_007 => (Class::Request, "the template violates a policy of WhatsApp"),
        132_008 | 132_012 => (Class::Request, "a parameter does not fit the approved template"),
        132_015 => (Class::Request, "WhatsApp has paused the template, because of its low quality"),
        132_016 => (Class::Request, "WhatsApp has disabled the template for good, because of its low quality"),
        131_047 | 470 => {
            (Class::Window, "the contact last wrote more than 24 hours ago, so that WhatsApp takes only templates")
        }
        _ => return None,
    };
    Some(meaning)
}

/// Our words for a code, with the provider's own behind them.
pub(crate) fn reason(code: i64, theirs: &str) -> String {
    let theirs: String = theirs.trim().chars().take(300).collect();
    match (meaning(code), theirs.is_empty()) {
        (Some((_, ours)), true) => ours.to_owned(),
        (Some((_, ours)), false) => format!("{ours} ({theirs})"),
        (None, true) => format!("WhatsApp gave the error {code}"),
        (None, false) => theirs,
    }
}

/// The channels on which nothing should be sent to the address any more, all where the list is empty; none where a code says no such
/// thing.
pub(crate) fn suppresses(code: i64) -> Option<&'static [ChannelKind]> {
    match meaning(code)?.0 {
        Class::Absent => Some(&[ChannelKind::WhatsappMeta, ChannelKind::WhatsappBird]),
        Class::OptedOut => Some(&[]),
        _ => None,
    }
}

/// What follows for a send that was answered with this code; none for a code that is not in the table.
pub(crate) fn outcome(code: i64, theirs: &str) -> Option<SendOutcome> {
    let (class, _) = meaning(code)?;
    let reason = reason(code, theirs);
    Some(match class {
        Class::Retry => SendOutcome::Retry { after: None, reason },
        Class::Pair => SendOutcome::TooSoon { reason },
        Class::Pause => SendOutcome::Misconfigured { reason },
        Class::Recipient | Class::Absent | Class::OptedOut | Class::NotNow | Class::Request | Class::Window => {
            SendOutcome::Rejected { code: Some(code.to_string()), reason, suppresses: suppresses(code) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_class() {
        let classes: [(Class, &[i64]); 9] = [
            (Class::Retry, &[1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_057]),
            (Class::Pair, &[131_056]),
            (Class::Pause, &[131_048, 131_064, 368, 131_031, 131_042, 190, 0, 10, 200, 299, 131_005, 133_010]),
            (Class::Absent, &[131_026]),
            (Class::OptedOut, &[131_050]),
            (Class::Recipient, &[131_021, 131_030, 130_497]),
            (Class::NotNow, &[131_049, 130_472]),
            (
                Class::Request,
                &[
                    100, 131_008, 131_009, 131_051, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015,
                    132_016,
                ],
            ),
            (Class::Window, &[131_047, 470]),
        ];
        for (class, codes) in classes {
            for code in codes {
                assert_eq!(meaning(*code).map(|(class, _)| class), Some(class), "{code}");
            }
        }
        assert_eq!(outcome(999_999, "x"), None);
    }

    #[test]
    fn people_read_ours_and_theirs() {
        assert_eq!(
            reason(132_001, "(#132001) Template name does not exist"),
            "there is no approved template of this name in this language ((#132001) Template name does not exist)"
        );
        assert_eq!(reason(5, ""), "WhatsApp gave the error 5");
        let SendOutcome::Rejected { code, reason, suppresses: None } = outcome(131_049, "").unwrap() else { panic!() };
        assert_eq!(code.as_deref(), Some("131049"));
        assert!(reason.contains("within 24 hours"));
    }
}
