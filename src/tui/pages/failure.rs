//! A failure as the pages tell it: first its sentence as the log has it, then what to make of that.

use ratatui::style::Style;

use crate::{
    error::Report,
    tui::{
        theme::{Mark, Theme},
        widgets::Body,
    },
    words::{Language, Words},
};

/// Adds one failure, with what led to it if `causes` are wanted, and its hint in this style.
pub(super) fn told(words: &Words, report: &Report, causes: bool, hint: Style, body: &mut Body<'_>) {
    let what = format!("{}: {}", report.id.as_str(), report.message);
    body.styled(body.theme.mark(Mark::Failed), &what, body.theme.bad());
    if let Some(meaning) = meaning(words, report) {
        body.below(&meaning, Theme::plain());
    }
    for cause in report.causes.iter().filter(|_| causes) {
        body.below(&words.with("failure-cause", [("cause", cause.as_str().into())]), Theme::plain());
    }
    body.below(&remedy(words, report), hint);
}

/// What is said about a failure besides its sentence and its causes, line by line.
pub(crate) fn advice(words: &Words, report: &Report) -> Vec<String> {
    meaning(words, report).into_iter().chain([remedy(words, report)]).collect()
}

/// What its id means. English needs no more than the sentence, which is English in every language.
fn meaning(words: &Words, report: &Report) -> Option<String> {
    (words.language() != Language::English).then(|| report.id.meaning_in(words))
}

/// What to do. A hint for this very failure is English in every language, and counts alone: what the id says in
/// general may be the opposite.
fn remedy(words: &Words, report: &Report) -> String {
    let hint = if report.has_common_hint() { report.id.remedy_in(words) } else { report.hint.clone() };
    words.with("failure-hint", [("hint", hint.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorId;

    #[test]
    fn english_pages_have_the_hint_alone_and_others_what_the_id_means() {
        let id = ErrorId::ClockWrong;
        let report = |hint: &str| Report { id, message: String::new(), causes: vec![], hint: hint.to_owned() };
        let (common, own) = (report(id.remedy()), report("set it to 12:30"));
        let english = Words::new(Language::English);
        assert_eq!(advice(&english, &common), [format!("hint: {}", id.remedy())]);
        assert_eq!(advice(&english, &own), ["hint: set it to 12:30"]);
        let german = Words::new(Language::German);
        let (meaning, remedy) = (id.meaning_in(&german), id.remedy_in(&german));
        assert_eq!(advice(&german, &common), [meaning.clone(), format!("Hinweis: {remedy}")]);
        assert_eq!(advice(&german, &own), [meaning, "Hinweis: set it to 12:30".to_owned()]);
    }
}
