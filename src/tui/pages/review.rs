//! What was answered, what will be done, and what the checks say about it.

use crate::{
    answers::PublicAnswers,
    error::Report,
    tui::{
        app::App,
        form::Input,
        page::Page,
        theme::{self, Theme},
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
        body.stress("Enter starts the setup. This uses up the install code.");
        body.gap();
    }
    will_be_done(app, body);
    checks(app, body);
}

fn rows(app: &App, public: &PublicAnswers, body: &mut Body<'_>) {
    let company = public.tenant_name.as_ref().map_or("as the license service has it", |name| name.as_str());
    let code = app.form.masked_code(&app.profile);
    for (number, label, answer) in [
        ("1  ", "Install code", code),
        ("2  ", "Administrator", format!("{} {}", public.first_name, public.last_name)),
        ("   ", "E-mail address", public.email.to_string()),
        ("   ", "Company", company.to_owned()),
        ("3  ", "Password", "set".to_owned()),
    ] {
        body.styled(&format!("{number}{label:<17}"), &answer, Theme::plain());
    }
}

fn missing(app: &App, body: &mut Body<'_>) {
    body.stress("Some answers are missing or wrong. Enter goes to the first of them.");
    body.gap();
    for input in Input::ALL {
        let Some(problem) = app.form.problem(&app.profile, input) else { continue };
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
    body.stress(
        "Not everything is in order yet. You can start all the same: the checks are made again first, and the code \
         is not sent unless they pass.",
    );
    for Report { id, message, hint, .. } in &app.checks.failures {
        body.styled(theme::FAILED, &format!("{}: {message}", id.as_str()), body.theme.bad());
        body.below(&format!("hint: {hint}"), Theme::plain());
    }
}

fn will_be_done(app: &App, body: &mut Body<'_>) {
    if app.described.is_empty() {
        return;
    }
    body.say("What will be done:");
    for description in &app.described {
        body.styled("  - ", description.info.title, Theme::plain());
        for line in &description.lines {
            body.styled("      ", line, Theme::plain());
        }
    }
    body.gap();
}

fn checks(app: &App, body: &mut Body<'_>) {
    let checks = app.checks.checks();
    if !checks.is_empty() {
        body.say("Checks:");
    }
    for check in checks {
        super::progress::check("", check, body);
    }
}
