//! Random bytes as text.

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SecretText;

/// Fills a buffer from a source of random bytes.
pub(crate) type Random<'a, E> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), E>;

/// How random bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 4648, section 4: the standard alphabet, padded.
    Base64,
    /// RFC 4648, section 5: the alphabet for URLs, without padding.
    Base64Url,
    /// Lower case.
    Hex,
    /// Letters and digits that nobody takes for each other: the length is that of the text.
    Password,
}

pub(super) const ENCODINGS: [(&str, Encoding); 4] = [
    ("base64", Encoding::Base64),
    ("base64url", Encoding::Base64Url),
    ("hex", Encoding::Hex),
    ("password", Encoding::Password),
];

impl Encoding {
    /// All letters and digits but `0`, `O`, `1`, `l` and `I`.
    const PASSWORD: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// `hex:32` and the like; fewer bytes could be guessed.
    pub(super) fn parse(text: &str) -> Option<(Self, usize)> {
        let (name, length) = text.split_once(':')?;
        let (_, encoding) = ENCODINGS.into_iter().find(|(known, _)| *known == name)?;
        let length = length.bytes().all(|digit| digit.is_ascii_digit()).then(|| length.parse().ok())??;
        (16..=1024).contains(&length).then_some((encoding, length))
    }

    /// Makes a value.
    pub(super) fn make<E>(self, length: usize, random: Random<'_, E>) -> Result<SecretText, E> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        if self != Self::Password {
            random(&mut bytes)?;
        }
        Ok(SecretText::new(match self {
            Self::Base64 => STANDARD.encode(&*bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(&*bytes),
            Self::Hex => hex(&bytes),
            Self::Password => {
                let mut text = String::with_capacity(length);
                while text.len() < length {
                    random(&mut bytes)?;
                    // Whole rounds of the alphabet only: a remainder would make some of it likelier.
                    let fair = u8::MAX - u8::MAX % Self::LETTERS;
                    let letters = bytes.iter().filter(|byte| **byte < fair);
                    let letters = letters.map(|byte| char::from(Self::PASSWORD[usize::from(byte % Self::LETTERS)]));
                    let missing = length - text.len();
                    text.extend(letters.take(missing));
                }
                text
            }
        }))
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 62")]
    const LETTERS: u8 = Self::PASSWORD.len() as u8;

    /// Whether a text is so many bytes in this form. Of a password it matters only that there is one: somebody may have
    /// chosen it.
    pub(super) fn is(self, length: usize, text: &str) -> bool {
        match self {
            Self::Base64 => STANDARD.decode(text).is_ok_and(|bytes| Zeroizing::new(bytes).len() == length),
            Self::Base64Url => {
                let text = text.trim_end_matches('=');
                URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| Zeroizing::new(bytes).len() == length)
            }
            Self::Hex => text.len() == 2 * length && text.bytes().all(|digit| digit.is_ascii_hexdigit()),
            Self::Password => !text.is_empty(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ENCODINGS.iter().find(|(_, encoding)| encoding == self).map_or("", |(name, _)| *name);
        f.write_str(name)
    }
}

/// What two people can compare a value by without seeing it: the first 8 digits of its SHA-256.
pub fn short_digest(value: &SecretText) -> String {
    hex(&Sha256::digest(value.expose().as_bytes())[..4])
}

/// Two digits a byte, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Every letter comes as often as any other: 228 of 256 bytes are four rounds of the alphabet.
    #[test]
    fn no_letter_of_a_password_is_likelier() {
        let counting = &mut |bytes: &mut [u8]| {
            (0..=u8::MAX).zip(bytes).for_each(|(next, byte)| *byte = next);
            Ok::<_, Infallible>(())
        };
        let made = Encoding::Password.make(228, counting).unwrap_or_else(|never| match never {});
        let count = |letter: &u8| made.expose().bytes().filter(|other| other == letter).count();
        assert!(Encoding::PASSWORD.iter().all(|letter| count(letter) == 4), "{}", made.expose());
    }
}
