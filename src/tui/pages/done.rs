//! What was set up and what to do next. There is nothing secret left to show.

use crate::{
    engine::RowState,
    tui::{
        app::App,
        theme::{Mark, Theme},
        widgets::Body,
    },
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let (brand, words) = (&app.profile.brand, &app.words);
    body.stress(&words.with("done-what", [("brand", brand.name.as_str().into())]));
    super::progress::saved(app, body);
    body.gap();
    for row in app.run.iter().flat_map(|run| &run.timeline.rows) {
        if let RowState::Finished(outcome) = &row.state {
            body.styled(body.theme.mark(Mark::Ok), &super::title(words, row.info), body.theme.good());
            body.below(outcome.summary(), Theme::plain());
        }
    }
    body.gap();
    body.stress(&words.say("done-next"));
    let mut next = vec![sign_in(app)];
    for probe in &app.profile.ready {
        let values = [("name", probe.name.as_str().into()), ("address", probe.url.as_str().into())];
        next.push(words.with("done-answers-at", values));
    }
    if changed(app, "redeem") == Some(true) {
        next.push(words.say("done-code-used"));
    }
    next.push(words.with("help-from", [("support", brand.support.as_str().into())]));
    for step in &next {
        body.styled(body.theme.bullet(), step, Theme::plain());
    }
}

/// What was typed now counts only if the bootstrap has run with it, not if it had run before.
fn sign_in(app: &App) -> String {
    match &app.public {
        Some(public) if changed(app, "bootstrap") != Some(false) => {
            let email = public.email.to_string();
            app.words.with("done-sign-in", [("email", app.theme.typed(&email).as_ref().into())])
        }
        _ => app.words.say("done-sign-in-as-before"),
    }
}

/// Whether the step with this stable id changed anything; `None` when it is not part of the plan.
fn changed(app: &App, id: &str) -> Option<bool> {
    let row = app.run.as_ref()?.timeline.rows.iter().find(|row| row.info.id == id)?;
    match &row.state {
        RowState::Finished(outcome) => Some(outcome.is_change()),
        _ => None,
    }
}
