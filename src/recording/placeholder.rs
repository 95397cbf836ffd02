//! What stands in a recording for what was typed.

use std::sync::Arc;

use unicode_width::UnicodeWidthChar;

use crate::{
    answers::FieldId,
    field::{Field, FieldKind, LONGEST_PASTE},
    profile::QuestionKind,
    recording::format::Filled,
    values::CodeFormat,
    wizard::{App, Input, form::Form},
};

/// What stands for a text that a secret was found in.
const LEFT_OUT: &str = "(left out: it held a secret)";

/// What is shorter is no secret that is in use: it is one that is still being typed.
const SHORTEST_SECRET: usize = 4;

/// What stands for a secret is one of these lengths, the first that is right or wrong as the secret is: its own tells too
/// much of it.
const LENGTHS: [usize; 4] = [16, 64, 4, 1];

/// A placeholder for each field: right or wrong as its content is, and of the same length unless that is secret.
pub(crate) fn filled(app: &App) -> Vec<Filled> {
    let mut form = Form::empty(Arc::clone(app.profile()));
    let placed = Input::all(app.profile()).map(|input| {
        let field = app.form().field(input);
        let wrong = app.form().is_wrong(input);
        let candidates = candidates(app, &form, input);
        let mut suits = |text: &String| {
            form.field_mut(input).resume(text, 0);
            form.is_wrong(input) == wrong
        };
        let suited = candidates.iter().find(|text| suits(text));
        let text = suited.or(candidates.first()).cloned().unwrap_or_default();
        form.field_mut(input).resume(&text, 0);
        let cursor = if field.is_masked() { text.chars().count() } else { field.cursor() };
        Filled { input, text, cursor }
    });
    placed.collect()
}

/// Placeholders for the content of a field, the most like it first; `form` has those of the fields before it.
fn candidates(app: &App, form: &Form, input: Input) -> Vec<String> {
    let field = app.form().field(input);
    let (text, length) = (field.text(), field.length());
    if text.is_empty() {
        return vec![String::new()];
    }
    match field.kind() {
        FieldKind::Code(format) => vec![code_character(format).to_string().repeat(length)],
        FieldKind::Masked if input == Input::Again && app.form().passwords_agree() => {
            vec![form.field(Input::Answer(FieldId::Password)).text().to_owned()]
        }
        FieldKind::Digits => {
            let range = input.question(app.profile()).and_then(|question| match &question.kind {
                QuestionKind::Number(range) => Some([range.start().to_string(), range.end().to_string()]),
                _ => None,
            });
            ["0".repeat(length), "1".repeat(length)].into_iter().chain(range.into_iter().flatten()).collect()
        }
        // It is one of those that the profile lists.
        FieldKind::Plain if is_picked(app, input) && !app.form().is_wrong(input) => vec![text.to_owned()],
        FieldKind::Masked => {
            let patterns = |length| ["xy", "yx", "x"].map(|pattern| pattern.chars().cycle().take(length).collect());
            LENGTHS.into_iter().flat_map(patterns).collect()
        }
        FieldKind::Plain => {
            let shape: String = text.chars().map(shape).collect();
            let address: String = "x".repeat(length.saturating_sub("@x.xx".len())) + "@x.xx";
            let url: String = "http://".chars().chain("x.".chars().cycle()).take(length).collect();
            let default = input.question(app.profile()).and_then(|question| question.default.clone());
            [shape, address, url, "x".repeat(length)].into_iter().chain(default).collect()
        }
    }
}

/// Whether the answer is picked from a list, and not typed.
fn is_picked(app: &App, input: Input) -> bool {
    input.row(app.profile()).is_some_and(|row| row.is_picked())
}

/// A character that `field` takes, passes over or refuses as it does `character`.
pub(crate) fn character(field: Option<&Field>, character: char) -> char {
    match field.map(Field::kind) {
        Some(FieldKind::Code(format)) if format.fold(character).is_some() => code_character(format),
        Some(FieldKind::Code(_)) if character.is_whitespace() || matches!(character, '-' | '_' | '.') => '-',
        Some(FieldKind::Code(_)) => '?',
        Some(FieldKind::Plain | FieldKind::Digits) => shape(character),
        Some(FieldKind::Masked) if character.is_control() => character,
        Some(FieldKind::Masked) | None => 'x',
    }
}

/// How many characters a paste had, as far as that may be told.
pub(crate) fn pasted(field: Option<&Field>, text: &str) -> usize {
    let characters = text.chars().count();
    let is_secret = field.is_some_and(Field::is_masked);
    if is_secret && (1..=LONGEST_PASTE).contains(&characters) { LENGTHS[0] } else { characters }
}

/// What a paste of so many characters is replayed with.
pub(crate) fn paste(field: Option<&Field>, characters: usize) -> String {
    let filling = match field.map(Field::kind) {
        Some(FieldKind::Code(format)) => code_character(format),
        Some(FieldKind::Digits) => '0',
        _ => 'x',
    };
    // As long as one that is too long, whatever a recording says.
    filling.to_string().repeat(characters.min(LONGEST_PASTE + 1))
}

fn code_character(format: &CodeFormat) -> char {
    ('0'..='Z').find(|character| format.fold(*character) == Some(*character)).unwrap_or('X')
}

/// A letter for a letter, a digit for a digit, and what is neither as it is.
fn shape(character: char) -> char {
    match character {
        _ if character.is_whitespace() || character.is_ascii_punctuation() => character,
        _ if character.is_ascii_digit() => '0',
        _ if character.width() == Some(2) => '字',
        _ if character.width().unwrap_or(0) == 0 && !character.is_alphanumeric() => character,
        _ if character.is_uppercase() => 'X',
        _ => 'x',
    }
}

/// `text` of an event without what was typed: no event can hold a secret, and one that does is left out.
pub(crate) fn scrubbed(app: &App, text: &str) -> String {
    if Input::all(app.profile()).any(|input| holds_secret(app.form().field(input), text)) {
        return LEFT_OUT.to_owned();
    }
    let mut scrubbed = text.to_owned();
    for input in Input::all(app.profile()).filter(|input| !is_picked(app, *input)) {
        let field = app.form().field(input);
        let answer = field.text().trim();
        if *field.kind() == FieldKind::Plain && !answer.is_empty() {
            scrubbed = replace_words(&scrubbed, answer, &answer.chars().map(shape).collect::<String>());
        }
    }
    scrubbed
}

fn holds_secret(field: &Field, text: &str) -> bool {
    let secret = field.text();
    if field.length() < SHORTEST_SECRET {
        return false;
    }
    match field.kind() {
        FieldKind::Plain | FieldKind::Digits => false,
        FieldKind::Masked => text.contains(secret),
        // However it is grouped, and in either case.
        FieldKind::Code(_) => {
            let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            bare.to_ascii_uppercase().contains(secret)
        }
    }
}

/// Replaces `word` where no letter or digit stands next to it.
fn replace_words(text: &str, word: &str, by: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(index) = rest.find(word) {
        let (before, after) = (&rest[..index], &rest[index + word.len()..]);
        replaced.push_str(before);
        let joined = replaced.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        replaced.push_str(if joined { word } else { by });
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_tell_nothing_but_the_form() {
        for (given, shown) in
            [("Kim O'Neill", "Xxx X'Xxxxx"), ("kim+2@acme.example", "xxx+0@xxxx.xxxxxxx"), ("李 é", "字 x"), ("", "")]
        {
            assert_eq!(given.chars().map(shape).collect::<String>(), shown);
        }
    }

    #[test]
    fn words_are_replaced_and_parts_of_words_are_not() {
        for (text, shown) in [
            ("Al, the clock is right for Al", "Xx, the clock is right for Xx"),
            ("All of `Al`s", "All of `Xx`s"),
            ("AlAl", "AlAl"),
            ("", ""),
        ] {
            assert_eq!(replace_words(text, "Al", "Xx"), shown);
        }
    }
}
