//! What the answer to a question must be like.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::{
    document::{Placed, Section},
    values::{Line, Pattern, SecretText},
    words::{Phrase, phrase},
};

/// What an answer looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionKind {
    /// One line.
    Text(TextRules),
    /// One of these.
    Choice(Vec<Choice>),
    /// Yes or no.
    Boolean,
    /// A whole number within these bounds.
    Number(RangeInclusive<u64>),
    /// One line that nobody sees.
    Secret(TextRules),
}

/// The rules for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRules {
    /// What all of it must match.
    pub pattern: Option<Pattern>,
    /// How many characters it may have.
    pub length: RangeInclusive<usize>,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The answer itself.
    pub value: String,
    /// The answer for people.
    pub label: Line,
}

/// An answer that its question takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One that may be shown, with the type it has in Helm values.
    Public(Value),
    /// One that may not.
    Secret(SecretText),
}

impl QuestionKind {
    /// Reads an answer as text, whatever its type in the file is.
    pub fn read(&self, section: &mut Section<'_>, key: &str) -> Option<Placed<String>> {
        match self {
            Self::Text(_) | Self::Choice(_) | Self::Secret(_) => section.text(key),
            Self::Boolean => section.boolean(key).map(|truth| truth.map(|truth| truth.to_string())),
            Self::Number(_) => section.number(key).map(|number| number.map(|number| number.to_string())),
        }
    }

    /// Parses an answer as it was typed. An empty one is for the caller, who knows whether that will do.
    ///
    /// # Errors
    /// What the answer must be like. It never quotes the answer, which may be a secret in the wrong place.
    pub fn parse(&self, text: &SecretText) -> Result<Answer, Phrase> {
        let trimmed = text.expose().trim();
        match self {
            Self::Text(rules) => {
                rules.check(trimmed)?;
                Ok(Answer::Public(trimmed.into()))
            }
            Self::Choice(choices) => match choices.iter().find(|choice| choice.value == trimmed) {
                Some(choice) => Ok(Answer::Public(choice.value.as_str().into())),
                None => Err(must_be(phrase!("answer-one-of" { choices: listed(choices) }))),
            },
            Self::Boolean => match trimmed {
                "true" => Ok(Answer::Public(true.into())),
                "false" => Ok(Answer::Public(false.into())),
                _ => Err(must_be(phrase!("file-boolean"))),
            },
            Self::Number(range) => match trimmed.parse() {
                Ok(number) if range.contains(&number) => Ok(Answer::Public(number.into())),
                _ => Err(must_be(within(range))),
            },
            Self::Secret(rules) => {
                // As it stands: a space at either end is part of it.
                text.check_seen()?;
                rules.check(text.expose())?;
                Ok(Answer::Secret(text.clone()))
            }
        }
    }
}

impl TextRules {
    fn check(&self, text: &str) -> Result<(), Phrase> {
        let (have, least, most) = (text.chars().count(), *self.length.start(), *self.length.end());
        if have == 0 {
            return Err(phrase!("value-empty" { what: Phrase::OPEN }));
        }
        Line::check_visible(text)?;
        if have < least {
            return Err(phrase!("value-short" { what: Phrase::OPEN, have, least }));
        }
        if have > most {
            return Err(phrase!("value-long" { what: Phrase::OPEN, have, most }));
        }
        match &self.pattern {
            Some(pattern) if !pattern.matches(text) => {
                Err(phrase!("value-form" { what: Phrase::OPEN, form: pattern.as_str() }))
            }
            _ => Ok(()),
        }
    }
}

/// It is none of what it must be.
pub(super) fn must_be(wanted: Phrase) -> Phrase {
    phrase!("value-must-be" { what: Phrase::OPEN, wanted })
}

/// "a whole number from 1 to 16". As texts: languages count with fewer digits than such a number may have.
pub(super) fn within(range: &RangeInclusive<u64>) -> Phrase {
    phrase!("answer-range" { least: range.start().to_string(), most: range.end().to_string() })
}

/// "`eu`, `us`".
pub(super) fn listed(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("`{}`", choice.value)).collect::<Vec<_>>().join(", ")
}
