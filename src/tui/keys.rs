//! Every key in one table: what it means where, and what the footer says about it.
//!
//! [`resolve`] is pure: it decides what a key means and does nothing. A printable
//! key is never a shortcut where a field has the focus; a test holds this.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::tui::{page::Page, widgets::Edit};

/// Where the operator is, as far as keys are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The first page.
    Welcome,
    /// The network page.
    Network,
    /// The install code page.
    Code,
    /// The administrator page.
    Administrator,
    /// The password page.
    Password,
    /// The review page.
    Review,
    /// A run is under way.
    Running,
    /// A run was asked to stop and finishes what must not be cut.
    Stopping,
    /// A run failed or was stopped.
    Ended,
    /// Everything is set up.
    Done,
    /// "Leave the setup?"
    AskLeave,
    /// "Stop the setup?"
    AskStop,
}

/// What a key can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Put this character into the field.
    Type(char),
    /// Move in the field or delete from it.
    Edit(Edit),
    /// On to the next field or page.
    Next,
    /// To the page before.
    Back,
    /// To the next field of this page.
    NextField,
    /// To the field before on this page.
    PreviousField,
    /// Show or hide the password.
    Reveal,
    /// Make the checks again.
    CheckAgain,
    /// Go to this page and come back to the review.
    Change(Page),
    /// Carry the setup out, for the first time or again.
    Start,
    /// Correct the answer that the failure is about.
    Correct,
    /// Ask whether to leave.
    Leave,
    /// Ask whether to stop the run.
    Stop,
    /// Yes, to the question on the screen.
    Yes,
    /// No, to the question on the screen.
    No,
    /// Leave without another question.
    Finish,
    /// Scroll by so many lines.
    Scroll(i16),
    /// Speak the next language.
    NextLanguage,
    /// Draw everything again.
    Redraw,
}

/// A key without what does not matter: Shift, Caps Lock, and the terminal's way of sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
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
pub(crate) struct Row {
    key: Key,
    contexts: &'static [Context],
    command: Command,
    /// The id of what the footer says; empty where it says nothing.
    label: &'static str,
}

use Context::{
    Administrator, AskLeave, AskStop, Code, Done, Ended, Network, Password, Review, Running, Stopping, Welcome,
};

const FORMS: &[Context] = &[Code, Administrator, Password];
const SCROLLED: &[Context] = &[Welcome, Network, Review, Running, Stopping, Ended, Done];
const EVERYWHERE: &[Context] =
    &[Welcome, Network, Code, Administrator, Password, Review, Running, Stopping, Ended, Done, AskLeave, AskStop];

const fn key(code: KeyCode, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    Row { key: Key { code, held: Held::Nothing }, contexts, command, label }
}

const fn letter(letter: char, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    key(KeyCode::Char(letter), contexts, command, label)
}

const fn ctrl(letter: char, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    Row { key: Key { code: KeyCode::Char(letter), held: Held::Ctrl }, contexts, command, label }
}

/// A key for moving in a field or deleting from it; the footer has no room for these.
const fn edit(held: Held, code: KeyCode, edit: Edit) -> Row {
    Row { key: Key { code, held }, contexts: FORMS, command: Command::Edit(edit), label: "" }
}

/// The table, in the order in which the footer shows it.
pub(crate) const ROWS: &[Row] = &[
    key(KeyCode::Enter, &[Welcome], Command::Next, "key-begin"),
    key(KeyCode::Enter, FORMS, Command::Next, "key-next"),
    key(KeyCode::Enter, &[Network], Command::Next, "key-next"),
    key(KeyCode::Enter, &[Review], Command::Start, "key-start"),
    key(KeyCode::Enter, &[Ended], Command::Start, "key-try-again"),
    letter('r', &[Ended], Command::Start, "key-try-again"),
    letter('e', &[Ended], Command::Correct, "key-edit"),
    key(KeyCode::Enter, &[Done], Command::Finish, "key-leave"),
    key(KeyCode::Enter, &[AskLeave], Command::Yes, "key-leave"),
    letter('y', &[AskLeave], Command::Yes, "key-leave"),
    key(KeyCode::Enter, &[AskStop], Command::Yes, "key-stop"),
    letter('y', &[AskStop], Command::Yes, "key-stop"),
    key(KeyCode::Esc, &[AskLeave], Command::No, "key-stay"),
    letter('n', &[AskLeave], Command::No, "key-stay"),
    key(KeyCode::Esc, &[AskStop], Command::No, "key-go-on"),
    letter('n', &[AskStop], Command::No, "key-go-on"),
    key(KeyCode::Esc, &[Network, Code, Administrator, Password, Review], Command::Back, "key-back"),
    key(KeyCode::Esc, &[Ended], Command::Back, "key-review"),
    key(KeyCode::Esc, &[Running], Command::Stop, "key-stop"),
    key(KeyCode::Esc, &[Welcome], Command::Leave, "key-leave"),
    key(KeyCode::Esc, &[Done], Command::Finish, ""),
    key(KeyCode::Right, &[Welcome], Command::NextLanguage, "key-language"),
    key(KeyCode::Left, &[Welcome], Command::NextLanguage, "key-language"),
    letter('1', &[Review], Command::Change(Page::Code), "key-change"),
    letter('2', &[Review], Command::Change(Page::Administrator), "key-change"),
    letter('3', &[Review], Command::Change(Page::Password), "key-change"),
    letter('n', &[Review, Ended], Command::Change(Page::Network), "key-network"),
    key(KeyCode::Tab, &[Administrator, Password], Command::NextField, "key-next-field"),
    key(KeyCode::Down, &[Administrator, Password], Command::NextField, ""),
    key(KeyCode::BackTab, &[Administrator, Password], Command::PreviousField, ""),
    key(KeyCode::Up, &[Administrator, Password], Command::PreviousField, ""),
    key(KeyCode::F(2), &[Password], Command::Reveal, "key-show"),
    ctrl('r', &[Password], Command::Reveal, ""),
    key(
        KeyCode::F(5),
        &[Welcome, Network, Code, Administrator, Password, Review],
        Command::CheckAgain,
        "key-check-again",
    ),
    letter('q', &[Ended], Command::Finish, "key-quit"),
    ctrl('c', &[Welcome], Command::Leave, ""),
    ctrl('c', &[Network, Code, Administrator, Password, Review], Command::Leave, "key-leave"),
    ctrl('c', &[Ended], Command::Leave, ""),
    ctrl('c', &[Running], Command::Stop, ""),
    ctrl('c', &[Done], Command::Finish, ""),
    key(KeyCode::Up, SCROLLED, Command::Scroll(-1), ""),
    key(KeyCode::Down, SCROLLED, Command::Scroll(1), ""),
    key(KeyCode::PageUp, EVERYWHERE, Command::Scroll(-10), ""),
    key(KeyCode::PageDown, EVERYWHERE, Command::Scroll(10), ""),
    ctrl('l', EVERYWHERE, Command::Redraw, ""),
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
        (None, KeyCode::Char(character)) if pressed.held == Held::Nothing && FORMS.contains(&context) => {
            Some(Command::Type(character))
        }
        _ => None,
    }
}

/// The id of the key that shows more of the page: Down, unless it moves from field to field.
pub(crate) fn more(context: Context) -> &'static str {
    if SCROLLED.contains(&context) { "more-down" } else { "more-page-down" }
}

/// The keys that work in `context` and the ids of what they do, from the most to the least important.
pub(crate) fn footer(context: Context) -> Vec<(String, &'static str)> {
    let mut hints: Vec<(String, &'static str)> = Vec::new();
    for row in ROWS.iter().filter(|row| !row.label.is_empty() && row.contexts.contains(&context)) {
        match hints.last_mut() {
            Some((names, label)) if *label == row.label => {
                names.push('/');
                names.push_str(&row.key.name());
            }
            _ => hints.push((row.key.name(), row.label)),
        }
    }
    hints
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

    fn name(self) -> String {
        let name = match self.code {
            KeyCode::Char(letter) => letter.to_ascii_uppercase().to_string(),
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
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::words::{Language, Words};

    fn text(context: Context, language: Language) -> String {
        let words = Words::new(language);
        let hints = footer(context).into_iter().map(|(names, label)| format!("{names} {}", words.say(label)));
        hints.collect::<Vec<_>>().join("  ")
    }

    #[test]
    fn no_two_rows_clash() {
        for (index, row) in ROWS.iter().enumerate() {
            for other in &ROWS[..index] {
                let clash = row.key == other.key && row.contexts.iter().any(|context| other.contexts.contains(context));
                assert!(!clash, "{row:?} and {other:?}");
            }
        }
    }

    #[test]
    fn printable_keys_are_no_shortcuts_where_a_field_has_the_focus() {
        for row in ROWS {
            let printable = matches!(row.key.code, KeyCode::Char(_)) && row.key.held == Held::Nothing;
            assert!(!printable || !row.contexts.iter().any(|context| FORMS.contains(context)), "{row:?}");
        }
    }

    #[test]
    fn every_footer_fits_80_columns_and_is_not_empty() {
        for context in EVERYWHERE.iter().filter(|context| **context != Stopping) {
            for language in Language::ALL {
                let text = text(*context, language);
                // One column is left free on either side.
                assert!(!text.is_empty() && text.width() <= 78, "{context:?}: {text}");
            }
        }
    }

    #[test]
    fn footers_name_their_keys() {
        assert_eq!(text(Ended, Language::English), "Enter/R Try again  E Edit  Esc Review  N Network  Q Quit");
        assert_eq!(text(Code, Language::English), "Enter Next  Esc Back  F5 Check again  Ctrl-C Leave");
        assert_eq!(text(AskStop, Language::English), "Enter/Y Stop  Esc/N Go on");
    }

    #[test]
    fn keys_mean_the_same_on_every_terminal() {
        let press = |code, modifiers| KeyEvent::new(code, modifiers);
        for (context, key, command) in [
            (Ended, press(KeyCode::Char('R'), KeyModifiers::SHIFT), Some(Command::Start)),
            (Code, press(KeyCode::Char('R'), KeyModifiers::SHIFT), Some(Command::Type('R'))),
            (Code, press(KeyCode::Char('j'), KeyModifiers::CONTROL), Some(Command::Next)),
            (Code, press(KeyCode::Char('h'), KeyModifiers::CONTROL), Some(Command::Edit(Edit::Backspace))),
            (Password, press(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Command::PreviousField)),
            (Code, press(KeyCode::Char('x'), KeyModifiers::CONTROL), None),
            (Code, press(KeyCode::Char('x'), KeyModifiers::ALT), None),
            (Code, press(KeyCode::Char('b'), KeyModifiers::ALT), Some(Command::Edit(Edit::WordLeft))),
            (
                Code,
                press(KeyCode::Char('B'), KeyModifiers::ALT | KeyModifiers::SHIFT),
                Some(Command::Edit(Edit::WordLeft)),
            ),
            (Code, press(KeyCode::Char('b'), KeyModifiers::ALT | KeyModifiers::CONTROL), None),
            (Review, press(KeyCode::Char('b'), KeyModifiers::ALT), None),
            (Ended, press(KeyCode::Char('r'), KeyModifiers::ALT), None),
            (Password, press(KeyCode::Left, KeyModifiers::CONTROL), Some(Command::Edit(Edit::WordLeft))),
            (Password, press(KeyCode::Right, KeyModifiers::CONTROL), Some(Command::Edit(Edit::WordRight))),
            (Password, press(KeyCode::Home, KeyModifiers::CONTROL), Some(Command::Edit(Edit::Home))),
            (Password, press(KeyCode::Enter, KeyModifiers::CONTROL), Some(Command::Next)),
            (Password, press(KeyCode::Enter, KeyModifiers::ALT), None),
            (Code, press(KeyCode::Char('w'), KeyModifiers::CONTROL), Some(Command::Edit(Edit::KillWord))),
            (Code, press(KeyCode::Backspace, KeyModifiers::ALT), Some(Command::Edit(Edit::KillWord))),
            // Alt-Backspace where Backspace sends Ctrl-H.
            (
                Code,
                press(KeyCode::Char('h'), KeyModifiers::ALT | KeyModifiers::CONTROL),
                Some(Command::Edit(Edit::KillWord)),
            ),
            (Stopping, press(KeyCode::Char('c'), KeyModifiers::CONTROL), None),
        ] {
            assert_eq!(resolve(context, key), command, "{context:?} {key:?}");
        }
    }
}
