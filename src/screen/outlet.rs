//! What is printed goes out on a thread of its own, so that an end that takes nothing, such as a pager, a full pipe or a
//! serial line that was told to wait, holds up nobody but that thread.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zeroize::{Zeroize, Zeroizing};

/// How long the last words after a stop wait for an end that takes nothing.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What the thread is given.
enum Piece {
    Bytes(Zeroizing<Vec<u8>>),
    /// All before it has gone out.
    Mark(mpsc::Sender<()>),
}

/// A way out that never blocks: what was flushed goes out in order, as fast as the other end takes it.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    held: Zeroizing<Vec<u8>>,
    thread: mpsc::Sender<Piece>,
    /// How many pieces have not gone out yet.
    pending: Arc<watch::Sender<usize>>,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl Outlet {
    /// The way out to `out`.
    ///
    /// # Errors
    /// When no thread can be started; `out` comes back.
    pub(crate) fn new<W: Write + Send + 'static>(out: W) -> Result<Self, (io::Error, W)> {
        let (thread, pieces) = mpsc::channel();
        let pending = Arc::new(watch::Sender::new(0));
        let failed = Arc::new(Mutex::new(None));
        let (gone, lost) = (Arc::clone(&pending), Arc::clone(&failed));
        let (give, given) = mpsc::channel();
        let carrying = move || given.recv().map_or((), |out| carry(out, &pieces, &gone, &lost));
        // Nobody waits for its end: it may never come.
        if let Err(error) = thread::Builder::new().spawn(carrying) {
            return Err((error, out));
        }
        // It waits for it, so it is taken.
        let _ = give.send(out);
        Ok(Self { held: Zeroizing::default(), thread, pending, failed })
    }

    /// Whether all has gone out.
    pub(crate) fn is_idle(&self) -> bool {
        *self.pending.borrow() == 0
    }

    /// Waits until all has gone out.
    pub(crate) async fn idle(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Waits until all has gone out; after a `stop` only a moment longer.
    pub(crate) async fn close(&self, stop: &CancellationToken) {
        tokio::select! {
            () = self.idle() => {}
            // Not by the runtime's time: what a run waits for may have stopped that.
            () = stop.cancelled() => self.settle(),
        }
    }

    /// The same for the end of a terminal, where nothing else is to be done any more: it blocks, a moment at most.
    pub(crate) fn settle(&self) {
        let (mark, passed) = mpsc::channel();
        if self.thread.send(Piece::Mark(mark)).is_ok() {
            let _ = passed.recv_timeout(LAST_WORDS);
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Tells also what became of earlier pieces.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.held.zeroize();
            return Err(error);
        }
        if !self.held.is_empty() {
            self.pending.send_modify(|pending| *pending += 1);
            let piece = mem::take(&mut self.held);
            if self.thread.send(Piece::Bytes(piece)).is_err() {
                self.pending.send_modify(|pending| *pending -= 1);
            }
        }
        Ok(())
    }
}

/// Carries pieces out until nobody brings any more.
fn carry(
    mut out: impl Write,
    pieces: &mpsc::Receiver<Piece>,
    pending: &watch::Sender<usize>,
    failed: &Mutex<Option<io::Error>>,
) {
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => {
                if let Err(error) = write_all(&mut out, &bytes) {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
                pending.send_modify(|pending| *pending -= 1);
            }
            Piece::Mark(passed) => drop(passed.send(())),
        }
    }
}

/// Writes all of it, however long the other end takes: another program may have left a terminal, or a pipe, so that
/// writing does not wait.
fn write_all(out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    loop {
        let written = if bytes.is_empty() { out.flush().map(|()| 0) } else { out.write(bytes) };
        match written {
            Ok(0) if bytes.is_empty() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                rustix::event::poll(&mut [PollFd::new(&io::stdout(), PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An end that takes a piece each time it is let.
    struct Slow(mpsc::Receiver<()>, mpsc::Sender<Vec<u8>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.recv().map_err(io::Error::other)?;
            self.1.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_takes_nothing_holds_up_nobody() {
        let (allow, allowed) = mpsc::channel();
        let (sent, came) = mpsc::channel();
        let mut outlet = Outlet::new(Slow(allowed, sent)).ok().expect("a thread");
        for piece in ["a", "b"] {
            write!(outlet, "{piece}").and_then(|()| outlet.flush()).expect("it does not block");
        }
        assert!(!outlet.is_idle());
        let stop = CancellationToken::new();
        stop.cancel();
        outlet.close(&stop).await;
        assert!(came.try_recv().is_err(), "nothing was let out");
        for piece in ["a", "b"] {
            allow.send(()).expect("the thread waits");
            assert_eq!(came.recv().expect("it goes out in order"), piece.as_bytes());
        }
        outlet.idle().await;
        drop(allow);
        write!(outlet, "c").and_then(|()| outlet.flush()).expect("it is not known yet");
        outlet.idle().await;
        assert!(outlet.flush().is_err(), "an end that is gone is told");
    }
}
