//! The bytes of a terminal as keys and pastes, however they are cut into pieces.
//!
//! A parser of our own and not crossterm's: that one takes ESC for the Escape key wherever a read ends behind it, which
//! on a serial line or over a bad link is in the middle of any key, and types the rest into a field. It would also
//! keep what was pasted in buffers that nobody zeroes.

use std::{
    ops::ControlFlow::{self, Break, Continue},
    str,
    time::Duration,
};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use zeroize::{Zeroize, Zeroizing};

const ESC: u8 = 0x1b;

/// What Ctrl-C sends where it is no signal.
pub(crate) const CTRL_C: u8 = 3;

/// How long ESC may be the beginning of a key: as `ESCDELAY` of curses. Longer than any line takes between two bytes,
/// and shorter than anybody notices.
const ESCAPE_DELAY: Duration = Duration::from_millis(100);

/// How long the rest of a key that has begun is waited for: nobody types the beginning of one.
const REST_DELAY: Duration = Duration::from_secs(1);

/// The longest sequence that is a key; of one that goes on no more is kept.
const LONGEST: usize = 32;

/// The number of the key that a pasted text begins with, and what stands behind the text.
const PASTE: &[u8] = b"200";
const PASTE_END: &[u8] = b"\x1b[201~";

/// The most of a paste that is kept: far more than any field takes, and no terminal's whole scrollback.
const LONGEST_PASTE: usize = 1 << 20;

/// Where a paste begins to be kept: more than most have, so that what is pasted is seldom copied.
const USUAL_PASTE: usize = 4096;

/// How many bytes follow the beginning of a mouse report, if another program has left those switched on. They are no keys.
const MOUSE_REPORT: u8 = 3;

/// What stands for bytes that are no text: every field refuses it, where a guess could change a password.
pub(crate) const UNREADABLE: char = '\u{1a}';

/// What has come of a key or a paste that has no end yet.
#[derive(Default)]
pub(crate) struct Decoder {
    held: Zeroizing<Vec<u8>>,
    paste: Option<Zeroizing<Vec<u8>>>,
    /// How many bytes to come are none of ours.
    skipped: u8,
}

impl Decoder {
    /// How long the rest is waited for before [`Decoder::pause`]. A paste ends with its mark, or with Ctrl-C.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.held.as_slice() {
            [] => None,
            [ESC] => Some(ESCAPE_DELAY),
            _ => Some(REST_DELAY),
        }
    }

    /// Nothing more has come: a lone ESC is the Escape key, and half of any other is none.
    pub(crate) fn pause(&mut self) -> Option<Event> {
        let event = match self.held.as_slice() {
            [ESC] => Some(key(KeyCode::Esc)),
            // Those of an encoding that is not ours end with whatever follows; a key of it may be the last.
            [first, ..] if *first >= 0x80 => Some(key(KeyCode::Char(UNREADABLE))),
            _ => None,
        };
        self.forget();
        event
    }

    /// Takes a byte in; what it makes complete goes to `out`.
    pub(crate) fn push(&mut self, byte: u8, out: &mut impl Extend<Event>) {
        if let Some(paste) = &mut self.paste {
            if byte == CTRL_C {
                // No text has it, and a paste whose end was lost must not take every key from then on.
                self.paste = None;
                out.extend([control(byte)]);
            } else if append(paste, byte) {
                let text = str::from_utf8(&paste[..paste.len() - PASTE_END.len()]);
                out.extend([Event::Paste(text.map_or_else(|_| UNREADABLE.to_string(), str::to_owned))]);
                self.paste = None;
            }
            return;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        if !self.goes_on(byte) {
            // What was begun is not going to end: the Escape key, or nothing.
            out.extend(self.pause());
        }
        self.held.push(byte);
        if let Break(event) = self.complete() {
            self.forget();
            out.extend(event);
        }
    }

    /// Whether `byte` can follow what is held.
    fn goes_on(&self, byte: u8) -> bool {
        match self.held.as_slice() {
            [] => true,
            // With Alt come letters and Backspace; Enter and the like were typed after Escape, however fast.
            [ESC] => byte >= 0x20 || byte == 0x08,
            [ESC, b'[' | b'O', ..] => (0x20..0x7f).contains(&byte),
            _ => (0x80..0xc0).contains(&byte),
        }
    }

    /// Breaks off where what is held is complete: an event, or nothing that means anything.
    fn complete(&mut self) -> ControlFlow<Option<Event>> {
        let (alt, bytes) = match self.held.as_slice() {
            [ESC] | [ESC, b'[' | b'O'] | [ESC, b'[', b'['] => return Continue(()),
            [ESC, b'O', last] => return Break(application_key(*last).map(key)),
            // The function keys of the Linux console.
            [ESC, b'[', b'[', last @ b'A'..=b'E'] => return Break(Some(key(KeyCode::F(last - b'A' + 1)))),
            [ESC, b'[', b'[', _] => return Break(None),
            [ESC, b'[', body @ .., last @ 0x40..0x7f] => {
                let paste = body == PASTE && *last == b'~';
                self.skipped = if body.is_empty() && *last == b'M' { MOUSE_REPORT } else { 0 };
                self.paste = paste.then(|| Zeroizing::new(Vec::with_capacity(USUAL_PASTE)));
                return Break(sequence(body, *last).map(Event::Key));
            }
            [ESC, b'[', ..] => {
                self.held.truncate(LONGEST);
                return Continue(());
            }
            [ESC, rest @ ..] => (true, rest),
            bytes => (false, bytes),
        };
        let mut pressed = match bytes {
            [byte @ 0..0x80] => plain(*byte),
            _ => match character(bytes) {
                Some(character) => KeyCode::Char(character).into(),
                None => return Continue(()),
            },
        };
        if matches!(pressed.code, KeyCode::Char(letter) if letter.is_uppercase()) {
            pressed.modifiers |= KeyModifiers::SHIFT;
        }
        if alt {
            pressed.modifiers |= KeyModifiers::ALT;
        }
        Break(Some(Event::Key(pressed)))
    }

    fn forget(&mut self) {
        self.held.zeroize();
    }
}

/// Adds a byte to a paste; gives whether that has come to its end.
fn append(paste: &mut Zeroizing<Vec<u8>>, byte: u8) -> bool {
    if paste.len() >= LONGEST_PASTE + PASTE_END.len() {
        // The end is still looked for.
        paste.drain(LONGEST_PASTE..=LONGEST_PASTE);
    }
    if paste.len() == paste.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(2 * paste.capacity()));
        larger.extend_from_slice(paste);
        *paste = larger;
    }
    paste.push(byte);
    paste.ends_with(PASTE_END)
}

fn key(code: KeyCode) -> Event {
    Event::Key(code.into())
}

fn control(byte: u8) -> Event {
    Event::Key(plain(byte))
}

/// The character of these bytes, or [`UNREADABLE`]; `None` while more can follow.
fn character(bytes: &[u8]) -> Option<char> {
    match str::from_utf8(bytes) {
        Ok(text) => text.chars().next(),
        Err(error) if error.error_len().is_none() => None,
        Err(_) => Some(UNREADABLE),
    }
}

/// The key that sends this byte alone.
fn plain(byte: u8) -> KeyEvent {
    let letter = |letter: u8| KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    match byte {
        b'\r' => KeyCode::Enter.into(),
        b'\t' => KeyCode::Tab.into(),
        // Many serial terminals, and DEC's, have the one for Backspace; the others the other.
        0x08 | 0x7f => KeyCode::Backspace.into(),
        0 => letter(b' '),
        0x01..=0x1a => letter(byte - 1 + b'a'),
        0x1c..=0x1f => letter(byte - 0x1c + b'4'),
        _ => KeyCode::Char(char::from(byte)).into(),
    }
}

/// The key behind SS3; characters are those of a keypad that another program has left in its application mode.
const fn application_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'M' => KeyCode::Enter,
        // `*` to `9`, in the order of ASCII.
        b'j'..=b'y' => KeyCode::Char((last - 0x40) as char),
        b'X' => KeyCode::Char('='),
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return arrow(last),
    })
}

const fn arrow(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// The key of a control sequence (ECMA-48 5.4; xterm's ctlseqs, "PC-Style Function Keys").
fn sequence(body: &[u8], last: u8) -> Option<KeyEvent> {
    let body = str::from_utf8(body).ok()?;
    let mut numbers = Vec::new();
    for part in body.split(';').filter(|_| !body.is_empty()) {
        // Behind a colon stands whether it was pressed, repeated or released.
        let (number, kind) = part.split_once(':').unwrap_or((part, ""));
        if kind == "3" {
            return None;
        }
        numbers.push(number.parse::<u32>().ok()?);
    }
    let number = |index: usize| numbers.get(index).copied().unwrap_or(1);
    let (code, held) = match last {
        b'~' if number(0) == 27 => (coded(number(2))?, number(1)),
        b'~' => (numbered(number(0))?, number(1)),
        b'u' => (coded(number(0))?, number(1)),
        b'Z' => (KeyCode::BackTab, 2),
        // Without `R`, which is also how a terminal says where its cursor is.
        b'P' | b'Q' | b'S' => (KeyCode::F(last - b'P' + 1), number(1)),
        _ => (arrow(last)?, number(1)),
    };
    let held = held.saturating_sub(1);
    let modifiers = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
    let modifiers = modifiers.into_iter().filter(|(bit, _)| held & bit != 0).map(|(_, modifier)| modifier).collect();
    let code = if code == KeyCode::Tab && held & 1 != 0 { KeyCode::BackTab } else { code };
    Some(KeyEvent::new(code, modifiers))
}

/// The key that is said by a number.
fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(number - 10),
        17..=21 => function(number - 11),
        23..=26 => function(number - 12),
        28 | 29 => function(number - 13),
        31..=34 => function(number - 14),
        _ => return None,
    })
}

fn function(number: u32) -> KeyCode {
    KeyCode::F(u8::try_from(number).unwrap_or(u8::MAX))
}

/// The key that is said by a character's number, where another program has left that switched on.
fn coded(number: u32) -> Option<KeyCode> {
    match number {
        27 => Some(KeyCode::Esc),
        // Of the private use area, in which that protocol numbers keys, those of the keypad that are characters.
        57399..=57408 => char::from_digit(number - 57399, 10).map(KeyCode::Char),
        57409..=57413 => Some(KeyCode::Char(['.', '/', '*', '-', '+'][number as usize - 57409])),
        57414 => Some(KeyCode::Enter),
        57415 => Some(KeyCode::Char('=')),
        57344..=63743 => None,
        0..0x80 => u8::try_from(number).ok().map(plain).filter(|key| key.modifiers.is_empty()).map(|key| key.code),
        _ => char::from_u32(number).map(KeyCode::Char),
    }
}
