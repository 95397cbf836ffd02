//! The format of a recording: what its lines are.
//!
//! The first line says what the wizard began with ([`Header`]). Then every [`Msg`] is a
//! line ([`Happened`]), written before it takes effect, so that the file ends with the
//! message that a crash began with. A line of where that led follows when it led anywhere
//! ([`State`]): the page, the focus, the question, and placeholders for what the fields
//! hold now. A replay compares the former with where it got itself, and takes the latter
//! over, because an edit of a placeholder need not be the edit of the answer.
//!
//! [`Msg`]: crate::wizard::Msg

use crossterm::event::KeyEvent;
use serde::{Deserialize, Serialize};

use crate::{
    screen::Look,
    setup::Admission,
    wizard::{App, Ask, Input, Page, notice::Notice},
};

/// The version of the format. It grows when an older replay would show something wrong; a
/// new sort of line alone is passed over by those who do not know it. In format 1 what was
/// said was said in English, which is read like any other text.
pub(crate) const FORMAT: u32 = 2;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "recording")]
pub(crate) struct Header {
    pub(crate) format: u32,
    /// The version of firstlight that wrote it.
    pub(crate) firstlight: String,
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    pub(crate) look: Look,
    /// The text of the profile, which holds no secret.
    pub(crate) profile: String,
    /// Pages that are not asked, because an answers file has their answers.
    pub(crate) given: Vec<Page>,
    /// The keyboard layouts that can be chosen.
    pub(crate) layouts: Vec<String>,
    /// Whether the system was started from an image, and could be installed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) live: bool,
    /// Who had to sign in first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) admission: Option<Admission>,
}

/// Any other line. It is written with the texts of replies looked through (`R` is JSON then), and read back as what it was.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line<R> {
    /// Milliseconds since the first line.
    pub(crate) ms: u64,
    #[serde(flatten)]
    pub(crate) happened: Happened<R>,
}

/// What happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Happened<R> {
    Opened,
    /// A key; a placeholder for one that goes into a field, or that means nothing where it was pressed.
    Key {
        key: KeyEvent,
    },
    /// A paste of so many characters.
    Paste {
        characters: usize,
    },
    Resize {
        columns: u16,
        rows: u16,
    },
    Tick {
        elapsed_ms: u64,
    },
    Hangup,
    /// Not a message: where the last one led.
    State(State),
    /// Something that came of a request.
    #[serde(untagged)]
    Reply(R),
}

/// Where the wizard is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What is said about a field besides what is wrong with its content.
    pub(crate) notice: Option<(Input, Notice)>,
    /// Whether Caps Lock is known to be on. Otherwise nothing is said: it would tell capitals from small letters.
    pub(crate) caps_lock: bool,
    /// Placeholders for the fields that have changed.
    pub(crate) fields: Vec<Filled>,
}

/// What a replay must find by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) page: Page,
    pub(crate) focus: usize,
    pub(crate) ask: Option<Ask>,
}

/// A placeholder for what a field holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Filled {
    pub(crate) input: Input,
    pub(crate) text: String,
    pub(crate) cursor: usize,
}

impl State {
    pub(crate) fn of(app: &App, fields: Vec<Filled>) -> Self {
        let notice = app.notice().as_ref().map(|(input, notice)| (*input, notice.without_character()));
        Self { place: Place::of(app), notice, caps_lock: app.caps_lock() == Some(true), fields }
    }

    pub(crate) fn is_as(&self, other: &Self) -> bool {
        (self.place, &self.notice, self.caps_lock) == (other.place, &other.notice, other.caps_lock)
    }
}

impl Place {
    pub(crate) fn of(app: &App) -> Self {
        Self { page: app.page(), focus: app.focus(), ask: app.asked() }
    }
}
