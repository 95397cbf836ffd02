//! What happens meanwhile, each line once: findings of the rehearsal, progress of the run.

use std::{collections::HashMap, time::Duration};

use crate::{
    engine::{CheckState, Event, Lines, Row, RowState},
    error::Report,
    tui::{app::App, pages, widgets::seconds},
};

/// How long nothing is said while waiting.
const QUIET: Duration = Duration::from_secs(10);

/// What is still to be said, in the words of a run without a wizard.
#[derive(Debug)]
pub(crate) struct News {
    lines: Lines,
    /// Each check of the rehearsal as it was said last.
    said: HashMap<&'static str, (CheckState, String)>,
    /// Why the rehearsal failed, and where it stood, as it was said last.
    failures: Vec<Report>,
    summary: String,
    /// What the run has said since it was asked last.
    run: Vec<String>,
    /// The last note of the run, without its digits: a time that goes on is no news.
    note: String,
    quiet: Duration,
}

impl News {
    pub(super) fn new() -> Self {
        Self {
            lines: Lines::default(),
            said: HashMap::new(),
            failures: Vec::new(),
            summary: String::new(),
            run: Vec::new(),
            note: String::new(),
            quiet: Duration::ZERO,
        }
    }

    /// Takes an event of the run in.
    pub(super) fn run(&mut self, event: &Event, app: &App) {
        let mut text = String::new();
        match event {
            Event::Plan { .. } => self.lines = Lines::default(),
            // They are said with what can be done about them, an authority on the done page.
            Event::StepFailed { .. } | Event::Ended { .. } | Event::Authority { .. } => return,
            Event::Note { text, .. } => {
                let note = text.replace(|character: char| character.is_ascii_digit(), "");
                if self.note == note {
                    return;
                }
                self.note = note;
            }
            Event::StepStarted { id } => {
                // Its name is in the language of the pages.
                let rows = app.run.iter().flat_map(|run| &run.timeline.rows);
                let info = rows.map(|row| row.info).find(|info| info.id == *id);
                text = self.lines.text(event);
                text = info.map_or(text.clone(), |info| text.replace(info.title, &pages::title(&app.words, info)));
            }
            _ => {}
        }
        if text.is_empty() {
            text = self.lines.text(event);
        }
        self.run.extend(text.lines().map(str::to_owned));
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
        if !app.page.is_before_the_run() {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for check in app.checks.checks() {
            let (id, state, text) = (check.id, check.state, check.text.clone());
            let said = self.said.get(id);
            // That something is looked at again is no news, nor how long it has been starting.
            if said.is_some_and(|said| state == CheckState::Waiting || (said.0, &said.1) == (state, &text)) {
                continue;
            }
            self.said.insert(id, (state, text.clone()));
            lines.extend(self.lines.text(&Event::Check { id, step: id, state, text }).lines().map(str::to_owned));
        }
        if !app.checks.is_running() && app.checks.ended().is_some() {
            if self.failures != app.checks.failures {
                self.failures.clone_from(&app.checks.failures);
                for report in &app.checks.failures {
                    lines.extend(self.failure(app, report));
                }
            }
            let summary = app.checks.status(None, &app.words);
            if summary != self.summary {
                self.summary.clone_from(&summary);
                lines.push(summary);
            }
        }
        lines
    }

    fn failure(&mut self, app: &App, report: &Report) -> Vec<String> {
        let event = Event::StepFailed { id: "rehearse", failures: vec![report.clone()], elapsed_ms: 0 };
        let mut lines: Vec<String> = self.lines.text(&event).lines().map(str::to_owned).collect();
        // The last one is the hint, and advice is in the language of the pages.
        lines.pop();
        lines.extend(pages::advice(&app.words, report).iter().map(|line| format!("  {line}")));
        lines
    }
}

fn still_waiting(app: &App) -> Option<String> {
    let run = app.run.as_ref()?;
    let row = run.timeline.rows.iter().find(|row| matches!(row.state, RowState::Running(_) | RowState::Retrying(_)))?;
    let what = match &run.pause {
        Some(pause) => {
            let values = [("attempt", pause.attempt.into()), ("pause", seconds(pause.left).into())];
            app.words.with("progress-attempt", values)
        }
        None if row.note.ends_with(" s") => row.note.clone(),
        None => format!("{}, {}", doing(app, row), seconds(run.step_time)),
    };
    Some(app.words.with("plain-waiting", [("what", what.into())]))
}

/// What a step is at, without its times.
fn doing(app: &App, row: &Row) -> String {
    let check = row.checks.iter().find(|check| check.state == CheckState::Waiting);
    match check {
        Some(check) => check.id.to_owned(),
        None if row.note.is_empty() => pages::title(&app.words, row.info),
        None => row.note.clone(),
    }
}
