//! A failure as the pages tell it.

use ratatui::style::Style;

use crate::{
    error::{ErrorId, Report},
    screen::{Body, Mark, Theme},
    words::{Phrase, id, phrase},
};

/// Adds one failure, with what led to it if `causes` are wanted, and its hint in this style.
pub(super) fn told(report: &Report, causes: bool, hint: Style, body: &mut Body<'_>) {
    body.styled(body.theme.mark(Mark::Failed), sentence(report), body.theme.bad());
    for cause in report.causes.iter().filter(|_| causes) {
        body.below(phrase!("failure-cause" { cause }), Theme::plain());
    }
    body.below(self::hint(report), hint);
    if report.id == ErrorId::ClockWrong {
        body.below(id!("clock-key"), hint);
    }
}

/// A failure in one line, without its causes.
pub(super) fn sentence(report: &Report) -> Phrase {
    phrase!("failure-sentence" { id: report.id.as_str(), message: &report.message })
}

/// What to do about a failure.
pub(super) fn hint(report: &Report) -> Phrase {
    phrase!("failure-hint" { hint: &report.hint })
}
