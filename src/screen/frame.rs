//! What goes out to the terminal: a whole frame at a time, in colours that old terminals know.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use zeroize::Zeroizing;

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
    /// Nothing is held back yet.
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
        self.held.clear();
        written
    }
}

/// The same with each of the sixteen first colours named in the short way.
fn with_basic_colours(frame: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(frame.len()));
    let mut rest = frame;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = rest.split_at(start + 2);
        let end = sequence.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';')).unwrap_or(sequence.len());
        let (parameters, after) = sequence.split_at(end);
        out.extend_from_slice(before);
        if after.first() == Some(&b'm') {
            rename(parameters, &mut out);
        } else {
            out.extend_from_slice(parameters);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// The parameters of an SGR sequence.
fn rename(parameters: &[u8], out: &mut Vec<u8>) {
    let parameters: Vec<&[u8]> = parameters.split(|byte| *byte == b';').collect();
    let mut rest = parameters.as_slice();
    let mut renamed: Vec<Vec<u8>> = Vec::with_capacity(rest.len());
    while let Some(first) = rest.first() {
        let taken = match rest {
            [kind @ (b"38" | b"48"), b"5", index, ..] => {
                renamed.push(basic(kind, index).unwrap_or_else(|| rest[..3].join(&b';')));
                3
            }
            [b"38" | b"48", b"2", _, _, _, ..] => {
                renamed.push(rest[..5].join(&b';'));
                5
            }
            _ => {
                renamed.push(first.to_vec());
                1
            }
        };
        rest = &rest[taken..];
    }
    out.extend_from_slice(&renamed.join(&b';'));
}

/// The parameter for one of the sixteen first colours.
fn basic(kind: &[u8], index: &[u8]) -> Option<Vec<u8>> {
    let index: u8 = std::str::from_utf8(index).ok()?.parse().ok()?;
    let of_text = match index {
        0..8 => 30 + index,
        8..16 => 90 + index - 8,
        16.. => return None,
    };
    Some((if kind == b"48" { of_text + 10 } else { of_text }).to_string().into_bytes())
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
