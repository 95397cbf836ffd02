//! The vendor's own questions, the public address, and what an answer must be like.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::{
    values::{Hostname, Line, LineError, Pattern, SecretText},
    words::{Phrase, phrase, said},
};

/// The most questions that a profile may have. More would not be a wizard.
pub const MOST_QUESTIONS: u8 = 64;

/// One entry of `[[question]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The key of its answer in `[answers]`.
    pub id: String,
    /// What is asked for; the title of its page.
    pub label: Line,
    /// What the answer is for.
    pub help: Option<String>,
    /// What an answer looks like.
    pub kind: QuestionKind,
    /// Taken when there is no answer, as text.
    pub default: Option<String>,
    /// Whether it may stay without an answer.
    pub optional: bool,
    /// Where the answer goes.
    pub target: Target,
}

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

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Helm value, by its dotted path. Never a secret.
    Value(String),
    /// A key of one of the two Secrets.
    SecretKey {
        /// The Secret.
        secret: SecretName,
        /// The key.
        key: String,
    },
}

/// The two Secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretName {
    /// The initial tenant.
    Tenant,
    /// The license seed.
    License,
}

/// Section `[endpoint]`: where the appliance is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether the host name is asked for.
    pub ask: bool,
    /// Whether it may stay without an answer.
    pub optional: bool,
    /// The public address; `{hostname}` in it stands for the answer.
    pub url: Option<String>,
    /// The Helm value that the host name becomes.
    pub value: Option<String>,
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
    Self::Empty => "value-empty",
    Self::Short { have, least } => "value-short" { have, least },
    Self::Long { have, most } => "value-long" { have, most },
    Self::Invisible(error) => (error),
    Self::Form(form) => "value-form" { form },
    Self::NoChoice(choices) => "value-must-be" { wanted: phrase!("answer-one-of" { choices }) },
    Self::NoBoolean => "value-must-be" { wanted: phrase!("file-boolean") },
    Self::NoNumber(range) => "value-must-be" { wanted: within(range) },
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

impl Question {
    /// Whether nobody may see the answer.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, QuestionKind::Secret(_))
    }

    /// The keys under which an answers file may answer it.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let Self { id, .. } = self;
        if self.is_secret() {
            vec![id.clone(), format!("{id}-file"), format!("{id}-credential")]
        } else {
            vec![id.clone()]
        }
    }

    /// What an answer looks like, for hints: "one of `eu`, `us`".
    #[must_use]
    pub fn form(&self) -> Phrase {
        match &self.kind {
            QuestionKind::Text(TextRules { pattern: Some(pattern), .. }) => {
                phrase!("answer-text-form" { form: pattern.as_str() })
            }
            QuestionKind::Text(TextRules { length, .. }) => phrase!("answer-text" { most: length.end() }),
            QuestionKind::Choice(choices) => phrase!("answer-one-of" { choices: listed(choices) }),
            QuestionKind::Boolean => phrase!("file-boolean"),
            QuestionKind::Number(range) => within(range),
            QuestionKind::Secret(_) => phrase!("answer-hidden" { id: &self.id }),
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

impl Endpoint {
    /// Stands for the host name in the address.
    pub const HOSTNAME: &str = "{hostname}";

    /// The public address; `None` when it is not known, or needs a host name that was not given.
    #[must_use]
    pub fn address(&self, hostname: Option<&Hostname>) -> Option<String> {
        let url = self.url.as_ref()?;
        match hostname {
            Some(hostname) => Some(url.replace(Self::HOSTNAME, hostname.as_str())),
            None => Some(url.clone()).filter(|url| !url.contains(Self::HOSTNAME)),
        }
    }
}

/// As texts: languages count with fewer digits than such a number may have.
fn within(range: &RangeInclusive<u64>) -> Phrase {
    phrase!("answer-range" { least: range.start().to_string(), most: range.end().to_string() })
}

fn listed(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("`{}`", choice.value)).collect::<Vec<_>>().join(", ")
}
