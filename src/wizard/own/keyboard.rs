//! The keyboard page: which layouts there are, which one is used, and a field to try it in.
//!
//! It comes before everything that is typed, so that a password is not typed on another
//! keyboard than the one it is meant for. None of it is an answer.

use crate::{
    field::{Field, FieldKind},
    wizard::{
        keys::Context,
        own::page::{OwnPage, Reaction},
        port::Request,
    },
    words::{Phrase, TextId, id},
};

/// No layout has a longer name.
const LONGEST: usize = 40;
/// How many names are shown below the field.
const SHOWN: usize = 8;

/// What became of the layout that was asked for last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// None was asked for.
    AsFound,
    /// It is being loaded.
    Loading(String),
    /// It is in use.
    Loaded(String),
    /// There is none of this name.
    Unknown(String),
    /// It could not be loaded, with the reason.
    Failed(Phrase),
}

/// The keyboard of the console.
#[derive(Debug)]
pub(crate) struct Keyboard {
    layouts: Vec<String>,
    /// The name of the layout that is wanted; empty for the one in use.
    pub(crate) wanted: Field,
    /// Where the layout is tried.
    pub(crate) trial: Field,
    /// Whether keys go to the trial.
    pub(crate) trying: bool,
    /// What became of it.
    pub(crate) state: State,
}

impl Default for Keyboard {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Keyboard {
    /// A keyboard with these layouts; without any there is nothing to ask.
    pub(crate) fn new(layouts: Vec<String>) -> Self {
        Self {
            layouts,
            wanted: Field::new(FieldKind::Plain, LONGEST),
            trial: Field::new(FieldKind::Plain, LONGEST),
            trying: false,
            state: State::AsFound,
        }
    }

    /// What there is to choose from.
    pub(crate) fn layouts(&self) -> &[String] {
        &self.layouts
    }

    /// The layouts that what was typed may become: those that begin with it, then those that have it within.
    pub(crate) fn suggestions(&self) -> Vec<&str> {
        let typed = self.wanted.text().trim().to_lowercase();
        let all = || self.layouts.iter().map(String::as_str);
        let beginning = all().filter(|layout| layout.to_lowercase().starts_with(&typed));
        let within = all().filter(|layout| layout.to_lowercase().find(&typed).is_some_and(|place| place > 0));
        beginning.chain(within).take(SHOWN).collect()
    }

    /// Takes in how loading ended: with a layout that works the trial is next.
    pub(crate) fn loaded(&mut self, result: Result<(), Phrase>) {
        let State::Loading(layout) = &self.state else { return };
        self.trying = result.is_ok();
        self.state = match result {
            Ok(()) => State::Loaded(layout.clone()),
            Err(reason) => State::Failed(reason),
        };
    }
}

impl OwnPage for Keyboard {
    fn is_shown(&self) -> bool {
        !self.layouts.is_empty()
    }

    fn context(&self) -> Context {
        if self.trying { Context::Trial } else { Context::Layout }
    }

    fn fields(&self) -> usize {
        2
    }

    fn focus(&self) -> usize {
        self.trying.into()
    }

    fn focus_on(&mut self, index: usize) {
        self.trying = index > 0;
    }

    fn field(&self) -> Option<(TextId, &Field)> {
        Some(if self.trying { (id!("keyboard-trial"), &self.trial) } else { (id!("keyboard-layout"), &self.wanted) })
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        Some(if self.trying { &mut self.trial } else { &mut self.wanted })
    }

    fn pick(&mut self, forward: bool) {
        let typed = self.wanted.text().trim();
        let here = self.layouts.iter().position(|layout| layout == typed);
        let count = self.layouts.len();
        let next = match here {
            Some(index) if forward => self.layouts.get((index + 1) % count),
            Some(index) => self.layouts.get((index + count - 1) % count),
            None => self.suggestions().first().and_then(|first| self.layouts.iter().find(|layout| layout == first)),
        };
        let Some(next) = next.cloned() else { return };
        self.wanted = Field::new(FieldKind::Plain, LONGEST);
        // Names that no field takes are left out when they are read.
        let _ = self.wanted.paste(&next);
    }

    fn enter(&mut self) -> Reaction {
        let wanted = self.wanted.text().trim().to_owned();
        if self.trying || wanted.is_empty() || self.state == State::Loaded(wanted.clone()) {
            return Reaction::On;
        }
        if matches!(self.state, State::Loading(_)) {
            return Reaction::Stay;
        }
        if !self.layouts.contains(&wanted) {
            self.state = State::Unknown(wanted);
            return Reaction::Stay;
        }
        self.state = State::Loading(wanted.clone());
        Reaction::Ask(Request::LoadLayout(wanted))
    }

    /// What goes on with the name of a layout; what a layout is tried with is not.
    fn shows_typed(&self, character: char) -> bool {
        let typed = format!("{}{character}", self.wanted.text()).to_lowercase();
        !self.trying && self.layouts.iter().any(|layout| layout.to_lowercase().contains(&typed))
    }

    /// The name of a layout.
    fn shows_pasted(&self, text: &str) -> bool {
        !self.trying && self.layouts.iter().any(|layout| layout == text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyboard(typed: &str) -> Keyboard {
        let mut keyboard = Keyboard::new(["de", "de-latin1", "es", "uk", "us", "us-intl"].map(str::to_owned).into());
        keyboard.wanted.paste(typed).expect("there is room");
        keyboard
    }

    #[test]
    fn what_was_typed_is_completed() {
        for (typed, found) in [
            ("", vec!["de", "de-latin1", "es", "uk", "us", "us-intl"]),
            ("de", vec!["de", "de-latin1"]),
            ("DE", vec!["de", "de-latin1"]),
            ("s", vec!["es", "us", "us-intl"]),
            ("x", vec![]),
        ] {
            assert_eq!(keyboard(typed).suggestions(), found, "{typed}");
        }
    }

    #[test]
    fn arrows_go_through_the_layouts() {
        for (typed, forward, picked) in [
            ("", true, "de"),
            ("u", true, "uk"),
            ("de", true, "de-latin1"),
            ("us-intl", true, "de"),
            ("de", false, "us-intl"),
            ("x", true, "x"),
        ] {
            let mut keyboard = keyboard(typed);
            keyboard.pick(forward);
            assert_eq!(keyboard.wanted.text(), picked, "{typed}");
        }
    }

    #[test]
    fn enter_loads_a_layout_once_and_then_goes_on() {
        let loads = |keyboard: &mut Keyboard| matches!(keyboard.enter(), Reaction::Ask(Request::LoadLayout(layout)) if layout == "de");
        assert!(matches!(keyboard("").enter(), Reaction::On), "the layout in use will do");
        let mut unknown = keyboard("xx");
        assert!(matches!(unknown.enter(), Reaction::Stay));
        assert_eq!(unknown.state, State::Unknown("xx".to_owned()));
        let mut keyboard = keyboard("de");
        assert!(loads(&mut keyboard));
        assert!(matches!(keyboard.enter(), Reaction::Stay), "it is being loaded");
        keyboard.loaded(Err("no".into()));
        assert!(!keyboard.trying && loads(&mut keyboard));
        keyboard.loaded(Ok(()));
        assert!(keyboard.trying && matches!(keyboard.enter(), Reaction::On));
    }
}
