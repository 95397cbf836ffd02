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
//! as it comes, but for what a parser quotes: see [`Tellable`].
//!
//! Not here are documents that firstlight writes for others to work on (the template of an
//! answers file, the headings of a report), the command line's own help, which stands with its
//! flags, and literals such as `error[ID]`.

pub(crate) mod filled;
mod language;
mod macros;
mod phrase;
mod plain;
pub(crate) mod texts;

pub(crate) use filled::valued;
pub use language::{Language, is_utf8};
pub(crate) use macros::{phrase, said};
pub use phrase::{Cause, Phrase, Say, Tellable};
pub(crate) use phrase::{Known, ours, theirs};
pub use plain::{Plain, is_formatting, is_unseen, plain_text};
pub(crate) use texts::id;
pub use texts::{TextId, english};

/// The texts of one language.
#[derive(Debug)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The words of `language`.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// English, for those whose readers have one language.
    pub const fn english() -> Self {
        Self::new(Language::English)
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// What is to be said, in this language; a text may come by its id alone.
    pub fn say(&self, what: impl Into<Phrase>) -> String {
        what.into().say(&|id, values| texts::format(self.language, id, values))
    }
}

#[cfg(test)]
mod tests;
