//! What was answered, what will be done, and what the checks say about it.

use crate::{
    answers::PublicAnswers,
    error::Report,
    tui::{
        app::App,
        form::Input,
        page::Page,
        theme::{Mark, Theme},
        widgets::Body,
    },
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
        body.stress(&app.words.say("review-irreversible"));
        body.gap();
    }
    will_be_done(app, body);
    checks(app, body);
}

/// The columns of an answer's label.
const LABEL: usize = 19;

fn rows(app: &App, public: &PublicAnswers, body: &mut Body<'_>) {
    let words = &app.words;
    let company = public
        .tenant_name
        .as_ref()
        .map_or_else(|| words.say("review-company-default"), |name| app.theme.typed(name.as_str()).into_owned());
    let typed = |answer: &str| app.theme.typed(answer).into_owned();
    let code = app.form.masked_code(&app.profile);
    for (number, label, answer) in [
        ("1  ", "label-code", code),
        ("2  ", "administrator-title", typed(&format!("{} {}", public.first_name, public.last_name))),
        ("   ", "label-email", typed(&public.email.to_string())),
        ("   ", "review-company", company),
        ("3  ", "label-password", words.say("review-set")),
    ] {
        body.styled(&format!("{number}{:<LABEL$}", words.say(label)), &answer, Theme::plain());
    }
}

fn missing(app: &App, body: &mut Body<'_>) {
    body.stress(&app.words.say("review-missing"));
    body.gap();
    for input in Input::ALL {
        let Some(problem) = app.form.problem(&app.profile, &app.words, input) else { continue };
        let number = match Page::of(input) {
            Page::Code => "1  ",
            Page::Administrator => "2  ",
            _ => "3  ",
        };
        body.styled(number, &problem, body.theme.bad());
    }
}

/// Failed checks come before what will be done: they are what the operator can still mend.
fn failures(app: &App, body: &mut Body<'_>) {
    if app.checks.failures.is_empty() {
        return;
    }
    body.stress(&app.words.say("review-not-in-order"));
    for Report { id, message, hint, .. } in &app.checks.failures {
        body.styled(body.theme.mark(Mark::Failed), &format!("{}: {message}", id.as_str()), body.theme.bad());
        body.below(&app.words.with("failure-hint", [("hint", hint.as_str().into())]), Theme::plain());
    }
}

fn will_be_done(app: &App, body: &mut Body<'_>) {
    if app.described.is_empty() {
        return;
    }
    body.say(&app.words.say("review-will-be-done"));
    for description in &app.described {
        body.styled(body.theme.bullet(), &super::title(&app.words, description.info), Theme::plain());
        for line in &description.lines {
            body.styled("      ", line, Theme::plain());
        }
    }
    body.gap();
}

fn checks(app: &App, body: &mut Body<'_>) {
    let checks = app.checks.checks();
    if !checks.is_empty() {
        body.say(&app.words.say("review-checks"));
    }
    for check in checks {
        super::progress::check("", check, body);
    }
}
