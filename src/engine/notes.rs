//! What a running step may tell the engine: notes, checks, and "do not cut me here".

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::engine::{CheckState, Event, Events};

/// Handed to a step while it runs.
#[derive(Debug)]
pub struct Notes {
    step: &'static str,
    events: Events,
    held: watch::Sender<usize>,
}

/// While it lives, a stop request waits. Kept around effects that must not be cut in two.
#[derive(Debug)]
pub struct Hold<'a>(&'a watch::Sender<usize>);

impl Notes {
    /// Notes of the step with this id.
    #[must_use]
    pub fn new(step: &'static str, events: Events) -> Self {
        Self { step, events, held: watch::Sender::new(0) }
    }

    /// Says what the step is doing just now.
    pub fn note(&self, text: impl Into<String>) {
        self.events.send(Event::Note { id: self.step, text: text.into() });
    }

    /// Says where one of the step's checks stands.
    pub fn check(&self, id: &'static str, state: CheckState, text: impl Into<String>) {
        self.events.send(Event::Check { id, step: self.step, state, text: text.into() });
    }

    /// Keeps the step from being cut while the returned value lives.
    #[must_use]
    pub fn hold(&self) -> Hold<'_> {
        self.held.send_modify(|count| *count += 1);
        Hold(&self.held)
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
        self.0.send_modify(|count| *count -= 1);
    }
}
