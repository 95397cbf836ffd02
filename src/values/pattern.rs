//! A regular expression that a whole answer must match.

use regex::{Regex, RegexBuilder};

use crate::words::{Phrase, phrase};

/// A regular expression in the syntax of the `regex` crate: it matches in time linear in the text.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    anchored: Regex,
}

impl Pattern {
    /// A profile's pattern is small; what compiles to more is a mistake.
    const SIZE_LIMIT: usize = 1 << 20;

    /// Compiles a pattern. It is anchored: what it does not match from end to end does not match.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(written: &str) -> Result<Self, Phrase> {
        let build = |text: &str| RegexBuilder::new(text).size_limit(Self::SIZE_LIMIT).build();
        // As it is first: `a)(b` is a mistake, although it closes and opens what anchors it.
        let anchored = build(written).and_then(|_sound| build(&format!(r"\A(?:{written})\z")));
        let anchored = anchored.map_err(|error| {
            let error = error.to_string();
            let reason = error.lines().next_back().unwrap_or_default().trim_start_matches("error: ");
            phrase!("pattern-form" { reason })
        })?;
        Ok(Self { written: written.to_owned(), anchored })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether all of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        self.anchored.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_text_matches_or_none() {
        for (pattern, text, matches) in [
            ("[a-z]+", "abc", true),
            ("[a-z]+", "abc1", false),
            ("a|b", "ab", false),
            ("^[0-9]{2}$", "12", true),
            ("[a-z]+", "a\n", false),
        ] {
            assert_eq!(Pattern::parse(pattern).map(|pattern| pattern.matches(text)), Ok(matches), "{pattern} {text}");
        }
    }

    #[test]
    fn mistakes() {
        for (written, told) in [
            ("a)(b", "is not a regular expression: unopened group"),
            ("[a", "is not a regular expression: unclosed character class"),
            ("(?x) # hides what anchors it", "is not a regular expression: unclosed group"),
            (r"(\w{500}){500}", "is not a regular expression: Compiled regex exceeds size limit of 1048576 bytes."),
        ] {
            let told_now = Pattern::parse(written).map_or_else(|error| error.to_string(), |_| String::new());
            assert_eq!(told_now, told, "{written}");
        }
    }
}
