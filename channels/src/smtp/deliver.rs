//! One message over an open connection, command by command.

use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::response::{Response, Severity};

use super::connect::within;
use super::fault::{Failure, Fault, Phase};
use super::{Limits, Mail};

/// The message goes out in pieces of this size, in bytes.
const PIECE: usize = 64 << 10;

/// Sends one message and waits for the server's word on it.
///
/// # Errors
/// The phase says how far it came: before [`Phase::Answer`] the server cannot have taken the message, because a message
/// without its final dot is thrown away (RFC 5321 section 4.1.1.4).
pub(super) async fn deliver(
    connection: &mut AsyncSmtpConnection,
    mail: &Mail<'_>,
    limits: &Limits,
) -> Result<(), Failure> {
    use Severity::{PositiveCompletion, PositiveIntermediate};

    let sender = MailFrom::new(Some(mail.from.clone()), Vec::new());
    let reply = within(limits.command, connection.command(sender)).await;
    expect(Phase::Sender, PositiveCompletion, reply)?;

    let recipient = Rcpt::new(mail.to.clone(), Vec::new());
    let reply = within(limits.command, connection.command(recipient)).await;
    expect(Phase::Recipient, PositiveCompletion, reply)?;

    let reply = within(limits.command, connection.command(Data)).await;
    expect(Phase::Data, PositiveIntermediate, reply)?;

    // lettre writes the final dot as soon as it has asked for a piece and got none.
    let dot = AtomicBool::new(false);
    let end = iter::from_fn(|| {
        dot.store(true, Ordering::Relaxed);
        None
    });
    let reply = within(limits.message, connection.message_iter(mail.message.chunks(PIECE).chain(end))).await;
    let phase = if dot.load(Ordering::Relaxed) { Phase::Answer } else { Phase::Content };
    expect(phase, PositiveCompletion, reply)
}

/// A reply of another kind than the one that belongs here means that the two sides are out of step.
fn expect(phase: Phase, severity: Severity, reply: Result<Response, Fault>) -> Result<(), Failure> {
    match reply {
        Ok(reply) if reply.code().severity == severity => Ok(()),
        Ok(reply) => Err(Failure::new(phase, Fault::Broken(format!("unexpected reply {}", reply.code())))),
        Err(fault) => Err(Failure::new(phase, fault)),
    }
}
