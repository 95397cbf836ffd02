//! The run: one row a step, and after a failure first of all what to do about it.

use ratatui::style::Style;

use crate::{
    engine::{CheckRow, CheckState, Outcome, Row, RowState},
    exit::Exit,
    pages::{failure, leave, parts},
    screen::{
        Body, Mark, Theme,
        text::{seconds, took},
    },
    wizard::{App, Watch},
    words::{Phrase, TextId, id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    outcome(app, body);
    body.gap();
    app.run().into_iter().for_each(|run| steps(run, body));
}

/// One row a step.
pub(super) fn steps(run: &Watch, body: &mut Body<'_>) {
    run.timeline.rows.iter().for_each(|row| step(run, row, body));
}

/// What the run has come to, without its rows.
pub(super) fn outcome(app: &App, body: &mut Body<'_>) {
    let Some(run) = app.run() else { return };
    match run.ended() {
        Some(Exit::Done) => {}
        Some(exit) => ending(app, run, exit, body),
        None if app.is_stopping() => under_way(app, run, id!("progress-stopping"), body),
        None if run.timeline.rows.is_empty() => under_way(app, run, id!("progress-starting"), body),
        None => {}
    }
}

/// Work of which nothing better is known than that it goes on.
fn under_way(app: &App, run: &Watch, id: TextId, body: &mut Body<'_>) {
    let symbol = if app.look().plain { String::new() } else { format!("{} ", Theme::spinner(run.step_time)) };
    body.styled(&symbol, id, Theme::strong());
}

/// The columns of a check's id; its finding stands behind.
const CHECK_WIDTH: usize = 18;

/// One check: where it stands, its id, what was found.
pub(super) fn check(indent: &str, check: &CheckRow, body: &mut Body<'_>) {
    let (symbol, style) = match check.state {
        CheckState::Waiting => (body.theme.mark(Mark::Busy), body.theme.busy()),
        CheckState::Passed => (body.theme.mark(Mark::Ok), body.theme.good()),
        CheckState::Failed => (body.theme.mark(Mark::Failed), body.theme.bad()),
        CheckState::Skipped => (body.theme.mark(Mark::Left), Theme::plain()),
    };
    body.styled(&format!("{indent}{symbol}{:<CHECK_WIDTH$}", check.id), &check.text, style);
}

/// The checks that have failed while others are being made: as long as they are, there is no report yet.
pub(super) fn failed_so_far(app: &App, body: &mut Body<'_>) {
    let failed = |row: &&&CheckRow| app.checks().failures.is_empty() && row.state == CheckState::Failed;
    for row in app.checks().checks().iter().filter(failed) {
        check("", row, body);
    }
}

fn ending(app: &App, run: &Watch, exit: Exit, body: &mut Body<'_>) {
    if exit == Exit::Stopped {
        body.stress(id!("progress-stopped"));
        let state = leave::machine_state(app, &run.timeline);
        body.say(state.then(id!("progress-go-on")));
        saved(app, body);
        return;
    }
    body.stress(id!("progress-failed"));
    for report in &run.failures {
        failure::told(report, app.causes(), Theme::strong(), body);
    }
    saved(app, body);
    body.gap();
    let correct = match run.answer_to_correct(app.profile()) {
        Some(input) => phrase!("progress-edit-answer" { answer: app.label(input) }),
        None => phrase!("progress-edit-answers"),
    };
    let leave = phrase!("progress-leave" { code: exit.code(), remedy: exit.remedy() });
    let code = Phrase::from(leave::code_state(app, &run.timeline));
    let mut again =
        code.then(if run.wants_other_code() { id!("progress-use-code") } else { id!("progress-try-again") });
    if exit == Exit::Profile {
        again = again.then(id!("progress-profile"));
    }
    body.say(again.then(correct).then(leave).then(parts::help_from(app)));
}

/// What came of the report that was asked for.
pub(super) fn saved(app: &App, body: &mut Body<'_>) {
    match app.saved() {
        None => {}
        Some(Ok(path)) => body.stress(phrase!("report-saved" { path })),
        Some(Err(report)) => {
            let (why, hint) = (failure::sentence(report), failure::hint(report));
            body.styled("", phrase!("report-not-saved" { why, hint }), body.theme.bad());
        }
    }
}

fn step(run: &Watch, row: &Row, body: &mut Body<'_>) {
    let (symbol, style) = look(&row.state, body.theme);
    body.row(symbol, &row.info.title, &time(run, row), style);
    match &row.state {
        RowState::Running => {
            if let Some(note) = &row.note {
                body.below(note, Theme::plain());
            }
            checks(row, |_| true, body);
        }
        RowState::Retrying(_) => {
            retry(run, body);
            checks(row, |state| state != CheckState::Passed, body);
        }
        RowState::Finished(outcome) => body.below(finished(outcome), Theme::plain()),
        // What failed is told above, with its id; here is what was not decided because of it.
        RowState::Failed(_) => {
            checks(row, |state| matches!(state, CheckState::Skipped | CheckState::Waiting), body);
        }
        RowState::Stopped => body.below(id!("progress-row-stopped"), Theme::plain()),
        RowState::NotRun(reason) => {
            body.below(phrase!("progress-not-run" { reason }), Theme::plain());
        }
        RowState::Waiting => {}
    }
}

fn finished(outcome: &Outcome) -> Phrase {
    match outcome {
        Outcome::Changed(summary) => phrase!("progress-changed" { summary }),
        Outcome::Unchanged(summary) => phrase!("progress-unchanged" { summary }),
    }
}

fn look(state: &RowState, theme: Theme) -> (&'static str, Style) {
    match state {
        RowState::Waiting => (theme.mark(Mark::Open), Theme::plain()),
        RowState::Running | RowState::Retrying(_) => (theme.mark(Mark::Busy), theme.busy()),
        RowState::Finished(_) => (theme.mark(Mark::Ok), theme.good()),
        RowState::Failed(_) => (theme.mark(Mark::Failed), theme.bad()),
        RowState::Stopped | RowState::NotRun(_) => (theme.mark(Mark::Left), Theme::plain()),
    }
}

fn time(run: &Watch, row: &Row) -> String {
    match (&row.state, row.elapsed_ms) {
        (RowState::Running | RowState::Retrying(_), _) => seconds(run.step_time),
        (_, Some(ms)) => took(ms),
        (_, None) => String::new(),
    }
}

fn retry(run: &Watch, body: &mut Body<'_>) {
    let Some(pause) = &run.pause else { return };
    for report in &pause.because {
        body.below(failure::sentence(report), body.theme.bad());
    }
    let attempt = pause.attempt;
    let next = if pause.left.is_zero() {
        phrase!("progress-attempt-now" { attempt })
    } else {
        phrase!("progress-attempt" { attempt, pause: seconds(pause.left) })
    };
    body.below(next, body.theme.busy());
}

fn checks(row: &Row, shown: impl Fn(CheckState) -> bool, body: &mut Body<'_>) {
    let passed = row.checks.iter().filter(|check| check.state == CheckState::Passed).count();
    if passed > 0 && !shown(CheckState::Passed) {
        let count = phrase!("progress-checks-passed" { passed, total: row.checks.len() });
        body.below(count, Theme::plain());
    }
    for row in row.checks.iter().filter(|check| shown(check.state)) {
        check(body.theme.indent(), row, body);
    }
}
