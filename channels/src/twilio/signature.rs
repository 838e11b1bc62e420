//! `X-Twilio-Signature` (Twilio, "Webhooks security"): the base64 of an HMAC-SHA1, by the account's token, of the URL that Twilio was given
//! and all fields of the form, sorted, names and values one after the other.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use url::Url;

/// The fields of a form, each with all the values that it came with.
pub(super) type Form = BTreeMap<String, BTreeSet<String>>;

/// Whether `signature` is that of `form` sent to `url`. Nothing about the right one can be learnt from how long it takes.
///
/// Twilio leaves the port away or writes it, and names a WebSocket by `wss` where the request that opens it came by `https`: each of these
/// spellings counts, as in Twilio's own validators.
pub(super) fn is_right(auth_token: &str, url: &str, form: &Form, signature: &[u8]) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let mut right = false;
    for url in spellings(url) {
        // Any length makes a key.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else { return false };
        mac.update(url.as_bytes());
        for (name, values) in form {
            for value in values {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
        }
        right |= mac.verify_slice(&signature).is_ok();
    }
    right
}

fn spellings(given: &str) -> Vec<String> {
    let mut all = vec![given.to_owned()];
    let Some((scheme, rest)) = given.split_once("://") else { return all };
    let Ok(url) = Url::parse(given) else { return all };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let usual = if matches!(scheme, "https" | "wss") { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port.to_owned()),
        _ => (authority, url.port().unwrap_or(usual).to_string()),
    };
    let socket = match scheme {
        "https" => "wss",
        "http" => "ws",
        other => other,
    };
    for scheme in [scheme, socket] {
        all.push(format!("{scheme}://{host}{path}"));
        all.push(format!("{scheme}://{host}:{port}{path}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let mut form = Form::new();
        for (name, value) in fields {
            form.entry((*name).to_owned()).or_default().insert((*value).to_owned());
        }
        form
    }

    fn fields() -> Vec<(&'static str, &'static str)> {
        vec![
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ]
    }

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    /// The examples of Twilio's own library for Python.
    #[test]
    fn twilios_own_examples() {
        let plain = form(&fields());
        assert!(is_right("12345", URL, &plain, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(is_right("12345", &URL.replace(".com/", ".com:443/"), &plain, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        assert!(!is_right("12346", URL, &plain, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        let twice =
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")];
        assert!(is_right("12345", URL, &form(&twice), b"IK+Dwps556ElfBT0I3Rgjkr1wJU="));
    }

    proptest! {
        #[test]
        fn no_bit_of_it_may_be_another(byte in 0_usize..20, bit in 0_u8..8) {
            let mut signature = STANDARD.decode("RSOYDt4T1cUTdK1PDd93/VVr8B8=").unwrap();
            signature[byte] ^= 1 << bit;
            prop_assert!(!is_right("12345", URL, &form(&fields()), STANDARD.encode(signature).as_bytes()));
        }

        #[test]
        fn nothing_makes_it_panic(url in ".{0,40}", signature in any::<Vec<u8>>(), name in ".{0,5}") {
            prop_assert!(!is_right("12345", &url, &form(&[(&name, "x")]), &signature));
        }
    }
}
