//! When is a text an e-mail address, and when can a phone number be dialled. Pure checks; neither proves that anyone is
//! there.

/// The longest address that SMTP carries (RFC 3696, erratum 1690), in bytes.
const MAX_EMAIL_BYTES: usize = 254;
/// RFC 5321, 4.5.3.1.1, in bytes.
const MAX_LOCAL_PART_BYTES: usize = 64;
/// RFC 1035, 2.3.4, in bytes.
const MAX_LABEL_BYTES: usize = 63;
/// Enough for any number with its spaces and brackets, and a bound on the work for one that is none.
const MAX_PHONE_BYTES: usize = 40;

/// Checks an e-mail address: `local@domain` without a display name, quotes or comments.
///
/// Stricter than RFC 5321, which also has quoted local parts and literal IP addresses that contact data holds only by
/// mistake. A domain has a dot, save `localhost`. Letters outside ASCII pass on both sides (RFC 6531, IDNA).
///
/// # Errors
/// What is wrong, as a clause for people.
pub fn check_email(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_EMAIL_BYTES {
        return Err("is longer than an e-mail address may be (254 bytes)");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err("is no e-mail address: it has no @");
    };
    if !is_local_part(local) {
        return Err("is no e-mail address: the part before the @ is malformed");
    }
    if !is_mail_domain(domain) {
        return Err("is no e-mail address: the part after the @ is no domain name");
    }
    Ok(())
}

/// RFC 5321's dot-atom, with RFC 6531's letters.
fn is_local_part(local: &str) -> bool {
    local.len() <= MAX_LOCAL_PART_BYTES
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) } else { is_visible(c) }
}

fn is_mail_domain(domain: &str) -> bool {
    let numeric_end = domain.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    (domain.contains('.') || domain.eq_ignore_ascii_case("localhost"))
        && !numeric_end
        && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let fits = !label.is_empty() && label.len() <= MAX_LABEL_BYTES && !label.starts_with('-') && !label.ends_with('-');
    fits && label.chars().all(|c| if c.is_ascii() { c.is_ascii_alphanumeric() || c == '-' } else { is_visible(c) })
}

/// Outside ASCII: letters, digits and marks, but nothing that cannot be seen.
fn is_visible(c: char) -> bool {
    // Zero-width characters, direction marks, the byte order mark and the replacement character come from broken exports.
    let invisible = matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}');
    !c.is_whitespace() && !c.is_control() && !invisible
}

/// Brings a phone number into E.164 (`+12025550123`): a plus, an assigned country code, at most 15 digits. Spaces, dots,
/// hyphens, slashes and brackets between the digits are dropped, and so is a national prefix in brackets (`+44 (0)20 …`).
///
/// The country code has to be there, since nothing says which country a bare number belongs to. Whether the number fits
/// its country's numbering plan is not asked: plans change faster than any copy of them, and the provider's answer is
/// what counts. The specification's own `+1234567890` passes, its `+0987654321` does not.
///
/// # Errors
/// What is wrong, as a clause for people.
pub fn dialable(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_PHONE_BYTES {
        return Err("is no phone number");
    }
    if is_plain_north_american(text) {
        return Ok(text.to_owned());
    }
    // The parser behind turns letters into digits (`1-800-FLOWERS`), so anything else stops here.
    if !text.chars().all(|c| c.is_ascii_digit() || "+ ()-./\u{a0}".contains(c)) {
        return Err("is no phone number: it holds more than digits, spaces and + ( ) - . /");
    }
    let Some(number) = text.strip_prefix('+') else {
        return Err("has no country code: a number that can be dialled begins with + and the country code");
    };
    if number.contains('+') {
        return Err("is no phone number: it has more than one +");
    }
    // Checked here because the parser takes `+00…` for a dialling prefix.
    if number.chars().find(char::is_ascii_digit) == Some('0') {
        return Err("cannot be dialled: no country code begins with 0");
    }
    parse_e164(text)
}

/// `+1` and ten digits that begin with an area code: nothing is left to strip or to look up, and the parser would take
/// four times as long as everything else that a row of an import needs.
fn is_plain_north_american(text: &str) -> bool {
    text.strip_prefix("+1").is_some_and(|rest| {
        rest.len() == 10 && rest.bytes().all(|b| b.is_ascii_digit()) && !rest.starts_with(['0', '1'])
    })
}

/// The long way.
fn parse_e164(text: &str) -> Result<String, &'static str> {
    const REASON: &str = "cannot be dialled: it has no valid country code or length";
    let parsed = phonenumber::parse(None, text).map_err(|_| REASON)?;
    let e164 = format!("+{}{}", parsed.code().value(), parsed.national());
    // Seven digits are the shortest international numbers in use (Saint Helena, Niue); 15 are E.164's most.
    if (8..=16).contains(&e164.len()) { Ok(e164) } else { Err(REASON) }
}

#[cfg(test)]
mod tests {
    use super::{check_email, dialable};
    use proptest::prelude::*;

    #[test]
    fn addresses_that_mail_can_go_to() {
        for good in [
            "john@example.com",
            "J.Doe+tag@sub.example.co.uk",
            "o'brien_x-1@example.org",
            "a@b.co",
            "root@localhost",
            "jürgen@müller.example",
            "x@xn--mller-kva.example",
            "1@2.example",
        ] {
            assert_eq!(check_email(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn texts_that_are_no_address() {
        let long_local = format!("{}@example.com", "x".repeat(65));
        let long_label = format!("a@{}.com", "x".repeat(64));
        let long = format!("a@{}com", "xxxxxxxxx.".repeat(26));
        for bad in [
            "not-an-email",
            "",
            "@",
            "john@",
            "@example.com",
            "john@example",
            "john@.com",
            "john@example..com",
            "john@example.com.",
            "john@-example.com",
            "john@exa_mple.com",
            "john@127.0.0.1",
            "john@[127.0.0.1]",
            ".john@example.com",
            "john.@example.com",
            "jo..hn@example.com",
            "jo hn@example.com",
            "john@exam ple.com",
            "john@doe@example.com",
            "\"john doe\"@example.com",
            "John <john@example.com>",
            "john@example.com, jane@example.com",
            "john@example.com\r\nBcc: all@example.com",
            "john\u{200b}@example.com",
            "john@example.com\u{fffd}",
            &long_local,
            &long_label,
            &long,
        ] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_come_out_in_e164() {
        for (text, e164) in [
            ("+12025550123", "+12025550123"),
            ("+1 (202) 555-0123", "+12025550123"),
            (" +44 (0)20 7946 0958 ", "+442079460958"),
            ("+39 06 12345678", "+390612345678"),
            ("+225 01.23.45.67.89", "+2250123456789"),
            ("+49\u{a0}30/123456", "+4930123456"),
            // The specification's own example.
            ("+1234567890", "+1234567890"),
        ] {
            assert_eq!(dialable(text).as_deref(), Ok(e164), "{text}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_dialled() {
        for bad in [
            "+0987654321",
            "+ 00 44 20 7946 0958",
            "2025550123",
            "",
            "+",
            "()",
            "+-",
            "+999 1234567",
            "+15555",
            "+1202555012345678",
            "++1 202 555 0123",
            "+1 202+555 0123",
            "+1-800-FLOWERS",
            "+1 202 555 0123 ext. 5",
            "+1 202 555 0123;ext=5",
            "tel:+12025550123",
            "+١٢٠٢٥٥٥٠١٢٣",
            "+1 202 555 0123 / +1 202 555 0124",
        ] {
            assert!(dialable(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_dialable_is_e164_and_stays_as_it_is(text in "\\+?[0-9 ()./+-]{0,24}") {
            if let Ok(number) = dialable(&text) {
                let digits = number.strip_prefix('+').unwrap();
                prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
                prop_assert!(!digits.starts_with('0'));
            }
        }

        #[test]
        fn the_short_way_comes_to_what_the_long_one_does(text in "\\+1[2-9][0-9]{9}") {
            prop_assert_eq!(dialable(&text), super::parse_e164(&text));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = (check_email(&text), dialable(&text));
        }
    }
}
