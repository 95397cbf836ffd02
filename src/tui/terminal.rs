//! The only file that touches the terminal's modes.
//!
//! They are restored by `Drop`, so also when the loop ends with an error or
//! because of a signal, and by the panic hook ([`crate::panicked`]), so that
//! its message lands on the ordinary screen. Restoring twice is harmless.

use std::{
    io::{self, BufWriter, Stdout, Write},
    mem::ManuallyDrop,
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste, Event, EventStream},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size},
};
use futures_util::{Stream, StreamExt, future::ready, stream};
use ratatui::{Terminal, backend::CrosstermBackend};
use rustix::io::Errno;
use tokio::signal::unix::{SignalKind, signal};

/// The terminal that the wizard draws on.
pub(crate) type Console = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Whether the modes are ours, so that the panic hook leaves other people's terminals alone.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// While it lives the terminal is in raw mode, on the alternate screen, with bracketed paste.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Never dropped: ratatui would show the cursor once more, and panic where neither that nor a
    /// complaint about it can be written, as on a line that has dropped.
    console: ManuallyDrop<Console>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is no terminal or it refuses; then it is left as it was.
    pub(crate) fn open() -> io::Result<Self> {
        // A frame goes out in one write, so that a slow line shows no half of it.
        let console = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(16 * 1024, io::stdout())))?;
        let screen = Self { console: ManuallyDrop::new(console) };
        enter()?;
        Ok(screen)
    }

    /// The terminal.
    pub(crate) fn console(&mut self) -> &mut Console {
        &mut self.console
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Sets the modes, again if need be: another program may have undone them.
///
/// # Errors
/// When the terminal refuses.
pub(crate) fn enter() -> io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Gives the terminal back, if it was taken. There is nobody to tell when this fails.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// What is typed and pasted, and every change of the terminal's size.
///
/// Sizes come from the signal itself: crossterm drops its event about one when a key comes at the same moment.
///
/// # Errors
/// When signals cannot be received.
pub(crate) fn inputs() -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let keys = EventStream::new().filter(|input| ready(!matches!(input, Ok(Event::Resize(..)))));
    let sizes = stream::unfold(signal(SignalKind::window_change())?, |mut changed| async {
        changed.recv().await?;
        Some((size().map(|(columns, rows)| Event::Resize(columns, rows)), changed))
    });
    Ok(stream::select(keys, Box::pin(sizes)))
}

/// Whether an error says that there is nobody at the other end any more.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    // As ratatui gives it on, one error may be inside another.
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.unwrap_or(error).raw_os_error() == Some(Errno::IO.raw_os_error())
}
