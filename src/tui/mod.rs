//! The wizard on the terminal: pages over the same engine as `--answers`.
//!
//! Keys, pastes, resizes, time and engine events are variants of one `Msg` and
//! go through one loop; `update` is pure and gives back the `Effect` that it
//! wants, and `view` only reads. Nothing here knows the world or the steps.

mod app;
mod choice;
mod command;
mod earlier;
mod engine;
mod fold;
mod form;
mod keyboard;
mod keys;
mod log;
mod look;
mod notice;
mod over;
mod page;
mod pages;
mod plain;
mod record;
mod reopen;
mod report;
mod terminal;
mod theme;
mod typing;
mod update;
mod view;
mod watch;
mod widgets;

use std::{
    future::{Future, poll_fn},
    io::{self, Write},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use crossterm::event::Event as Input;
use futures_util::{Stream, StreamExt};
use ratatui::{Terminal, backend::Backend};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use self::{
    app::{App, Effect, Msg},
    engine::{Engine, Judging, Run},
    keyboard::Keyboard,
    record::Recorder,
    update::update,
    view::view,
};
pub use self::{
    look::{Console, Look},
    record::{ReplayError, replay},
    reopen::reopen,
    terminal::give_back as give_terminal_back,
};
use crate::{answers::Draft, engine::Event, exit::Exit, setup::Setup, values::Strength, words::Phrase};

/// How often elapsed times and countdowns move.
const TICK: Duration = Duration::from_secs(1);

/// How long typing must pause before a password is judged.
const JUDGE_AFTER: Duration = Duration::from_millis(150);

/// The most messages that are taken in before the screen is drawn again.
const MESSAGES_PER_FRAME: usize = 64;

/// Runs the wizard on the terminal until it is left; gives the exit code.
///
/// `draft` fills fields beforehand; a page whose answers are all in it and sound
/// is not asked. When `stop` is cancelled a run is stopped first where it may be,
/// and the wizard ends. The terminal is restored on every way out. What happens is written
/// to `recording`, without answers. A plain `look` asks line by line and draws nothing.
///
/// # Errors
/// When the terminal cannot be set up, read or drawn on. A run under way has
/// then been stopped and has ended.
pub async fn run(
    setup: Setup,
    draft: Draft,
    look: Look,
    recording: Option<Box<dyn Write + Send>>,
    stop: CancellationToken,
) -> io::Result<Exit> {
    if look.plain {
        return plain::run(setup, draft, look, recording, stop).await;
    }
    let mut screen = terminal::Screen::open()?;
    let size = screen.console().size()?;
    let wizard = Wizard::open(&setup, draft, look, (size.width, size.height), terminal::inputs()?, recording, stop);
    wizard.run(screen.console(), terminal::enter).await
}

/// The loop: everything that happens comes in here, and every effect goes out from here.
struct Wizard<'a, E: Engine, K> {
    app: App,
    engine: &'a E,
    /// What happens first.
    first: Option<Msg>,
    rehearsal: Option<E::Run>,
    run: Option<E::Run>,
    judging: Option<Judging>,
    keys: Option<K>,
    layout: Option<oneshot::Receiver<Result<(), Phrase>>>,
    stop: Option<CancellationToken>,
    ticks: Interval,
    last_tick: Instant,
    recorder: Option<Recorder>,
}

impl<'a, K: Stream<Item = io::Result<Input>> + Unpin> Wizard<'a, Setup, K> {
    /// The wizard of `setup`, filled from `draft`, on a terminal of this `size`.
    fn open(
        setup: &'a Setup,
        draft: Draft,
        look: Look,
        size: (u16, u16),
        keys: K,
        recording: Option<Box<dyn Write + Send>>,
        stop: CancellationToken,
    ) -> Self {
        let mut app = App::new(Arc::new(setup.profile().clone()), &draft, look, size);
        drop(draft);
        if look.virtual_console {
            app.keyboard = Keyboard::new(setup.keyboard_layouts());
        }
        let mut wizard = Self::new(app, setup, keys, stop);
        if let Some(file) = recording {
            wizard.record(file, look);
        }
        wizard
    }
}

impl<'a, E: Engine, K: Stream<Item = io::Result<Input>> + Unpin> Wizard<'a, E, K> {
    fn new(app: App, engine: &'a E, keys: K, stop: CancellationToken) -> Self {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            app,
            engine,
            first: Some(Msg::Opened),
            rehearsal: None,
            run: None,
            judging: None,
            keys: Some(keys),
            layout: None,
            stop: Some(stop),
            ticks,
            last_tick: Instant::now(),
            recorder: None,
        }
    }

    /// Records from now on.
    fn record(&mut self, file: Box<dyn Write + Send>, look: Look) {
        match Recorder::begin(file, &self.app, look) {
            Ok(recorder) => self.recorder = Some(recorder),
            Err(error) => drop(update(&mut self.app, Msg::RecordingLost(error.to_string()))),
        }
    }

    /// Records one thing; when that fails the wizard goes on without.
    fn note(&mut self, what: impl FnOnce(&mut Recorder, &App) -> io::Result<()>) {
        let Some(recorder) = &mut self.recorder else { return };
        if let Err(error) = what(recorder, &self.app) {
            self.recorder = None;
            update(&mut self.app, Msg::RecordingLost(error.to_string()));
        }
    }

    /// Runs until the wizard is left; `enter` sets the terminal's modes again.
    async fn run<B>(mut self, terminal: &mut Terminal<B>, enter: impl Fn() -> io::Result<()>) -> io::Result<Exit>
    where
        B: Backend<Error: Send + Sync + 'static>,
    {
        let result = self.turn(terminal, enter).await;
        self.wind_down(result).await
    }

    /// Ends what is under way, and waits for what must not be cut in two.
    async fn wind_down(mut self, result: io::Result<Exit>) -> io::Result<Exit> {
        // A run has what it needs of it.
        self.judging = None;
        self.app.forget();
        for under_way in [self.rehearsal.as_ref(), self.run.as_ref()].into_iter().flatten() {
            under_way.stop();
        }
        // The screen is gone, but what must not be cut in two is still waited for.
        if let Some(run) = &mut self.run {
            while let Some(event) = run.events().recv().await {
                if matches!(event, Event::Ended(_)) {
                    break;
                }
            }
        }
        match result {
            // Drawn on before the signal about it came.
            Err(error) if terminal::is_gone(&error) => Ok(self.app.exit()),
            result => result,
        }
    }

    async fn turn<B>(&mut self, terminal: &mut Terminal<B>, enter: impl Fn() -> io::Result<()>) -> io::Result<Exit>
    where
        B: Backend<Error: Send + Sync + 'static>,
    {
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
                next = self.ready().await;
            }
            terminal.draw(|frame| view(&self.app, frame)).map_err(io::Error::other)?;
            if next.is_none() {
                next = Some(self.message().await);
            }
        }
    }

    /// What has happened already, if anything.
    ///
    /// `now_or_never` would not do: it polls with a waker of its own, and crossterm's
    /// stream remembers the first one, so that keys would wake nobody from then on.
    async fn ready(&mut self) -> Option<Msg> {
        let mut message = pin!(self.message());
        poll_fn(|context| match message.as_mut().poll(context) {
            Poll::Ready(msg) => Poll::Ready(Some(msg)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// The next thing that happens. Nothing is lost when the returned future is dropped.
    async fn message(&mut self) -> Msg {
        loop {
            tokio::select! {
                biased;
                () = cancelled(self.stop.as_ref()) => {
                    self.stop = None;
                    // On a line that has dropped they would read its end again and again.
                    self.keys = None;
                    return Msg::Hangup;
                }
                input = read(&mut self.keys) => {
                    let Some(Ok(input)) = input else {
                        // Nobody can type any more, as after a signal.
                        self.keys = None;
                        return Msg::Hangup;
                    };
                    if let Some(msg) = translate(input) {
                        return msg;
                    }
                }
                result = answered(&mut self.layout) => {
                    self.layout = None;
                    return Msg::LayoutLoaded(result);
                }
                event = heard(&mut self.run) => return event.map_or(Msg::RunLost, Msg::Run),
                event = heard(&mut self.rehearsal) => return event.map_or(Msg::RehearsalLost, Msg::Rehearsal),
                verdict = judged(&mut self.judging) => {
                    self.judging = None;
                    return Msg::Judged(verdict);
                }
                now = self.ticks.tick() => {
                    let elapsed = now.saturating_duration_since(self.last_tick);
                    self.last_tick = now;
                    return Msg::Tick(elapsed);
                }
            }
        }
    }

    /// Updates the wizard and does what it wants done, as far as the terminal is not needed for it.
    fn handle(&mut self, msg: Msg) -> Option<Handled> {
        match &msg {
            Msg::Run(Event::Ended(_)) | Msg::RunLost => self.run = None,
            Msg::Rehearsal(Event::Ended(_)) | Msg::RehearsalLost => self.rehearsal = None,
            _ => {}
        }
        let noted = self.recorder.as_mut().map_or(Ok(()), |recorder| recorder.message(&self.app, &msg));
        let effect = update(&mut self.app, msg);
        // Told after the message, which takes what was told before off the screen.
        self.note(|recorder, app| noted.and_then(|()| recorder.state(app)));
        match effect {
            Some(Effect::Rehearse(answers)) => {
                self.rehearsal = Some(self.engine.rehearse(answers));
                let facts = self.engine.network();
                return self.handle(Msg::Network(facts));
            }
            Some(Effect::LoadLayout(layout)) => self.layout = Some(self.engine.load_layout(layout)),
            Some(Effect::Describe(answers)) => {
                let described = self.engine.describe(&answers);
                return self.handle(Msg::Described(described));
            }
            Some(Effect::Start(answers)) => {
                // The run makes the checks itself.
                if let Some(rehearsal) = self.rehearsal.take() {
                    rehearsal.stop();
                }
                self.run = Some(self.engine.start(*answers));
            }
            Some(Effect::Judge(question)) => {
                let judging = self.engine.judge(question);
                self.judging = Some(Box::pin(async {
                    tokio::time::sleep(JUDGE_AFTER).await;
                    judging.await
                }));
            }
            Some(Effect::Stop) => self.run.iter().for_each(Run::stop),
            Some(Effect::SaveReport { text, secrets }) => {
                let saved = self.engine.save_report(&text, &secrets);
                return self.handle(Msg::Saved(saved));
            }
            Some(Effect::Redraw) => return Some(Handled::Redraw),
            Some(Effect::Leave(exit)) => return Some(Handled::Leave(exit)),
            None => {}
        }
        None
    }
}

/// What is left to do for the one who has the terminal.
enum Handled {
    Redraw,
    Leave(Exit),
}

fn translate(input: Input) -> Option<Msg> {
    match input {
        Input::Key(key) => Some(Msg::Key(key)),
        Input::Paste(text) => Some(Msg::Paste(Zeroizing::new(text))),
        Input::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Input::FocusGained | Input::FocusLost | Input::Mouse(_) => None,
    }
}

async fn cancelled(stop: Option<&CancellationToken>) {
    match stop {
        Some(stop) => stop.cancelled().await,
        None => std::future::pending().await,
    }
}

async fn read<K: Stream<Item = io::Result<Input>> + Unpin>(keys: &mut Option<K>) -> Option<io::Result<Input>> {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}

async fn answered(layout: &mut Option<oneshot::Receiver<Result<(), Phrase>>>) -> Result<(), Phrase> {
    match layout {
        Some(layout) => layout.await.unwrap_or_else(|gone| Err(gone.to_string().into())),
        None => std::future::pending().await,
    }
}

async fn judged(judging: &mut Option<Judging>) -> Option<Strength> {
    match judging {
        Some(judging) => judging.await,
        None => std::future::pending().await,
    }
}

async fn heard<R: Run>(run: &mut Option<R>) -> Option<Event> {
    match run {
        Some(run) => run.events().recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
