//! What the loop needs of a setup. [`Setup`] is the real one; tests of the loop have a toy.

use std::{future::Future, pin::Pin};

use tokio::sync::{mpsc::UnboundedReceiver, oneshot};

use crate::{
    answers::{Answers, PublicAnswers},
    engine::Event,
    error::Report,
    setup::{Description, NetworkFacts, Running, Setup},
    values::{SecretText, Strength},
    words::Phrase,
};

/// The verdict on a password, in the making; dropping it calls it off.
pub(crate) type Judging = Pin<Box<dyn Future<Output = Option<Strength>> + Send>>;

/// A setup that can be rehearsed, described and started.
pub(crate) trait Engine {
    /// A rehearsal or a run under way.
    type Run: Run;

    /// What the steps will do.
    fn describe(&self, answers: &PublicAnswers) -> Vec<Description>;

    /// What this machine's network looks like now.
    fn network(&self) -> NetworkFacts;

    /// Uses a keyboard layout on this console.
    fn load_layout(&self, layout: String) -> oneshot::Receiver<Result<(), Phrase>>;

    /// Makes the checks, with the answers as far as they matter.
    fn rehearse(&self, answers: Option<PublicAnswers>) -> Self::Run;

    /// Carries the setup out.
    fn start(&self, answers: Answers) -> Self::Run;

    /// Saves a report for support, without `secrets`; gives its path.
    fn save_report(&self, text: &str, secrets: &[SecretText]) -> Result<String, Report>;

    /// Has a password judged.
    fn judge(&self, question: SecretText) -> Judging;
}

/// A rehearsal or a run under way.
pub(crate) trait Run {
    /// Everything that happens.
    fn events(&mut self) -> &mut UnboundedReceiver<Event>;

    /// Asks it to stop.
    fn stop(&self);
}

impl Engine for Setup {
    type Run = Running;

    fn describe(&self, answers: &PublicAnswers) -> Vec<Description> {
        Self::describe(self, answers)
    }

    fn network(&self) -> NetworkFacts {
        Self::network(self)
    }

    fn load_layout(&self, layout: String) -> oneshot::Receiver<Result<(), Phrase>> {
        self.load_keyboard_layout(layout)
    }

    fn rehearse(&self, answers: Option<PublicAnswers>) -> Running {
        Self::rehearse(self, answers)
    }

    fn start(&self, answers: Answers) -> Running {
        Self::start(self, answers)
    }

    fn save_report(&self, text: &str, secrets: &[SecretText]) -> Result<String, Report> {
        Self::save_report(self, text, secrets)
    }

    fn judge(&self, question: SecretText) -> Judging {
        Box::pin(Self::judge(question))
    }
}

impl Run for Running {
    fn events(&mut self) -> &mut UnboundedReceiver<Event> {
        &mut self.events
    }

    fn stop(&self) {
        Self::stop(self);
    }
}
