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
    /// Draw everything again.
    Redraw,
}

/// A key without what does not matter: Shift, Caps Lock, and the terminal's way of sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// One row of the table. Rows that follow one another with the same label share their place in the footer.
#[derive(Debug)]
pub(crate) struct Row {
    key: Key,
    contexts: &'static [Context],
    command: Command,
    /// What the footer says; empty where it says nothing.
    label: &'static str,
}

use Context::{Administrator, AskLeave, AskStop, Code, Done, Ended, Password, Review, Running, Stopping, Welcome};

const FORMS: &[Context] = &[Code, Administrator, Password];
const SCROLLED: &[Context] = &[Welcome, Review, Running, Stopping, Ended, Done];
const EVERYWHERE: &[Context] =
    &[Welcome, Code, Administrator, Password, Review, Running, Stopping, Ended, Done, AskLeave, AskStop];

const fn key(code: KeyCode, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    Row { key: Key { code, ctrl: false }, contexts, command, label }
}

const fn letter(letter: char, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    key(KeyCode::Char(letter), contexts, command, label)
}

const fn ctrl(letter: char, contexts: &'static [Context], command: Command, label: &'static str) -> Row {
    Row { key: Key { code: KeyCode::Char(letter), ctrl: true }, contexts, command, label }
}

/// The table, in the order in which the footer shows it.
pub(crate) const ROWS: &[Row] = &[
    key(KeyCode::Enter, &[Welcome], Command::Next, "Begin"),
    key(KeyCode::Enter, FORMS, Command::Next, "Next"),
    key(KeyCode::Enter, &[Review], Command::Start, "Start the setup"),
    key(KeyCode::Enter, &[Ended], Command::Start, "Try again"),
    letter('r', &[Ended], Command::Start, "Try again"),
    letter('e', &[Ended], Command::Correct, "Edit"),
    key(KeyCode::Enter, &[Done], Command::Finish, "Leave"),
    key(KeyCode::Enter, &[AskLeave], Command::Yes, "Leave"),
    letter('y', &[AskLeave], Command::Yes, "Leave"),
    key(KeyCode::Enter, &[AskStop], Command::Yes, "Stop"),
    letter('y', &[AskStop], Command::Yes, "Stop"),
    key(KeyCode::Esc, &[AskLeave], Command::No, "Stay"),
    letter('n', &[AskLeave], Command::No, "Stay"),
    key(KeyCode::Esc, &[AskStop], Command::No, "Go on"),
    letter('n', &[AskStop], Command::No, "Go on"),
    key(KeyCode::Esc, &[Code, Administrator, Password, Review], Command::Back, "Back"),
    key(KeyCode::Esc, &[Ended], Command::Back, "Review"),
    key(KeyCode::Esc, &[Running], Command::Stop, "Stop"),
    key(KeyCode::Esc, &[Welcome], Command::Leave, "Leave"),
    key(KeyCode::Esc, &[Done], Command::Finish, ""),
    letter('1', &[Review], Command::Change(Page::Code), "Change"),
    letter('2', &[Review], Command::Change(Page::Administrator), "Change"),
    letter('3', &[Review], Command::Change(Page::Password), "Change"),
    key(KeyCode::Tab, &[Administrator, Password], Command::NextField, "Next field"),
    key(KeyCode::Down, &[Administrator, Password], Command::NextField, ""),
    key(KeyCode::BackTab, &[Administrator, Password], Command::PreviousField, ""),
    key(KeyCode::Up, &[Administrator, Password], Command::PreviousField, ""),
    key(KeyCode::F(2), &[Password], Command::Reveal, "Show"),
    ctrl('r', &[Password], Command::Reveal, ""),
    key(KeyCode::F(5), &[Welcome, Code, Administrator, Password, Review], Command::CheckAgain, "Check again"),
    letter('q', &[Ended], Command::Finish, "Quit"),
    ctrl('c', &[Welcome], Command::Leave, ""),
    ctrl('c', &[Code, Administrator, Password, Review], Command::Leave, "Leave"),
    ctrl('c', &[Ended], Command::Leave, ""),
    ctrl('c', &[Running], Command::Stop, ""),
    ctrl('c', &[Done], Command::Finish, ""),
    key(KeyCode::Up, SCROLLED, Command::Scroll(-1), ""),
    key(KeyCode::Down, SCROLLED, Command::Scroll(1), ""),
    key(KeyCode::PageUp, EVERYWHERE, Command::Scroll(-10), ""),
    key(KeyCode::PageDown, EVERYWHERE, Command::Scroll(10), ""),
    ctrl('l', EVERYWHERE, Command::Redraw, ""),
    key(KeyCode::Left, FORMS, Command::Edit(Edit::Left), ""),
    key(KeyCode::Right, FORMS, Command::Edit(Edit::Right), ""),
    key(KeyCode::Home, FORMS, Command::Edit(Edit::Home), ""),
    ctrl('a', FORMS, Command::Edit(Edit::Home), ""),
    key(KeyCode::End, FORMS, Command::Edit(Edit::End), ""),
    ctrl('e', FORMS, Command::Edit(Edit::End), ""),
    key(KeyCode::Backspace, FORMS, Command::Edit(Edit::Backspace), ""),
    key(KeyCode::Delete, FORMS, Command::Edit(Edit::Delete), ""),
    ctrl('d', FORMS, Command::Edit(Edit::Delete), ""),
    ctrl('u', FORMS, Command::Edit(Edit::KillBefore), ""),
    ctrl('k', FORMS, Command::Edit(Edit::KillAfter), ""),
];

/// What `key` means in `context`, if anything.
pub(crate) fn resolve(context: Context, key: KeyEvent) -> Option<Command> {
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::META) {
        return None;
    }
    let pressed = Key::of(key);
    let row = ROWS.iter().find(|row| row.key == pressed && row.contexts.contains(&context));
    match (row, key.code) {
        (Some(row), _) => Some(row.command),
        (None, KeyCode::Char(character)) if !pressed.ctrl && FORMS.contains(&context) => Some(Command::Type(character)),
        _ => None,
    }
}

/// The key that shows more of the page: Down, unless it moves from field to field.
pub(crate) fn more(context: Context) -> &'static str {
    if SCROLLED.contains(&context) { "Down" } else { "PgDn" }
}

/// The keys that work in `context` and what they do, from the most to the least important.
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
    fn of(key: KeyEvent) -> Self {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // What serial lines and some terminals send for Enter and Backspace.
            KeyCode::Char('j') if ctrl => Self { code: KeyCode::Enter, ctrl: false },
            KeyCode::Char('h') if ctrl => Self { code: KeyCode::Backspace, ctrl: false },
            KeyCode::Char(character) => Self { code: KeyCode::Char(character.to_ascii_lowercase()), ctrl },
            code => Self { code, ctrl: false },
        }
    }

    fn name(self) -> String {
        match self.code {
            KeyCode::Char(letter) if self.ctrl => format!("Ctrl-{}", letter.to_ascii_uppercase()),
            KeyCode::Char(letter) => letter.to_ascii_uppercase().to_string(),
            code => code.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(context: Context) -> String {
        footer(context).iter().map(|(names, label)| format!("{names} {label}")).collect::<Vec<_>>().join("  ")
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
            let printable = matches!(row.key.code, KeyCode::Char(_)) && !row.key.ctrl;
            assert!(!printable || !row.contexts.iter().any(|context| FORMS.contains(context)), "{row:?}");
        }
    }

    #[test]
    fn every_footer_fits_80_columns_and_is_not_empty() {
        for context in EVERYWHERE.iter().filter(|context| **context != Stopping) {
            let text = text(*context);
            // One column is left free on either side.
            assert!(!text.is_empty() && text.len() <= 78, "{context:?}: {text}");
        }
    }

    #[test]
    fn footers_name_their_keys() {
        assert_eq!(text(Ended), "Enter/R Try again  E Edit  Esc Review  Q Quit");
        assert_eq!(text(Code), "Enter Next  Esc Back  F5 Check again  Ctrl-C Leave");
        assert_eq!(text(AskStop), "Enter/Y Stop  Esc/N Go on");
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
            (Stopping, press(KeyCode::Char('c'), KeyModifiers::CONTROL), None),
        ] {
            assert_eq!(resolve(context, key), command, "{context:?} {key:?}");
        }
    }
}
