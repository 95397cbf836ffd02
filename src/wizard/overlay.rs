//! What lies above a page: the help, the log, the address for a camera, and the key that Tab has chosen in the footer.

use crate::wizard::{
    app::{App, Overlay, Seen},
    command::Command,
    keys,
};

/// Far more lines than there are.
const FAR: isize = isize::MAX / 2;

/// Takes in what was seen of the wizard: nothing stays scrolled further than it can be seen to be.
pub(crate) fn saw(app: &mut App, seen: Seen) {
    app.seen = seen;
    scroll(app, 0);
}

/// Scrolls what lies on top by so many lines, as far as there are any.
pub(crate) fn scroll(app: &mut App, lines: isize) {
    let most = isize::try_from(app.seen.most_scroll).unwrap_or(isize::MAX);
    let place = match app.above.iter_mut().rev().find(|overlay| !matches!(overlay, Overlay::Ask(_))) {
        Some(Overlay::Log(top)) => {
            *top = app.log.moved(*top, lines, app.seen.body);
            return;
        }
        Some(Overlay::Help(place)) => place,
        _ => &mut app.scroll,
    };
    let scrolled = isize::try_from(*place).unwrap_or(isize::MAX).saturating_add(lines).clamp(0, most);
    *place = u16::try_from(scrolled).unwrap_or(u16::MAX);
}

/// Scrolls to the beginning, or to the end.
pub(crate) fn scroll_to(app: &mut App, end: bool) {
    scroll(app, if end { FAR } else { -FAR });
}

/// Chooses the key of the footer after the one that is chosen, or the one before it; Enter then does what it does.
pub(crate) fn choose(app: &mut App, forward: bool) {
    let context = app.context();
    let choices = keys::choices(context);
    let now = app.chosen().or_else(|| keys::confirmed(context));
    let now = choices.iter().position(|choice| Some(*choice) == now);
    let count = choices.len();
    let next = match (now, forward) {
        (Some(now), true) => (now + 1) % count.max(1),
        (Some(now), false) => (now + count - 1) % count.max(1),
        (None, true) => 0,
        (None, false) => count.saturating_sub(1),
    };
    app.chosen = choices.get(next).map(|command| (context, *command));
}

/// Whether what was chosen in the footer stays chosen after this.
pub(crate) const fn keeps_choice(command: Command) -> bool {
    matches!(
        command,
        Command::NextChoice
            | Command::PreviousChoice
            | Command::NextField
            | Command::PreviousField
            | Command::Scroll(_)
            | Command::Top
            | Command::Bottom
            | Command::Redraw
    )
}
