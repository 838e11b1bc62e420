//! The installation's master key: 32 bytes, from the environment or from a file that this server made.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use stratagem_domain::random::Random;

/// Reads 64 hexadecimal digits, or base64 (either alphabet, padded or not) of 32 bytes.
pub(crate) fn parse(text: &str) -> Result<[u8; 32], &'static str> {
    const WRONG: &str = "a master key is 64 hexadecimal digits, or base64 of 32 bytes";
    let text = text.trim();
    if text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return blake3::Hash::from_hex(text.to_ascii_lowercase()).map(Into::into).map_err(|_not_hex| WRONG);
    }
    from_base64(text).ok_or(WRONG)
}

/// 43 digits of 6 bits are 258: the last two bits have to be zero.
fn from_base64(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_suffix('=').unwrap_or(text);
    if digits.len() != 43 {
        return None;
    }
    let (mut key, mut bits, mut held, mut at) = ([0; 32], 0_u32, 0_u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            key[at] = (bits >> held) as u8;
            (bits, at) = (bits & ((1 << held) - 1), at + 1);
        }
    }
    (bits == 0).then_some(key)
}

/// The key in that file; a new one where there is no file, which then nobody but this user can read.
pub(crate) fn load_or_create(path: &Path, random: &dyn Random) -> io::Result<[u8; 32]> {
    match fs::read_to_string(path) {
        Ok(text) => return parse(&text).map_err(|message| io::Error::new(io::ErrorKind::InvalidData, message)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let mut key = [0; 32];
    random.fill(&mut key);
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return load_or_create(path, random),
        other => other?,
    };
    writeln!(file, "{}", blake3::Hash::from_bytes(key).to_hex())?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use stratagem_domain::random::seeded;

    #[test]
    fn keys_are_hex_or_base64() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        for text in [
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            " 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        ] {
            assert_eq!(parse(text), Ok(key), "{text}");
        }
        assert_eq!(parse("__________________________________________8="), Ok([255; 32]));
        for text in
            ["", "secret", "00", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", &"g".repeat(64), &"é".repeat(32)]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_made_key_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = load_or_create(&path, &*seeded(1)).unwrap();
        assert_eq!(load_or_create(&path, &*seeded(2)).unwrap(), made);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "broken").unwrap();
        assert!(load_or_create(&path, &*seeded(2)).is_err());
    }
}
