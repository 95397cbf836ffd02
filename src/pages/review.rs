//! What was answered, what will be done, and what the checks say about it.

use unicode_width::UnicodeWidthStr;

use crate::{
    answers::FieldId,
    pages::{failure, progress},
    screen::{Body, Theme},
    wizard::{
        App, Input, Page, choice,
        page::{self},
    },
    words::{id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let answers = app.form().answers();
    match &answers {
        Ok(_) => rows(app, body),
        Err(_) => missing(app, body),
    }
    body.gap();
    failures(app, body);
    body.gap();
    let failed = app.run().and_then(|run| run.failures.first()).filter(|_| app.form().has_changed());
    if let Some(failed) = failed {
        body.say(phrase!("review-changed" { id: failed.id.as_str() }));
    }
    if answers.is_ok() {
        body.stress(id!("review-irreversible"));
        body.gap();
    }
    will_be_done(app, body);
    checks(app, body);
}

/// The columns of an answer's label.
const LABEL: usize = 19;

/// The answers page by page; the number of a page stands before its first.
fn rows(app: &App, body: &mut Body<'_>) {
    for page in page::numbered(app.profile()) {
        let said = page.inputs().into_iter().filter_map(|input| said(app, input, body.theme));
        for (index, (label, answer)) in said.collect::<Vec<_>>().into_iter().enumerate() {
            row(app, (index == 0).then_some(page), &label, &answer, body);
        }
    }
}

/// An answer and its label, unless another says it.
fn said(app: &App, input: Input, theme: Theme) -> Option<(String, String)> {
    let (words, profile) = (app.words(), app.profile());
    let typed = |answer: &str| theme.typed(answer).into_owned();
    let asked = input.row(profile)?;
    let label = words.say(&asked.label);
    let text = app.form().field(input).text();
    let parsed = |input: Input| input.row(profile)?.parse(&app.form().field(input).text().into()).ok()?.shown();
    let said = match asked.id {
        FieldId::InstallCode => (label, app.form().masked_code()),
        FieldId::FirstName => {
            let names = [input, Input::Answer(FieldId::LastName)].map(|input| parsed(input).unwrap_or_default());
            (words.say(id!("administrator-title")), typed(&names.join(" ")))
        }
        FieldId::LastName => return None,
        FieldId::TenantName => {
            let name = parsed(input).map(|name| typed(&name));
            (words.say(id!("review-company")), name.unwrap_or_else(|| words.say(id!("review-company-default"))))
        }
        FieldId::Certificate if text.trim().is_empty() => (label, words.say(id!("certificate-ours"))),
        FieldId::CertificateKey | FieldId::CertificatePassword if text.trim().is_empty() => return None,
        _ if text.trim().is_empty() => (label, words.say(id!("choice-none"))),
        _ if asked.is_secret() => (label, words.say(id!("review-set"))),
        _ => {
            let entries = input.question(profile).map(|question| choice::entries(question, words)).unwrap_or_default();
            let chosen = choice::chosen(app, input, &entries).map(|index| entries[index].label.clone());
            (label, chosen.unwrap_or_else(|| typed(&parsed(input).unwrap_or_else(|| text.to_owned()))))
        }
    };
    Some(said)
}

/// One answer. A label that is too long for its column has a line of its own.
fn row(app: &App, page: Option<Page>, label: &str, answer: &str, body: &mut Body<'_>) {
    let number = page.map_or_else(|| BLANK.to_owned(), |page| number(app, page));
    if label.width() < LABEL {
        let blanks = " ".repeat(LABEL - label.width());
        body.styled(&format!("{number}{label}{blanks}"), answer, Theme::plain());
    } else {
        body.styled(&number, label, Theme::plain());
        body.styled(&format!("{BLANK}{:LABEL$}", ""), answer, Theme::plain());
    }
}

const BLANK: &str = "   ";

/// The key that changes the answers of a page; there are no more than nine.
fn number(app: &App, page: Page) -> String {
    match page::numbered(app.profile()).position(|numbered| numbered == page) {
        Some(index @ 0..9) => format!("{}  ", index + 1),
        _ => BLANK.to_owned(),
    }
}

fn missing(app: &App, body: &mut Body<'_>) {
    body.stress(id!("review-missing"));
    body.gap();
    for input in Input::all(app.profile()) {
        let Some(problem) = app.form().problem(app.words(), input) else { continue };
        let problem = match input.question(app.profile()) {
            Some(question) => format!("{}: {problem}", question.label),
            None => problem,
        };
        body.styled(&number(app, Page::of(input)), &problem, body.theme.bad());
    }
}

/// Failed checks come before what will be done: they are what the operator can still mend.
fn failures(app: &App, body: &mut Body<'_>) {
    if !app.checks().has_failed() {
        return;
    }
    body.stress(id!("review-not-in-order"));
    for report in &app.checks().failures {
        failure::told(report, false, Theme::plain(), body);
    }
    progress::failed_so_far(app, body);
}

fn will_be_done(app: &App, body: &mut Body<'_>) {
    if app.described().is_empty() {
        return;
    }
    body.say(id!("review-will-be-done"));
    for description in app.described() {
        body.styled(body.theme.bullet(), &description.info.title, Theme::plain());
        for line in &description.lines {
            body.styled("      ", line, Theme::plain());
        }
    }
    body.gap();
}

fn checks(app: &App, body: &mut Body<'_>) {
    let checks = app.checks().checks();
    if !checks.is_empty() {
        body.say(id!("review-checks"));
    }
    for check in checks {
        progress::check("", check, body);
    }
}
