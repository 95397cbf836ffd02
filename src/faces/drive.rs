//! What drives the wizard: everything that happens comes in here, and every effect goes out from here.
//!
//! Keys, pastes, resizes, time and replies are variants of one `Msg`; `update` is pure and gives back the `Effect` that it
//! wants; what the terminal is not needed for is asked of the port. The face that has the terminal, drawn or line by line, turns the loop.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use crossterm::event::Event as TerminalEvent;
use futures_util::{FutureExt, Stream, StreamExt, stream::BoxStream};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    answers::Draft,
    exit::Exit,
    recording::write::Recorder,
    screen::{Look, Otherwise, guard},
    setup::{Admission, Setup},
    wizard::{App, Effect, Msg, Port, Reply, Request, port::Works, update},
};

/// How often elapsed times and countdowns move.
const TICK: Duration = Duration::from_secs(1);

/// The most messages that are taken in before the screen is drawn again.
pub(super) const MESSAGES_PER_FRAME: usize = 64;

/// What is typed.
pub(super) type Keys = BoxStream<'static, io::Result<TerminalEvent>>;

/// The loop: everything that happens comes in here, and every effect goes out from here.
pub(super) struct Wizard<P> {
    pub(super) app: App,
    pub(super) port: P,
    /// What comes of what `port` was asked for.
    replies: UnboundedReceiver<Reply>,
    /// What happens first.
    pub(super) first: Option<Msg>,
    keys: Option<Keys>,
    stop: Option<CancellationToken>,
    ticks: Interval,
    last_tick: Instant,
    pub(super) recorder: Option<Recorder>,
}

/// What a wizard begins with.
pub(crate) struct Opening {
    /// What is set up.
    pub(crate) setup: Setup,
    /// Fills fields beforehand; a page whose answers are all in it and sound is not asked.
    pub(crate) draft: Draft,
    /// Who may go on.
    pub(crate) admission: Admission,
    /// Whether it is opened for that alone.
    pub(crate) alone: bool,
    /// The terminal, such as `/dev/ttyS0`.
    pub(crate) terminal: String,
    /// What it can show.
    pub(crate) look: Look,
    /// What is believed of a terminal that does not say it.
    pub(crate) otherwise: Otherwise,
    /// Where to what happens is written, without answers.
    pub(crate) recording: Option<Box<dyn Write + Send>>,
    /// When it is cancelled a run is stopped first where it may be, and the wizard ends.
    pub(crate) stop: CancellationToken,
}

impl Wizard<Works> {
    /// The wizard on a terminal of this `size`.
    pub(super) fn open(
        opening: Opening,
        size: (u16, u16),
        keys: impl Stream<Item = io::Result<TerminalEvent>> + Send + 'static,
    ) -> Self {
        let Opening { setup, draft, admission, alone, terminal, look, recording, stop, .. } = opening;
        let mut app = App::new(Arc::new(setup.profile().clone()), &draft, look);
        drop(draft);
        app.ask_to_sign_in(admission, alone);
        if look.virtual_console {
            app.offer_layouts(setup.keyboard_layouts());
        }
        if setup.is_live() {
            app.offer_disks();
        }
        let mut wizard = Self::new(app, |replies| Works::new(setup, &terminal, replies), keys, stop);
        if let Some(file) = recording {
            wizard.record(file, look, size);
        }
        wizard
    }
}

impl<P: Port> Wizard<P> {
    /// The wizard in front of the `port` that replies on the channel it is given.
    pub(super) fn new(
        app: App,
        port: impl FnOnce(UnboundedSender<Reply>) -> P,
        keys: impl Stream<Item = io::Result<TerminalEvent>> + Send + 'static,
        stop: CancellationToken,
    ) -> Self {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (sender, replies) = unbounded_channel();
        Self {
            app,
            port: port(sender),
            replies,
            first: Some(Msg::Opened),
            keys: Some(keys.boxed()),
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
        self.app.forget();
        // The screen is gone, but what must not be cut in two is still waited for.
        self.port.wind_down().await;
        match result {
            // Drawn on before the signal about it came.
            Err(error) if guard::is_gone(&error) => Ok(self.app.exit()),
            result => result,
        }
    }

    /// What has happened already, if anything.
    pub(super) fn ready(&mut self) -> Option<Msg> {
        self.message().now_or_never()
    }

    /// What has come of a request already, if anything.
    pub(super) fn told(&mut self) -> Option<Msg> {
        self.replies.try_recv().ok().map(Msg::Reply)
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
                // What a key has led to is taken in before the next one.
                Some(reply) = self.replies.recv() => return Msg::Reply(reply),
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
        let noted = self.recorder.as_mut().map_or(Ok(()), |recorder| recorder.message(&self.app, &msg));
        let page = self.app.page();
        let effect = update(&mut self.app, msg);
        if self.app.page() != page {
            self.port.ask(Request::Keep(self.app.form().typed()));
        }
        // Told after the message, which takes what was told before off the screen.
        self.note(|recorder, app| noted.and_then(|()| recorder.state(app)));
        match effect? {
            Effect::Ask(request) => self.port.ask(request),
            Effect::Redraw => return Some(Handled::Redraw),
            Effect::Leave(exit) => return Some(Handled::Leave(exit)),
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

async fn read(keys: &mut Option<Keys>) -> Option<io::Result<TerminalEvent>> {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}
