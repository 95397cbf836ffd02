//! The wizard where a recording of it ends, for those who look into a report: its keys work, and nothing lies behind it.

use std::io::{self, Write};

use futures_util::future::ready;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, PublicAnswers},
    engine::{Ending, Event},
    error::{ErrorId, Report},
    faces::{drive::Wizard, replay::play},
    screen::guard,
    setup::{Description, NetworkFacts},
    values::SecretText,
    wizard::{
        app::{App, Stop},
        port::{Engine, Judging, Run},
    },
    words::{Phrase, Words, phrase},
};

/// Opens the wizard on the terminal as it was after message `at` of a recording, or after the last one.
///
/// What it holds are placeholders, no check is made, and nothing is ever sent or written. Where the recording and this
/// version disagree is told on `out` first.
///
/// # Errors
/// When `text` is no recording, or the terminal cannot be used.
pub(crate) async fn reopen(
    text: &str,
    at: Option<usize>,
    words: &Words,
    stop: CancellationToken,
    out: &mut dyn Write,
) -> Result<(), Report> {
    let app = play::resume(text, at, words, out)?;
    look_at(app, stop, out).await.map_err(|error| {
        let report = Report::new(ErrorId::Defect, phrase!("terminal-unusable"));
        Report { causes: vec![error.to_string().into()], ..report }
    })
}

/// The wizard on the terminal, until it is left.
async fn look_at(mut app: App, stop: CancellationToken, out: &mut dyn Write) -> io::Result<()> {
    out.flush()?;
    let mut screen = guard::Screen::open()?;
    app.stop = Stop::No;
    // Checks are not made again by themselves: what they found is what the report is about.
    app.again_in = None;
    let (running, checking) = (app.is_running(), app.checks.is_running());
    let nothing = Nothing { network: app.network.clone(), described: app.described.clone() };
    let mut wizard = Wizard::new(app, &nothing, guard::inputs()?, stop);
    wizard.first = None;
    wizard.run = running.then(Silence::new);
    wizard.rehearsal = checking.then(Silence::new);
    wizard.run(screen.console(), guard::enter).await.map(drop)
}

/// An engine that does nothing, and knows what the recording knew.
struct Nothing {
    network: NetworkFacts,
    described: Vec<Description>,
}

/// A run of which nothing is heard until it is asked to stop.
struct Silence {
    said: UnboundedSender<Event>,
    events: UnboundedReceiver<Event>,
}

impl Silence {
    fn new() -> Self {
        let (said, events) = unbounded_channel();
        Self { said, events }
    }
}

impl Run for Silence {
    fn events(&mut self) -> &mut UnboundedReceiver<Event> {
        &mut self.events
    }

    fn stop(&self) {
        let stopped = Event::Ended(Ending { because: Some(ErrorId::Stopped), changed: false });
        let _ = self.said.send(stopped);
    }
}

impl Engine for Nothing {
    type Run = Silence;

    fn describe(&self, _: &PublicAnswers) -> Vec<Description> {
        self.described.clone()
    }

    fn network(&self) -> NetworkFacts {
        self.network.clone()
    }

    fn load_layout(&self, _: String) -> oneshot::Receiver<Result<(), Phrase>> {
        oneshot::channel().1
    }

    fn rehearse(&self, _: Option<PublicAnswers>) -> Silence {
        Silence::new()
    }

    fn start(&self, _: Answers) -> Silence {
        Silence::new()
    }

    fn save_report(&self, _: &str, _: &[SecretText]) -> Result<String, Report> {
        let hint = phrase!("recording-log-here");
        Err(Report { hint, ..Report::new(ErrorId::Usage, phrase!("recording-nothing-written")) })
    }

    fn judge(&self, _: SecretText) -> Judging {
        Box::pin(ready(None))
    }
}
