//! The run: one row a step, and after a failure first of all what to do about it.

use ratatui::style::Style;

use crate::{
    engine::{CheckRow, CheckState, Row, RowState},
    error::Report,
    exit::Exit,
    tui::{
        app::{App, Stop},
        theme::{self, Theme},
        watch::Watch,
        widgets::{Body, seconds, took},
    },
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    let Some(run) = &app.run else { return };
    match run.ended() {
        Some(Exit::Done) => {}
        Some(exit) => ending(app, run, exit, body),
        None if app.stop != Stop::No => {
            body.stress("Stopping. What must not be cut in two is finished first.");
        }
        None if run.timeline.rows.is_empty() => body.say("Starting."),
        None => {}
    }
    body.gap();
    for row in &run.timeline.rows {
        step(run, row, body);
    }
}

/// The columns of a check's id; its finding stands behind.
const CHECK_WIDTH: usize = 17;

/// One check: where it stands, its id, what was found.
pub(super) fn check(indent: &str, check: &CheckRow, body: &mut Body<'_>) {
    let (symbol, style) = match check.state {
        CheckState::Waiting => (theme::BUSY, body.theme.busy()),
        CheckState::Passed => (theme::OK, body.theme.good()),
        CheckState::Failed => (theme::FAILED, body.theme.bad()),
        CheckState::Skipped => (theme::LEFT, Theme::plain()),
    };
    body.styled(&format!("{indent}{symbol}{:<CHECK_WIDTH$}", check.id), &check.text, style);
}

fn ending(app: &App, run: &Watch, exit: Exit, body: &mut Body<'_>) {
    if exit == Exit::Stopped {
        body.stress("The setup was stopped. Nothing is lost.");
        body.say(&format!("{} Enter goes on from there.", super::question::machine_state(&app.words, &run.timeline)));
    } else {
        body.stress("The setup could not be finished.");
        for report in &run.failures {
            failure(report, body);
        }
        body.gap();
        let first = run.failures.first().map_or("", |report| report.id.as_str());
        let editing = if first.starts_with("code-") { "E changes the install code" } else { "E goes to the answers" };
        body.say(&format!(
            "Enter tries again, with nothing typed again. {editing}. Leaving now ends with exit code {}: {}. Help: {}.",
            exit.code(),
            exit.remedy(),
            app.profile.brand.support
        ));
    }
}

fn failure(report: &Report, body: &mut Body<'_>) {
    body.styled(theme::FAILED, &format!("{}: {}", report.id.as_str(), report.message), body.theme.bad());
    for cause in &report.causes {
        body.below(&format!("because: {cause}"), Theme::plain());
    }
    body.below(&format!("hint: {}", report.hint), Theme::strong());
}

fn step(run: &Watch, row: &Row, body: &mut Body<'_>) {
    let (symbol, style) = look(&row.state, body.theme);
    body.row(symbol, row.info.title, &time(run, row), style);
    match &row.state {
        RowState::Running(_) => {
            body.below(&row.note, Theme::plain());
            checks(row, |_| true, body);
        }
        RowState::Retrying(_) => {
            retry(run, body);
            checks(row, |state| state != CheckState::Passed, body);
        }
        RowState::Finished(outcome) => {
            let word = if outcome.is_change() { "changed" } else { "unchanged" };
            body.below(&format!("{word}: {}", outcome.summary()), Theme::plain());
        }
        // What failed is told above, with its id; here is what was not decided because of it.
        RowState::Failed(_) => checks(row, |state| matches!(state, CheckState::Skipped | CheckState::Waiting), body),
        RowState::Stopped => body.below("stopped", Theme::plain()),
        RowState::NotRun(reason) => body.below(&format!("not run, because {reason}"), Theme::plain()),
        RowState::Waiting => {}
    }
}

fn look(state: &RowState, theme: Theme) -> (&'static str, Style) {
    match state {
        RowState::Waiting => (theme::OPEN, Theme::plain()),
        RowState::Running(_) | RowState::Retrying(_) => (theme::BUSY, theme.busy()),
        RowState::Finished(_) => (theme::OK, theme.good()),
        RowState::Failed(_) => (theme::FAILED, theme.bad()),
        RowState::Stopped | RowState::NotRun(_) => (theme::LEFT, Theme::plain()),
    }
}

fn time(run: &Watch, row: &Row) -> String {
    match (&row.state, row.elapsed_ms) {
        (RowState::Running(_) | RowState::Retrying(_), _) => seconds(run.step_time),
        (_, Some(ms)) => took(ms),
        (_, None) => String::new(),
    }
}

fn retry(run: &Watch, body: &mut Body<'_>) {
    let Some(pause) = &run.pause else { return };
    for report in &pause.because {
        body.below(&format!("{}: {}", report.id.as_str(), report.message), body.theme.bad());
    }
    let when = if pause.left.is_zero() { "now".to_owned() } else { format!("in {}", seconds(pause.left)) };
    body.below(&format!("attempt {} {when}", pause.attempt), body.theme.busy());
}

fn checks(row: &Row, shown: impl Fn(CheckState) -> bool, body: &mut Body<'_>) {
    let passed = row.checks.iter().filter(|check| check.state == CheckState::Passed).count();
    if passed > 0 && !shown(CheckState::Passed) {
        body.below(&format!("{passed} of {} checks passed", row.checks.len()), Theme::plain());
    }
    for row in row.checks.iter().filter(|check| shown(check.state)) {
        check(theme::SYMBOL, row, body);
    }
}
