//! The questions before leaving, and the state in which the machine would be left.

use crate::{
    engine::{RowState, Timeline},
    tui::{
        app::{App, Ask},
        watch::Watch,
    },
};

/// The step that sends the install code, by its stable id.
const REDEEM: &str = "redeem";

/// The question on the screen, paragraph by paragraph.
pub(crate) fn question(app: &App) -> Option<Vec<String>> {
    let timeline = app.run.as_ref().map(|run: &Watch| &run.timeline);
    Some(match (app.ask?, timeline) {
        (Ask::Leave, None) => vec![
            "Leave the setup?".to_owned(),
            "Nothing has been changed, and the code was not sent. What you typed is forgotten.".to_owned(),
        ],
        (Ask::Leave, Some(timeline)) => vec![
            "Leave the setup before it is finished?".to_owned(),
            machine_state(timeline),
            "Nothing is lost: the next run goes on from there.".to_owned(),
        ],
        (Ask::Stop, timeline) => vec![
            "Stop the setup?".to_owned(),
            timeline.map_or_else(String::new, machine_state),
            "Nothing is lost: what must not be cut in two is finished first, and the next run goes on from there."
                .to_owned(),
        ],
    })
}

/// What a run has done so far, and where that leaves the install code.
pub(super) fn machine_state(timeline: &Timeline) -> String {
    let finished: Vec<&str> = timeline
        .rows
        .iter()
        .filter(|row| matches!(row.state, RowState::Finished(_)))
        .map(|row| row.info.title)
        .collect();
    let done = if finished.is_empty() {
        "No step has finished.".to_owned()
    } else {
        format!("Finished so far: {}.", finished.join(", "))
    };
    let redeem = timeline.rows.iter().find(|row| row.info.id == REDEEM).map(|row| &row.state);
    let code = match redeem {
        Some(RowState::Finished(_)) => "The install code has been used, and what came for it is kept.",
        Some(RowState::Waiting | RowState::NotRun(_)) | None => "The install code was not sent.",
        Some(_) => "The install code may have been sent; the next run finds out, and needs no other code.",
    };
    format!("{done} {code}")
}
