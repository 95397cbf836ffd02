//! Every text that a person reads, in the language that was chosen.
//!
//! The texts lie in `assets/words/LANGUAGE.ftl` (Project Fluent), one file a language.
//! English is complete; what another language lacks is said in English. Whoever finds, does or
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

use fluent_bundle::FluentArgs;
pub use phrase::{Cause, Phrase, SaidError, Say, english};
pub(crate) use phrase::{ours, phrase, said};
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
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
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

    const fn texts(self) -> &'static str {
        match self {
            Self::English => include_str!("../assets/words/en.ftl"),
            Self::German => include_str!("../assets/words/de.ftl"),
        }
    }
}

/// Whether a locale (locale(7)) has all characters.
#[must_use]
pub fn is_utf8(locale: &str) -> bool {
    let codeset = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or_default());
    codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8")
}

/// The texts of one language, with English behind them.
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
    pub fn say(&self, id: &str) -> String {
        let said = self.find(id);
        debug_assert!(said.is_some(), "`{id}` has no text");
        // The id itself says more than nothing.
        said.unwrap_or_else(|| id.to_owned())
    }

    /// The text called `id`, if there is one.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<String> {
        self.format(id, &FluentArgs::new())
    }

    /// What `phrase` says.
    #[must_use]
    pub fn tell(&self, phrase: &Phrase) -> String {
        phrase.say(&|id, values| self.format(id, values))
    }

    fn format(&self, id: &str, values: &FluentArgs<'_>) -> Option<String> {
        phrase::format(self.language, id, values).or_else(|| phrase::format(Language::English, id, values))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fluent_bundle::FluentResource;

    use super::*;

    /// Every text of a language by its id, comments and groups left out.
    fn texts(language: Language) -> BTreeMap<String, String> {
        let (mut texts, mut id) = (BTreeMap::new(), String::new());
        for line in language.texts().lines() {
            if let Some((name, text)) = line.split_once(" =").filter(|_| line.starts_with(char::is_alphabetic)) {
                id = name.to_owned();
                assert!(texts.insert(id.clone(), text.to_owned()).is_none(), "{id} stands twice in {language:?}");
            } else if line.starts_with(' ') {
                texts.entry(id.clone()).or_default().push_str(line);
            }
        }
        texts
    }

    /// The names of the values in a text.
    fn values(text: &str) -> Vec<&str> {
        let names = text.split('$').skip(1).map(|rest| {
            let end = rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len());
            &rest[..end]
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn every_file_is_sound() {
        for language in Language::ALL {
            let resource = FluentResource::try_new(language.texts().to_owned());
            let errors = resource.map_err(|(_, errors)| errors).err();
            assert!(errors.is_none(), "{language:?}: {errors:?}");
        }
    }

    #[test]
    fn every_language_has_every_text_with_the_same_values() {
        let english = texts(Language::English);
        for language in Language::ALL {
            let own = texts(language);
            assert_eq!(own.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{language:?}");
            for (id, text) in &own {
                assert_eq!(values(text), values(&english[id]), "{id} in {language:?}");
            }
        }
    }

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
