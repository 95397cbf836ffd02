//! The report for support: what was run, where each step stands, why it failed, and the log.

use std::fmt::Write;

use crate::{
    engine::{CheckState, Row, RowState},
    values::SecretText,
    wizard::app::App,
    words::{Words, phrase},
};

/// The report as text, in English, because support reads it.
pub(crate) fn text(app: &App) -> String {
    let mut text = format!("firstlight {}\nbrand: {}\n", env!("CARGO_PKG_VERSION"), app.profile.brand.name);
    let Some(run) = &app.run else { return text };
    if let Some(exit) = run.ended() {
        let _ = writeln!(text, "exit: {} ({})", exit.code(), Words::english().say(exit.remedy()));
    }
    text.push_str("\nsteps\n");
    for row in &run.timeline.rows {
        step(row, &mut text);
    }
    text.push_str("\nfailures\n");
    for report in &run.failures {
        let _ = writeln!(text, "  error[{}]: {}", report.id.as_str(), report.message);
        for cause in &report.causes {
            let _ = writeln!(text, "    cause: {cause}");
        }
        let _ = writeln!(text, "    hint: {}", report.hint);
        for line in &report.log {
            let _ = writeln!(text, "    wrote: {line}");
        }
    }
    text.push_str("\nlog (minutes and seconds since the start)\n");
    if app.log.dropped() > 0 {
        let _ = writeln!(text, "({})", phrase!("log-dropped" { lines: app.log.dropped() }));
    }
    for line in app.log.lines() {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The secrets that are still held, so that the writer can make sure that none of them is in the report.
pub(crate) fn secrets(app: &App) -> Vec<SecretText> {
    app.form.secrets()
}

fn step(row: &Row, text: &mut String) {
    let (state, more) = match &row.state {
        RowState::Waiting => ("waiting", String::new()),
        RowState::Running => ("running", row.note.as_ref().map(ToString::to_string).unwrap_or_default()),
        RowState::Retrying(_) => ("retrying", String::new()),
        RowState::Finished(outcome) => {
            (if outcome.is_change() { "changed" } else { "unchanged" }, outcome.summary().to_string())
        }
        RowState::Failed(reports) => {
            ("failed", reports.iter().map(|report| report.id.as_str()).collect::<Vec<_>>().join(", "))
        }
        RowState::Stopped => ("stopped", String::new()),
        RowState::NotRun(reason) => ("not run", reason.to_string()),
    };
    let time = row.elapsed_ms.map_or_else(String::new, |ms| format!(" ({ms} ms)"));
    let _ = writeln!(text, "  {}: {state}{time}{}{more}", row.info.id, if more.is_empty() { "" } else { ": " });
    for check in &row.checks {
        let state = match check.state {
            CheckState::Waiting => "waiting",
            CheckState::Passed => "passed",
            CheckState::Failed => "failed",
            CheckState::Skipped => "skipped",
        };
        let _ = writeln!(text, "    {}: {state}: {}", check.id, check.text);
    }
}
