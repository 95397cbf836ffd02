//! The only way to carry a setup out; both faces use it.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, PublicAnswers},
    engine::{Event, StepInfo},
    profile::Profile,
};

/// A setup that can be rehearsed, described and started.
#[derive(Debug, Clone)]
pub struct Setup {
    profile: std::sync::Arc<Profile>,
}

/// What one step will do, for the review page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The step.
    pub info: StepInfo,
    /// What it will do, one sentence a line.
    pub lines: Vec<String>,
}

/// A run under way.
#[derive(Debug)]
pub struct Running {
    /// Everything that happens; the last event is [`Event::Ended`].
    pub events: mpsc::UnboundedReceiver<Event>,
    stop: CancellationToken,
}

impl Running {
    /// Asks the run to stop; it finishes what must not be cut first, and then sends [`Event::Ended`].
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Setup {
    /// The profile that is set up.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What the steps will do with these answers, printed from the plan itself.
    #[must_use]
    pub fn describe(&self, _answers: &PublicAnswers) -> Vec<Description> {
        todo!()
    }

    /// Runs the rehearsal alone: every check, no effects.
    #[must_use]
    pub fn rehearse(&self) -> Running {
        todo!()
    }

    /// Starts the whole plan.
    #[must_use]
    pub fn start(&self, _answers: Answers) -> Running {
        todo!()
    }
}
