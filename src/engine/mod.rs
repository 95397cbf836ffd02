//! Runs steps in order, with retry and cancellation; knows no Kubernetes, no answers, no terminal.

mod event;
mod id;
mod notes;
mod timeline;
mod transcript;

use std::{future::Future, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use event::{CheckState, Ending, Event, Events, Outcome, StepInfo};
pub use id::{CheckId, StepId};
pub use notes::{Hold, Notes, is_holding, wait_for_holds};
pub use timeline::{CheckRow, Row, RowState, Timeline};
pub use transcript::Transcript;

use crate::{
    error::{ErrorId, Report},
    words::phrase,
};

/// One step of a plan: it looks at the world, decides, acts, and says whether it changed anything.
pub trait Step: Sync {
    /// What the step acts on.
    type World: Sync;

    /// The stable id and the title people read.
    fn info(&self) -> StepInfo;

    /// Brings the step's part of the world into the wanted state.
    ///
    /// Running it again after any interruption must be safe: the engine drops
    /// the future when the operator stops the run, except while a
    /// [`Hold`] from `notes` is alive, and runs the step again for a retry.
    fn run(&self, world: &Self::World, notes: &Notes) -> impl Future<Output = Result<Outcome, Failed>> + Send;
}

/// Why a step failed: at least one report; the first one decides the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed(pub Vec<Report>);

impl<F: Into<Report>> From<F> for Failed {
    fn from(failure: F) -> Self {
        Self(vec![failure.into()])
    }
}

impl Failed {
    /// The id of the run that ends with it.
    pub fn id(&self) -> ErrorId {
        self.0.first().map_or(ErrorId::Defect, |report| report.id)
    }

    /// The pause before running the step again by itself, if that may mend everything that it failed of.
    fn again(&self) -> Option<Duration> {
        self.0.iter().try_fold(Duration::ZERO, |longest, report| Some(longest.max(report.again?)))
    }
}

/// Attempts and pauses as values. The pause doubles from `first` up to `longest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The most attempts, the first one included.
    pub attempts: u32,
    /// The pause before the second attempt.
    pub first: Duration,
    /// The longest pause; when the other side asks for more, waiting is left to the operator.
    pub longest: Duration,
}

impl Retry {
    /// The pause after `attempt` failed (counted from 1), or `None` to give up.
    pub fn pause(self, attempt: u32, asked: Duration) -> Option<Duration> {
        if attempt >= self.attempts || asked > self.longest {
            return None;
        }
        let doubled = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        Some(doubled.min(self.longest).max(asked))
    }
}

/// Runs `steps` in order and tells `events` everything that happens, ending with [`Event::Ended`].
///
/// A failure ends the run; the remaining steps are reported as not run. When
/// `stop` is cancelled the current step is dropped as soon as it holds nothing
/// that must not be cut.
pub async fn run<S: Step>(
    steps: &[S],
    world: &S::World,
    retry: Retry,
    events: &Events,
    cancel: &CancellationToken,
) -> Ending {
    events.send(Event::Plan { steps: steps.iter().map(Step::info).collect() });
    let mut changed = false;
    let mut cut = None;
    for step in steps {
        let id = step.info().id;
        if cut.is_none() && cancel.is_cancelled() {
            cut = Some((id.clone(), ErrorId::Stopped));
        }
        if let Some((step, because)) = &cut {
            let reason = match because {
                ErrorId::Stopped => phrase!("not-run-stopped"),
                _ => phrase!("not-run-failed" { step }),
            };
            events.send(Event::StepNotRun { id, reason });
            continue;
        }
        let started = Instant::now();
        events.send(Event::StepStarted { id: id.clone() });
        let result = run_step(step, world, retry, events, cancel).await;
        let elapsed_ms = millis(started);
        events.send(match result {
            Ok(outcome) => {
                changed |= outcome.is_change();
                Event::StepFinished { id, outcome, elapsed_ms }
            }
            Err(Cut::Failed(failed)) => {
                cut = Some((id.clone(), failed.id()));
                Event::StepFailed { id, failures: failed.0, elapsed_ms }
            }
            Err(Cut::Stopped) => {
                cut = Some((id.clone(), ErrorId::Stopped));
                Event::StepStopped { id, elapsed_ms }
            }
        });
    }
    let ending = Ending { because: cut.map(|(_, because)| because), changed };
    events.send(Event::Ended(ending));
    ending
}

/// Why a step ended without an outcome.
enum Cut {
    Failed(Failed),
    Stopped,
}

async fn run_step<S: Step>(
    step: &S,
    world: &S::World,
    retry: Retry,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<Outcome, Cut> {
    let id = step.info().id;
    let mut attempt = 1;
    loop {
        let notes = Notes::new(id.clone(), events.clone(), cancel.clone());
        let failed = tokio::select! {
            biased;
            result = step.run(world, &notes) => match result {
                Ok(outcome) => return Ok(outcome),
                Err(failed) => failed,
            },
            () = notes.stopped() => return Err(Cut::Stopped),
        };
        let Some(pause) = failed.again().and_then(|asked| retry.pause(attempt, asked)) else {
            return Err(Cut::Failed(failed));
        };
        attempt += 1;
        events.send(Event::Retry {
            id: id.clone(),
            attempt,
            pause_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            failures: failed.0,
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = cancel.cancelled() => return Err(Cut::Stopped),
        }
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
