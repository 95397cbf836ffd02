//! An authority that signs certificates, and the fingerprint by which people recognise it.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::words::{Phrase, phrase};

/// An authority that a browser does not know, as people compare it with what the browser shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// What its certificate calls it, made safe to show. Anybody can choose this name.
    pub name: String,
    /// Of its certificate. Nobody can choose it.
    pub sha256: Fingerprint,
}

/// The SHA-256 of a certificate's DER: 32 pairs of hex digits, as browsers and `openssl x509 -fingerprint` print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// The same text in groups of so many pairs, for the eye; the last one has what is left.
    pub fn groups(&self, pairs: usize) -> Vec<String> {
        let digits: Vec<String> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        digits.chunks(pairs.max(1)).map(|group| group.join(":")).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.groups(self.0.len()).concat())
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = Phrase;

    fn try_from(text: String) -> Result<Self, Phrase> {
        let byte = |pair: &str| {
            // A sign is taken for a digit otherwise.
            let digits = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            u8::from_str_radix(pair, 16).ok().filter(|_| digits)
        };
        let bytes: Option<Vec<u8>> = text.split(':').map(byte).collect();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Self).ok_or_else(|| phrase!("fingerprint-form" { text: super::plain_text(&text, 100) }))
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As `printf abc | sha256sum` has it.
    const ABC: &str = "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";

    #[test]
    fn it_is_printed_as_browsers_do() {
        let fingerprint = Fingerprint::of(b"abc");
        assert_eq!(fingerprint.to_string(), ABC);
        assert_eq!(serde_json::to_string(&fingerprint).expect("JSON"), format!("\"{ABC}\""));
        assert_eq!(fingerprint.groups(8)[3], "B4:10:FF:61:F2:00:15:AD");
    }

    #[test]
    fn only_32_pairs_are_a_fingerprint() {
        assert_eq!(ABC.to_lowercase().try_into(), Ok(Fingerprint::of(b"abc")));
        for bad in ["", "BA", &ABC[3..], &ABC.replace(':', ""), &ABC.replace("78", "+8"), &format!("{ABC}:00")] {
            assert!(serde_json::from_value::<Fingerprint>(bad.into()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_and_no_group_breaks_a_pair(bytes in any::<[u8; 32]>(), pairs in 0_usize..40) {
            let fingerprint = Fingerprint(bytes);
            prop_assert_eq!(fingerprint.to_string().try_into(), Ok(fingerprint));
            let groups = fingerprint.groups(pairs);
            prop_assert!(groups.iter().all(|group| group.len() < 3 * pairs.max(1)));
            prop_assert_eq!(groups.join(":").try_into(), Ok(fingerprint));
        }
    }
}
