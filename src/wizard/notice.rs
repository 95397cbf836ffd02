//! What is said about what was typed or pasted: data until a page says it in words.

use serde::{Deserialize, Serialize};

use crate::{
    field::{Refusal, Remark},
    profile::{AnswerError, Question, QuestionKind},
    values::{CodeError, HostnameError, Line, LineError, SecretText, code_point, plain_text},
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
        words.tell(&match self {
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
        })
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

/// Why the answer called `label` is not a line of text, as a sentence.
pub(crate) fn line_error(label: Phrase, error: LineError) -> Phrase {
    match error {
        LineError::Empty => phrase!("line-empty" { label }),
        LineError::Long(have) => phrase!("line-long" { label, have, most: Line::MAX }),
        LineError::Invisible { character, position } => {
            phrase!("line-unseen" { label, character: code_point(character), position })
        }
    }
}

/// Why a text is not a host name, as a sentence.
pub(crate) fn hostname_error(error: HostnameError) -> Phrase {
    match error {
        HostnameError::Empty => phrase!("hostname-empty"),
        HostnameError::Address => phrase!("hostname-address"),
        HostnameError::Malformed => phrase!("hostname-malformed"),
    }
}

/// Why an answer to a vendor's question will not do, as a sentence.
pub(crate) fn answer_problem(question: &Question, text: &str) -> Phrase {
    let error = match question.kind.parse(&SecretText::from(text)) {
        Err(error) if !text.trim().is_empty() => error,
        _ => AnswerError::Empty,
    };
    match (error, &question.kind) {
        (AnswerError::Empty, QuestionKind::Choice(_) | QuestionKind::Boolean)
        | (AnswerError::NoChoice(_) | AnswerError::NoBoolean, _) => phrase!("answer-choose"),
        (AnswerError::Empty, _) => phrase!("answer-empty"),
        (AnswerError::Invisible(error), _) => line_error(phrase!("answer-itself"), error),
        (AnswerError::Short { have, least }, _) => phrase!("answer-short" { have, least }),
        (AnswerError::Long { have, most }, _) => phrase!("answer-long" { have, most }),
        (AnswerError::Form(form), _) => phrase!("answer-form" { form }),
        (AnswerError::NoNumber(range), _) => {
            phrase!("answer-number" { least: range.start().to_string(), most: range.end().to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{screen::text::sentence, values::Email, words::Language};

    #[test]
    fn names_and_addresses_are_refused_in_the_chosen_language() {
        let (english, german) = (Words::new(Language::English), Words::new(Language::German));
        let line = |words: &Words, text: &str| {
            words.tell(&line_error(phrase!("label-last-name"), Line::parse(text).expect_err("not a line")))
        };
        for (text, said, gesagt) in [
            ("", "Last name is empty", "Nachname fehlt"),
            (
                &"x".repeat(101),
                "Last name has 101 characters; at most 100 are allowed",
                "Nachname hat 101 Zeichen; höchstens 100 sind erlaubt",
            ),
            (
                "a\u{200b}b",
                "Last name has an invisible or control character (U+200B) at position 2",
                "Nachname hat ein unsichtbares Zeichen oder Steuerzeichen (U+200B) an Stelle 2",
            ),
        ] {
            assert_eq!((line(&english, text).as_str(), line(&german, text).as_str()), (said, gesagt));
        }
        for (text, said, gesagt) in [
            ("", "The e-mail address is empty", "Die E-Mail-Adresse ist leer"),
            (
                "kim",
                "This is not an e-mail address of the form `name@example.com`",
                "Das ist keine E-Mail-Adresse der Form `name@example.com`",
            ),
        ] {
            let error = text.parse::<Email>().expect_err("not an address");
            let sentence = |words: &Words| sentence(&words.tell(&error.phrase()));
            assert_eq!((sentence(&english).as_str(), sentence(&german).as_str()), (said, gesagt));
        }
    }
}
