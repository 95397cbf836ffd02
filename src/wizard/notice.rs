//! What is said about what was typed or pasted: data until a page says it in words.

use serde::{Deserialize, Serialize};

use crate::{
    field::{Refusal, Remark},
    values::{CodeError, code_point, plain_text},
    words::{Phrase, Say, Words, phrase},
};

/// Something to be said below a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Notice {
    /// A character was not taken.
    Typed(Refusal),
    /// A paste was not taken.
    Pasted(Refusal),
    /// The answer of the file was not taken.
    Given(Refusal),
    /// A paste was taken, but not as it stands.
    Taken(Remark),
    /// The run failed of the answer, with an error of this id.
    Refused(String),
}

impl Notice {
    /// Whether something was refused.
    pub(crate) const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Taken(_))
    }

    /// The notice without the character that was refused, which may be one of a password.
    pub(crate) fn without_character(&self) -> Self {
        match self {
            Self::Typed(refusal) => Self::Typed(without_character(refusal)),
            Self::Pasted(refusal) => Self::Pasted(without_character(refusal)),
            Self::Given(refusal) => Self::Given(without_character(refusal)),
            Self::Taken(_) | Self::Refused(_) => self.clone(),
        }
    }

    /// The notice in words, about the answer called `label`.
    pub(crate) fn say(&self, words: &Words, label: &str) -> String {
        words.say(self.phrase(label))
    }

    /// What is to be said, about the answer called `label`.
    pub(crate) fn phrase(&self, label: &str) -> Phrase {
        match self {
            Self::Typed(reason @ (Refusal::NoCode | Refusal::Codes(_))) => {
                phrase!("code-line-refused" { reason: refusal(reason) })
            }
            Self::Typed(reason) => refusal(reason),
            Self::Pasted(reason) => phrase!("field-nothing-pasted" { reason: refusal(reason) }),
            Self::Given(reason) => phrase!("answer-left-out" { answer: label, reason: refusal(reason) }),
            Self::Taken(remark) => match remark {
                Remark::Replaced => phrase!("pasted-replaced"),
                Remark::Found => phrase!("pasted-found"),
                Remark::Cleaned => phrase!("pasted-cleaned"),
                Remark::LineBreak => phrase!("pasted-line-break"),
                Remark::OuterSpace => phrase!("pasted-outer-space"),
            },
            Self::Refused(id) => phrase!("answer-refused" { id }),
        }
    }
}

fn without_character(refusal: &Refusal) -> Refusal {
    match refusal {
        Refusal::Code(CodeError::Character { position, allowed, .. }) => {
            let (character, position, allowed) = ("?".to_owned(), *position, allowed.clone());
            Refusal::Code(CodeError::Character { character, position, allowed })
        }
        Refusal::NoDigit(_) => Refusal::NoDigit('?'),
        other => other.clone(),
    }
}

fn refusal(refusal: &Refusal) -> Phrase {
    match refusal {
        Refusal::Full(most) => phrase!("field-full" { most }),
        Refusal::Code(error) => error.phrase(),
        Refusal::NoCode => phrase!("code-nowhere"),
        Refusal::Codes(count) => phrase!("code-several" { count }),
        Refusal::Long { have, room } => phrase!("field-long" { have, room }),
        Refusal::Control(position) => phrase!("field-control" { position }),
        Refusal::NoDigit(character) => phrase!("field-no-digit" { character: plain_text(&character.to_string(), 1) }),
        Refusal::Unseen { character, position } => {
            phrase!("field-unseen" { character: code_point(*character), position })
        }
    }
}
