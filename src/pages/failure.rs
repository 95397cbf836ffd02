//! A failure as the pages tell it.

use ratatui::style::Style;

use crate::{
    error::Report,
    screen::{
        body::Body,
        theme::{Mark, Theme},
    },
    words::{Words, phrase},
};

/// Adds one failure, with what led to it if `causes` are wanted, and its hint in this style.
pub(super) fn told(words: &Words, report: &Report, causes: bool, hint: Style, body: &mut Body<'_>) {
    body.styled(body.theme.mark(Mark::Failed), &sentence(words, report), body.theme.bad());
    for cause in report.causes.iter().filter(|_| causes) {
        body.below(&words.tell(&phrase!("failure-cause" { cause })), Theme::plain());
    }
    body.below(&self::hint(words, report), hint);
}

/// A failure in one line, without its causes.
pub(super) fn sentence(words: &Words, report: &Report) -> String {
    format!("{}: {}", report.id.as_str(), words.tell(&report.message))
}

/// What to do about a failure.
pub(crate) fn hint(words: &Words, report: &Report) -> String {
    words.tell(&phrase!("failure-hint" { hint: &report.hint }))
}
