//! Words on lines.

use std::time::Duration;

use textwrap::{Options, WordSplitter};

use crate::values::plain_text;

/// The longest text that is shown in one piece; what is longer came from outside.
const LONGEST: usize = 2000;

/// Breaks `text` into lines of at most `width` columns, made safe to show.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    // An id such as `code-expired` is not broken at its hyphens.
    let options = Options::new(width.max(1)).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(&plain_text(text, LONGEST), options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// A time for people: `40 s`, `3 min 20 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// How long something took: with a tenth where that says more.
pub(crate) fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => seconds(Duration::from_millis(milliseconds)),
    }
}

/// What is also said within other sentences, as one of its own.
pub(crate) fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_only_there_if_possible() {
        assert_eq!(wrap("the code `code-expired` is", 14), ["the code", "`code-expired`", "is"]);
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrap("李李李", 4), ["李李", "李"]);
        assert_eq!(wrap("a\u{1b}[2Jb\nc", 20), ["a[2Jb c"]);
        assert!(!wrap("anything", 0).is_empty());
    }

    #[test]
    fn times() {
        for (given, shown) in [(0, "0 s"), (119, "119 s"), (120, "2 min 0 s"), (200, "3 min 20 s")] {
            assert_eq!(seconds(Duration::from_secs(given)), shown);
        }
        for (given, shown) in [(0, "0.0 s"), (1290, "1.2 s"), (10_000, "10 s")] {
            assert_eq!(took(given), shown);
        }
    }

    #[test]
    fn sentences() {
        for (message, shown) in [("the code is", "The code is"), ("`!` is", "`!` is"), ("", "")] {
            assert_eq!(sentence(message), shown);
        }
    }
}
