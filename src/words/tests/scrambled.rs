//! A language for tests, made from the English one: every value stands where it stood, every word reads otherwise.
//!
//! A wizard in this language must show the same pages, take the same keys and end with the same exit codes, because
//! nothing may be decided by the characters of a sentence.

use std::iter;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
    serializer::serialize,
};

/// The text for this English one.
pub(in crate::words) fn made(english: &str) -> String {
    let source = format!("a ={english}\n");
    let mut resource = parser::parse(source).expect("a sound text");
    for entry in &mut resource.body {
        if let Entry::Message(message) = entry {
            scramble(message.value.as_mut().expect("a text"));
        }
    }
    serialize(&resource).trim_start_matches("a =").trim_end().to_owned()
}

fn scramble(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = other(value),
            PatternElement::Placeable { expression } => match expression {
                Expression::Select { variants, .. } => {
                    for variant in variants {
                        scramble(&mut variant.value);
                    }
                }
                Expression::Inline(InlineExpression::StringLiteral { value }) => *value = other(value),
                Expression::Inline(_) => {}
            },
        }
    }
}

/// Each word backwards behind a `q`, so that it has another beginning and another length. What stood between words, the
/// ends of lines among it, stays: a face folds lines there.
fn other(text: &str) -> String {
    let mut words = text.split_inclusive(char::is_whitespace).map(|word| {
        let (letters, space) = word.split_at(word.trim_end().len());
        let turned = letters.chars().rev().map(letter);
        let lead = (!letters.is_empty()).then_some('q');
        lead.into_iter().chain(turned).chain(space.chars()).collect::<String>()
    });
    iter::from_fn(|| words.next()).collect()
}

/// Letters are others, and what is no letter becomes the same sign throughout.
fn letter(from: char) -> char {
    let turned = |first: u8| char::from(first + (from as u8 - first + 13) % 26);
    match from {
        'a'..='z' => turned(b'a'),
        'A'..='Z' => turned(b'A'),
        '0'..='9' => 'k',
        _ => '~',
    }
}
