//! Typed lines as input events, read by a thread of its own.

use std::{
    io::{self, Read},
    thread,
};

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};
use futures_util::{Stream, stream};
use tokio::sync::mpsc::{self, UnboundedSender};
use zeroize::Zeroizing;

use crate::screen::guard::CTRL_C;

/// The most bytes of a line that a terminal keeps (`N_TTY_BUF_SIZE` of Linux).
const LONGEST: usize = 4096;

/// What stands for a line that is not UTF-8: every field refuses it, where a guess could change a password.
const UNREADABLE: &str = "\u{1a}";

/// Each line that is typed as a paste, and Ctrl-C as the key that it is. It ends with the input.
pub(super) fn lines(from: impl Read + Send + 'static) -> impl Stream<Item = io::Result<TerminalEvent>> + Unpin {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    // Reading cannot be cut short, so nobody waits for this thread at the end.
    thread::spawn(move || read(from, &sender));
    stream::poll_fn(move |context| receiver.poll_recv(context))
}

fn read(mut from: impl Read, sender: &UnboundedSender<io::Result<TerminalEvent>>) {
    // Of its final size from the start, so that no copy of a password stays behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut piece = Zeroizing::new([0; LONGEST]);
    loop {
        let length = match from.read(piece.as_mut_slice()) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return drop(sender.send(Err(error))),
        };
        for byte in &piece[..length] {
            let input = match *byte {
                b'\n' => TerminalEvent::Paste(std::str::from_utf8(&line).unwrap_or(UNREADABLE).to_owned()),
                CTRL_C => TerminalEvent::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)),
                byte if line.len() < LONGEST => {
                    line.push(byte);
                    continue;
                }
                _ => continue,
            };
            line.clear();
            if sender.send(Ok(input)).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn lines_and_ctrl_c_come_in_order_and_the_end_ends() {
        let typed = b"K7QP\n\nhalf a line\x03caf\xe9\nno end".as_slice();
        let heard: Vec<_> = lines(typed).map(|input| input.expect("a slice can be read")).collect().await;
        let ctrl_c = TerminalEvent::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        let line = |text: &str| TerminalEvent::Paste(text.to_owned());
        assert_eq!(heard, [line("K7QP"), line(""), ctrl_c, line(UNREADABLE)]);
    }
}
