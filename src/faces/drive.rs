//! What drives the wizard: everything that happens comes in here, and every effect goes out from here.
//!
//! Keys, pastes, resizes, time and engine events are variants of one `Msg`; `update` is pure and gives back the
//! `Effect` that it wants. The face that has the terminal, drawn or line by line, turns the loop.

use std::{
    future::{Future, poll_fn},
    io::{self, Write},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use crossterm::event::Event as TerminalEvent;
use futures_util::{Stream, StreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    answers::Draft,
    engine::Event,
    exit::Exit,
    recording::write::Recorder,
    screen::{guard, look::Look},
    setup::Setup,
    values::Strength,
    wizard::{
        app::{App, Effect, Msg},
        keyboard::Keyboard,
        port::{Engine, Judging, Run},
        update::update,
    },
    words::Phrase,
};

/// How often elapsed times and countdowns move.
const TICK: Duration = Duration::from_secs(1);

/// How long typing must pause before a password is judged.
const JUDGE_AFTER: Duration = Duration::from_millis(150);

/// The most messages that are taken in before the screen is drawn again.
pub(super) const MESSAGES_PER_FRAME: usize = 64;

/// The loop: everything that happens comes in here, and every effect goes out from here.
pub(super) struct Wizard<'a, E: Engine, K> {
    pub(super) app: App,
    pub(super) engine: &'a E,
    /// What happens first.
    pub(super) first: Option<Msg>,
    pub(super) rehearsal: Option<E::Run>,
    pub(super) run: Option<E::Run>,
    pub(super) judging: Option<Judging>,
    pub(super) keys: Option<K>,
    pub(super) layout: Option<oneshot::Receiver<Result<(), Phrase>>>,
    pub(super) stop: Option<CancellationToken>,
    pub(super) ticks: Interval,
    pub(super) last_tick: Instant,
    pub(super) recorder: Option<Recorder>,
}

impl<'a, K: Stream<Item = io::Result<TerminalEvent>> + Unpin> Wizard<'a, Setup, K> {
    /// The wizard of `setup`, filled from `draft`, on a terminal of this `size`.
    pub(super) fn open(
        setup: &'a Setup,
        draft: Draft,
        look: Look,
        size: (u16, u16),
        keys: K,
        recording: Option<Box<dyn Write + Send>>,
        stop: CancellationToken,
    ) -> Self {
        let mut app = App::new(Arc::new(setup.profile().clone()), &draft, look);
        drop(draft);
        if look.virtual_console {
            app.keyboard = Keyboard::new(setup.keyboard_layouts());
        }
        let mut wizard = Self::new(app, setup, keys, stop);
        if let Some(file) = recording {
            wizard.record(file, look, size);
        }
        wizard
    }
}

impl<'a, E: Engine, K: Stream<Item = io::Result<TerminalEvent>> + Unpin> Wizard<'a, E, K> {
    pub(super) fn new(app: App, engine: &'a E, keys: K, stop: CancellationToken) -> Self {
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
    pub(super) fn record(&mut self, file: Box<dyn Write + Send>, look: Look, size: (u16, u16)) {
        match Recorder::begin(file, &self.app, look, size) {
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

    /// Ends what is under way, and waits for what must not be cut in two.
    pub(super) async fn wind_down(mut self, result: io::Result<Exit>) -> io::Result<Exit> {
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
            Err(error) if guard::is_gone(&error) => Ok(self.app.exit()),
            result => result,
        }
    }

    /// What has happened already, if anything.
    ///
    /// `now_or_never` would not do: it polls with a waker of its own, and crossterm's
    /// stream remembers the first one, so that keys would wake nobody from then on.
    pub(super) async fn ready(&mut self) -> Option<Msg> {
        let mut message = pin!(self.message());
        poll_fn(|context| match message.as_mut().poll(context) {
            Poll::Ready(msg) => Poll::Ready(Some(msg)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// The next thing that happens. Nothing is lost when the returned future is dropped.
    pub(super) async fn message(&mut self) -> Msg {
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
    pub(super) fn handle(&mut self, msg: Msg) -> Option<Handled> {
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
pub(super) enum Handled {
    Redraw,
    Leave(Exit),
}

fn translate(input: TerminalEvent) -> Option<Msg> {
    match input {
        TerminalEvent::Key(key) => Some(Msg::Key(key)),
        TerminalEvent::Paste(text) => Some(Msg::Paste(Zeroizing::new(text))),
        TerminalEvent::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        TerminalEvent::FocusGained | TerminalEvent::FocusLost | TerminalEvent::Mouse(_) => None,
    }
}

async fn cancelled(stop: Option<&CancellationToken>) {
    match stop {
        Some(stop) => stop.cancelled().await,
        None => std::future::pending().await,
    }
}

async fn read<K: Stream<Item = io::Result<TerminalEvent>> + Unpin>(
    keys: &mut Option<K>,
) -> Option<io::Result<TerminalEvent>> {
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
