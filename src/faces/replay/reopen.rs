//! The wizard where a recording of it ends, for those who look into a report: its keys work, and nothing lies behind it.

use std::io::{self, Write};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{Ending, Event},
    error::{ErrorId, Report},
    faces::{drive::Wizard, replay::play},
    screen::{Otherwise, guard},
    setup::{Description, NetworkFacts},
    wizard::{App, Port, Reply, Request},
    words::{Words, phrase},
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
    otherwise: Otherwise,
    stop: CancellationToken,
    out: &mut dyn Write,
) -> Result<(), Report> {
    let app = play::resume(text, at, words, out)?;
    Box::pin(look_at(app, otherwise, stop, out)).await.map_err(|error| {
        let report = Report::new(ErrorId::Defect, phrase!("terminal-unusable"));
        Report { causes: vec![error.to_string().into()], ..report }
    })
}

/// The wizard on the terminal, until it is left.
async fn look_at(mut app: App, otherwise: Otherwise, stop: CancellationToken, out: &mut dyn Write) -> io::Result<()> {
    out.flush()?;
    let mut screen = guard::Screen::open(otherwise)?;
    app.rest();
    let (network, described) = (app.network().clone(), app.described().clone());
    let nothing = |replies| Nothing { network, described, replies };
    let mut wizard = Wizard::new(app, nothing, guard::inputs(otherwise)?, stop.clone());
    wizard.first = None;
    let outlet = screen.outlet();
    let left = wizard.run(screen.console(), Some(&outlet), || guard::enter(&outlet)).await;
    outlet.close(&stop).await;
    left.map(drop)
}

/// A port that does nothing, and knows what the recording knew. Of a run nothing is heard until it is asked to stop.
struct Nothing {
    network: NetworkFacts,
    described: Vec<Description>,
    replies: UnboundedSender<Reply>,
}

impl Port for Nothing {
    fn ask(&mut self, request: Request) {
        let report = || {
            let hint = phrase!("recording-log-here");
            Report { hint, ..Report::new(ErrorId::Usage, phrase!("recording-nothing-written")) }
        };
        let reply = match request {
            Request::Rehearse(..) => Reply::Network { facts: self.network.clone() },
            Request::Describe(_) => Reply::Described { steps: self.described.clone() },
            Request::SetClock(_) => Reply::ClockSet { set: Err(report()) },
            Request::UseProxy(_) => Reply::ProxyUsed { used: Err(report()) },
            Request::LoadLayout(_) => Reply::LayoutLoaded { failure: Some(report().message) },
            Request::Stop => {
                Reply::Run { event: Event::Ended(Ending { because: Some(ErrorId::Stopped), changed: false }) }
            }
            Request::SaveReport { .. } => Reply::Saved { saved: Err(report()) },
            _ => return,
        };
        // It is there as long as the wizard.
        let _ = self.replies.send(reply);
    }

    async fn wind_down(&mut self) {}
}
