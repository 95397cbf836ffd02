//! The administrator's password and the profile's rules for it.

use super::{SecretText, is_unseen};
use crate::words::said;

/// What the profile demands of the administrator's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRules {
    /// The fewest characters; NIST SP 800-63B asks for at least 8.
    pub min_length: usize,
    /// What there must be one of, for programs that ask for that.
    pub require: Vec<Class>,
    /// What counts as a symbol.
    pub symbols: String,
}

/// Characters of one kind. ASCII alone: whoever asks for them does not count others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Lower-case letters.
    Lower,
    /// Upper-case letters.
    Upper,
    /// Digits.
    Digit,
    /// What the profile says is a symbol.
    Symbol,
}

/// One rule, so that a page can tick them off as they are met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Enough characters.
    MinLength(usize),
    /// Not so many that hashing it could stall a login service.
    MaxLength(usize),
    /// No character that a keyboard's Enter, Escape or a terminal would swallow, and none that nobody sees.
    NoControl,
    /// Not one character over and over.
    NotUniform,
    /// A lower-case letter.
    Lower,
    /// An upper-case letter.
    Upper,
    /// A digit.
    Digit,
    /// One of these.
    Symbol(String),
}

said! { Rule:
    Self::MinLength(least) => "rule-min-length" { least },
    Self::MaxLength(most) => "rule-max-length" { most },
    Self::NoControl => "rule-no-control",
    Self::NotUniform => "rule-not-uniform",
    Self::Lower => "rule-lower",
    Self::Upper => "rule-upper",
    Self::Digit => "rule-digit",
    Self::Symbol(symbols) => "rule-symbol" { symbols },
}

impl PasswordRules {
    /// The most characters.
    pub const MAX_LENGTH: usize = 256;

    /// Every rule, in the order in which a page shows them.
    pub fn rules(&self) -> Vec<Rule> {
        let required = self.require.iter().map(|class| match class {
            Class::Lower => Rule::Lower,
            Class::Upper => Rule::Upper,
            Class::Digit => Rule::Digit,
            Class::Symbol => Rule::Symbol(self.symbols.clone()),
        });
        let length = [Rule::MinLength(self.min_length), Rule::MaxLength(Self::MAX_LENGTH)];
        length.into_iter().chain(required).chain([Rule::NoControl, Rule::NotUniform]).collect()
    }

    /// The rules that `text` breaks.
    pub fn broken(&self, text: &str) -> Vec<Rule> {
        self.rules().into_iter().filter(|rule| !rule.is_met(text)).collect()
    }

    /// Parses a password.
    ///
    /// The text is taken as it stands: a space at either end is part of it.
    ///
    /// # Errors
    /// All rules that it breaks.
    pub fn parse(&self, text: &SecretText) -> Result<Password, Vec<Rule>> {
        let broken = self.broken(text.expose());
        if broken.is_empty() { Ok(Password(text.clone())) } else { Err(broken) }
    }
}

impl Rule {
    /// Whether `text` meets this rule.
    pub fn is_met(&self, text: &str) -> bool {
        match self {
            Self::MinLength(least) => text.chars().count() >= *least,
            Self::MaxLength(most) => text.chars().count() <= *most,
            Self::NoControl => !text.chars().any(is_unseen),
            Self::NotUniform => text.is_empty() || text.chars().any(|c| !text.starts_with(c)),
            Self::Lower => text.contains(|c: char| c.is_ascii_lowercase()),
            Self::Upper => text.contains(|c: char| c.is_ascii_uppercase()),
            Self::Digit => text.contains(|c: char| c.is_ascii_digit()),
            Self::Symbol(symbols) => text.contains(|c| symbols.contains(c)),
        }
    }
}

/// A password that meets the rules. Zeroed on drop, never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password(SecretText);

impl Password {
    /// The password itself. Every caller is a place to review.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The same as a secret text.
    pub fn secret(&self) -> &SecretText {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(min_length: usize, require: &[Class]) -> PasswordRules {
        PasswordRules { min_length, require: require.to_vec(), symbols: "!?".to_owned() }
    }

    #[test]
    fn all_broken_rules_are_named() {
        let rules = rules(12, &[]);
        for (text, broken) in [
            ("correct horse battery", vec![]),
            ("p$!`\"'\\ ü 李 12", vec![]),
            ("short", vec![Rule::MinLength(12)]),
            ("aaa", vec![Rule::MinLength(12), Rule::NotUniform]),
            ("a\tb", vec![Rule::MinLength(12), Rule::NoControl]),
        ] {
            assert_eq!(rules.broken(text), broken, "{text}");
        }
        assert_eq!(rules.broken(&"ab".repeat(200)), [Rule::MaxLength(256)]);
    }

    #[test]
    fn each_class_that_is_lacking_is_named() {
        let symbol = || Rule::Symbol("!?".to_owned());
        let rules = rules(8, &[Class::Lower, Class::Upper, Class::Digit, Class::Symbol]);
        for (text, broken) in [
            ("Horses 4!", vec![]),
            ("horses 4!", vec![Rule::Upper]),
            ("HORSES 4!", vec![Rule::Lower]),
            ("Horses four?", vec![Rule::Digit]),
            // Another symbol may stand there, but is none of those that count.
            ("Horses 4#", vec![symbol()]),
            // What is no ASCII counts for none of them.
            ("üÜ٣¡¿-----", vec![Rule::Lower, Rule::Upper, Rule::Digit, symbol()]),
        ] {
            assert_eq!(rules.broken(text), broken, "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let password = rules(8, &[]).parse(&"correct horse".into()).expect("good");
        assert!(!format!("{password:?}").contains("horse"));
    }
}
