//! The install code: what the operator types, and the one thing that must never be wasted.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SecretText;
use crate::words::{Phrase, phrase, said};

/// What install codes look like; the vendor's profile says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeFormat {
    alphabet: String,
    length: usize,
    group: usize,
}

/// Why a text is not an install code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeError {
    /// Nothing was given.
    Empty,
    /// A character that no code contains, with its place in what was typed (from 1).
    Character {
        /// The character, made visible when it is not.
        character: String,
        /// Where it stands in the text as given, counted from 1.
        position: usize,
        /// The alphabet, in short form.
        allowed: String,
    },
    /// Too few characters.
    Short {
        /// How many were given.
        have: usize,
        /// How many a code has.
        want: usize,
    },
    /// Too many characters.
    Long {
        /// How many were given.
        have: usize,
        /// How many a code has.
        want: usize,
    },
}

said! { CodeError:
    Self::Empty => "code-empty",
    Self::Character { character, position, allowed } => "code-character" { character, position, allowed },
    Self::Short { have, want } => "code-short" { have, want },
    Self::Long { have, want } => "code-long" { have, want },
}

impl CodeFormat {
    /// Makes a format of the profile's `alphabet`, `length` and `group` (0: no grouping).
    ///
    /// # Errors
    /// When no usable code could be made of it.
    pub fn new(alphabet: &str, length: usize, group: usize) -> Result<Self, Phrase> {
        for (index, character) in alphabet.char_indices() {
            let usable = character.is_ascii_uppercase() || character.is_ascii_digit();
            if !usable || alphabet[..index].contains(character) {
                return Err(phrase!("code-format-character" { character: character.to_string() }));
            }
        }
        if alphabet.len() < 2 {
            return Err(phrase!("code-format-alphabet"));
        }
        if !(4..=64).contains(&length) {
            return Err(phrase!("code-format-length" { length }));
        }
        Ok(Self { alphabet: alphabet.to_owned(), length, group })
    }

    /// How many characters a code has, separators not counted.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// How many characters stand in a group; 0 when there are none.
    pub const fn group(&self) -> usize {
        self.group
    }

    /// Whether codes have letters at all.
    pub(super) fn has_letters(&self) -> bool {
        self.alphabet.contains(char::is_alphabetic)
    }

    /// Parses what was typed or pasted: separators dropped, upper-cased, look-alikes folded.
    ///
    /// # Errors
    /// When the text cannot be a code; this never asks anybody, so a code that
    /// parses may still be unknown to the license service.
    pub fn parse(&self, text: &str) -> Result<InstallCode, CodeError> {
        // Most of a code, and even all of it, may be in a text that is refused.
        let mut code = Zeroizing::new(String::with_capacity(self.length * char::MAX.len_utf8()));
        let mut have = 0;
        for (index, character) in text.chars().enumerate() {
            if is_separator(character) {
                continue;
            }
            let Some(folded) = self.fold(character) else {
                return Err(CodeError::Character {
                    character: visible(character),
                    position: index + 1,
                    allowed: self.allowed(),
                });
            };
            have += 1;
            if have <= self.length {
                code.push(folded);
            }
        }
        let want = self.length;
        match have {
            0 => Err(CodeError::Empty),
            _ if have < want => Err(CodeError::Short { have, want }),
            _ if have > want => Err(CodeError::Long { have, want }),
            _ => Ok(InstallCode(SecretText::new(std::mem::take(&mut *code)))),
        }
    }

    /// The character as it stands in the alphabet, or `None` when no code contains it.
    ///
    /// `O` and `0`, and `I` and `1`, are taken for each other only when the
    /// alphabet has exactly one of the pair: then there is nothing to confuse.
    pub fn fold(&self, character: char) -> Option<char> {
        let upper = character.to_ascii_uppercase();
        if self.alphabet.contains(upper) {
            return Some(upper);
        }
        let twin = match upper {
            'O' => '0',
            '0' => 'O',
            'I' => '1',
            '1' => 'I',
            _ => return None,
        };
        self.alphabet.contains(twin).then_some(twin)
    }

    /// The alphabet in short form, such as `2-9 A-H J-N P-Z`.
    pub fn allowed(&self) -> String {
        let mut characters: Vec<char> = self.alphabet.chars().collect();
        characters.sort_unstable();
        let mut runs: Vec<(char, char)> = Vec::new();
        for character in characters {
            match runs.last_mut() {
                Some((_, end)) if u32::from(*end) + 1 == u32::from(character) => *end = character,
                _ => runs.push((character, character)),
            }
        }
        let runs: Vec<String> = runs
            .into_iter()
            .map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") })
            .collect();
        runs.join(" ")
    }

    /// Groups characters that were typed so far for showing: `K7QP-M2RX`.
    pub fn grouped(&self, typed: &str) -> String {
        let mut text = String::with_capacity(typed.len() + 4);
        for (index, character) in typed.chars().enumerate() {
            if self.group > 0 && index > 0 && index % self.group == 0 {
                text.push('-');
            }
            text.push(character);
        }
        text
    }

    /// An example of the right shape and of its characters: `K7QP-M2RX`.
    pub fn example(&self) -> String {
        let shown = || "K7QPM2RX".chars().filter(|character| self.alphabet.contains(*character));
        let characters = if shown().count() > 1 { shown().collect() } else { self.alphabet.clone() };
        self.grouped(&characters.chars().cycle().take(self.length).collect::<String>())
    }

    /// An example of the right shape that is no code: `XXXX-XXXX`.
    pub fn shape(&self) -> String {
        self.grouped(&"X".repeat(self.length))
    }
}

/// White space, hyphens and dashes of every kind, dots, and what mail programs insert.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || character == '.' || is_dash(character) || is_noise(character)
}

/// What joins two groups, however it was typeset.
pub(super) fn is_dash(character: char) -> bool {
    matches!(character, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What mail programs and input methods put in, and nobody sees; but what turns the text around is nobody's accident.
pub(super) fn is_noise(character: char) -> bool {
    super::is_formatting(character) && !character.is_control() && !matches!(character, '\u{202a}'..='\u{202e}')
}

fn visible(character: char) -> String {
    if super::is_formatting(character) { super::code_point(character) } else { character.to_string() }
}

/// A complete install code in canonical form: separators dropped, upper case.
///
/// It is single-use and stands for money, so it is kept like a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallCode(SecretText);

impl InstallCode {
    /// The code as it is sent. Every caller is a place to review.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Recognises the code without keeping it, in lower-case hex. Not a protection: the space of codes is small.
    pub fn fingerprint(&self, salt: &[u8]) -> String {
        let digest = Sha256::new().chain_update(salt).chain_update(self.expose().as_bytes()).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    /// The code masked but for its last two characters, for the review page.
    pub fn masked(&self, format: &CodeFormat) -> String {
        let code = self.expose();
        let shown = code.len().saturating_sub(2);
        format.grouped(&format!("{}{}", "*".repeat(shown), &code[shown..]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn format() -> CodeFormat {
        CodeFormat::new("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4).expect("the built-in format is sound")
    }

    #[test]
    fn accepted_forms() {
        for text in ["K7QPM2RX", "k7qp-m2rx", " K7QP M2RX ", "K7QP–M2RX", "K7Q.PM2.RX\r\n", "K 7 Q P M 2 R X"] {
            assert_eq!(format().parse(text).expect(text).expose(), "K7QPM2RX", "{text:?}");
        }
    }

    #[test]
    fn an_example_is_a_code_of_its_format() {
        for (alphabet, length, group, example) in [
            ("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4, "K7QP-M2RX"),
            ("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 10, 5, "K7QPM-2RXK7"),
            ("0123456789", 6, 0, "727272"),
            ("01", 4, 0, "0101"),
        ] {
            let format = CodeFormat::new(alphabet, length, group).expect("sound");
            assert_eq!(format.example(), example);
            format.parse(&format.example()).expect(example);
        }
    }

    #[test]
    fn refused_forms_say_why_and_where() {
        for (text, reason) in [
            ("", "the install code is empty"),
            (" - ", "the install code is empty"),
            ("K7QP-M2R", "the install code is incomplete: 7 of 8 characters"),
            ("K7QP-M2RX9", "the install code is too long: 9 characters instead of 8"),
            ("K7QP-M2R0", "`0` at position 9 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z"),
            ("K7é", "`é` at position 3 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z"),
            ("K7\u{1b}", "`U+001B` at position 3 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z"),
        ] {
            assert_eq!(format().parse(text).expect_err(text).to_string(), reason, "{text:?}");
        }
    }

    #[test]
    fn look_alikes_are_folded_only_when_unambiguous() {
        let zero_only = CodeFormat::new("0123456789ABCDEF", 4, 0).expect("sound");
        assert_eq!(zero_only.parse("oOiI").expect("folds").expose(), "0011");
        assert_eq!(format().fold('O'), None);
    }

    #[test]
    fn unusable_formats_are_refused() {
        for (alphabet, length, reason) in [
            ("A", 8, phrase!("code-format-alphabet")),
            ("ABCA", 8, phrase!("code-format-character" { character: "A" })),
            ("AB-", 8, phrase!("code-format-character" { character: "-" })),
            ("AB", 3, phrase!("code-format-length" { length: 3 })),
        ] {
            assert_eq!(CodeFormat::new(alphabet, length, 4), Err(reason));
        }
    }

    #[test]
    fn masked_shows_the_last_two_only() {
        let code = format().parse("K7QPM2RX").expect("complete");
        assert_eq!(code.masked(&format()), "****-**RX");
        assert!(!format!("{code:?}").contains("RX"));
    }

    proptest! {
        #[test]
        fn parse_undoes_grouping(code in "[2-9A-HJKMNP-Z]{8}") {
            let parsed = format().parse(&format().grouped(&code)).expect("right shape");
            prop_assert_eq!(parsed.expose(), code);
        }

        #[test]
        fn parse_never_panics_and_only_yields_whole_codes(text in any::<String>()) {
            if let Ok(code) = format().parse(&text) {
                prop_assert_eq!(code.expose().chars().count(), 8);
            }
        }
    }
}
