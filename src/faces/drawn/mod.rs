//! The wizard drawn on a terminal.

mod view;

use std::io::{self, Write};

use ratatui::{Terminal, backend::Backend};
use tokio_util::sync::CancellationToken;

pub(crate) use self::view::view;
use super::drive::{Handled, MESSAGES_PER_FRAME, Wizard};
use crate::{
    answers::Draft,
    exit::Exit,
    screen::{Look, Otherwise, Theme, guard},
    setup::Setup,
    wizard::{Port, Seen, overlay},
};

/// Runs the wizard on the terminal until it is left; gives the exit code.
///
/// `draft` fills fields beforehand; a page whose answers are all in it and sound
/// is not asked. When `stop` is cancelled a run is stopped first where it may be,
/// and the wizard ends. The terminal is restored on every way out. What happens is written
/// to `recording`, without answers.
///
/// # Errors
/// When the terminal cannot be set up, read or drawn on. A run under way has
/// then been stopped and has ended.
pub(crate) async fn run(
    setup: Setup,
    draft: Draft,
    look: Look,
    otherwise: Otherwise,
    recording: Option<Box<dyn Write + Send>>,
    stop: CancellationToken,
) -> io::Result<Exit> {
    let mut screen = guard::Screen::open(otherwise)?;
    let size = screen.console().size()?;
    let wizard =
        Wizard::open(setup, draft, look, (size.width, size.height), guard::inputs(otherwise)?, recording, stop);
    wizard.run(screen.console(), guard::enter).await
}

impl<P: Port> Wizard<P> {
    /// Runs until the wizard is left; `enter` sets the terminal's modes again.
    pub(in crate::faces) async fn run<B>(
        mut self,
        terminal: &mut Terminal<B>,
        enter: impl Fn() -> io::Result<()>,
    ) -> io::Result<Exit>
    where
        B: Backend<Error: Send + Sync + 'static>,
    {
        let result = self.turn(terminal, enter).await;
        self.wind_down(result).await
    }

    async fn turn<B>(&mut self, terminal: &mut Terminal<B>, enter: impl Fn() -> io::Result<()>) -> io::Result<Exit>
    where
        B: Backend<Error: Send + Sync + 'static>,
    {
        let theme = Theme::new(self.app.look(), self.app.profile().brand.accent);
        let mut next = self.first.take();
        loop {
            for _ in 0..MESSAGES_PER_FRAME {
                let Some(msg) = next else { break };
                match self.handle(msg) {
                    Some(Handled::Leave(exit)) => return Ok(exit),
                    Some(Handled::Redraw) => {
                        enter()?;
                        // Not `clear`: it asks the terminal for its cursor, and the answer would
                        // come in as keys, or on a plain serial line not at all.
                        let size = terminal.size().map_err(io::Error::other)?;
                        terminal.resize(size.into()).map_err(io::Error::other)?;
                    }
                    None => {}
                }
                next = self.ready();
            }
            let mut seen = Seen::default();
            terminal.draw(|frame| seen = view(&self.app, theme, frame)).map_err(io::Error::other)?;
            overlay::saw(&mut self.app, seen);
            if next.is_none() {
                next = Some(self.message().await);
            }
        }
    }
}
