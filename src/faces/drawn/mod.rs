//! The wizard drawn on a terminal.

mod view;

use std::io;

use ratatui::{Terminal, backend::Backend};

pub(crate) use self::view::view;
use super::drive::{Handled, MESSAGES_PER_FRAME, Opening, Wizard};
use crate::{
    exit::Exit,
    screen::{Outlet, Theme, guard},
    wizard::{Msg, Port, Seen, overlay},
};

/// Runs the wizard on the terminal until it is left; gives the exit code. The terminal is restored on every way out.
///
/// # Errors
/// When the terminal cannot be set up, read or drawn on. A run under way has
/// then been stopped and has ended.
pub(crate) async fn run(opening: Opening) -> io::Result<Exit> {
    let (otherwise, stop) = (opening.otherwise, opening.stop.clone());
    let mut screen = guard::Screen::open(otherwise)?;
    let size = screen.console().size()?;
    let inputs = guard::inputs(otherwise)?;
    let wizard = Wizard::open(opening, (size.width, size.height), inputs);
    let outlet = screen.outlet();
    let left = wizard.run(screen.console(), Some(&outlet), || guard::enter(&outlet)).await;
    outlet.close(&stop).await;
    left
}

impl<P: Port> Wizard<P> {
    /// Runs until the wizard is left; `enter` sets the terminal's modes again. What is drawn goes out by `outlet`, if it
    /// does not go out at once.
    pub(in crate::faces) async fn run<B>(
        mut self,
        terminal: &mut Terminal<B>,
        outlet: Option<&Outlet>,
        enter: impl Fn() -> io::Result<()>,
    ) -> io::Result<Exit>
    where
        B: Backend<Error: Send + Sync + 'static>,
    {
        let result = self.turn(terminal, outlet, enter).await;
        self.wind_down(result).await
    }

    async fn turn<B>(
        &mut self,
        terminal: &mut Terminal<B>,
        outlet: Option<&Outlet>,
        enter: impl Fn() -> io::Result<()>,
    ) -> io::Result<Exit>
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
            // A terminal that has not taken the last frame gets no more of them: there would be no end of them.
            let behind = outlet.filter(|outlet| !outlet.is_idle());
            if behind.is_none() {
                let mut seen = Seen::default();
                terminal.draw(|frame| seen = view(&self.app, theme, frame)).map_err(io::Error::other)?;
                overlay::saw(&mut self.app, seen);
            }
            if next.is_none() {
                next = self.message_or(behind).await;
            }
        }
    }

    /// The next thing that happens; none when a terminal that was `behind` has taken everything.
    async fn message_or(&mut self, behind: Option<&Outlet>) -> Option<Msg> {
        let Some(outlet) = behind else { return Some(self.message().await) };
        tokio::select! {
            msg = self.message() => Some(msg),
            () = outlet.idle() => None,
        }
    }
}
