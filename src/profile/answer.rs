//! What the answer to a question must be like.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::{
    values::{Line, LineError, Pattern, SecretText},
    words::{Phrase, phrase, said},
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

/// Why an answer will not do. It never quotes the answer, which may be a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerError {
    /// Nothing was said.
    Empty,
    /// Too few characters.
    Short {
        /// How many it has.
        have: usize,
        /// How many it needs.
        least: usize,
    },
    /// Too many characters.
    Long {
        /// How many it has.
        have: usize,
        /// How many it may have.
        most: usize,
    },
    /// A character that cannot be shown.
    Invisible(LineError),
    /// Another form than the vendor's.
    Form(String),
    /// None of the choices.
    NoChoice(String),
    /// Neither yes nor no.
    NoBoolean,
    /// No number, or one out of bounds.
    NoNumber(RangeInclusive<u64>),
}

said! { AnswerError:
    Self::Empty => "value-empty" { what: Phrase::OPEN },
    Self::Short { have, least } => "value-short" { what: Phrase::OPEN, have, least },
    Self::Long { have, most } => "value-long" { what: Phrase::OPEN, have, most },
    Self::Invisible(error) => (error),
    Self::Form(form) => "value-form" { what: Phrase::OPEN, form },
    Self::NoChoice(choices) => "value-must-be" { what: Phrase::OPEN, wanted: phrase!("answer-one-of" { choices }) },
    Self::NoBoolean => "value-must-be" { what: Phrase::OPEN, wanted: phrase!("file-boolean") },
    Self::NoNumber(range) => "value-must-be" { what: Phrase::OPEN, wanted: within(range) },
}

impl QuestionKind {
    /// Parses an answer as it was typed. An empty one is for the caller, who knows whether that will do.
    ///
    /// # Errors
    /// What the answer must be like.
    pub fn parse(&self, text: &SecretText) -> Result<Answer, AnswerError> {
        let trimmed = text.expose().trim();
        match self {
            Self::Text(rules) => {
                rules.check(trimmed)?;
                Ok(Answer::Public(trimmed.into()))
            }
            Self::Choice(choices) => match choices.iter().find(|choice| choice.value == trimmed) {
                Some(choice) => Ok(Answer::Public(choice.value.as_str().into())),
                None => Err(AnswerError::NoChoice(listed(choices))),
            },
            Self::Boolean => match trimmed {
                "true" => Ok(Answer::Public(true.into())),
                "false" => Ok(Answer::Public(false.into())),
                _ => Err(AnswerError::NoBoolean),
            },
            Self::Number(range) => match trimmed.parse() {
                Ok(number) if range.contains(&number) => Ok(Answer::Public(number.into())),
                _ => Err(AnswerError::NoNumber(range.clone())),
            },
            Self::Secret(rules) => {
                // As it stands: a space at either end is part of it.
                rules.check(text.expose())?;
                Ok(Answer::Secret(text.clone()))
            }
        }
    }
}

impl TextRules {
    fn check(&self, text: &str) -> Result<(), AnswerError> {
        let (have, least, most) = (text.chars().count(), *self.length.start(), *self.length.end());
        if have == 0 {
            return Err(AnswerError::Empty);
        }
        Line::check_visible(text).map_err(AnswerError::Invisible)?;
        if have < least {
            return Err(AnswerError::Short { have, least });
        }
        if have > most {
            return Err(AnswerError::Long { have, most });
        }
        match &self.pattern {
            Some(pattern) if !pattern.matches(text) => Err(AnswerError::Form(pattern.as_str().to_owned())),
            _ => Ok(()),
        }
    }
}

/// "a whole number from 1 to 16". As texts: languages count with fewer digits than such a number may have.
pub(super) fn within(range: &RangeInclusive<u64>) -> Phrase {
    phrase!("answer-range" { least: range.start().to_string(), most: range.end().to_string() })
}

/// "`eu`, `us`".
pub(super) fn listed(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("`{}`", choice.value)).collect::<Vec<_>>().join(", ")
}
