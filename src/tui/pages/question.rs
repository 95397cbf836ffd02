//! The questions before leaving, and the state in which the machine would be left.

use crate::{
    engine::{RowState, Timeline},
    tui::{
        app::{App, Ask},
        pages::title,
        watch::Watch,
    },
    words::Words,
};

/// The step that sends the install code, by its stable id.
const REDEEM: &str = "redeem";

/// The question on the screen, paragraph by paragraph.
pub(crate) fn question(app: &App) -> Option<Vec<String>> {
    let words = &app.words;
    let timeline = app.run.as_ref().map(|run: &Watch| &run.timeline);
    Some(match (app.ask?, timeline) {
        (Ask::Leave, None) => vec![words.say("leave-title"), words.say("leave-nothing-changed")],
        (Ask::Leave, Some(timeline)) => {
            vec![words.say("leave-unfinished-title"), machine_state(words, timeline), words.say("leave-nothing-lost")]
        }
        (Ask::Stop, timeline) => vec![
            words.say("stop-title"),
            timeline.map_or_else(String::new, |timeline| machine_state(words, timeline)),
            words.say("stop-nothing-lost"),
        ],
    })
}

/// What a run has done so far, and where that leaves the install code.
pub(super) fn machine_state(words: &Words, timeline: &Timeline) -> String {
    let finished: Vec<String> = timeline
        .rows
        .iter()
        .filter(|row| matches!(row.state, RowState::Finished(_)))
        .map(|row| title(words, row.info))
        .collect();
    let done = if finished.is_empty() {
        words.say("state-no-step")
    } else {
        words.with("state-finished", [("steps", finished.join(", ").into())])
    };
    let redeem = timeline.rows.iter().find(|row| row.info.id == REDEEM).map(|row| &row.state);
    let code = match redeem {
        Some(RowState::Finished(_)) => "state-code-used",
        Some(RowState::Waiting | RowState::NotRun(_)) | None => "state-code-not-sent",
        Some(_) => "state-code-perhaps-sent",
    };
    format!("{done} {}", words.say(code))
}
