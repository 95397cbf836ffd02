//! What is said about what was typed or pasted: data until a page says it in words.

use serde::{Deserialize, Serialize};

use crate::{
    profile::{AnswerError, Question, QuestionKind},
    tui::widgets::{Refusal, Remark},
    values::{CodeError, EmailError, HostnameError, Line, LineError, Rule, SecretText, plain_text},
    words::Words,
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
        match self {
            Self::Typed(reason @ (Refusal::NoCode | Refusal::Codes(_))) => {
                words.with("code-line-refused", [("reason", refusal(words, reason).into())])
            }
            Self::Typed(reason) => refusal(words, reason),
            Self::Pasted(reason) => words.with("field-nothing-pasted", [("reason", refusal(words, reason).into())]),
            Self::Given(reason) => {
                let reason = refusal(words, reason);
                words.with("answer-left-out", [("answer", label.into()), ("reason", reason.into())])
            }
            Self::Taken(remark) => words.say(match remark {
                Remark::Replaced => "pasted-replaced",
                Remark::Found => "pasted-found",
                Remark::Cleaned => "pasted-cleaned",
                Remark::LineBreak => "pasted-line-break",
                Remark::OuterSpace => "pasted-outer-space",
            }),
            Self::Refused(id) => words.with("answer-refused", [("id", id.as_str().into())]),
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

fn refusal(words: &Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Full(most) => words.with("field-full", [("most", (*most).into())]),
        Refusal::Code(error) => code_error(words, error),
        Refusal::NoCode => words.say("code-nowhere"),
        Refusal::Codes(count) => words.with("code-several", [("count", (*count).into())]),
        Refusal::Long { have, room } => words.with("field-long", [("have", (*have).into()), ("room", (*room).into())]),
        Refusal::Control(position) => words.with("field-control", [("position", (*position).into())]),
        Refusal::NoDigit(character) => {
            words.with("field-no-digit", [("character", plain_text(&character.to_string(), 1).into())])
        }
        Refusal::Unseen { character, position } => {
            let character = code_point(*character).into();
            words.with("field-unseen", [("character", character), ("position", (*position).into())])
        }
    }
}

/// A character that cannot be shown itself.
fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Why a text is not an install code.
pub(crate) fn code_error(words: &Words, error: &CodeError) -> String {
    match error {
        CodeError::Empty => words.say("code-empty"),
        CodeError::Character { character, position, allowed } => words.with(
            "code-character",
            [
                ("character", character.as_str().into()),
                ("position", (*position).into()),
                ("allowed", allowed.as_str().into()),
            ],
        ),
        CodeError::Short { have, want } => {
            words.with("code-short", [("have", (*have).into()), ("want", (*want).into())])
        }
        CodeError::Long { have, want } => words.with("code-long", [("have", (*have).into()), ("want", (*want).into())]),
    }
}

/// Why the answer called `label` is not a line of text, as a sentence.
pub(crate) fn line_error(words: &Words, label: &str, error: LineError) -> String {
    let label = ("label", label.into());
    match error {
        LineError::Empty => words.with("line-empty", [label]),
        LineError::Long(have) => words.with("line-long", [label, ("have", have.into()), ("most", Line::MAX.into())]),
        LineError::Invisible { character, position } => {
            let character = ("character", code_point(character).into());
            words.with("line-unseen", [label, character, ("position", position.into())])
        }
    }
}

/// Why a text is not an e-mail address, as a sentence.
pub(crate) fn email_error(words: &Words, error: &EmailError) -> String {
    words.say(match error {
        EmailError::Empty => "email-empty",
        EmailError::Form(_) => "email-form",
    })
}

/// Why a text is not a host name, as a sentence.
pub(crate) fn hostname_error(words: &Words, error: HostnameError) -> String {
    words.say(match error {
        HostnameError::Empty => "hostname-empty",
        HostnameError::Address => "hostname-address",
        HostnameError::Malformed => "hostname-malformed",
    })
}

/// Why an answer to a vendor's question will not do, as a sentence.
pub(crate) fn answer_problem(words: &Words, question: &Question, text: &str) -> String {
    let error = match question.kind.parse(&SecretText::from(text)) {
        Err(error) if !text.trim().is_empty() => error,
        _ => AnswerError::Empty,
    };
    match (error, &question.kind) {
        (AnswerError::Empty, QuestionKind::Choice(_) | QuestionKind::Boolean)
        | (AnswerError::NoChoice(_) | AnswerError::NoBoolean, _) => words.say("answer-choose"),
        (AnswerError::Empty, _) => words.say("answer-empty"),
        (AnswerError::Invisible(error), _) => line_error(words, &words.say("answer-itself"), error),
        (AnswerError::Short { have, least }, _) => {
            words.with("answer-short", [("have", have.into()), ("least", least.into())])
        }
        (AnswerError::Long { have, most }, _) => {
            words.with("answer-long", [("have", have.into()), ("most", most.into())])
        }
        (AnswerError::Form(form), _) => words.with("answer-form", [("form", form.into())]),
        (AnswerError::NoNumber(range), _) => {
            let values = [("least", range.start().to_string().into()), ("most", range.end().to_string().into())];
            words.with("answer-number", values)
        }
    }
}

/// A rule for passwords, as it completes "the password must have".
pub(crate) fn rule(words: &Words, rule: Rule) -> String {
    match rule {
        Rule::MinLength(least) => words.with("rule-min-length", [("least", least.into())]),
        Rule::MaxLength(most) => words.with("rule-max-length", [("most", most.into())]),
        Rule::NoControl => words.say("rule-no-control"),
        Rule::NotUniform => words.say("rule-not-uniform"),
    }
}

/// What a password that breaks `rules` must have.
pub(crate) fn broken(words: &Words, rules: &[Rule]) -> String {
    let rules: Vec<String> = rules.iter().map(|broken| rule(words, *broken)).collect();
    words.with("password-must-have", [("rules", rules.join(", ").into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{values::Email, words::Language};

    #[test]
    fn names_and_addresses_are_refused_in_the_chosen_language() {
        let (english, german) = (Words::new(Language::English), Words::new(Language::German));
        let line = |words: &Words, text: &str| {
            let label = words.say("label-last-name");
            line_error(words, &label, Line::parse(text).expect_err("not a line"))
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
            ("", "The e-mail address is empty", "Die E-Mail-Adresse fehlt"),
            (
                "kim",
                "This is not an e-mail address of the form `name@example.com`",
                "Das ist keine E-Mail-Adresse der Form `name@example.com`",
            ),
        ] {
            let error = text.parse::<Email>().expect_err("not an address");
            assert_eq!((email_error(&english, &error).as_str(), email_error(&german, &error).as_str()), (said, gesagt));
        }
    }
}
