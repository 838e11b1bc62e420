//! Addresses that carry a message's reference, so that what comes back says what it belongs to.

use lettre::Address;
use serde_json::Value;
use uuid::Uuid;

use crate::PrepareError;
use crate::smtp::SmtpSettings;

/// RFC 5321 section 4.5.3.1.1, in bytes.
const MAX_LOCAL_PART: usize = 64;
/// RFC 5321 section 4.5.3.1.3 without the brackets, in bytes.
pub(super) const MAX_ADDRESS: usize = 254;
/// The mailbox at an integration's `reply_domain`.
const REPLIES: &str = "replies";
/// What a bounce's tag begins with.
const BOUNCE: &str = "b-";

/// Where answers to the message go. None where the address would be too long: its `Message-ID` still leads back.
pub(super) fn reply_to(server: &SmtpSettings, reference: &str) -> Option<Address> {
    tagged(server, reference)
}

/// The envelope's sender, where bounces go (variable envelope return path); plain where it would be too long.
pub(super) fn bounces_to(server: &SmtpSettings, reference: &str) -> Address {
    tagged(server, &format!("{BOUNCE}{reference}")).unwrap_or_else(|| server.from.email.clone())
}

fn tagged(server: &SmtpSettings, tag: &str) -> Option<Address> {
    let from = &server.from.email;
    let (user, domain) = match &server.reply_domain {
        Some(domain) => (REPLIES, domain.as_str()),
        None => (from.user(), from.domain()),
    };
    let local = format!("{user}+{tag}").to_ascii_lowercase();
    Address::new(local, domain).ok().filter(|address| address.user().len() <= MAX_LOCAL_PART)
}

/// The references in a header's text: of addresses and of message ids that are ours, in their order.
pub(super) fn references(text: &str) -> impl DoubleEndedIterator<Item = String> {
    let outside = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\"()[]".contains(c);
    text.split(outside).filter_map(|word| reference(word.split_once('@')?.0))
}

/// The reference in an address's or a message id's local part: `replies+REF`, `replies+b-REF`, or `REF` alone as a mailbox that
/// catches all has it. Mail servers on the way may have changed its case.
fn reference(local: &str) -> Option<String> {
    let tag = local.rsplit('+').next()?.to_ascii_lowercase();
    let tag = tag.strip_prefix(BOUNCE).unwrap_or(&tag);
    // Only the form with hyphens: others occur by chance.
    Uuid::try_parse(tag).ok().filter(|uuid| uuid.to_string() == tag).map(|uuid| uuid.to_string())
}

/// The contact's address, as far as it can be one. Addresses beyond ASCII are left out in this version: they need a
/// server with SMTPUTF8 (RFC 6531), which is known only once it is connected.
pub(super) fn contact(scope: &Value) -> Result<Address, PrepareError> {
    let unreachable = |reason: &str| PrepareError::Unreachable { reason: reason.to_owned() };
    let text = scope["contact"]["email"].as_str().map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(unreachable("the contact has no e-mail address"));
    }
    if !text.is_ascii() {
        return Err(unreachable("e-mail addresses with other than ASCII characters cannot be used"));
    }
    let address = text.parse::<Address>().map_err(|_| unreachable("the contact's e-mail address is not valid"))?;
    // Longer ones are refused by servers, if not by their parsers.
    if address.user().len() > MAX_LOCAL_PART || text.len() > MAX_ADDRESS || text.chars().any(char::is_control) {
        return Err(unreachable("the contact's e-mail address is not valid"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn found(text: &str) -> Vec<String> {
        references(text).collect()
    }

    #[test]
    fn a_reference_is_found_wherever_a_server_may_have_put_it() {
        let upper = REFERENCE.to_uppercase();
        for text in [
            format!("<billing+{REFERENCE}@acme.example>"),
            format!("\"Acme, Inc.\" <replies+{upper}@r.acme.example>, eve@x.example"),
            format!("Billing+B-{upper}@acme.example"),
            format!("{REFERENCE}@r.acme.example"),
            format!("rfc822;a+b+{REFERENCE}@acme.example"),
        ] {
            assert_eq!(found(&text), [REFERENCE], "{text}");
        }
        let simple = REFERENCE.replace('-', "");
        for text in [REFERENCE, "billing@acme.example", "billing+spring@acme.example", &format!("x+{simple}@y.example")]
        {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
