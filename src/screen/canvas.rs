//! What is drawn on: a terminal whose size is one to draw on, and where nothing stays of what was erased.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicU16, Ordering},
};

use crossterm::{
    cursor::MoveTo,
    queue,
    style::{Attribute, SetAttribute},
    terminal::{Clear, ClearType as Part},
};
use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

use crate::screen::size::Otherwise;

/// The most rows that were drawn on, so that all of them can be erased without anybody's size.
static ROWS: AtomicU16 = AtomicU16::new(0);

/// Erases every row that was drawn on.
///
/// One by one: what is cleared as a whole goes into the scrollback of many terminals (tmux, VTE, GNU screen), and a
/// password may be on it.
pub(super) fn erase(out: &mut impl Write) -> io::Result<()> {
    // Else some fill what is erased with the colour of the last character.
    queue!(out, SetAttribute(Attribute::Reset))?;
    (0..ROWS.load(Ordering::SeqCst)).try_for_each(|row| queue!(out, MoveTo(0, row), Clear(Part::CurrentLine)))
}

/// ratatui's way to a terminal, but for the size and the erasing.
#[derive(Debug)]
pub(crate) struct Drawn<W: Write> {
    terminal: CrosstermBackend<W>,
    otherwise: Otherwise,
}

impl<W: Write> Drawn<W> {
    pub(super) const fn new(out: W, otherwise: Otherwise) -> Self {
        Self { terminal: CrosstermBackend::new(out), otherwise }
    }
}

impl<W: Write> Backend for Drawn<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        self.terminal.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.terminal.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.terminal.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.terminal.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.terminal.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        match clear_type {
            ClearType::All => erase(&mut self.terminal).and_then(|()| Backend::flush(&mut self.terminal)),
            part => self.terminal.clear_region(part),
        }
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = self.otherwise.size();
        ROWS.fetch_max(height, Ordering::SeqCst);
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.terminal)
    }
}
