//! What holds for the table of keys.

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::{
    pages::key_name,
    words::{Language, Words},
};

fn text(context: Context, language: Language) -> String {
    let words = Words::new(language);
    let hints = footer(context).into_iter().map(|hint| {
        let names: Vec<String> = hint.keys.iter().map(|(name, _)| key_name(&words, name)).collect();
        format!("{} {}", names.join("/"), words.say(hint.label))
    });
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
        assert!(!printable || !row.contexts.iter().any(|context| is_typed(*context)), "{row:?}");
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
    assert_eq!(text(Ended, Language::English), "Enter/R Try again  E Edit  C Why  L Log  S Report  N Network  Q Leave");
    assert_eq!(text(Code, Language::English), "Enter Next  Esc Back  F5 Check again  Ctrl-C Leave");
    assert_eq!(text(Choice, Language::German), "Enter Weiter  Esc Zurück  Ab/Auf Wählen  F5 Prüfen  Strg-C Verlassen");
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
        (Code, press(KeyCode::Char('B'), KeyModifiers::ALT | KeyModifiers::SHIFT), Some(Command::Edit(Edit::WordLeft))),
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

#[test]
fn every_text_of_the_help_has_a_row() {
    // The match in `Command::help` is complete, and a text that is said nowhere does not compile.
    let said = include_str!("../../../assets/words/en.ftl").lines().filter_map(|line| line.split(" =").next());
    for id in said.filter(|id| {
        id.starts_with("help-") && !matches!(*id, "help-change" | "help-from" | "help-title" | "help-type")
    }) {
        assert!(
            ROWS.iter().any(|row| row.command.help().is_some_and(|help| help.as_str() == id)),
            "no key leads to `{id}`"
        );
    }
}

#[test]
fn what_the_footer_shows_can_be_chosen_with_tab_and_pressed_with_enter_where_no_field_has_the_focus() {
    for context in EVERYWHERE.iter().filter(|context| !FORMS.contains(context)) {
        let chosen = resolve(*context, KeyEvent::from(KeyCode::Tab)) == Some(Command::NextChoice);
        let only: Vec<Command> = choices(*context).into_iter().filter(|choice| *choice != Command::Help).collect();
        let pressed = resolve(*context, KeyEvent::from(KeyCode::Enter));
        assert!(chosen || only == Vec::from_iter(pressed), "{context:?}");
    }
    let changes = [1, 2, 3].map(Command::ChangeNumber);
    assert_eq!(choices(Review)[2..5], changes);
    assert_eq!(choices(Ended)[0], Command::Start);
}

#[test]
fn caps_lock_shows_in_letters() {
    let press = |letter, modifiers| KeyEvent::new(KeyCode::Char(letter), modifiers);
    let told = KeyEvent { state: KeyEventState::CAPS_LOCK, ..press('1', KeyModifiers::NONE) };
    for (key, expected) in [
        (press('A', KeyModifiers::NONE), Some(true)),
        (press('a', KeyModifiers::SHIFT), Some(true)),
        (press('a', KeyModifiers::NONE), Some(false)),
        (press('A', KeyModifiers::SHIFT), None),
        (press('1', KeyModifiers::NONE), None),
        (told, Some(true)),
    ] {
        assert_eq!(caps_lock(key), expected, "{key:?}");
    }
}
