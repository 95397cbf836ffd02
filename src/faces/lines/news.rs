//! What happens meanwhile, each line once: findings of the rehearsal, progress of the run.

use std::{collections::HashMap, time::Duration};

use crate::{
    engine::{CheckId, CheckState, Event, Row, RowState, Transcript},
    error::Report,
    screen::text::seconds,
    setup::step,
    wizard::App,
    words::{Phrase, phrase},
};

/// How long nothing is said while waiting.
const QUIET: Duration = Duration::from_secs(10);

/// What is still to be said, in the words of a run without a wizard.
#[derive(Debug, Default)]
pub(crate) struct News {
    lines: Transcript,
    /// Each check of the rehearsal as it was said last.
    said: HashMap<CheckId, (CheckState, Phrase)>,
    /// Why the rehearsal failed, and where it stood, as it was said last.
    failures: Vec<Report>,
    summary: String,
    /// What the run has said since it was asked last.
    run: Vec<String>,
    /// The last note of the run.
    note: Option<Phrase>,
    quiet: Duration,
}

impl News {
    /// Takes an event of the run in.
    pub(super) fn run(&mut self, event: &Event, app: &App) {
        match event {
            Event::Plan { .. } => self.lines = Transcript::default(),
            // They are said with what can be done about them, an authority on the done page.
            Event::StepFailed { .. } | Event::Ended(_) | Event::Fact { .. } => return,
            Event::Note { text, .. } if self.is_known(text) => return,
            _ => {}
        }
        let text = self.lines.text(event, app.words());
        self.run.extend(text.lines().map(str::to_owned));
    }

    /// Whether a note says what the one before it did; a time that goes on is no news.
    fn is_known(&mut self, note: &Phrase) -> bool {
        self.note.replace(note.clone()).is_some_and(|before| note.repeats(&before))
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, elapsed: Duration) {
        self.quiet += elapsed;
    }

    /// What the run has said, or that it is still at it.
    pub(super) fn progress(&mut self, app: &App) -> Vec<String> {
        if self.run.is_empty() && self.quiet >= QUIET && app.is_running() {
            self.run.extend(still_waiting(app));
        }
        if !self.run.is_empty() {
            self.quiet = Duration::ZERO;
        }
        std::mem::take(&mut self.run)
    }

    /// What the rehearsal has found since it was asked last, and where it stands once it is over.
    pub(super) fn findings(&mut self, app: &App) -> Vec<String> {
        if !app.page().is_before_the_run() {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for check in app.checks().checks() {
            let (id, state, text) = (check.id.clone(), check.state, check.text.clone());
            let said = self.said.get(&id);
            // That something is looked at again is no news, nor how long it has been starting.
            if said.is_some_and(|said| state == CheckState::Waiting || (said.0, &said.1) == (state, &text)) {
                continue;
            }
            self.said.insert(id.clone(), (state, text.clone()));
            let text = self.lines.text(&Event::Check { id, step: step::REHEARSE, state, text }, app.words());
            lines.extend(text.lines().map(str::to_owned));
        }
        if !app.checks().is_running() && app.checks().ended().is_some() {
            if self.failures != app.checks().failures {
                self.failures.clone_from(&app.checks().failures);
                let failures = app.checks().failures.clone();
                let text =
                    self.lines.text(&Event::StepFailed { id: step::REHEARSE, failures, elapsed_ms: 0 }, app.words());
                lines.extend(text.lines().map(str::to_owned));
            }
            let summary = app.checks().status(None, app.words());
            if summary != self.summary {
                self.summary.clone_from(&summary);
                lines.push(summary);
            }
        }
        lines
    }
}

fn still_waiting(app: &App) -> Option<String> {
    let run = app.run()?;
    let row = run.timeline.rows.iter().find(|row| matches!(row.state, RowState::Running | RowState::Retrying(_)))?;
    let what = match &run.pause {
        Some(pause) => {
            let left = seconds(pause.left);
            app.words().say(phrase!("progress-attempt" { attempt: pause.attempt, pause: left }))
        }
        // It says itself how long it has been.
        None if row.note.as_ref().is_some_and(|note| note.seconds().is_some()) => note(app, row).unwrap_or_default(),
        None => format!("{}, {}", doing(app, row), seconds(run.step_time)),
    };
    Some(app.words().say(phrase!("plain-waiting" { what })))
}

/// What a step is at, without its times.
fn doing(app: &App, row: &Row) -> String {
    let check = row.checks.iter().find(|check| check.state == CheckState::Waiting);
    match check {
        Some(check) => check.id.to_string(),
        None => note(app, row).unwrap_or_else(|| app.words().say(&row.info.title)),
    }
}

fn note(app: &App, row: &Row) -> Option<String> {
    row.note.as_ref().map(|note| app.words().say(note))
}
