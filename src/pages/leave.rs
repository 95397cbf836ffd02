//! The questions before leaving, and the state in which the machine would be left.

use crate::{
    engine::{RowState, StepInfo, Timeline},
    wizard::{
        App, Ask,
        earlier::{self, Code},
    },
    words::{Phrase, TextId, id, phrase},
};

/// The question on the screen, paragraph by paragraph.
pub(crate) fn question(app: &App) -> Option<Vec<Phrase>> {
    let timeline = app.run().map(|run| &run.timeline);
    Some(match (app.asked()?, timeline) {
        (Ask::Leave, None) => vec![phrase!("leave-title"), phrase!("leave-nothing-changed")],
        (Ask::Leave, Some(timeline)) => {
            vec![phrase!("leave-unfinished-title"), machine_state(app, timeline), phrase!("leave-nothing-lost")]
        }
        (Ask::TooLate, _) => vec![phrase!("stop-too-late")],
        (Ask::Stop, timeline) => vec![
            phrase!("stop-title"),
            timeline.map_or_else(Phrase::nothing, |timeline| machine_state(app, timeline)),
            phrase!("stop-nothing-lost"),
        ],
    })
}

/// What the runs have done so far, and where that leaves the install code.
pub(super) fn machine_state(app: &App, timeline: &Timeline) -> Phrase {
    let earlier = app.earlier();
    let now = timeline.rows.iter().filter(|row| matches!(row.state, RowState::Finished(_))).map(|row| &row.info);
    let finished: Vec<&StepInfo> = now.collect();
    let before = earlier.changed.iter().filter(|info| finished.iter().all(|known| known.id != info.id));
    let finished: Vec<Phrase> = finished.iter().copied().chain(before).map(|info| info.title.clone()).collect();
    let done =
        if finished.is_empty() { phrase!("state-no-step") } else { phrase!("state-finished" { steps: finished }) };
    done.then(code_state(app, timeline))
}

/// What became of the install code, in all of the attempts.
pub(super) fn code_state(app: &App, timeline: &Timeline) -> TextId {
    match earlier::code(timeline).max(app.earlier().code) {
        Code::NotSent => id!("state-code-not-sent"),
        Code::Refused => id!("state-code-refused"),
        Code::PerhapsSent => id!("state-code-perhaps-sent"),
        Code::Used => id!("state-code-used"),
    }
}
