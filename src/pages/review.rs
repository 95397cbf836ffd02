//! What was answered, what will be done, and what the checks say about it.

use unicode_width::UnicodeWidthStr;

use crate::{
    answers::PublicAnswers,
    pages::{failure, progress},
    screen::{body::Body, theme::Theme},
    wizard::{
        app::App,
        choice,
        form::Input,
        page::{self, Page},
    },
    words::id,
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let answers = app.form.answers(&app.profile);
    match &answers {
        Ok(answers) => rows(app, &answers.public, body),
        Err(_) => missing(app, body),
    }
    body.gap();
    failures(app, body);
    body.gap();
    if answers.is_ok() {
        body.stress(&app.words.say(id!("review-irreversible")));
        body.gap();
    }
    will_be_done(app, body);
    checks(app, body);
}

/// The columns of an answer's label.
const LABEL: usize = 19;

fn rows(app: &App, public: &PublicAnswers, body: &mut Body<'_>) {
    let (words, theme) = (&app.words, body.theme);
    let company = public
        .tenant_name
        .as_ref()
        .map_or_else(|| words.say(id!("review-company-default")), |name| theme.typed(name.as_str()).into_owned());
    let typed = |answer: &str| theme.typed(answer).into_owned();
    let code = app.form.masked_code(&app.profile);
    for (page, label, answer) in [
        (Some(Page::Code), id!("label-code"), code),
        (
            Some(Page::Administrator),
            id!("administrator-title"),
            typed(&format!("{} {}", public.first_name, public.last_name)),
        ),
        (None, id!("label-email"), typed(&public.email.to_string())),
        (None, id!("review-company"), company),
        (Some(Page::Password), id!("label-password"), words.say(id!("review-set"))),
    ] {
        row(app, page, &words.say(label), &answer, body);
    }
    if app.profile.endpoint.ask {
        let name = public.hostname.as_ref().map_or_else(|| words.say(id!("choice-none")), |name| typed(name.as_str()));
        row(app, Some(Page::Address), &words.say(id!("label-hostname")), &name, body);
    }
    for input in Input::all(&app.profile) {
        let Some(question) = input.question(&app.profile) else { continue };
        let answer = match public.questions.get(&question.id) {
            None => words.say(id!("choice-none")),
            Some(None) => words.say(id!("review-set")),
            Some(Some(_)) => {
                let entries = choice::entries(question, words);
                let text = app.form.field(input).text();
                choice::chosen(app, input, &entries).map_or_else(|| typed(text), |index| entries[index].label.clone())
            }
        };
        row(app, Some(Page::of(input)), question.label.as_str(), &answer, body);
    }
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
    match page::numbered(&app.profile).position(|numbered| numbered == page) {
        Some(index @ 0..9) => format!("{}  ", index + 1),
        _ => BLANK.to_owned(),
    }
}

fn missing(app: &App, body: &mut Body<'_>) {
    body.stress(&app.words.say(id!("review-missing")));
    body.gap();
    for input in Input::all(&app.profile) {
        let Some(problem) = app.form.problem(&app.profile, &app.words, input) else { continue };
        let problem = match input.question(&app.profile) {
            Some(question) => format!("{}: {problem}", question.label),
            None => problem,
        };
        body.styled(&number(app, Page::of(input)), &problem, body.theme.bad());
    }
}

/// Failed checks come before what will be done: they are what the operator can still mend.
fn failures(app: &App, body: &mut Body<'_>) {
    if app.checks.failures.is_empty() {
        return;
    }
    body.stress(&app.words.say(id!("review-not-in-order")));
    for report in &app.checks.failures {
        failure::told(&app.words, report, false, Theme::plain(), body);
    }
}

fn will_be_done(app: &App, body: &mut Body<'_>) {
    if app.described.is_empty() {
        return;
    }
    body.say(&app.words.say(id!("review-will-be-done")));
    for description in &app.described {
        body.styled(body.theme.bullet(), &description.info.title_in(&app.words), Theme::plain());
        for line in &description.lines {
            body.styled("      ", &app.words.tell(line), Theme::plain());
        }
    }
    body.gap();
}

fn checks(app: &App, body: &mut Body<'_>) {
    let checks = app.checks.checks();
    if !checks.is_empty() {
        body.say(&app.words.say(id!("review-checks")));
    }
    for check in checks {
        progress::check(&app.words, "", check, body);
    }
}
