//! The languages there are, and how they are found.

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A language that the wizard speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// For tests: nothing that reads like English, so that what a program makes of it rests on no sentence.
    #[cfg(test)]
    #[serde(rename = "zxx")]
    Scrambled,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            #[cfg(test)]
            Self::Scrambled => "zxx",
        }
    }

    /// Its name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            #[cfg(test)]
            Self::Scrambled => "Qzxx",
        }
    }

    /// The language of a locale such as `de_AT.UTF-8` (locale(7)); English for those that there are no words for.
    pub fn of_locale(locale: &str) -> Self {
        let tag = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag)).unwrap_or_default()
    }

    /// The language after this one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        let after = Self::ALL.iter().skip_while(|language| **language != self).nth(1);
        after.copied().unwrap_or(Self::ALL[0])
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }
}

/// Whether a locale (locale(7)) has all characters.
pub fn is_utf8(locale: &str) -> bool {
    let codeset = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or_default());
    codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_found_by_locale() {
        for (locale, language) in [
            ("de_AT.UTF-8", Language::German),
            ("de", Language::German),
            ("DE-de", Language::German),
            ("en_GB.UTF-8", Language::English),
            ("C", Language::English),
            ("", Language::English),
            ("fr_FR@euro", Language::English),
            ("den", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn languages_go_round() {
        let round = Language::ALL.iter().fold(Language::English, |language, _| language.next());
        assert_eq!(round, Language::English);
    }
}
