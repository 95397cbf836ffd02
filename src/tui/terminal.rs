//! The only file that touches the terminal's modes.
//!
//! They are restored by `Drop`, so also when the loop ends with an error or
//! because of a signal, and by the panic hook ([`crate::panicked`]), so that
//! its message lands on the ordinary screen. Restoring twice is harmless.

use std::{
    io::{self, BufWriter, Stdout, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal that the wizard draws on.
pub(crate) type Console = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Whether the modes are ours, so that the panic hook leaves other people's terminals alone.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// While it lives the terminal is in raw mode, on the alternate screen, with bracketed paste.
#[derive(Debug)]
pub(crate) struct Screen {
    console: Console,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is no terminal or it refuses; then it is left as it was.
    pub(crate) fn open() -> io::Result<Self> {
        // A frame goes out in one write, so that a slow line shows no half of it.
        let console = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(16 * 1024, io::stdout())))?;
        let screen = Self { console };
        enter()?;
        Ok(screen)
    }

    /// The terminal.
    pub(crate) const fn console(&mut self) -> &mut Console {
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
