//! The questions before leaving, and the state in which the machine would be left.

use crate::{
    engine::{RowState, StepInfo, Timeline},
    wizard::{
        app::{App, Ask},
        earlier::{self, Code},
        watch::Watch,
    },
    words::{id, phrase},
};

/// The question on the screen, paragraph by paragraph.
pub(crate) fn question(app: &App) -> Option<Vec<String>> {
    let words = &app.words;
    let timeline = app.run.as_ref().map(|run: &Watch| &run.timeline);
    Some(match (app.asked()?, timeline) {
        (Ask::Leave, None) => vec![words.say(id!("leave-title")), words.say(id!("leave-nothing-changed"))],
        (Ask::Leave, Some(timeline)) => {
            vec![
                words.say(id!("leave-unfinished-title")),
                machine_state(app, timeline),
                words.say(id!("leave-nothing-lost")),
            ]
        }
        (Ask::TooLate, _) => vec![words.say(id!("stop-too-late"))],
        (Ask::Stop, timeline) => vec![
            words.say(id!("stop-title")),
            timeline.map_or_else(String::new, |timeline| machine_state(app, timeline)),
            words.say(id!("stop-nothing-lost")),
        ],
    })
}

/// What the runs have done so far, and where that leaves the install code.
pub(super) fn machine_state(app: &App, timeline: &Timeline) -> String {
    let (words, earlier) = (&app.words, &app.earlier);
    let now = timeline.rows.iter().filter(|row| matches!(row.state, RowState::Finished(_))).map(|row| &row.info);
    let finished: Vec<&StepInfo> = now.collect();
    let before = earlier.changed.iter().filter(|info| finished.iter().all(|known| known.id != info.id));
    let finished: Vec<String> = finished.iter().copied().chain(before).map(|info| words.tell(&info.title)).collect();
    let done = if finished.is_empty() {
        words.say(id!("state-no-step"))
    } else {
        words.tell(&phrase!("state-finished" { steps: finished.join(", ") }))
    };
    format!("{done} {}", code_state(app, timeline))
}

/// What became of the install code, in all of the attempts.
pub(super) fn code_state(app: &App, timeline: &Timeline) -> String {
    app.words.say(match earlier::code(timeline).max(app.earlier.code) {
        Code::NotSent => id!("state-code-not-sent"),
        Code::Refused => id!("state-code-refused"),
        Code::PerhapsSent => id!("state-code-perhaps-sent"),
        Code::Used => id!("state-code-used"),
    })
}
