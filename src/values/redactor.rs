//! Takes a run's secrets out of what others say, however they spell them.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::{PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{InstallCode, SecretText};

/// What stands where a secret would have stood.
pub const REDACTED: &str = "[a secret was here]";

/// Shorter texts are no secrets to look for: they would be found everywhere.
const SHORTEST: usize = 4;
/// What is shorter is found only where it stands alone, not within a word.
const SHORT: usize = 8;
/// The most bytes between two characters of a code.
const BETWEEN: usize = 4;
/// So much of a longer secret is found wherever it stands: others cut what they quote.
const ENOUGH: usize = 12;

/// Knows the secrets of a run, and takes them out of texts.
///
/// It keeps no secret, only the hashes of their parts, with a key that ends with the process.
#[derive(Default)]
pub struct Redactor {
    key: RandomState,
    known: RwLock<Known>,
}

/// Hashes by the length of what they stand for.
#[derive(Default)]
struct Known {
    /// The secrets themselves: most are met several times.
    whole: HashSet<u64>,
    /// Every part of [`ENOUGH`] bytes of a spelling, or all of a shorter one.
    parts: HashMap<usize, HashSet<u64>>,
    /// Beginnings that are shorter, for where a text was cut off.
    beginnings: HashMap<usize, HashSet<u64>>,
    /// Install codes, which nobody has to write in one way.
    codes: HashMap<usize, HashSet<u64>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Has a secret taken out from now on.
    pub fn hide(&self, secret: &SecretText) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if !known.whole.insert(self.key.hash_one(secret.expose())) {
            return;
        }
        for spelling in spellings(secret.expose()).iter().filter(|spelling| spelling.len() >= SHORTEST) {
            let bytes = spelling.as_bytes();
            let length = bytes.len().min(ENOUGH);
            let parts = bytes.windows(length).map(|part| self.key.hash_one(part));
            known.parts.entry(length).or_default().extend(parts);
            for length in SHORTEST..length {
                known.beginnings.entry(length).or_default().insert(self.key.hash_one(&bytes[..length]));
            }
        }
    }

    /// Has an install code taken out from now on: in capitals or not, with whatever stands between its characters.
    pub fn hide_code(&self, code: &InstallCode) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let code = code.expose().as_bytes();
        known.codes.entry(code.len()).or_default().insert(self.key.hash_one(code));
    }

    /// The text without the secrets that are known.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let bytes = text.as_bytes();
        let mut hidden = vec![false; bytes.len()];
        for (length, parts) in &known.parts {
            for (start, part) in bytes.windows(*length).enumerate() {
                let alone = || *length >= SHORT || stands_alone(bytes, start, start + length);
                if parts.contains(&self.key.hash_one(part)) && alone() {
                    hidden[start..start + length].fill(true);
                }
            }
        }
        let (places, characters) = characters(bytes);
        for (length, codes) in known.codes.iter().filter(|(length, _)| **length > 0) {
            for (part, places) in characters.windows(*length).zip(places.windows(*length)) {
                let near = || places.windows(2).all(|pair| pair[1] - pair[0] <= 1 + BETWEEN);
                if codes.contains(&self.key.hash_one(part)) && near() {
                    hidden[places[0]..=places[length - 1]].fill(true);
                }
            }
        }
        if let Some(whole) = text.strip_suffix('…').map(str::len) {
            for (length, beginnings) in known.beginnings.iter().filter(|(length, _)| **length <= whole) {
                let start = whole - length;
                if beginnings.contains(&self.key.hash_one(&bytes[start..whole])) {
                    hidden[start..whole].fill(true);
                }
            }
        }
        without(text, &hidden)
    }
}

/// The places of letters and digits, and these in capitals; what a URL encodes (`%2D`) stands between them.
fn characters(bytes: &[u8]) -> (Vec<usize>, Zeroizing<Vec<u8>>) {
    // One that grows leaves copies behind.
    let (mut places, mut characters) = (Vec::new(), Zeroizing::new(Vec::with_capacity(bytes.len())));
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let encoded = bytes.get(place + 1..place + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if *byte == b'%' && encoded {
            place += 3;
            continue;
        }
        if byte.is_ascii_alphanumeric() {
            places.push(place);
            characters.push(byte.to_ascii_uppercase());
        }
        place += 1;
    }
    (places, characters)
}

/// Whether neither neighbour of a part is a letter or digit.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    !joins(start.checked_sub(1).and_then(|before| bytes.get(before))) && !joins(bytes.get(end))
}

/// The text with one sign for each stretch of characters of which a byte is hidden.
fn without(text: &str, hidden: &[bool]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut within = false;
    for (start, character) in text.char_indices() {
        if !hidden[start..start + character.len_utf8()].contains(&true) {
            shown.push(character);
            within = false;
        } else if !within {
            shown.push_str(REDACTED);
            within = true;
        }
    }
    shown
}

/// How others write a text: as it is or with its blanks as one space each, in JSON, in base64 wherever it stands in what
/// was encoded, as bytes in numbers, and in URLs.
fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    let bytes = secret.as_bytes();
    let numbers = |between: &str, number: fn(&u8) -> String| bytes.iter().map(number).collect::<Vec<_>>().join(between);
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    // Go's encoder is made for HTML.
    let html = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let decimal = |byte: &u8| byte.to_string();
    let mut spellings = vec![
        secret.to_owned(),
        secret.split_whitespace().collect::<Vec<_>>().join(" "),
        json,
        html,
        numbers("", |byte| format!("{byte:02x}")),
        numbers("", |byte| format!("{byte:02X}")),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        url::form_urlencoded::byte_serialize(bytes).collect::<String>().replace('+', "%20"),
        numbers(" ", decimal),
        numbers(",", decimal),
        numbers(", ", decimal),
    ];
    for before in 0..3 {
        let encoded = STANDARD.encode([&[0; 2][..before], bytes].concat());
        // Only what no neighbour has a share in.
        let (start, end) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
        let own = &encoded[start..end.max(start)];
        let last = encoded[start..].trim_end_matches('=');
        let both = |text: &str| [text.to_owned(), text.replace('+', "-").replace('/', "_")];
        spellings.extend([own, last].into_iter().flat_map(both));
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings.into_iter().map(Zeroizing::new).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let redactor = Redactor::default();
        for secret in secrets {
            redactor.hide(&(*secret).into());
        }
        redactor
    }

    /// Whoever quotes a code may have it as it was typed, and typed it may be in any way.
    #[test]
    fn an_install_code_in_whatever_form() {
        let format = crate::values::CodeFormat::new("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4).expect("sound");
        let redactor = Redactor::default();
        redactor.hide_code(&format.parse("K7QP-M2RX").expect("a code"));
        for (said, shown) in [
            ("code k7qp-m2rx is not known", "code # is not known"),
            ("K7QP M2RX, K7QP–M2RX, K7QP%2DM2RX", "#, #, #"),
            ("k 7 q p m 2 r x", "#"),
            ("K7QP was sent to M2RX", "K7QP was sent to M2RX"),
            ("K7QPM2R and 7QPM2RX", "K7QPM2R and 7QPM2RX"),
        ] {
            assert_eq!(redactor.redacted(said), shown.replace('#', REDACTED), "{said}");
        }
    }

    #[test]
    fn spellings_of_a_secret() {
        let redactor = redactor(&["nine\"green <Lamps>", "K7QPM2RX", "1234", "abc"]);
        for (said, shown) in [
            ("all is well", "all is well"),
            ("the password nine\"green <Lamps> is weak", "the password # is weak"),
            // A part of it says enough; less than that may be anything.
            ("of nine\"green <L or nine\"green alone", "of # or nine\"green alone"),
            ("{\"p\": \"nine\\\"green <Lamps>\"}", "{\"p\": \"#\"}"),
            ("{\"p\": \"nine\\\"green \\u003cLamps\\u003e\"}", "{\"p\": \"#\"}"),
            ("p=nine%22green+%3CLamps%3E&x", "p=#&x"),
            ("p=nine%22green%20%3CLamps%3E&x", "p=#&x"),
            ("map[p:[110 105 110 101 34 103 114 101 101 110]]", "map[p:[#]]"),
            ("6e696e6522677265656e203c4c616d70733e", "#"),
            ("code K7QPM2RX", "code #"),
            ("pin 1234, not 12345 or abc", "pin #, not 12345 or abc"),
            // It was cut off in the middle of one.
            ("the password nine\"gr…", "the password #…"),
            ("the password nin…", "the password nin…"),
        ] {
            assert_eq!(redactor.redacted(said), shown.replace('#', REDACTED), "{said}");
        }
    }

    #[test]
    fn base64_wherever_it_stands() {
        let redactor = redactor(&["nine-green-Lamps"]);
        for before in ["", "x", "xy", "xyz"] {
            let encoded = STANDARD.encode(format!("{before}nine-green-Lamps and more"));
            let shown = redactor.redacted(&format!("data {encoded}"));
            let left = shown.replace(REDACTED, "");
            assert!(shown.contains(REDACTED) && left.len() < 30, "{shown}");
        }
        assert_eq!(redactor.redacted("bmluZS1ncmVlbi1M"), REDACTED, "a beginning of it");
        assert_eq!(redactor.redacted("bmluZS1…"), format!("{REDACTED}…"));
    }

    proptest! {
        #[test]
        fn no_secret_is_left(secret in "\\PC{12,40}", before in "\\PC{0,10}", after in "\\PC{0,10}") {
            let redactor = redactor(&[&secret]);
            let shown = redactor.redacted(&format!("{before}{secret}{after}"));
            prop_assert!(!shown.replace(REDACTED, "\u{0}").contains(&secret), "{}", shown);
            let encoded = STANDARD.encode(&secret);
            let shown = redactor.redacted(&encoded);
            prop_assert!(!shown.contains(&encoded[..12]), "{}", shown);
        }
    }
}
