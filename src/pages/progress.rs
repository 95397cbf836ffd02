//! The run: one row a step, and after a failure first of all what to do about it.

use ratatui::style::Style;

use crate::{
    engine::{CheckRow, CheckState, Outcome, Row, RowState},
    exit::Exit,
    pages::{failure, leave, parts},
    screen::{
        body::Body,
        text::{seconds, took},
        theme::{Mark, Theme},
    },
    wizard::{
        app::{App, Stop},
        watch::Watch,
    },
    words::{TextId, Words, id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    outcome(app, body);
    body.gap();
    for (run, row) in app.run.iter().flat_map(|run| run.timeline.rows.iter().map(move |row| (run, row))) {
        step(&app.words, run, row, body);
    }
}

/// What the run has come to, without its rows.
pub(super) fn outcome(app: &App, body: &mut Body<'_>) {
    let Some(run) = &app.run else { return };
    match run.ended() {
        Some(Exit::Done) => {}
        Some(exit) => ending(app, run, exit, body),
        None if app.stop != Stop::No => under_way(app, run, id!("progress-stopping"), body),
        None if run.timeline.rows.is_empty() => under_way(app, run, id!("progress-starting"), body),
        None => {}
    }
}

/// Work of which nothing better is known than that it goes on.
fn under_way(app: &App, run: &Watch, id: TextId, body: &mut Body<'_>) {
    let symbol = if app.look.plain { String::new() } else { format!("{} ", Theme::spinner(run.step_time)) };
    body.styled(&symbol, &app.words.say(id), Theme::strong());
}

/// The columns of a check's id; its finding stands behind.
const CHECK_WIDTH: usize = 18;

/// One check: where it stands, its id, what was found.
pub(super) fn check(words: &Words, indent: &str, check: &CheckRow, body: &mut Body<'_>) {
    let (symbol, style) = match check.state {
        CheckState::Waiting => (body.theme.mark(Mark::Busy), body.theme.busy()),
        CheckState::Passed => (body.theme.mark(Mark::Ok), body.theme.good()),
        CheckState::Failed => (body.theme.mark(Mark::Failed), body.theme.bad()),
        CheckState::Skipped => (body.theme.mark(Mark::Left), Theme::plain()),
    };
    let found = words.tell(&check.text);
    body.styled(&format!("{indent}{symbol}{:<CHECK_WIDTH$}", check.id), &found, style);
}

fn ending(app: &App, run: &Watch, exit: Exit, body: &mut Body<'_>) {
    let words = &app.words;
    if exit == Exit::Stopped {
        body.stress(&words.say(id!("progress-stopped")));
        let state = leave::machine_state(app, &run.timeline);
        body.say(&format!("{state} {}", words.say(id!("progress-go-on"))));
        saved(app, body);
        return;
    }
    body.stress(&words.say(id!("progress-failed")));
    for report in &run.failures {
        failure::told(words, report, app.causes, Theme::strong(), body);
    }
    saved(app, body);
    body.gap();
    let correct = match run.answer_to_correct(&app.profile) {
        Some(input) => words.tell(&phrase!("progress-edit-answer" { answer: app.label(input) })),
        None => words.say(id!("progress-edit-answers")),
    };
    let leave = words.tell(&phrase!("progress-leave" { code: exit.code(), remedy: exit.remedy_in(words) }));
    let help = parts::help_from(app);
    let code = leave::code_state(app, &run.timeline);
    let mut again = words.say(id!("progress-try-again"));
    if exit == Exit::Profile {
        again = format!("{again} {}", words.say(id!("progress-profile")));
    }
    body.say(&format!("{code} {again} {correct} {leave} {help}"));
}

/// What came of the report that was asked for.
pub(super) fn saved(app: &App, body: &mut Body<'_>) {
    match &app.saved {
        None => {}
        Some(Ok(path)) => body.stress(&app.words.tell(&phrase!("report-saved" { path }))),
        Some(Err(report)) => {
            let sentence = failure::sentence(&app.words, report);
            let why = format!("{sentence}. {}", failure::hint(&app.words, report));
            body.styled("", &app.words.tell(&phrase!("report-not-saved" { why })), body.theme.bad());
        }
    }
}

fn step(words: &Words, run: &Watch, row: &Row, body: &mut Body<'_>) {
    let (symbol, style) = look(&row.state, body.theme);
    body.row(symbol, &words.tell(&row.info.title), &time(run, row), style);
    match &row.state {
        RowState::Running => {
            if let Some(note) = &row.note {
                body.below(&words.tell(note), Theme::plain());
            }
            checks(words, row, |_| true, body);
        }
        RowState::Retrying(_) => {
            retry(words, run, body);
            checks(words, row, |state| state != CheckState::Passed, body);
        }
        RowState::Finished(outcome) => body.below(&finished(words, outcome), Theme::plain()),
        // What failed is told above, with its id; here is what was not decided because of it.
        RowState::Failed(_) => {
            checks(words, row, |state| matches!(state, CheckState::Skipped | CheckState::Waiting), body);
        }
        RowState::Stopped => body.below(&words.say(id!("progress-row-stopped")), Theme::plain()),
        RowState::NotRun(reason) => {
            body.below(&words.tell(&phrase!("progress-not-run" { reason })), Theme::plain());
        }
        RowState::Waiting => {}
    }
}

fn finished(words: &Words, outcome: &Outcome) -> String {
    words.tell(&match outcome {
        Outcome::Changed(summary) => phrase!("progress-changed" { summary }),
        Outcome::Unchanged(summary) => phrase!("progress-unchanged" { summary }),
    })
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

fn retry(words: &Words, run: &Watch, body: &mut Body<'_>) {
    let Some(pause) = &run.pause else { return };
    for report in &pause.because {
        body.below(&failure::sentence(words, report), body.theme.bad());
    }
    let attempt = pause.attempt;
    let next = if pause.left.is_zero() {
        phrase!("progress-attempt-now" { attempt })
    } else {
        phrase!("progress-attempt" { attempt, pause: seconds(pause.left) })
    };
    body.below(&words.tell(&next), body.theme.busy());
}

fn checks(words: &Words, row: &Row, shown: impl Fn(CheckState) -> bool, body: &mut Body<'_>) {
    let passed = row.checks.iter().filter(|check| check.state == CheckState::Passed).count();
    if passed > 0 && !shown(CheckState::Passed) {
        let count = phrase!("progress-checks-passed" { passed, total: row.checks.len() });
        body.below(&words.tell(&count), Theme::plain());
    }
    for row in row.checks.iter().filter(|check| shown(check.state)) {
        check(words, body.theme.indent(), row, body);
    }
}
