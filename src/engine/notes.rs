//! What a running step may tell the engine: notes, checks, and "do not cut me here".

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    task::{self, Id},
};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{CheckId, CheckState, Event, Events, StepId},
    values::Fact,
    words::Phrase,
};

/// The tasks in which a step holds just now; a panic in another one waits for them.
static HOLDING: Mutex<Vec<Option<Id>>> = Mutex::new(Vec::new());
static LET_GO: Condvar = Condvar::new();

/// Handed to a step while it runs.
#[derive(Debug)]
pub struct Notes {
    step: StepId,
    events: Events,
    held: watch::Sender<usize>,
}

/// While it lives, a stop request waits. Kept around effects that must not be cut in two.
#[must_use]
#[derive(Debug)]
pub struct Hold<'a> {
    held: &'a watch::Sender<usize>,
    task: Option<Id>,
}

/// Waits, as long as `patience`, until no step holds in another task than this one; for a process that has to end.
/// `told` is called before, if there is anything to wait for.
///
/// It blocks its thread: there is nothing else left to do on it.
pub fn wait_for_holds(patience: Duration, told: impl FnOnce()) {
    let own = task::try_id();
    let held_elsewhere = |holding: &mut Vec<Option<Id>>| holding.iter().any(|task| task.is_none() || *task != own);
    let mut holding = HOLDING.lock().unwrap_or_else(PoisonError::into_inner);
    if held_elsewhere(&mut holding) {
        told();
        let _over = LET_GO.wait_timeout_while(holding, patience, held_elsewhere);
    }
}

impl Notes {
    /// Notes of the step with this id.
    pub fn new(step: StepId, events: Events) -> Self {
        Self { step, events, held: watch::Sender::new(0) }
    }

    /// Says what the step is doing just now.
    pub fn note(&self, text: impl Into<Phrase>) {
        self.events.send(Event::Note { id: self.step.clone(), text: text.into() });
    }

    /// Says where one of the step's checks stands.
    pub fn check(&self, id: impl Into<CheckId>, state: CheckState, text: impl Into<Phrase>) {
        self.events.send(Event::Check { id: id.into(), step: self.step.clone(), state, text: text.into() });
    }

    /// Says what the step has found out about the appliance.
    pub fn fact(&self, fact: Fact) {
        self.events.send(Event::Fact { id: self.step.clone(), fact });
    }

    /// Keeps the step from being cut while the returned value lives.
    pub fn hold(&self) -> Hold<'_> {
        self.held.send_modify(|count| *count += 1);
        let task = task::try_id();
        HOLDING.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        Hold { held: &self.held, task }
    }

    /// Completes when a stop was asked for and nothing is held.
    pub(super) async fn stopped(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        let mut held = self.held.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = held.wait_for(|count| *count == 0).await;
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.send_modify(|count| *count -= 1);
        let mut holding = HOLDING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = holding.iter().position(|task| *task == self.task) {
            holding.swap_remove(index);
        }
        LET_GO.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "multi_thread")]
    async fn a_process_that_has_to_end_waits_for_what_is_held_in_another_task() {
        let (events, _heard) = Events::channel(std::sync::Arc::default());
        let notes = Notes::new("redeem".into(), events);
        let (waits, told) = oneshot::channel();
        let hold = notes.hold();
        let waiting = tokio::spawn(async move {
            task::block_in_place(|| wait_for_holds(LONG, || waits.send(()).expect("somebody listens")));
        });
        told.await.expect("it says that it waits");
        assert!(!waiting.is_finished(), "it did not wait");
        drop(hold);
        waiting.await.expect("no panic");
        // What holds itself is not waited for: it will not go on.
        let own = tokio::spawn(async move {
            let _hold = notes.hold();
            task::block_in_place(|| wait_for_holds(LONG, || unreachable!("nothing is held elsewhere")));
        });
        own.await.expect("no panic");
    }
}
