//! The fold of events into one row a step: what a progress page or a report shows.

use crate::{
    engine::{CheckId, CheckState, Ending, Event, Outcome, StepId, StepInfo},
    error::Report,
    values::Fact,
    words::Phrase,
};

/// Where one step stands. Every row has a state, also when the run stopped early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowState {
    /// Its turn has not come.
    Waiting,
    /// It runs.
    Running,
    /// It failed in a way that may pass; the pause before the next attempt, in milliseconds.
    Retrying(u64),
    /// It is in its wanted state.
    Finished(Outcome),
    /// It failed.
    Failed(Vec<Report>),
    /// It was interrupted by a stop.
    Stopped,
    /// It will not be run, with the reason.
    NotRun(Phrase),
}

/// One check of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// The check's stable id.
    pub id: CheckId,
    /// Where it stands.
    pub state: CheckState,
    /// What was found.
    pub text: Phrase,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which step.
    pub info: StepInfo,
    /// Where it stands.
    pub state: RowState,
    /// What it said last.
    pub note: Option<Phrase>,
    /// Its checks, in the order in which they were first heard of.
    pub checks: Vec<CheckRow>,
    /// How long it took, once it is over.
    pub elapsed_ms: Option<u64>,
}

/// The state of a whole run, folded from its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// One row a step, in the order of the plan.
    pub rows: Vec<Row>,
    /// What the steps have found out about the appliance, each thing once.
    pub facts: Vec<Fact>,
    /// Set by the last event.
    pub ended: Option<Ending>,
}

impl Timeline {
    /// Takes one event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Plan { steps } => {
                let row = |info: &StepInfo| Row {
                    info: info.clone(),
                    state: RowState::Waiting,
                    note: None,
                    checks: Vec::new(),
                    elapsed_ms: None,
                };
                *self = Self { rows: steps.iter().map(row).collect(), ..Self::default() };
            }
            Event::StepStarted { id } => self.set(id, RowState::Running, None),
            Event::Note { id, text } => self.note(id, text),
            Event::Check { id, step, state, text } => {
                self.check(step, CheckRow { id: id.clone(), state: *state, text: text.clone() });
            }
            Event::Fact { fact, .. } if self.facts.iter().any(|known| fact.repeats(known)) => {}
            Event::Fact { fact, .. } => self.facts.push(fact.clone()),
            Event::Retry { id, pause_ms, .. } => self.set(id, RowState::Retrying(*pause_ms), None),
            Event::StepFinished { id, outcome, elapsed_ms } => {
                self.set(id, RowState::Finished(outcome.clone()), Some(*elapsed_ms));
            }
            Event::StepFailed { id, failures, elapsed_ms } => {
                self.set(id, RowState::Failed(failures.clone()), Some(*elapsed_ms));
            }
            Event::StepStopped { id, elapsed_ms } => self.set(id, RowState::Stopped, Some(*elapsed_ms)),
            Event::StepNotRun { id, reason } => self.set(id, RowState::NotRun(reason.clone()), None),
            Event::Ended(ending) => self.ended = Some(*ending),
        }
    }

    /// The failures that ended the run.
    pub fn failures(&self) -> &[Report] {
        let failed = self.rows.iter().find_map(|row| match &row.state {
            RowState::Failed(reports) => Some(reports.as_slice()),
            _ => None,
        });
        failed.unwrap_or_default()
    }

    fn row(&mut self, id: &StepId) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.info.id == *id)
    }

    fn set(&mut self, id: &StepId, state: RowState, elapsed_ms: Option<u64>) {
        if let Some(row) = self.row(id) {
            row.state = state;
            row.elapsed_ms = elapsed_ms;
            row.note = None;
        }
    }

    fn note(&mut self, id: &StepId, text: &Phrase) {
        if let Some(row) = self.row(id) {
            if matches!(row.state, RowState::Retrying(_)) {
                row.state = RowState::Running;
            }
            row.note = Some(text.clone());
        }
    }

    fn check(&mut self, step: &StepId, check: CheckRow) {
        let Some(row) = self.row(step) else { return };
        match row.checks.iter_mut().find(|other| other.id == check.id) {
            Some(known) => *known = check,
            None => row.checks.push(check),
        }
    }
}
