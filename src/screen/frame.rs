//! What goes out to the terminal: a whole frame at a time, in colours that old terminals know.

use std::{
    io::{self, Write},
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use regex::bytes::{Captures, Regex};
use zeroize::{Zeroize, Zeroizing};

/// More than most frames have, in bytes, so that what is revealed on a page is seldom copied.
const CAPACITY: usize = 16 * 1024;

/// Holds a frame back until it is flushed, so that a slow line shows no half of it.
///
/// crossterm names the sixteen first colours as entries of a palette of 256 (`38;5;1`), which terminals with
/// eight or sixteen colours take for something else: `5` is blinking text to them. Here they get the names that
/// every terminal with colours knows (`31`, `91`; ECMA-48 8.3.117, and xterm's ctlseqs for the bright ones).
#[derive(Debug)]
pub(crate) struct Frame<W> {
    held: Zeroizing<Vec<u8>>,
    out: W,
    /// Whether the terminal is somebody else's by now.
    given_back: &'static AtomicBool,
}

impl<W> Frame<W> {
    pub(crate) fn new(out: W, given_back: &'static AtomicBool) -> Self {
        Self { held: Zeroizing::new(Vec::with_capacity(CAPACITY)), out, given_back }
    }
}

impl<W: Write> Write for Frame<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = if self.given_back.load(Ordering::SeqCst) {
            Ok(())
        } else {
            let frame = with_basic_colours(&self.held);
            self.out.write_all(&frame).and_then(|()| self.out.flush())
        };
        // Also when it could not be written: the next frame begins at its own beginning.
        self.held.zeroize();
        written
    }
}

/// What sets colours and other attributes (SGR, ECMA-48 8.3.117).
static SEQUENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*m").expect("a test uses it"));

/// A colour within such a sequence: one of 24 bits, which stays, or one of a palette.
static COLOUR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[34]8;(?:2;[0-9]+;[0-9]+;[0-9]+|5;([0-9]+))").expect("a test uses it"));

/// The same with each of the sixteen first colours named in the short way.
fn with_basic_colours(frame: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(frame.len()));
    let mut done = 0;
    for sequence in SEQUENCE.find_iter(frame) {
        out.extend_from_slice(&frame[done..sequence.start()]);
        out.extend_from_slice(&COLOUR.replace_all(sequence.as_bytes(), renamed));
        done = sequence.end();
    }
    out.extend_from_slice(&frame[done..]);
    out
}

/// The short name of a colour, or the one that it has.
fn renamed(colour: &Captures<'_>) -> Vec<u8> {
    let index = colour.get(1).and_then(|index| str::from_utf8(index.as_bytes()).ok()?.parse::<u8>().ok());
    let of_text = match index {
        Some(index @ 0..8) => 30 + index,
        Some(index @ 8..16) => 90 + index - 8,
        _ => return colour[0].to_vec(),
    };
    let of_background = colour[0].starts_with(b"4");
    (if of_background { of_text + 10 } else { of_text }).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteen_first_colours_have_their_own_names() {
        for (written, sent) in [
            ("plain text", "plain text"),
            ("\x1b[38;5;1mred", "\x1b[31mred"),
            ("\x1b[38;5;9;48;5;15m", "\x1b[91;107m"),
            ("\x1b[38;5;3;49m3\x1b[39m\x1b[49m", "\x1b[33;49m3\x1b[39m\x1b[49m"),
            ("\x1b[1;38;5;7;4m", "\x1b[1;37;4m"),
            ("\x1b[48;5;16m\x1b[38;5;255m", "\x1b[48;5;16m\x1b[38;5;255m"),
            ("\x1b[38;2;48;5;1m", "\x1b[38;2;48;5;1m"),
            ("\x1b[38;5;999m\x1b[38;5m\x1b[m", "\x1b[38;5;999m\x1b[38;5m\x1b[m"),
            // No colours: a place, and what is cut off.
            ("\x1b[38;5H\x1b[?25l\x1b[38;5;1", "\x1b[38;5H\x1b[?25l\x1b[38;5;1"),
            ("\x1b\x1b[\u{20ac}", "\x1b\x1b[\u{20ac}"),
        ] {
            assert_eq!(String::from_utf8_lossy(&with_basic_colours(written.as_bytes())), sent, "{written:?}");
        }
    }

    #[test]
    fn a_frame_goes_out_whole_however_it_was_written() {
        static GIVEN_BACK: AtomicBool = AtomicBool::new(false);
        let mut frame = Frame::new(Vec::new(), &GIVEN_BACK);
        for part in ["\x1b[", "38;5;", "2", "m", "green"] {
            write!(frame, "{part}").expect("a vector takes everything");
        }
        assert!(frame.out.is_empty());
        frame.flush().expect("a vector takes everything");
        frame.flush().expect("a vector takes everything");
        assert_eq!(frame.out, b"\x1b[32mgreen");
        GIVEN_BACK.store(true, Ordering::SeqCst);
        write!(frame, "late").and_then(|()| frame.flush()).expect("a vector takes everything");
        assert_eq!(frame.out, b"\x1b[32mgreen", "nothing is drawn over what was said last");
    }
}
