//! What comes from a terminal: read by a thread of its own, piece by piece, and told as keys.

use std::{
    collections::VecDeque,
    io::{self, Read},
    thread,
};

use crossterm::event::Event;
use futures_util::{Stream, StreamExt, stream};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};
use tokio::{sync::mpsc, time::timeout};
use zeroize::{Zeroize, Zeroizing};

use crate::screen::decode::Decoder;

/// The most bytes that a terminal gives at once (`N_TTY_BUF_SIZE` of Linux).
const LARGEST: usize = 4096;

/// How many pieces wait for the wizard; what is typed after them waits in the terminal.
const WAITING: usize = 16;

/// What is read at once.
pub(crate) type Piece = io::Result<Zeroizing<Vec<u8>>>;

/// Standard input without the buffer of [`io::Stdin`], in which a password would stay.
pub(crate) struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(io::stdin(), &mut *buffer) {
                Err(Errno::INTR) => {}
                // Another program has left the terminal so that nobody waits there.
                Err(Errno::AGAIN) => drop(poll(&mut [PollFd::new(&io::stdin(), PollFlags::IN)], None)),
                read => return Ok(read?),
            }
        }
    }
}

/// Everything that is read, as it comes. It ends with the input.
pub(crate) fn pieces(mut from: impl Read + Send + 'static) -> impl Stream<Item = Piece> + Send + Unpin {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    // Reading cannot be cut short, so nobody waits for this thread at the end.
    thread::spawn(move || {
        let mut buffer = Zeroizing::new([0; LARGEST]);
        loop {
            let piece = match from.read(buffer.as_mut_slice()) {
                Ok(0) => return,
                Ok(length) => {
                    let piece = Zeroizing::new(buffer[..length].to_vec());
                    buffer[..length].zeroize();
                    Ok(piece)
                }
                Err(error) => Err(error),
            };
            let last = piece.is_err();
            if sender.blocking_send(piece).is_err() || last {
                return;
            }
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context))
}

/// What was read, as keys and pastes; what is cut in two is waited for.
pub(crate) fn keys(pieces: impl Stream<Item = Piece> + Send + Unpin) -> impl Stream<Item = io::Result<Event>> + Send {
    let ready = VecDeque::new();
    stream::unfold((pieces, Decoder::default(), ready), |(mut pieces, mut decoder, mut ready)| async move {
        loop {
            if let Some(event) = ready.pop_front() {
                return Some((Ok(event), (pieces, decoder, ready)));
            }
            let piece = match decoder.patience() {
                None => pieces.next().await,
                Some(patience) => match timeout(patience, pieces.next()).await {
                    Ok(piece) => piece,
                    Err(_nothing_more) => {
                        ready.extend(decoder.pause());
                        continue;
                    }
                },
            };
            match piece? {
                Ok(bytes) => bytes.iter().for_each(|byte| decoder.push(*byte, &mut ready)),
                Err(error) => return Some((Err(error), (pieces, decoder, ready))),
            }
        }
    })
}

#[cfg(test)]
mod tests;
