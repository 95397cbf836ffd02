//! Every text that a person reads, in the language that was chosen.
//!
//! The texts lie in `assets/words/LANGUAGE.ftl` (Project Fluent), one file a language.
//! The build script reads them: every language says the same with the same values. Whoever finds, does or
//! refuses something gives a [`Phrase`], which knows no language; the face that tells it does.
//!
//! Lines for people are in the language of the locale (locale(7), `LC_MESSAGES`), if that has all
//! characters; pages in the one that was chosen. JSON Lines, the wizard's log and its report for
//! support are English in every language: scripts must not depend on a locale, and support reads
//! one language. What others say (the API server, Helm, the operating system, a library) is told
//! as it comes.
//!
//! Not here are documents that firstlight writes for others to work on (the template of an
//! answers file, the headings of a report), the command line's own help, which stands with its
//! flags, and literals such as `error[ID]`.

mod phrase;
#[cfg(test)]
mod scrambled;
pub(crate) mod texts;

pub use phrase::{Cause, Phrase, Say};
pub(crate) use phrase::{ours, phrase, said};
use serde::{Deserialize, Serialize};
pub use texts::{TextId, english};
pub(crate) use texts::{id, valued};
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
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            #[cfg(test)]
            Self::Scrambled => "zxx",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            #[cfg(test)]
            Self::Scrambled => "Qzxx",
        }
    }

    /// The language of a locale such as `de_AT.UTF-8` (locale(7)); English for those that there are no words for.
    #[must_use]
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

    fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }

    /// What its file says behind an id, by the place of the id.
    fn text(self, place: usize) -> &'static str {
        match self {
            Self::English => texts::EN.get(place),
            Self::German => texts::DE.get(place),
            #[cfg(test)]
            Self::Scrambled => scrambled::text(place),
        }
    }
}

/// Whether a locale (locale(7)) has all characters.
#[must_use]
pub fn is_utf8(locale: &str) -> bool {
    let codeset = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or_default());
    codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8")
}

/// The texts of one language.
#[derive(Debug)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of `language`.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// English, for those whose readers have one language.
    #[must_use]
    pub const fn english() -> Self {
        Self::new(Language::English)
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The text called `id`.
    #[must_use]
    pub fn say(&self, id: TextId) -> String {
        self.tell(&id.into())
    }

    /// What `phrase` says.
    #[must_use]
    pub fn tell(&self, phrase: &Phrase) -> String {
        phrase.say(&|id, values| texts::format(self.language, id, values))
    }
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

    #[test]
    fn values_are_put_in_without_marks() {
        let said = phrase!("step-of" { step: 3, steps: 7 });
        for words in Language::ALL.map(Words::new) {
            assert_eq!(words.tell(&said), "3/7", "{words:?}");
        }
    }
}
