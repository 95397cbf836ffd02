//! What was set up and what to do next. There is nothing secret left to show.

use crate::{
    engine::RowState,
    tui::{
        app::App,
        theme::{self, Theme},
        widgets::Body,
    },
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let brand = &app.profile.brand;
    body.stress(&format!("{} is set up.", brand.name));
    body.gap();
    for row in app.run.iter().flat_map(|run| &run.timeline.rows) {
        if let RowState::Finished(outcome) = &row.state {
            let (symbol, style) = (theme::OK, body.theme.good());
            body.styled(symbol, row.info.title, style);
            body.below(outcome.summary(), Theme::plain());
        }
    }
    body.gap();
    body.stress("What to do next:");
    sign_in(app, body);
    for probe in &app.profile.ready {
        body.styled("  - ", &format!("{} answers at {}", probe.name, probe.url), Theme::plain());
    }
    if changed(app, "redeem") == Some(true) {
        body.styled("  - ", "The install code is used up: the message with it can be deleted.", Theme::plain());
    }
    body.styled("  - ", &format!("Help: {}.", brand.support), Theme::plain());
}

/// What was typed now counts only if the bootstrap has run with it, not if it had run before.
fn sign_in(app: &App, body: &mut Body<'_>) {
    let text = match &app.public {
        Some(public) if changed(app, "bootstrap") != Some(false) => {
            format!("Sign in as {} with the password you chose.", public.email)
        }
        _ => "Sign in as before: the appliance was set up already, and keeps its accounts and passwords.".to_owned(),
    };
    body.styled("  - ", &text, Theme::plain());
}

/// Whether the step with this stable id changed anything; `None` when it is not part of the plan.
fn changed(app: &App, id: &str) -> Option<bool> {
    let row = app.run.as_ref()?.timeline.rows.iter().find(|row| row.info.id == id)?;
    match &row.state {
        RowState::Finished(outcome) => Some(outcome.is_change()),
        _ => None,
    }
}
