//! Typed lines as input events.

use std::{collections::VecDeque, io};

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use futures_util::{Stream, StreamExt, stream};
use zeroize::{Zeroize, Zeroizing};

use crate::screen::{
    decode::{CTRL_C, UNREADABLE},
    input::Piece,
};

/// The most bytes of a line that a terminal keeps (`N_TTY_BUF_SIZE` of Linux).
const LONGEST: usize = 4096;

/// Each line that is typed as a paste, and Ctrl-C as the key that it is. It ends with the input.
pub(super) fn lines(
    pieces: impl Stream<Item = Piece> + Send + Unpin,
) -> impl Stream<Item = io::Result<TerminalEvent>> + Send {
    // Of its final size from the start, so that no copy of a password stays behind.
    let line = Zeroizing::new(Vec::with_capacity(LONGEST));
    stream::unfold((pieces, line, VecDeque::new()), |(mut pieces, mut line, mut ready)| async move {
        loop {
            if let Some(event) = ready.pop_front() {
                return Some((Ok(event), (pieces, line, ready)));
            }
            match pieces.next().await? {
                Ok(piece) => ready.extend(piece.iter().filter_map(|byte| ended(&mut line, *byte))),
                Err(error) => return Some((Err(error), (pieces, line, ready))),
            }
        }
    })
}

/// What has come to its end with `byte`.
fn ended(line: &mut Vec<u8>, byte: u8) -> Option<TerminalEvent> {
    let event = match byte {
        b'\n' => {
            let text = std::str::from_utf8(line).map_or_else(|_| UNREADABLE.to_string(), str::to_owned);
            TerminalEvent::Paste(text)
        }
        CTRL_C => TerminalEvent::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)),
        byte => {
            if line.len() < LONGEST {
                line.push(byte);
            }
            return None;
        }
    };
    line.zeroize();
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::input::pieces;

    #[tokio::test]
    async fn lines_and_ctrl_c_come_in_order_and_the_end_ends() {
        let typed = b"K7QP\n\nhalf a line\x03caf\xe9\nno end".as_slice();
        let heard: Vec<_> = lines(pieces(typed)).map(|input| input.expect("a slice can be read")).collect().await;
        let ctrl_c = TerminalEvent::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        let line = |text: &str| TerminalEvent::Paste(text.to_owned());
        assert_eq!(heard, [line("K7QP"), line(""), ctrl_c, line(&UNREADABLE.to_string())]);
    }
}
