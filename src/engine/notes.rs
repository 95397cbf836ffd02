//! What a running step may tell the engine: notes, checks, and "do not cut me here".

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::watch,
    task::{self, Id},
};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{CheckId, CheckState, Event, Events, StepId},
    values::Fact,
    words::{Phrase, phrase},
};

/// What is held just now; a panic in another task waits for it.
static HOLDING: Mutex<Vec<Holding>> = Mutex::new(Vec::new());
static LET_GO: Condvar = Condvar::new();

/// That a step holds.
#[derive(Debug, Clone, Copy)]
struct Holding {
    /// The task in which it does.
    task: Option<Id>,
    /// What takes longer hangs.
    until: Instant,
}

/// Handed to a step while it runs.
#[derive(Debug)]
pub struct Notes {
    step: StepId,
    events: Events,
    stop: CancellationToken,
    held: watch::Sender<Vec<Awaited>>,
}

/// What a stop request waits for, and how long that takes at most.
#[derive(Debug)]
struct Awaited {
    what: Phrase,
    longest: Duration,
}

/// While it lives, a stop request waits. Kept around effects that must not be cut in two.
#[must_use]
#[derive(Debug)]
pub struct Hold<'a> {
    held: &'a watch::Sender<Vec<Awaited>>,
    task: Option<Id>,
}

/// Waits until no step holds in another task than this one, as long as what is held may take; for a process that has to
/// end. `told` is called before, if there is anything to wait for. Gives whether nothing is held any more.
///
/// It blocks its thread: there is nothing else left to do on it. What the runtime wanted to do on it next, which may be
/// the very task that holds, goes on elsewhere.
pub fn wait_for_holds(told: impl FnOnce()) -> bool {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => task::block_in_place(|| wait(told)),
        _ => wait(told),
    }
}

/// Whether a step holds in any task just now, and does not hang.
pub fn is_holding() -> bool {
    let holding = HOLDING.lock().unwrap_or_else(PoisonError::into_inner);
    holding.iter().any(|held| held.until > Instant::now())
}

fn wait(told: impl FnOnce()) -> bool {
    let own = task::try_id();
    let elsewhere = |held: &&Holding| held.task.is_none() || held.task != own;
    let holding = HOLDING.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(until) = holding.iter().filter(elsewhere).map(|held| held.until).max() else { return true };
    told();
    let patience = until.saturating_duration_since(Instant::now());
    let over = LET_GO.wait_timeout_while(holding, patience, |holding| holding.iter().any(|held| elsewhere(&held)));
    !over.unwrap_or_else(PoisonError::into_inner).1.timed_out()
}

impl Notes {
    /// Notes of the step `id`, in a run that `stop` ends.
    pub fn new(id: StepId, events: Events, stop: CancellationToken) -> Self {
        Self { step: id, events, stop, held: watch::Sender::new(Vec::new()) }
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

    /// Keeps the step from being cut while the returned value lives: for `what`, which takes as long as `longest`.
    ///
    /// It never comes once a stop was asked for: nothing that must not be cut begins then.
    pub async fn hold(&self, what: Phrase, longest: Duration) -> Hold<'_> {
        self.held.send_modify(|held| held.push(Awaited { what, longest }));
        let task = task::try_id();
        let until = Instant::now() + longest;
        HOLDING.lock().unwrap_or_else(PoisonError::into_inner).push(Holding { task, until });
        let hold = Hold { held: &self.held, task };
        // Looked at after holding: whoever asks for a stop from here on sees what is held.
        if self.stop.is_cancelled() {
            drop(hold);
            return std::future::pending().await;
        }
        hold
    }

    /// Completes when a stop was asked for and nothing is held; says first what it waits for.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
        let mut held = self.held.subscribe();
        let told = held
            .borrow()
            .last()
            .map(|Awaited { what, longest }| phrase!("stop-waits" { what, seconds: longest.as_secs() }));
        if let Some(told) = told {
            self.note(told);
        }
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = held.wait_for(Vec::is_empty).await;
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.send_modify(|held| drop(held.pop()));
        let mut holding = HOLDING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = holding.iter().rposition(|held| held.task == self.task) {
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
        let notes = Notes::new("redeem".into(), events, CancellationToken::new());
        let (waits, told) = oneshot::channel();
        let hold = notes.hold("an answer".into(), LONG).await;
        let waiting = tokio::spawn(async move {
            wait_for_holds(|| waits.send(()).expect("somebody listens"));
        });
        told.await.expect("it says that it waits");
        assert!(!waiting.is_finished(), "it did not wait");
        drop(hold);
        waiting.await.expect("no panic");
        // What holds itself is not waited for: it will not go on.
        let own = tokio::spawn(async move {
            let _hold = notes.hold("an answer".into(), LONG).await;
            wait_for_holds(|| unreachable!("nothing is held elsewhere"));
        });
        own.await.expect("no panic");
    }

    /// A task that was woken here stands first in line for this very thread.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_waits_does_not_keep_its_thread_from_the_one_that_holds() {
        let (events, _heard) = Events::channel(std::sync::Arc::default());
        let notes = Notes::new("redeem".into(), events, CancellationToken::new());
        let ((held, holds), (answer, answered)) = (oneshot::channel(), oneshot::channel());
        tokio::spawn(async move {
            let _hold = notes.hold("an answer".into(), LONG).await;
            held.send(()).expect("somebody listens");
            answered.await.expect("it is answered");
        });
        holds.await.expect("it holds");
        let waiting = tokio::spawn(async move {
            answer.send(()).expect("somebody waits");
            wait_for_holds(|| {})
        });
        assert!(waiting.await.expect("no panic"), "the answer was there, and nobody could take it");
    }
}
