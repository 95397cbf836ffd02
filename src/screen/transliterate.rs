//! Texts for terminals that lack some of their characters.

use std::borrow::Cow;

use crate::screen::look::Glyphs;

/// What stands in for a character that the terminal has not.
pub(crate) const UNKNOWN: char = '?';

/// Letters that only ASCII lacks, and what people write instead.
const LETTERS: &[(char, &str)] =
    &[('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('Ä', "Ae"), ('Ö', "Oe"), ('Ü', "Ue"), ('ß', "ss"), ('×', "x")];

/// Punctuation that also the fonts of the Linux console may lack.
const PUNCTUATION: &[(char, &str)] = &[
    ('…', "..."),
    ('–', "-"),
    ('—', "-"),
    ('‑', "-"),
    ('„', "\""),
    ('“', "\""),
    ('”', "\""),
    ('‚', "'"),
    ('‘', "'"),
    ('’', "'"),
    ('•', "*"),
    ('→', "->"),
    ('←', "<-"),
    ('\u{a0}', " "),
    ('\u{202f}', " "),
];

/// `text` in characters that there are.
pub(crate) fn text(text: &str, glyphs: Glyphs) -> Cow<'_, str> {
    if glyphs == Glyphs::Unicode || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let letters = if glyphs == Glyphs::Ascii { LETTERS } else { &[] };
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match letters.iter().chain(PUNCTUATION).find(|(from, _)| *from == character) {
            Some((_, to)) => folded.push_str(to),
            None => folded.push(character),
        }
    }
    Cow::Owned(folded)
}

/// What a person typed: it is never respelt, and what cannot be shown is shown as [`UNKNOWN`].
pub(crate) fn typed(text: &str, glyphs: Glyphs) -> Cow<'_, str> {
    if glyphs != Glyphs::Ascii || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|character| if character.is_ascii() { character } else { UNKNOWN }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_and_answers_are_not() {
        for (text, ascii, basic) in [
            ("Übersicht", "Uebersicht", "Übersicht"),
            ("„läuft …“ – 5 s", "\"laeuft ...\" - 5 s", "\"läuft ...\" - 5 s"),
            ("10\u{a0}s → fertig", "10 s -> fertig", "10 s -> fertig"),
            ("plain", "plain", "plain"),
            ("李", "李", "李"),
        ] {
            assert_eq!((&*super::text(text, Glyphs::Ascii), &*super::text(text, Glyphs::Basic)), (ascii, basic));
            assert_eq!(super::text(text, Glyphs::Unicode), text);
        }
        assert_eq!(typed("Jörg 李", Glyphs::Ascii), "J?rg ?");
        assert_eq!(typed("Jörg", Glyphs::Basic), "Jörg");
    }
}
