//! Every text that a person reads in the wizard, in the language that was chosen.
//!
//! The texts lie in `assets/words/LANGUAGE.ftl` (Project Fluent), one file a language.
//! English is complete; what another language lacks is said in English. What an error id
//! or an exit code means and what to do about it is there as well, because `explain`, the
//! wizard, logs and JSON Lines tell it.
//!
//! What the log and JSON Lines carry is English in every language, so that the operator and
//! support speak of the same sentence, and scripts do not depend on a locale: what an
//! error says of itself (its sentence, its causes, a hint for this very failure), what a check
//! found, what a step is doing and what it has changed. On a page in another language the
//! meaning and the remedy of the error's id stand below the sentence.

use std::{collections::BTreeMap, fmt};

pub use fluent_bundle::FluentValue;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
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

    const fn texts(self) -> &'static str {
        match self {
            Self::English => include_str!("../assets/words/en.ftl"),
            Self::German => include_str!("../assets/words/de.ftl"),
        }
    }
}

/// The English text called `id`, as the file has it; for texts without values, each on one line.
///
/// Nothing is parsed for it: a run without a wizard needs few of them, and most runs need none.
#[must_use]
pub fn english(id: &str) -> &'static str {
    let mut lines = Language::English.texts().lines();
    lines.find_map(|line| line.strip_prefix(id)?.strip_prefix(" = ")).unwrap_or_default()
}

/// A text that is to be said, by its id and with what stands in it: for those who do not know the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    id: &'static str,
    values: BTreeMap<&'static str, String>,
}

impl Phrase {
    /// The text called `id`.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self { id, values: BTreeMap::new() }
    }

    /// The same with `value` in it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.insert(name, value.into());
        self
    }
}

/// The texts of one language, with English behind them.
pub struct Words {
    language: Language,
    chosen: FluentBundle<FluentResource>,
    english: Option<FluentBundle<FluentResource>>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Words {
    /// The words of `language`.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let english = (language != Language::English).then(|| bundle(Language::English));
        Self { language, chosen: bundle(language), english }
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The text called `id`.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.with(id, [])
    }

    /// The text called `id` with these values in it.
    #[must_use]
    pub fn with<'a, const N: usize>(&self, id: &str, values: [(&'a str, FluentValue<'a>); N]) -> String {
        // A test holds that every id in use has a text; the id itself says more than nothing.
        self.find(id, values).unwrap_or_else(|| id.to_owned())
    }

    /// The text called `id`, if there is one.
    #[must_use]
    pub fn find<'a, const N: usize>(&self, id: &str, values: [(&'a str, FluentValue<'a>); N]) -> Option<String> {
        self.format(id, &values.into_iter().collect())
    }

    /// What `phrase` says.
    #[must_use]
    pub fn phrase(&self, phrase: &Phrase) -> String {
        let values = phrase.values.iter().map(|(name, value)| (*name, FluentValue::from(value.as_str())));
        self.format(phrase.id, &values.collect()).unwrap_or_else(|| phrase.id.to_owned())
    }

    fn format(&self, id: &str, values: &FluentArgs<'_>) -> Option<String> {
        [Some(&self.chosen), self.english.as_ref()].into_iter().flatten().find_map(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            // What is wrong with a pattern is found by the tests; here the best that can be said is said.
            Some(bundle.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned())
        })
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks are for mixed directions of writing, and a console shows them as rubbish.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(language.texts().to_owned()).unwrap_or_else(|(resource, _)| resource);
    // The only error is an id that stands there twice; the first one counts, and a test looks.
    let _ = bundle.add_resource(resource);
    bundle
}

#[cfg(test)]
mod tests {
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
        let said = Words::new(Language::English).with("step-of", [("step", 3.into()), ("steps", 7.into())]);
        assert_eq!(said, "3/7");
    }

    #[test]
    fn phrases_are_said_in_any_language_and_survive_a_recording() {
        let phrase = Phrase::new("will-value").with("path", "a.b").with("answer", "{ $path } \"x\"");
        assert_eq!(Words::new(Language::English).phrase(&phrase), "The Helm value `a.b` is { $path } \"x\".");
        assert_eq!(Words::new(Language::German).phrase(&phrase), "Der Helm-Wert `a.b` ist { $path } \"x\".");
        let json: &'static str = serde_json::to_string(&phrase).expect("JSON").leak();
        assert_eq!(serde_json::from_str::<Phrase>(json).expect("a phrase"), phrase);
    }
}
