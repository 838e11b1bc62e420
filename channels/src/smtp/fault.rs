//! What went wrong, in which phase, and what that means for the message.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;

use crate::SendOutcome;

/// Greylisting servers want at least this long before they are asked again (RFC 6647 section 4.5 suggests minutes).
const GREYLISTED: Duration = Duration::from_secs(300);
/// A server's reply is kept up to this many characters.
const MAX_REASON: usize = 500;

/// How far a send had come. The order matters: from [`Phase::Answer`] on the message may have been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Waiting for one of the integration's connections.
    Queue,
    /// Resolving, connecting, TLS, greeting, authentication.
    Connect,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The message, before its final dot.
    Content,
    /// The final dot was given to the network.
    Answer,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue => "waiting for a connection",
            Self::Connect => "connecting",
            Self::Sender => "at MAIL FROM",
            Self::Recipient => "at RCPT TO",
            Self::Data => "at DATA",
            Self::Content => "sending the message",
            Self::Answer => "after the end of the message",
        })
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server said no: a code from 400 to 599, and its text.
    Reply { code: u16, text: String },
    /// The connection broke, or what came was no SMTP.
    Broken(String),
    /// Nothing came in time.
    TimedOut,
    /// The settings are at fault: a forbidden address, a certificate, a mechanism that the server does not have.
    Unusable(String),
}

impl From<SmtpError> for Fault {
    fn from(error: SmtpError) -> Self {
        if let Some(code) = error.status() {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            return Self::Reply { code: code.into(), text: tidy(&text) };
        }
        if let Some(tls) = tls_error(&error) {
            return Self::Unusable(format!("TLS: {tls}"));
        }
        let text = tidy(&error.source().map_or_else(|| error.to_string(), ToString::to_string));
        if error.is_client() || error.is_tls() { Self::Unusable(text) } else { Self::Broken(text) }
    }
}

/// rustls hides behind an `io::Error`, whose `source` skips it.
fn tls_error(error: &SmtpError) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(tls) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some(tls);
        }
        source = error.source();
    }
    None
}

/// Server's texts end up in records and consoles: no control characters, and not too long.
fn tidy(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

/// A fault and where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) phase: Phase,
    pub(super) fault: Fault,
}

impl Failure {
    pub(super) fn new(phase: Phase, fault: impl Into<Fault>) -> Self {
        Self { phase, fault: fault.into() }
    }

    /// True where a connection that had rested turned out to be dead.
    pub(super) fn is_stale(&self) -> bool {
        self.phase == Phase::Sender
            && matches!(self.fault, Fault::Broken(_) | Fault::TimedOut | Fault::Reply { code: 421, .. })
    }

    /// False where the conversation can go on with another message.
    pub(super) fn breaks_connection(&self) -> bool {
        !matches!(self.fault, Fault::Reply { code, .. } if code != 421)
    }

    /// What it means for the message: the one table of the e-mail channels.
    pub(super) fn outcome(&self) -> SendOutcome {
        let reason = self.to_string();
        match (&self.fault, self.phase) {
            (Fault::Unusable(_), phase) if phase < Phase::Answer => SendOutcome::Misconfigured { reason },
            (Fault::Reply { code: 400..=499, .. }, phase) => SendOutcome::Retry { after: self.patience(phase), reason },
            // What the server refuses before it heard of the recipient, it refuses for every recipient.
            (Fault::Reply { .. }, Phase::Queue | Phase::Connect | Phase::Sender) => {
                SendOutcome::Misconfigured { reason }
            }
            (Fault::Reply { code, text }, phase) => {
                if phase < Phase::Answer && is_about_us(*code, text) {
                    SendOutcome::Misconfigured { reason }
                } else {
                    SendOutcome::Rejected { code: Some(code.to_string()), reason, suppresses: None }
                }
            }
            (_, Phase::Answer) => SendOutcome::Unknown { reason },
            _ => SendOutcome::Retry { after: None, reason },
        }
    }

    fn patience(&self, phase: Phase) -> Option<Duration> {
        let greylisted = phase >= Phase::Sender && matches!(self.fault, Fault::Reply { code: 450 | 451, .. });
        greylisted.then_some(GREYLISTED)
    }
}

/// Authentication required (RFC 4954 section 6), or "relay access denied" in one of its spellings: permanent replies to
/// the recipient that say nothing about it. Taking them for the contact's would bury a whole campaign's contacts.
fn is_about_us(code: u16, text: &str) -> bool {
    matches!(code, 530 | 534 | 535 | 538) || text.to_ascii_lowercase().contains("relay")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Fault::Reply { code, text } => write!(f, "{code} {text} ({})", self.phase),
            Fault::Broken(text) => write!(f, "connection failed {}: {text}", self.phase),
            Fault::TimedOut => write!(f, "no answer in time {}", self.phase),
            Fault::Unusable(text) => write!(f, "{text} ({})", self.phase),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(phase: Phase, code: u16, text: &str) -> SendOutcome {
        Failure::new(phase, Fault::Reply { code, text: text.to_owned() }).outcome()
    }

    #[test]
    fn a_reply_is_judged_by_its_phase() {
        use Phase::{Answer, Connect, Data, Recipient, Sender};
        for (phase, code) in
            [(Connect, 535), (Connect, 554), (Sender, 553), (Sender, 530), (Recipient, 530), (Data, 530)]
        {
            assert!(matches!(outcome(phase, code, "no"), SendOutcome::Misconfigured { .. }), "{phase:?} {code}");
        }
        for text in ["5.7.1 Relay access denied", "relaying denied", "5.7.54 SMTP; Unable to relay recipient"] {
            assert!(matches!(outcome(Recipient, 554, text), SendOutcome::Misconfigured { .. }), "{text}");
        }
        for (phase, code) in [(Recipient, 550), (Recipient, 553), (Data, 554), (Answer, 552), (Answer, 554)] {
            assert!(
                matches!(outcome(phase, code, "no"), SendOutcome::Rejected { code: Some(_), .. }),
                "{phase:?} {code}"
            );
        }
        for phase in [Connect, Sender, Recipient, Data, Answer] {
            assert!(matches!(outcome(phase, 421, "later"), SendOutcome::Retry { after: None, .. }), "{phase:?}");
        }
        assert!(matches!(outcome(Recipient, 451, "greylisted"), SendOutcome::Retry { after: Some(_), .. }));
    }

    #[test]
    fn only_silence_after_the_dot_is_unknown() {
        for fault in [Fault::TimedOut, Fault::Broken("reset".to_owned())] {
            for phase in [Phase::Queue, Phase::Connect, Phase::Sender, Phase::Recipient, Phase::Data, Phase::Content] {
                let outcome = Failure::new(phase, fault.clone()).outcome();
                assert!(matches!(outcome, SendOutcome::Retry { .. }), "{phase:?} {outcome:?}");
            }
            assert!(matches!(Failure::new(Phase::Answer, fault).outcome(), SendOutcome::Unknown { .. }));
        }
    }
}
