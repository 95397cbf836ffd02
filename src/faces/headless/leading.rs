//! A run without a terminal, as the wizards on this machine's terminals see it: it leads, and says how far it is.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    engine::{Event, StepInfo},
    exit::Exit,
    setup::{Lead, Leader, Setup, unattended},
    words::Phrase,
};

/// How long a wizard in which somebody has only begun to answer has to give way.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The lead of such a run.
pub(crate) struct Leading {
    lead: Lead,
    steps: Vec<StepInfo>,
}

impl Leading {
    /// Leads, as soon as a wizard that does has given way. Whether there is another run the machine's lock says.
    pub(crate) async fn take(setup: &Setup, doing: Phrase) -> Self {
        let mut lead = setup.lead("");
        let deadline = Instant::now() + PATIENCE;
        let mut leader = lead.take_over();
        while matches!(leader, Leader::Another { busy: false, .. }) && Instant::now() < deadline {
            sleep(LOOK_AGAIN).await;
            leader = lead.look();
        }
        lead.tell(doing);
        Self { lead, steps: Vec::new() }
    }

    /// From now on nobody takes over.
    pub(crate) fn begin(&mut self) {
        self.lead.is_busy(true);
    }

    /// Until then somebody may.
    pub(crate) fn pause(&mut self) {
        self.lead.is_busy(false);
    }

    /// Says what is being done.
    pub(crate) fn tell(&mut self, doing: Phrase) {
        self.lead.tell(doing);
    }

    /// Whether somebody at a terminal has taken over.
    pub(crate) fn is_taken_over(&mut self) -> bool {
        matches!(self.lead.look(), Leader::Another { .. })
    }

    /// Takes in an event of the run.
    pub(crate) fn hear(&mut self, event: &Event) {
        match event {
            Event::Plan { steps } => self.steps.clone_from(steps),
            Event::StepStarted { id } => {
                let step = self.steps.iter().position(|step| step.id == *id).unwrap_or_default();
                if let Some(info) = self.steps.get(step) {
                    self.lead.tell(unattended::doing(&info.title, step + 1, self.steps.len()));
                }
            }
            _ => {}
        }
    }

    /// The run has ended so.
    pub(crate) fn end(self, exit: Exit) {
        if exit == Exit::Done {
            self.lead.finish();
        }
    }
}
