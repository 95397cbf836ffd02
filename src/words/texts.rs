//! The texts themselves, as the build script has found them in `assets/words`.
//!
//! Each is known by its id: as a [`TextId`], if it has no values in it, else as a structure of them in `filled`.
//! So a wrong id, a missing value and one too much do not compile, and a text that nothing says is dead code.

#[cfg(test)]
use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::Language;
#[cfg(test)]
use super::tests::scrambled;

/// A text without values, by its id; the macro `id!` makes one. No other text can be taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TextId(&'static str);

impl TextId {
    /// The id.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The text without values that is called `id`, for what comes from another process or an earlier version.
    pub fn find(id: &str) -> Option<Self> {
        IDS.find(id).filter(|place| PLAIN[*place]).map(|place| Self(IDS.get(place)))
    }
}

impl<'de> Deserialize<'de> for TextId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::find(&id).ok_or_else(|| de::Error::custom(format!("this version has no text `{id}`")))
    }
}

/// Texts one behind the other, in the order of their ids.
pub(super) struct Table {
    all: &'static str,
    /// Where each begins and ends.
    spans: &'static [(u32, u32)],
}

impl Table {
    /// The text at a place in that order.
    pub(super) fn get(&self, place: usize) -> &'static str {
        self.at(self.spans[place])
    }

    fn find(&self, text: &str) -> Option<usize> {
        self.spans.binary_search_by(|span| self.at(*span).cmp(text)).ok()
    }

    fn at(&self, (start, end): (u32, u32)) -> &'static str {
        &self.all[start as usize..end as usize]
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// An English text as its file has it; for those on one line, with nothing but characters in it.
pub fn english(id: TextId) -> &'static str {
    IDS.find(id.0).map_or(id.0, |place| EN.get(place).trim_start())
}

/// What a language's file says behind an id, by the place of the id.
fn text(language: Language, place: usize) -> &'static str {
    match language {
        Language::English => EN.get(place),
        Language::German => DE.get(place),
        #[cfg(test)]
        Language::Scrambled => &SCRAMBLED[place],
    }
}

#[cfg(test)]
static SCRAMBLED: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..IDS.spans.len()).map(|place| scrambled::made(EN.get(place))).collect());

/// The text called `id` in this language, with these values in it; none if this version has no such text.
///
/// It is parsed when it is said, which takes a microsecond or few: all of them at once took longer before the first
/// frame than those of a whole frame do, and stayed in memory.
pub(super) fn format(language: Language, id: &str, values: &FluentArgs<'_>) -> Option<String> {
    const NAME: &str = "said";
    let source = format!("{NAME} ={}\n", text(language, IDS.find(id)?));
    let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new(vec![language.identifier()]);
    // The marks are for mixed directions of writing, and a console shows them as rubbish.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).ok()?;
    let pattern = bundle.get_message(NAME)?.value()?;
    // What is wrong with a pattern is found when building; here the best that can be said is said.
    Some(bundle.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned())
}

/// The ids of all texts, in order.
#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    (0..IDS.spans.len()).map(|place| IDS.get(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_its_id_and_by_no_other() {
        assert_eq!(TextId::find("welcome-title"), Some(id!("welcome-title")));
        assert_eq!(english(id!("welcome-title")), "Welcome");
        for unknown in ["", "Welcome", "welcome", "welcome-title-", "zzz"] {
            assert_eq!(TextId::find(unknown), None, "{unknown}");
        }
        assert_eq!(TextId::find("step-of"), None, "it has values");
        assert!(ids().is_sorted());
        assert!(ids().all(|id| IDS.find(id).is_some_and(|place| IDS.get(place) == id)));
    }

    /// Against the whole file, as Fluent reads it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the file as it lies in the repository")]
    fn one_text_alone_says_what_it_says_in_its_file() {
        for language in Language::ALL {
            let file = format!("{}/assets/words/{}.ftl", env!("CARGO_MANIFEST_DIR"), language.tag());
            let source = std::fs::read_to_string(file).expect("the words");
            let mut file = FluentBundle::new(vec![language.identifier()]);
            file.set_use_isolating(false);
            file.add_resource(FluentResource::try_new(source).expect("sound")).expect("distinct ids");
            let values: FluentArgs<'_> =
                [("have", 1), ("passed", 2), ("failed", 0), ("lines", 3)].into_iter().collect();
            for id in ids() {
                let pattern = file.get_message(id).and_then(|message| message.value()).expect("a text");
                let said = file.format_pattern(pattern, Some(&values), &mut Vec::new());
                assert_eq!(format(language, id, &values).as_deref(), Some(&*said), "{id}");
            }
        }
    }

    #[test]
    fn what_has_no_words_here_is_refused() {
        assert_eq!(serde_json::from_str::<TextId>("\"welcome-title\"").expect("known"), id!("welcome-title"));
        assert_eq!(serde_json::to_string(&id!("welcome-title")).expect("JSON"), "\"welcome-title\"");
        let error = serde_json::from_str::<TextId>("\"of-later\"").expect_err("unknown");
        assert!(error.to_string().starts_with("this version has no text `of-later`"), "{error}");
    }

    #[test]
    fn no_text_reads_like_the_english_one() {
        for (place, id) in ids().enumerate() {
            let (english, own) = (EN.get(place), text(Language::Scrambled, place));
            let letters = english.split('{').next().unwrap_or_default();
            assert!(english != own || !letters.contains(char::is_alphanumeric), "{id}: {own}");
            for sign in [" s", " (", ". ", ": ", "`", "; "] {
                let outside = own.lines().filter(|line| !line.contains("->")).collect::<String>();
                assert!(!outside.replace("{ $s", "").contains(sign), "{id}: `{sign}` in {own}");
            }
        }
    }
}
