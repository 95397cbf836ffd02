//! What each page says, one file a page. A page makes lines and draws nothing.

mod address;
mod administrator;
mod certificate;
mod clock;
mod code;
mod disk;
mod done;
mod elsewhere;
mod failure;
mod help;
mod keyboard;
mod leave;
mod network;
mod parts;
mod password;
mod progress;
mod proxy;
mod question;
mod review;
mod sign_in;
mod welcome;

use ratatui::layout::Rect;

use crate::{
    screen::{Body, Theme},
    wizard::{App, Overlay, Page},
};

pub(crate) use crate::pages::{
    done::{alone, aside},
    leave::question,
    parts::key_name,
    password::verdict,
    sign_in::said as signed_in,
};

/// The lines of the current page, for `area`.
pub(crate) fn body(app: &App, theme: Theme, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, theme, app.words());
    match app.page() {
        _ if matches!(app.instead(), Some(Overlay::Help(_))) => help::body(app, &mut body),
        Page::Elsewhere => elsewhere::body(app, &mut body),
        Page::SignIn => sign_in::body(app, &mut body),
        Page::Welcome => welcome::body(app, &mut body),
        Page::Keyboard => keyboard::body(app, &mut body),
        Page::Disk => disk::body(app, &mut body),
        Page::Network => network::body(app, &mut body),
        Page::Proxy => proxy::body(app, &mut body),
        Page::Clock => clock::body(app, &mut body),
        Page::Code => code::body(app, &mut body),
        Page::Administrator => administrator::body(app, &mut body),
        Page::Password => password::body(app, &mut body),
        Page::Address => address::body(app, &mut body),
        Page::Certificate => certificate::body(app, &mut body),
        Page::Question(index) => question::body(app, index, &mut body),
        Page::Review => review::body(app, &mut body),
        Page::Progress => progress::body(app, &mut body),
        Page::Done => done::body(app, area, &mut body),
    }
    body
}

/// What is wrong with what was typed on a page with fields of its own, as a sentence.
pub(crate) fn objection(app: &App) -> Option<String> {
    match app.page() {
        Page::Network if app.mending().is_editing() => network::objection(app),
        Page::Proxy => proxy::objection(app),
        Page::Clock => clock::objection(app),
        _ => None,
    }
}

/// What the run has come to, for those who were told all else as it happened.
pub(crate) fn outcome(app: &App, theme: Theme, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, theme, app.words());
    progress::outcome(app, &mut body);
    body
}

/// What came of the report that was asked for.
pub(crate) fn saved(app: &App, theme: Theme, area: Rect) -> Body<'_> {
    let mut body = Body::new(area, theme, app.words());
    progress::saved(app, &mut body);
    body
}
