//! Install codes: eight characters that a person can read off a screen and type on another one.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

/// The characters of a code. `0 O 1 I L` are missing because people mix them up.
pub const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// The number of characters of a code (39.6 bits: enough against guessing over the network, too few against a leaked digest,
/// which is why the database holds a keyed one).
pub const LENGTH: usize = 8;

/// A well-formed install code, normalised. It is a secret until it is claimed: no `Display`, and `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimCode(Zeroizing<String>);

/// Why a text is no install code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Too short or too long once separators are gone.
    #[error("an install code has {LENGTH} characters")]
    Length,
    /// A character that no code has.
    #[error("an install code has only digits and letters, without 0, 1, I, L and O")]
    Character,
}

impl ClaimCode {
    /// A new code from the operating system's random source, every code equally likely.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        let mut bytes = Zeroizing::new([0_u8; 2 * LENGTH]);
        while code.len() < LENGTH {
            getrandom::fill(bytes.as_mut())?;
            // Five bits index the 31 characters; the one index without a character is drawn again rather than folded, because
            // folding would make one character twice as likely.
            let drawn = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 0x1f)));
            for character in drawn.take(LENGTH - code.len()) {
                code.push(char::from(*character));
            }
        }
        Ok(Self(code))
    }

    /// Reads what a person typed or a program sent: blanks and separators are dropped, letters upper-cased, nothing is guessed
    /// (`O` stays an error, it does not become `0`).
    ///
    /// # Errors
    /// When what is left is not a code.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|character| !is_separator(*character))
                .map(|character| character.to_ascii_uppercase())
                .collect(),
        );
        if !code.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return Err(CodeError::Character);
        }
        if code.len() != LENGTH {
            return Err(CodeError::Length);
        }
        Ok(Self(code))
    }

    /// The code as programs exchange it: `K7QPM2RX`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The code as people read it: `K7QP-M2RX`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let (head, tail) = self.0.split_at(LENGTH / 2);
        format!("{head}-{tail}")
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClaimCode(********)")
    }
}

/// Blanks, and every dash, dot or underscore that a mail program or a keyboard may put between two groups.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_is_read() {
        for text in ["K7QPM2RX", "k7qp-m2rx", "  K7QP M2RX\n", "K7QP\u{2013}M2RX", "k-7.q_p m2\u{a0}rx"] {
            assert_eq!(ClaimCode::parse(text).unwrap().expose(), "K7QPM2RX", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", CodeError::Length),
            ("K7QPM2R", CodeError::Length),
            ("K7QPM2RXX", CodeError::Length),
            ("O7QPM2RX", CodeError::Character),
            ("K7QPM2R1", CodeError::Character),
            ("K7QP/M2RX", CodeError::Character),
            ("\u{17f}7QPM2RX", CodeError::Character),
        ] {
            assert_eq!(ClaimCode::parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn a_debug_print_shows_no_code() {
        let code = ClaimCode::parse("K7QPM2RX").unwrap();
        assert!(!format!("{code:?}").contains("K7QP"));
        assert_eq!(code.grouped(), "K7QP-M2RX");
    }

    #[test]
    fn the_alphabet_is_the_documented_one_and_every_character_is_drawn() {
        assert_eq!(ALPHABET.len(), 31);
        let mut seen: Vec<u8> =
            (0..400).flat_map(|_| ClaimCode::random().unwrap().expose().bytes().collect::<Vec<_>>()).collect();
        seen.sort_unstable();
        seen.dedup();
        // 3200 draws miss a given character with probability (30/31)^3200, about 10^-46.
        assert_eq!(seen, ALPHABET);
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_is_idempotent(text in "\\PC{0,24}") {
            if let Ok(code) = ClaimCode::parse(&text) {
                prop_assert_eq!(ClaimCode::parse(code.expose()).unwrap(), code.clone());
                prop_assert_eq!(ClaimCode::parse(&code.grouped()).unwrap(), code);
            }
        }

        #[test]
        fn case_and_separators_carry_no_meaning(
            code in "[2-9A-HJKMNP-Z]{8}",
            separators in proptest::collection::vec(prop_oneof![Just(""), Just("-"), Just(" "), Just("\t"), Just("_")], 8),
            lower in proptest::collection::vec(any::<bool>(), 8),
        ) {
            let mut typed = String::new();
            for ((character, separator), lower) in code.chars().zip(separators).zip(lower) {
                typed.push_str(separator);
                typed.push(if lower { character.to_ascii_lowercase() } else { character });
            }
            let read = ClaimCode::parse(&typed).unwrap();
            prop_assert_eq!(read.expose(), code);
        }
    }
}
