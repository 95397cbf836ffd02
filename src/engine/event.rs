//! The one stream that every face folds or prints.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    document::Problem,
    engine::Ending,
    error::{ErrorId, Report},
    exit::Exit,
    values::Authority,
    words::{Phrase, TextId, Words},
};

/// A step's stable id and the title people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInfo {
    /// Stable; scripts rely on it.
    pub id: &'static str,
    /// What the step does, for people.
    pub title: &'static str,
}

impl StepInfo {
    /// The title in the language of `words`; the engine's own where there is no text for the step.
    #[must_use]
    pub fn title_in(self, words: &Words) -> String {
        let title = TextId::find(&format!("step-{}", self.id));
        title.map_or_else(|| self.title.to_owned(), |title| words.say(title))
    }
}

/// What a step did. Never just "ok": re-running is the normal case, and the operator wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "summary", rename_all = "kebab-case")]
pub enum Outcome {
    /// The world was changed; the text says what.
    Changed(Phrase),
    /// Everything was in place already; the text says what.
    Unchanged(Phrase),
}

impl Outcome {
    /// Whether anything was changed.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::Changed(_))
    }

    /// The text for people.
    #[must_use]
    pub const fn summary(&self) -> &Phrase {
        match self {
            Self::Changed(text) | Self::Unchanged(text) => text,
        }
    }

    fn in_english(&self) -> Self {
        match self {
            Self::Changed(text) => Self::Changed(text.in_english()),
            Self::Unchanged(text) => Self::Unchanged(text.in_english()),
        }
    }
}

/// Where one check of a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Not decided yet: something is still starting.
    Waiting,
    /// Passed.
    Passed,
    /// Failed; the step's failure has the report.
    Failed,
    /// Not tried, because a check it rests on failed.
    Skipped,
}

/// Something that happened. No variant can hold a secret.
///
/// In JSON Lines each event is one object; `type` and `id` are stable, and
/// readers ignore types and keys that they do not know. What has an end of its own
/// before there is a wizard ([`Event::Refused`]) is written and never read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The steps that will be run, in order. Always the first event.
    Plan {
        /// The steps.
        steps: Vec<StepInfo>,
    },
    /// A step begins.
    StepStarted {
        /// The step.
        id: &'static str,
    },
    /// What a step is doing just now. May be dropped: the latest wins.
    Note {
        /// The step.
        id: &'static str,
        /// The note.
        text: Phrase,
    },
    /// One check of a step changed its state.
    Check {
        /// The check.
        id: &'static str,
        /// The step it belongs to.
        step: &'static str,
        /// Where it stands.
        state: CheckState,
        /// What was found.
        text: Phrase,
    },
    /// An authority that browsers do not know signs for an address of the appliance. Told once for each authority.
    Authority {
        /// The step.
        id: &'static str,
        /// The first address that it was seen to sign for.
        url: String,
        /// Its name and its fingerprint.
        #[serde(flatten)]
        authority: Authority,
    },
    /// A step failed in a way that may pass, and will be run again.
    Retry {
        /// The step.
        id: &'static str,
        /// The number of the attempt to come.
        attempt: u32,
        /// How long the engine waits before it.
        pause_ms: u64,
        /// Why the last attempt failed.
        failures: Vec<Report>,
    },
    /// A step is in its wanted state.
    StepFinished {
        /// The step.
        id: &'static str,
        /// Whether it changed anything.
        #[serde(flatten)]
        outcome: Outcome,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A step failed, and with it the run.
    StepFailed {
        /// The step.
        id: &'static str,
        /// Every failure; the first one decides the exit code.
        failures: Vec<Report>,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A step was interrupted because the run was stopped.
    StepStopped {
        /// The step.
        id: &'static str,
        /// How long it had run.
        elapsed_ms: u64,
    },
    /// A step will not be run.
    StepNotRun {
        /// The step.
        id: &'static str,
        /// Why.
        reason: Phrase,
    },
    /// What was asked for cannot be begun: the answers or the profile need correcting.
    #[serde(skip_deserializing)]
    Refused {
        /// The id of the failure.
        id: &'static str,
        /// What is wrong, as one sentence.
        message: Phrase,
        /// Every problem, with its place.
        problems: Vec<Problem>,
        /// What to do.
        hint: Phrase,
    },
    /// The run is over; no event follows this one.
    Ended {
        /// `done`, or the id of the failure that ended the run.
        id: &'static str,
        /// The exit code that belongs to it.
        exit: u8,
        /// Whether a step that ended changed anything; the one that failed may have begun to.
        changed: bool,
    },
}

impl Event {
    /// The last event of a run that ended like this, and that `changed` something or not.
    #[must_use]
    pub fn ended(ending: &Ending, changed: bool) -> Self {
        let (id, exit) = match ending {
            Ending::Done { .. } => ("done", Exit::Done),
            Ending::Failed(reports) => {
                let id = reports.first().map_or(ErrorId::Defect, |report| report.id);
                (id.as_str(), id.exit())
            }
            Ending::Stopped => (ErrorId::Stopped.as_str(), Exit::Stopped),
        };
        Self::Ended { id, exit: exit.code(), changed }
    }

    /// The same with all that it says in English: what JSON Lines have.
    #[must_use]
    pub fn in_english(&self) -> Self {
        let mut event = self.clone();
        let all = |reports: &mut Vec<Report>| *reports = reports.iter().map(Report::in_english).collect();
        match &mut event {
            Self::Note { text, .. } | Self::Check { text, .. } | Self::StepNotRun { reason: text, .. } => {
                *text = text.in_english();
            }
            Self::Retry { failures, .. } | Self::StepFailed { failures, .. } => all(failures),
            Self::StepFinished { outcome, .. } => *outcome = outcome.in_english(),
            Self::Refused { message, problems, hint, .. } => {
                (*message, *hint) = (message.in_english(), hint.in_english());
                *problems = problems.iter().map(Problem::in_english).collect();
            }
            Self::Plan { .. }
            | Self::StepStarted { .. }
            | Self::Authority { .. }
            | Self::StepStopped { .. }
            | Self::Ended { .. } => {}
        }
        event
    }
}

impl Ending {
    /// The exit code that belongs to this ending.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Done { .. } => Exit::Done,
            Self::Failed(reports) => reports.first().map_or(Exit::Defect, Report::exit),
            Self::Stopped => Exit::Stopped,
        }
    }
}

/// The sending end of the stream. Nobody listening is no error: the work goes on.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Event>);

impl Events {
    /// A new stream.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells the listener what happened.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }
}
