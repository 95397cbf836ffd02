//! The way through the pages: which of them are shown, and which comes next.

use crate::{
    answers::FieldId,
    wizard::{
        app::App,
        form::Input,
        own::OwnPage,
        page::{self, Page},
    },
};

/// The title of a page, in words.
pub(crate) fn title(app: &App, page: Page) -> String {
    match page {
        Page::Question(index) => app.label(Input::Answer(FieldId::Question(index))),
        page => app.words.say(page.title()),
    }
}

/// Whether a page is part of the way: it has something to ask or to say.
fn is_shown(app: &App, page: Page) -> bool {
    app.asks(page)
        && match page {
            Page::Network => app.network_failed() || app.own.network.is_shown(),
            Page::Clock => app.clock_failed(),
            // A page that is opened from the review is shown all the same.
            Page::Certificate => app.form.may_have_tls(),
            page => app.own.of(page).is_none_or(OwnPage::is_shown),
        }
}

/// The page after the current one.
pub(crate) fn next(app: &App) -> Option<Page> {
    page::all(&app.profile).skip_while(|page| *page != app.page).skip(1).find(|page| is_shown(app, *page))
}

/// The page before the current one; there is no way back from a run but by its own keys.
pub(crate) fn back(app: &App) -> Option<Page> {
    let before = page::all(&app.profile).take_while(|page| *page != app.page && app.page.is_before_the_run());
    before.filter(|page| is_shown(app, *page)).last()
}

/// Whether the current page is one of the steps.
pub(crate) fn is_step(app: &App) -> bool {
    !matches!(app.page, Page::Elsewhere | Page::SignIn)
}

/// Which step the current page is, and of how many: `(3, 7)`. A page that was only looked up belongs to where it was
/// looked up from.
pub(crate) fn step(app: &App) -> (usize, usize) {
    let here = if app.editing && !is_shown(app, app.page) { app.after_edit } else { app.page };
    let shown = |page: &Page| is_shown(app, *page) || *page == here;
    let before = page::all(&app.profile).take_while(|page| *page != here).filter(shown).count();
    (before + 1, page::all(&app.profile).filter(shown).count())
}
