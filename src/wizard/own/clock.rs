//! The clock page: by what this machine's clock is to be set, and what came of it. None of it is an answer.

use crate::{
    error::Report,
    field::{Field, FieldKind},
    values::SetClock,
    wizard::{
        keys::Context,
        own::page::{OwnPage, Reaction},
        port::Request,
    },
    words::{Phrase, TextId, id},
};

/// More than a date and a time have.
const LONGEST: usize = 30;

/// What became of the last time that it was to be set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Setting {
    /// It was not.
    #[default]
    Not,
    /// What was typed is no time.
    Unknown,
    /// It is being set.
    UnderWay,
    /// It is set; what was done.
    Done(Phrase),
    /// It could not be.
    Failed(Box<Report>),
}

/// This machine's clock.
#[derive(Debug)]
pub(crate) struct ClockPage {
    /// By what: a name, or a date and a time.
    pub(crate) by: Field,
    /// What became of it.
    pub(crate) setting: Setting,
}

impl Default for ClockPage {
    fn default() -> Self {
        Self { by: filled(SetClock::NAMES[0]), setting: Setting::Not }
    }
}

fn filled(name: &str) -> Field {
    let mut field = Field::new(FieldKind::Plain, LONGEST);
    // There is room for every name.
    let _ = field.paste(name);
    field
}

impl ClockPage {
    /// Takes in what came of setting it.
    pub(in crate::wizard) fn set(&mut self, set: Result<Phrase, Report>) {
        if self.setting == Setting::UnderWay {
            self.setting = set.map_or_else(|report| Setting::Failed(Box::new(report)), Setting::Done);
        }
    }
}

impl OwnPage for ClockPage {
    /// It is part of the way only while the clock is known to be wrong.
    fn is_shown(&self) -> bool {
        false
    }

    fn context(&self) -> Context {
        Context::Layout
    }

    fn fields(&self) -> usize {
        1
    }

    fn field(&self) -> Option<(TextId, &Field)> {
        Some((id!("clock-by"), &self.by))
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        Some(&mut self.by)
    }

    fn has_changed(&mut self) {
        if self.setting != Setting::UnderWay {
            self.setting = Setting::Not;
        }
    }

    fn pick(&mut self, forward: bool) {
        let names = SetClock::NAMES;
        let here = names.iter().position(|name| *name == self.by.text().trim());
        let next = match (here, forward) {
            (None, _) => 0,
            (Some(index), true) => (index + 1) % names.len(),
            (Some(index), false) => (index + names.len() - 1) % names.len(),
        };
        self.by = filled(names[next]);
        self.has_changed();
    }

    fn enter(&mut self) -> Reaction {
        match self.setting {
            Setting::UnderWay => return Reaction::Stay,
            Setting::Done(_) => return Reaction::On,
            Setting::Not | Setting::Unknown | Setting::Failed(_) => {}
        }
        let text = self.by.text();
        let Ok(by) = SetClock::named(text).or_else(|_none| SetClock::typed(text)) else {
            self.setting = Setting::Unknown;
            return Reaction::Stay;
        };
        self.setting = Setting::UnderWay;
        Reaction::Ask(Request::SetClock(by))
    }

    /// What time it is, nobody keeps to themselves.
    fn shows_typed(&self, _character: char) -> bool {
        true
    }

    fn shows_pasted(&self, text: &str) -> bool {
        SetClock::typed(text).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorId;

    fn clock(by: &str) -> ClockPage {
        ClockPage { by: filled(by), ..ClockPage::default() }
    }

    #[test]
    fn enter_sets_it_once_and_then_goes_on() {
        for (by, asked) in [
            ("license-service", Some(SetClock::LicenseService)),
            ("ntp", Some(SetClock::Ntp)),
            ("2026-11-27 14:05", Some(SetClock::typed("2026-11-27 14:05").expect("a time"))),
            ("noon", None),
            ("", None),
        ] {
            let mut page = clock(by);
            match (page.enter(), asked) {
                (Reaction::Ask(Request::SetClock(by)), Some(asked)) => assert_eq!(by, asked),
                (Reaction::Stay, None) => assert_eq!(page.setting, Setting::Unknown),
                (reaction, _) => unreachable!("{by}: {reaction:?}"),
            }
        }
        let mut page = clock("ntp");
        page.enter();
        assert!(matches!(page.enter(), Reaction::Stay), "it is being set");
        page.set(Err(Report::new(ErrorId::ClockWrong, "no".into())));
        assert!(matches!(page.enter(), Reaction::Ask(_)), "once more");
        page.set(Ok("done".into()));
        assert!(matches!(page.enter(), Reaction::On));
    }

    #[test]
    fn arrows_choose_among_what_can_set_it() {
        for (by, forward, picked) in [
            ("license-service", true, "ntp"),
            ("ntp", true, "license-service"),
            ("ntp", false, "license-service"),
            ("1", true, "license-service"),
        ] {
            let mut page = clock(by);
            page.pick(forward);
            assert_eq!(page.by.text(), picked, "{by}");
        }
    }
}
