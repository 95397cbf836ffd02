//! What is to be said, before it is known in which language.

use std::{borrow::Cow, collections::BTreeMap, error::Error, fmt};

use fluent_bundle::{FluentArgs, FluentValue};
use serde::{Deserialize, Serialize};

use super::{Language, Plain, TextId, phrase, texts};

/// The value of a reason for what it is about.
const WHAT: &str = "what";

/// What is to be said: by its id and with what stands in it, for those who do not know the language.
///
/// Its `Display` is English, the language of logs and JSON Lines. In JSON what is
/// [in English](Self::in_english) is a string, and a text that is still to be said an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Phrase {
    /// Several, with commas between them. Before the others, because an array can be taken for the fields of a text.
    List(Box<[Self]>),
    /// A text of `assets/words`.
    Text(Box<Text>),
    /// A number, which languages may count with.
    Number(i64),
    /// What stands so in every language: a name, or what somebody else said.
    Verbatim(Plain),
}

/// A text by its id, and with what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    id: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<Cow<'static, str>, Phrase>,
}

/// The text that has details in brackets.
const WITH_DETAILS: &str = "with-details";
/// The value of a text that is a time which goes on.
const SECONDS: &str = "seconds";

impl Phrase {
    /// The text called `id` with these values in it; the structures of texts are the only callers.
    pub(super) fn filled<const VALUES: usize>(id: &'static str, values: [(&'static str, Self); VALUES]) -> Self {
        let values = values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        Self::Text(Box::new(Text { id: Cow::Borrowed(id), values }))
    }

    /// What a reason leaves open, as its value `what`: what it is about. See [`Phrase::about`].
    pub(crate) const OPEN: Self = Self::nothing();

    /// The reason said about `what`, such as the label on a page. Where nobody says that, as behind the path in a file,
    /// the reason begins with what is wrong.
    #[must_use]
    pub fn about(mut self, what: impl Into<Self>) -> Self {
        if let Self::Text(text) = &mut self
            && let Some(open) = text.values.get_mut(WHAT).filter(|value| **value == Self::OPEN)
        {
            *open = what.into();
        }
        self
    }

    /// Nothing at all.
    pub const fn nothing() -> Self {
        Self::Verbatim(Plain::empty())
    }

    /// This sentence, and the `next` one behind it.
    #[must_use]
    pub fn then(self, next: impl Into<Self>) -> Self {
        phrase!("in-a-row" { first: self, next: next.into() })
    }

    /// The same for those who need no other language.
    #[must_use]
    pub fn in_english(&self) -> Self {
        Self::Verbatim(Plain::said(self.to_string()))
    }

    /// The same with everything changed that stands so in every language.
    #[must_use]
    pub fn with_verbatim(&self, change: &impl Fn(&str) -> String) -> Self {
        match self {
            Self::List(items) => Self::List(items.iter().map(|item| item.with_verbatim(change)).collect()),
            Self::Text(text) => {
                let values = text.values.iter().map(|(name, value)| (name.clone(), value.with_verbatim(change)));
                Self::Text(Box::new(Text { id: text.id.clone(), values: values.collect() }))
            }
            Self::Number(number) => Self::Number(*number),
            Self::Verbatim(text) => Self::Verbatim(Plain::said(change(text.as_str()))),
        }
    }

    /// The same without the details that stand behind it in brackets, for where there is no room for them.
    pub fn brief(&self) -> &Self {
        match self {
            Self::Text(text) if text.id == WITH_DETAILS => text.values.get("what").unwrap_or(self),
            _ => self,
        }
    }

    /// How many seconds something has taken so far, if it tells a time that goes on.
    pub fn seconds(&self) -> Option<i64> {
        match self.brief() {
            Self::Text(text) => match text.values.get(SECONDS) {
                Some(Self::Number(seconds)) => Some(*seconds),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it says what `before` said, but for a time that goes on.
    pub fn repeats(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Text(now), Self::Text(before)) => {
                let said_again = |(name, value): (&Cow<'static, str>, &Self)| {
                    let before = before.values.get(name);
                    before.is_some_and(|before| name == SECONDS || value.repeats(before))
                };
                now.id == before.id && now.values.len() == before.values.len() && now.values.iter().all(said_again)
            }
            _ => self == before,
        }
    }

    /// The phrase said with `format`, which knows the texts of a language by their ids.
    pub(super) fn say(&self, format: &impl Fn(&str, &FluentArgs<'_>) -> Option<String>) -> String {
        match self {
            Self::Text(text) => {
                let values = text.values.iter().map(|(name, value)| match value {
                    Self::Number(number) => (name.as_ref(), FluentValue::from(*number)),
                    value => (name.as_ref(), FluentValue::from(value.say(format))),
                });
                // A recording may name one that this version does not have; the id itself says more than nothing.
                let said =
                    format(&text.id, &values.collect()).unwrap_or_else(|| Plain::from(text.id.to_string()).to_string());
                let is_open = text.values.get(WHAT) == Some(&Self::OPEN);
                if is_open { said.trim_start().to_owned() } else { said }
            }
            Self::Number(number) => number.to_string(),
            Self::List(items) => items.iter().map(|item| item.say(format)).collect::<Vec<_>>().join(", "),
            Self::Verbatim(text) => text.as_str().to_owned(),
        }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&|id, values| texts::format(Language::English, id, values)))
    }
}

impl From<TextId> for Phrase {
    fn from(id: TextId) -> Self {
        Self::filled(id.as_str(), [])
    }
}

/// Verbatim: what is to be said in every language has an id.
impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::Verbatim(text.into())
    }
}

impl From<Vec<Self>> for Phrase {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items.into())
    }
}

impl<T: Clone> From<&T> for Phrase
where
    Self: From<T>,
{
    fn from(value: &T) -> Self {
        Self::from(value.clone())
    }
}

/// Numbers that a phrase can hold; what is larger than any of them is the largest.
macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl From<$number> for Phrase {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        })*
    };
}

numbers! { i32 i64 u8 u16 u32 u64 usize }

/// An error of ours, or what else is wrong: it can be said in any language.
pub trait Say: Error {
    /// What is to be said of it, and what led to it.
    fn said(&self) -> (Phrase, Option<Cause<'_>>);

    /// What is to be said of it.
    fn phrase(&self) -> Phrase {
        self.said().0
    }

    /// What led to it.
    fn because(&self) -> Option<Cause<'_>> {
        self.said().1
    }
}

/// What led to an error. The source that [`Error`] knows is made of it, so that there is one chain of causes.
#[derive(Debug, Clone, Copy)]
pub enum Cause<'e> {
    /// An error of ours, which can be said in every language.
    Ours(&'e (dyn Say + 'static)),
    /// An error of a library, which is told as it comes.
    Theirs(Told<'e>),
}

/// An error of a library that quotes nothing of what was read, and carries none that does.
#[derive(Debug, Clone, Copy)]
pub struct Told<'e>(&'e (dyn Error + 'static));

/// An error of a library that quotes nothing of what was read, and carries none that does, so that it may be told.
///
/// No parser's error is one: what it quotes may be a secret. This is the whole list, and every line of it a place to review.
pub trait Tellable: Error {}

impl Tellable for std::io::Error {}
impl Tellable for fmt::Error {}
// HTTP and TLS speak of connections, not of what goes through them.
impl Tellable for reqwest::Error {}
impl Tellable for rustls::Error {}
impl Tellable for argon2::password_hash::Error {}
// D-Bus speaks of units and of who may start them.
impl Tellable for zbus::Error {}

/// Finds one type of error behind an error that was carried without its type.
pub(crate) type Known = for<'e> fn(&'e (dyn Error + 'static)) -> Option<Cause<'e>>;

impl<'e> Cause<'e> {
    /// An error that somebody carried without its type, if it is one of those that are `known`. Any other is not told: it
    /// may quote what it is about.
    pub(crate) fn of(error: &'e (dyn Error + 'static), known: &[Known]) -> Option<Self> {
        known.iter().find_map(|known| known(error))
    }

    /// An error of a library that may be told.
    pub(crate) fn theirs(error: &'e (impl Tellable + 'static)) -> Self {
        Self::Theirs(Told(error))
    }

    /// The error itself.
    pub fn error(self) -> &'e (dyn Error + 'static) {
        match self {
            Self::Ours(error) => error,
            Self::Theirs(error) => error.0,
        }
    }

    /// What led to it in turn.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Ours(error) => error.because(),
            Self::Theirs(error) => error.0.source().map(|source| Self::Theirs(Told(source))),
        }
    }
}

/// An error that was carried without its type, if it is this one of ours.
pub(crate) fn ours<'e, E: Say + 'static>(error: &'e (dyn Error + 'static)) -> Option<Cause<'e>> {
    error.downcast_ref::<E>().map(|error| Cause::Ours(error))
}

/// The same for one of a library that may be told.
pub(crate) fn theirs<'e, E: Tellable + 'static>(error: &'e (dyn Error + 'static)) -> Option<Cause<'e>> {
    error.downcast_ref::<E>().map(Cause::theirs)
}
