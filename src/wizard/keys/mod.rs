//! Every key in one table: what it means where, and what the footer says about it.
//!
//! [`resolve`] is pure: it decides what a key means and does nothing. A printable
//! key is never a shortcut where a field has the focus; a test holds this.

mod context;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};

pub(crate) use self::context::Context;
use self::context::{
    BEFORE_THE_RUN, CHOOSING, DONE, ENDED, EVERYWHERE, FORMS, MOVING, PAGES, REVIEWS, SCROLLED, TYPED,
};
pub(crate) use crate::wizard::command::Command;
use crate::{
    field::Edit,
    wizard::page::Page,
    words::{TextId, id},
};

/// A key without what does not matter: Shift, Caps Lock, and the terminal's way of sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    code: KeyCode,
    held: Held,
}

/// What is held down with a key; two of them at once mean nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Ctrl,
    Alt,
}

/// One row of the table. Rows that follow one another with the same label share their place in the footer.
#[derive(Debug)]
struct Row {
    key: Key,
    contexts: &'static [Context],
    command: Command,
    /// The id of what the footer says; empty where it says nothing.
    label: Option<TextId>,
}

use Context::{
    Administrator, AskLeave, AskStop, Camera, Choice, Closed, Code, Disk, Elsewhere, Ended, Help, Incomplete,
    Installed, Installing, Layout, Line, Log, LoggedIn, Mendable, Mending, Network, OtherCode, Password, Reachable,
    Review, Running, Secret, SignIn, Stopping, TooLate, Trial, Trying, Watching, Welcome,
};

const fn key(code: KeyCode, contexts: &'static [Context], command: Command, label: Option<TextId>) -> Row {
    Row { key: Key { code, held: Held::Nothing }, contexts, command, label }
}

const fn letter(letter: char, contexts: &'static [Context], command: Command, label: Option<TextId>) -> Row {
    key(KeyCode::Char(letter), contexts, command, label)
}

const fn ctrl(letter: char, contexts: &'static [Context], command: Command, label: Option<TextId>) -> Row {
    Row { key: Key { code: KeyCode::Char(letter), held: Held::Ctrl }, contexts, command, label }
}

/// A key for moving in a field or deleting from it; the footer has no room for these.
const fn edit(held: Held, code: KeyCode, edit: Edit) -> Row {
    Row { key: Key { code, held }, contexts: FORMS, command: Command::Edit(edit), label: None }
}

/// The table, in the order in which the footer shows it.
const ROWS: &[Row] = &[
    key(KeyCode::Enter, &[Welcome], Command::Next, Some(id!("key-begin"))),
    key(KeyCode::Enter, FORMS, Command::Next, Some(id!("key-next"))),
    key(KeyCode::Enter, &[LoggedIn, Network, Mendable, Choice], Command::Next, Some(id!("key-next"))),
    key(KeyCode::Enter, &[Installed], Command::Next, Some(id!("key-restart"))),
    key(KeyCode::Enter, &[Trying], Command::Next, Some(id!("key-keep"))),
    key(KeyCode::Esc, &[Trying], Command::Back, Some(id!("key-take-back"))),
    letter('e', &[Mendable], Command::Mend, Some(id!("key-change"))),
    letter('p', &[Network, Mendable], Command::Change(Page::Proxy), Some(id!("key-proxy"))),
    key(KeyCode::Enter, &[Elsewhere], Command::Next, Some(id!("key-take-over"))),
    key(KeyCode::Enter, &[Closed], Command::Finish, Some(id!("key-leave"))),
    key(KeyCode::Esc, &[Closed], Command::Finish, Some(id!("key-leave"))),
    ctrl('c', &[Closed], Command::Finish, None),
    key(KeyCode::Enter, &[Review], Command::Start, Some(id!("key-start"))),
    key(KeyCode::Enter, &[Incomplete], Command::Complete, Some(id!("key-correct"))),
    key(KeyCode::Enter, &[Ended], Command::Start, Some(id!("key-try-again"))),
    key(KeyCode::Enter, &[OtherCode], Command::Correct, Some(id!("key-edit"))),
    letter('e', &[OtherCode], Command::Correct, Some(id!("key-edit"))),
    letter('u', &[OtherCode], Command::UseCode, Some(id!("key-use-code"))),
    letter('r', ENDED, Command::Start, Some(id!("key-try-again"))),
    letter('e', &[Ended], Command::Correct, Some(id!("key-edit"))),
    letter('c', ENDED, Command::Causes, Some(id!("key-why"))),
    letter('l', ENDED, Command::Log, Some(id!("key-log"))),
    letter('s', ENDED, Command::SaveReport, Some(id!("key-report"))),
    key(KeyCode::Enter, DONE, Command::Finish, Some(id!("key-leave"))),
    letter('c', &[Reachable], Command::Camera, Some(id!("key-camera"))),
    letter('l', DONE, Command::Log, Some(id!("key-log"))),
    letter('s', DONE, Command::SaveReport, Some(id!("key-report"))),
    key(KeyCode::Enter, &[Help, Log, Camera], Command::Close, Some(id!("key-close"))),
    key(KeyCode::Esc, &[Help, Log, Camera], Command::Close, Some(id!("key-close"))),
    key(KeyCode::Enter, &[TooLate], Command::No, Some(id!("key-close"))),
    key(KeyCode::Esc, &[TooLate], Command::No, Some(id!("key-close"))),
    key(KeyCode::F(1), &[Help], Command::Close, None),
    letter('l', &[Log], Command::Close, None),
    letter('c', &[Camera], Command::Close, None),
    ctrl('c', &[Help, Log, Camera], Command::Close, None),
    key(KeyCode::Enter, &[AskLeave], Command::Yes, Some(id!("key-leave"))),
    letter('y', &[AskLeave], Command::Yes, Some(id!("key-leave"))),
    key(KeyCode::Enter, &[AskStop], Command::Yes, Some(id!("key-stop"))),
    letter('y', &[AskStop], Command::Yes, Some(id!("key-stop"))),
    key(KeyCode::Esc, &[AskLeave], Command::No, Some(id!("key-stay"))),
    letter('n', &[AskLeave], Command::No, Some(id!("key-stay"))),
    key(KeyCode::Esc, &[AskStop], Command::No, Some(id!("key-go-on"))),
    letter('n', &[AskStop], Command::No, Some(id!("key-go-on"))),
    key(KeyCode::Esc, BEFORE_THE_RUN, Command::Back, Some(id!("key-back"))),
    key(KeyCode::Esc, ENDED, Command::Back, None),
    key(KeyCode::Esc, &[Running], Command::Stop, Some(id!("key-stop"))),
    letter('l', &[Running, Stopping, Installing], Command::Log, Some(id!("key-log"))),
    key(KeyCode::Esc, &[Elsewhere, Watching, SignIn, LoggedIn, Welcome], Command::Leave, Some(id!("key-leave"))),
    key(KeyCode::Esc, DONE, Command::Finish, None),
    key(KeyCode::Right, &[Welcome], Command::NextLanguage, Some(id!("key-language"))),
    key(KeyCode::Left, &[Welcome], Command::NextLanguage, Some(id!("key-language"))),
    letter('1', REVIEWS, Command::ChangeNumber(1), Some(id!("key-change"))),
    letter('2', REVIEWS, Command::ChangeNumber(2), Some(id!("key-change"))),
    letter('3', REVIEWS, Command::ChangeNumber(3), Some(id!("key-change"))),
    // The footer has no room for these; the review says which of them there are.
    letter('4', REVIEWS, Command::ChangeNumber(4), None),
    letter('5', REVIEWS, Command::ChangeNumber(5), None),
    letter('6', REVIEWS, Command::ChangeNumber(6), None),
    letter('7', REVIEWS, Command::ChangeNumber(7), None),
    letter('8', REVIEWS, Command::ChangeNumber(8), None),
    letter('9', REVIEWS, Command::ChangeNumber(9), None),
    letter('n', &[Welcome, Review, Incomplete, Ended], Command::Change(Page::Network), Some(id!("key-network"))),
    // The failure says so, where it is one of the clock.
    letter('t', &[Review, Incomplete, Ended], Command::Change(Page::Clock), None),
    key(KeyCode::Tab, &[Administrator, Password, Mending], Command::NextField, Some(id!("key-next-field"))),
    key(KeyCode::Tab, &[SignIn, Disk, Code, Line, Secret], Command::NextField, None),
    key(KeyCode::Down, TYPED, Command::NextField, None),
    key(KeyCode::BackTab, TYPED, Command::PreviousField, None),
    key(KeyCode::Up, TYPED, Command::PreviousField, None),
    key(KeyCode::Down, &[Layout, Choice], Command::Pick { forward: true }, Some(id!("key-pick"))),
    key(KeyCode::Up, &[Layout, Choice], Command::Pick { forward: false }, Some(id!("key-pick"))),
    key(KeyCode::Tab, &[Layout, Trial], Command::NextField, Some(id!("key-next-field"))),
    key(KeyCode::Up, &[Trial], Command::PreviousField, None),
    key(KeyCode::BackTab, &[Layout, Trial], Command::PreviousField, None),
    key(KeyCode::F(2), &[SignIn, Password, Secret], Command::Reveal, Some(id!("key-show"))),
    ctrl('r', &[SignIn, Password, Secret], Command::Reveal, None),
    key(
        KeyCode::F(5),
        &[Welcome, Network, Mendable, Code, Administrator, Password, Line, Secret, Choice, Review, Incomplete],
        Command::CheckAgain,
        Some(id!("key-check-again")),
    ),
    letter('q', ENDED, Command::Finish, Some(id!("key-leave"))),
    ctrl('c', &[Elsewhere, Watching, SignIn, LoggedIn, Welcome, Trying], Command::Leave, None),
    ctrl('c', BEFORE_THE_RUN, Command::Leave, Some(id!("key-leave"))),
    ctrl('c', ENDED, Command::Leave, None),
    ctrl('c', &[Running], Command::Stop, None),
    ctrl('c', DONE, Command::Finish, None),
    key(KeyCode::Up, SCROLLED, Command::Scroll(-1), None),
    key(KeyCode::Down, SCROLLED, Command::Scroll(1), None),
    key(KeyCode::PageUp, EVERYWHERE, Command::Scroll(-10), None),
    key(KeyCode::PageDown, EVERYWHERE, Command::Scroll(10), None),
    key(KeyCode::Home, SCROLLED, Command::Top, None),
    key(KeyCode::End, SCROLLED, Command::Bottom, None),
    key(KeyCode::Tab, CHOOSING, Command::NextChoice, None),
    key(KeyCode::BackTab, CHOOSING, Command::PreviousChoice, None),
    key(KeyCode::Right, MOVING, Command::NextChoice, None),
    key(KeyCode::Left, MOVING, Command::PreviousChoice, None),
    key(KeyCode::F(1), PAGES, Command::Help, None),
    ctrl('l', EVERYWHERE, Command::Redraw, None),
    edit(Held::Nothing, KeyCode::Left, Edit::Left),
    edit(Held::Nothing, KeyCode::Right, Edit::Right),
    edit(Held::Ctrl, KeyCode::Left, Edit::WordLeft),
    edit(Held::Alt, KeyCode::Char('b'), Edit::WordLeft),
    edit(Held::Ctrl, KeyCode::Right, Edit::WordRight),
    edit(Held::Alt, KeyCode::Char('f'), Edit::WordRight),
    edit(Held::Nothing, KeyCode::Home, Edit::Home),
    edit(Held::Ctrl, KeyCode::Char('a'), Edit::Home),
    edit(Held::Nothing, KeyCode::End, Edit::End),
    edit(Held::Ctrl, KeyCode::Char('e'), Edit::End),
    edit(Held::Nothing, KeyCode::Backspace, Edit::Backspace),
    edit(Held::Nothing, KeyCode::Delete, Edit::Delete),
    edit(Held::Ctrl, KeyCode::Char('d'), Edit::Delete),
    edit(Held::Ctrl, KeyCode::Char('w'), Edit::KillWord),
    edit(Held::Alt, KeyCode::Backspace, Edit::KillWord),
    edit(Held::Ctrl, KeyCode::Char('u'), Edit::KillBefore),
    edit(Held::Ctrl, KeyCode::Char('k'), Edit::KillAfter),
];

/// What `key` means in `context`, if anything.
pub(crate) fn resolve(context: Context, key: KeyEvent) -> Option<Command> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let pressed = Key::of(key)?;
    let find = |wanted: Key| ROWS.iter().find(|row| row.key == wanted && row.contexts.contains(&context));
    let row = match pressed {
        // Many terminals cannot tell Ctrl-Enter or Ctrl-Up from the key alone, so it means the same where they can.
        Key { code, held: Held::Ctrl } if !matches!(code, KeyCode::Char(_)) => {
            find(pressed).or_else(|| find(Key { code, held: Held::Nothing }))
        }
        _ => find(pressed),
    };
    match (row, key.code) {
        (Some(row), _) => Some(row.command),
        (None, KeyCode::Char(character)) if pressed.held == Held::Nothing && is_typed(context) => {
            Some(Command::Type(character))
        }
        _ => None,
    }
}

/// Whether letters are typed there; in a list they look for what begins with them.
fn is_typed(context: Context) -> bool {
    context == Choice || FORMS.contains(&context)
}

/// The id of the key that shows more of the page: Down, unless it moves from field to field.
pub(crate) fn more(context: Context) -> TextId {
    if SCROLLED.contains(&context) { id!("more-down") } else { id!("more-page-down") }
}

/// What the footer says about one key, or about several that have the same label.
#[derive(Debug)]
pub(crate) struct Hint {
    /// The keys by name, and what each of them does.
    pub(crate) keys: Vec<(String, Command)>,
    /// The id of what it says.
    pub(crate) label: TextId,
}

/// The keys that work in `context` and have a label, from the most to the least important.
pub(crate) fn footer(context: Context) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for (row, label) in rows(context).filter_map(|row| Some((row, row.label?))) {
        let key = (row.key.name(), row.command);
        match hints.last_mut() {
            Some(hint) if hint.label == label => hint.keys.push(key),
            _ => hints.push(Hint { keys: vec![key], label }),
        }
    }
    hints
}

/// What can be chosen in the footer of `context`, in its order, and the help, whose key stands in the header.
pub(crate) fn choices(context: Context) -> Vec<Command> {
    let mut choices = Vec::new();
    let help = name_of(context, Command::Help).map(|_| Command::Help);
    for command in footer(context).into_iter().flat_map(|hint| hint.keys).map(|(_, command)| command).chain(help) {
        // One does not choose with Tab what Tab does.
        if !choices.contains(&command) && command != Command::NextField {
            choices.push(command);
        }
    }
    choices
}

/// What Enter does in `context` when nothing is chosen.
pub(crate) fn confirmed(context: Context) -> Option<Command> {
    rows(context).find(|row| row.key.code == KeyCode::Enter).map(|row| row.command)
}

/// Whether `key` is Enter, which presses what is chosen in the footer.
pub(crate) fn confirms(key: KeyEvent) -> bool {
    key.kind != KeyEventKind::Release && Key::of(key).is_some_and(|key| key.code == KeyCode::Enter)
}

/// Every key that works in `context` and what it does, for the help.
pub(crate) fn working(context: Context) -> Vec<(String, Command)> {
    rows(context).map(|row| (row.key.name(), row.command)).collect()
}

/// The first key that gives `command` in `context`.
pub(crate) fn name_of(context: Context, command: Command) -> Option<String> {
    rows(context).find(|row| row.command == command).map(|row| row.key.name())
}

/// The first key that gives `command` in `context`, as it is pressed.
pub(crate) fn press(context: Context, command: Command) -> Option<KeyEvent> {
    rows(context).find(|row| row.command == command).map(|row| row.key.event())
}

/// The rows that count in `context`, in the order of the table.
fn rows(context: Context) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.contexts.contains(&context))
}

/// Whether Caps Lock is on, as far as a letter tells.
///
/// Without the keyboard protocol that says so, a terminal reports Shift with every capital.
pub(crate) fn caps_lock(key: KeyEvent) -> Option<bool> {
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    match key.code {
        KeyCode::Char(_) if key.state.contains(KeyEventState::CAPS_LOCK) => Some(true),
        KeyCode::Char(letter) if letter.is_uppercase() => (!shift).then_some(true),
        KeyCode::Char(letter) if letter.is_lowercase() => Some(shift),
        _ => None,
    }
}

impl Key {
    fn of(key: KeyEvent) -> Option<Self> {
        let has = |modifier| key.modifiers.contains(modifier);
        let (ctrl, alt) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT) || has(KeyModifiers::META));
        let (code, ctrl) = match key.code {
            // What serial lines and some terminals send for Enter and Backspace.
            KeyCode::Char('j') if ctrl => (KeyCode::Enter, false),
            KeyCode::Char('h') if ctrl => (KeyCode::Backspace, false),
            KeyCode::Char(character) => (KeyCode::Char(character.to_ascii_lowercase()), ctrl),
            code => (code, ctrl),
        };
        let held = match (ctrl, alt) {
            (false, false) => Held::Nothing,
            (true, false) => Held::Ctrl,
            (false, true) => Held::Alt,
            (true, true) => return None,
        };
        Some(Self { code, held })
    }

    const fn event(self) -> KeyEvent {
        let held = match self.held {
            Held::Nothing => KeyModifiers::NONE,
            Held::Ctrl => KeyModifiers::CONTROL,
            Held::Alt => KeyModifiers::ALT,
        };
        KeyEvent::new(self.code, held)
    }

    fn name(self) -> String {
        let name = match self.code {
            KeyCode::Char(letter) => letter.to_ascii_uppercase().to_string(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            code => code.to_string(),
        };
        match self.held {
            Held::Nothing => name,
            Held::Ctrl => format!("Ctrl-{name}"),
            Held::Alt => format!("Alt-{name}"),
        }
    }
}

#[cfg(test)]
mod tests;
