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
    if let Some(public) = &app.public {
        body.styled("  - ", &format!("Sign in as {} with the password you chose.", public.email), Theme::plain());
    }
    for probe in &app.profile.ready {
        body.styled("  - ", &format!("{} answers at {}", probe.name, probe.url), Theme::plain());
    }
    body.styled("  - ", "The install code is used up: the e-mail with it can be deleted.", Theme::plain());
    body.styled("  - ", &format!("Help: {}.", brand.support), Theme::plain());
}
