//! The only file that touches the terminal's modes.
//!
//! They are restored by `Drop`, so also when the loop ends with an error or
//! because of a signal, and by the panic hook ([`crate::program::panicked`]), so that
//! its message lands on the ordinary screen. Restoring twice is harmless.

use std::{
    io::{self, Write},
    mem::ManuallyDrop,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use crossterm::{
    cursor::{MoveTo, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste, Event},
    execute, queue,
    style::{Attribute, SetAttribute},
    terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use futures_util::{Stream, stream};
use ratatui::Terminal;
use rustix::{
    io::Errno,
    termios::{
        InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios, tcflush,
        tcgetattr, tcsetattr,
    },
};
use tokio::signal::unix::{SignalKind, signal};

use crate::screen::{
    Otherwise, Outlet,
    canvas::{self, Drawn},
    decode::CTRL_C,
    frame::Frame,
    input::{self, Unbuffered},
};

/// The terminal that the wizard draws on.
pub(crate) type Canvas = Terminal<Drawn<Frame<Outlet>>>;

/// The way to the terminal while its modes are ours; so the panic hook leaves other people's terminals alone.
static ENTERED: Mutex<Option<Outlet>> = Mutex::new(None);

/// Whether the terminal was given back for good: nothing is drawn or set there any more.
static GIVEN_BACK: AtomicBool = AtomicBool::new(false);

/// While it lives the terminal is in raw mode, on the alternate screen, with bracketed paste.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Never dropped: ratatui would show the cursor once more, and panic where neither that nor a
    /// complaint about it can be written, as on a line that has dropped.
    console: ManuallyDrop<Canvas>,
    outlet: Outlet,
}

impl Screen {
    /// Takes the terminal over, or leaves it as it was: where there is none, or it refuses.
    pub(crate) fn open(otherwise: Otherwise) -> io::Result<Self> {
        let outlet = Outlet::new(io::stdout()).map_err(|(error, _)| error)?;
        let console = Terminal::new(Drawn::new(Frame::new(outlet.clone(), &GIVEN_BACK), otherwise))?;
        let screen = Self { console: ManuallyDrop::new(console), outlet };
        enter(&screen.outlet)?;
        Ok(screen)
    }

    /// The way out to the terminal.
    pub(crate) fn outlet(&self) -> Outlet {
        self.outlet.clone()
    }

    pub(crate) fn console(&mut self) -> &mut Canvas {
        &mut self.console
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Sets the modes, again if need be: another program may have undone them.
pub(crate) fn enter(outlet: &Outlet) -> io::Result<()> {
    if GIVEN_BACK.load(Ordering::SeqCst) {
        return Ok(());
    }
    let again = ENTERED.lock().is_ok_and(|mut entered| entered.replace(outlet.clone()).is_some());
    enable_raw_mode()?;
    let mut out = outlet.clone();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste)?;
    if again {
        return Ok(());
    }
    // The Linux console and others have one screen only, and what was on it shows wherever a page has blanks.
    execute!(out, SetAttribute(Attribute::Reset), Clear(ClearType::All), MoveTo(0, 0))
}

/// The modes before [`LineMode`] set its own.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// While it lives the terminal hands over whole lines, and Ctrl-C at once, as the last byte of a line.
///
/// Ctrl-C is a byte and no signal, so that it can be answered with a question, as on
/// the screen. The line itself is edited by the kernel, which needs no capability.
#[derive(Debug)]
pub(crate) struct LineMode {
    modes: Termios,
}

impl LineMode {
    /// Takes the terminal over, or leaves it as it was: where there is none, or it refuses.
    pub(crate) fn open() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut modes = before.clone();
        // Whatever a program before has left behind, lines come in and go out whole.
        modes.input_modes |= InputModes::ICRNL;
        modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        modes.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHONL;
        modes.local_modes -= LocalModes::ISIG;
        modes.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        if let Ok(mut kept) = BEFORE.lock() {
            *kept = Some(before);
        }
        let lines = Self { modes };
        lines.set()?;
        Ok(lines)
    }

    /// Shows what is typed from now on, or only that a line ends. What was typed for another question is dropped.
    pub(crate) fn echo(&mut self, shown: bool) -> io::Result<()> {
        self.modes.local_modes.set(LocalModes::ECHO, shown);
        self.set()?;
        if !shown {
            tcflush(io::stdin(), QueueSelector::IFlush)?;
        }
        Ok(())
    }

    fn set(&self) -> io::Result<()> {
        Ok(tcsetattr(io::stdin(), OptionalActions::Now, &self.modes)?)
    }
}

impl Drop for LineMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back for good: a wizard that goes on elsewhere in the process, as during a panic, no longer has it.
pub(crate) fn give_back() {
    GIVEN_BACK.store(true, Ordering::SeqCst);
    restore();
}

/// Gives the terminal back, if it was taken. There is nobody to tell when this fails.
fn restore() {
    // Not `lock`: a panic while it is held must not wait for itself.
    if let Some(before) = BEFORE.try_lock().ok().and_then(|mut kept| kept.take()) {
        // Half a password must not become the first line of the shell.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
    let Some(mut out) = ENTERED.try_lock().ok().and_then(|mut entered| entered.take()) else { return };
    let _ = leave(&mut out);
    out.settle();
    let _ = disable_raw_mode();
}

/// Takes everything of ours off the screen, and then leaves it.
///
/// A terminal with one screen only would keep the last page, and with it a password that is shown; what its
/// size has pushed into the scrollback goes too.
fn leave(out: &mut impl Write) -> io::Result<()> {
    canvas::erase(out)?;
    queue!(out, Clear(ClearType::All), Clear(ClearType::Purge), MoveTo(0, 0))?;
    execute!(out, DisableBracketedPaste, LeaveAlternateScreen, Show)
}

/// What is typed and pasted, and every change of the terminal's size.
pub(crate) fn inputs(otherwise: Otherwise) -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let keys = Box::pin(input::keys(input::pieces(Unbuffered)));
    let sizes = stream::unfold(signal(SignalKind::window_change())?, move |mut changed| async move {
        changed.recv().await?;
        let (columns, rows) = otherwise.size();
        Some((Ok(Event::Resize(columns, rows)), changed))
    });
    Ok(stream::select(keys, Box::pin(sizes)))
}

/// Whether an error says that there is nobody at the other end any more.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    // As ratatui gives it on, one error may be inside another.
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.unwrap_or(error).raw_os_error() == Some(Errno::IO.raw_os_error())
}
