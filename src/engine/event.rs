//! The one stream that every face folds or prints.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    engine::{CheckId, StepId},
    error::{ErrorId, Report},
    exit::Exit,
    values::{Fact, Redactor},
    words::{Phrase, TextId},
};

/// The version of the JSON Lines format; raised only when a reader of an older one would go wrong.
const SCHEMA: u32 = 1;

/// A step's stable id and the title people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StepWire")]
pub struct StepInfo {
    /// Stable; scripts rely on it.
    pub id: StepId,
    /// What the step does, for people.
    #[serde(serialize_with = "in_english")]
    pub title: Phrase,
}

impl StepInfo {
    /// A step of this id and title.
    pub fn new(id: impl Into<StepId>, title: impl Into<Phrase>) -> Self {
        Self { id: id.into(), title: title.into() }
    }
}

/// A step as JSON Lines and recordings have it: with its title in English.
#[derive(Deserialize)]
struct StepWire {
    id: StepId,
    title: String,
}

impl From<StepWire> for StepInfo {
    /// One that this version has a text for can be said in every language again.
    fn from(StepWire { id, title }: StepWire) -> Self {
        let known = TextId::find(&format!("step-{id}"));
        Self { id, title: known.map_or_else(|| title.into(), Phrase::from) }
    }
}

fn in_english<S: Serializer>(title: &Phrase, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(title)
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
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::Changed(_))
    }

    /// The text for people.
    pub const fn summary(&self) -> &Phrase {
        match self {
            Self::Changed(text) | Self::Unchanged(text) => text,
        }
    }

    fn with(&self, change: &impl Fn(&Phrase) -> Phrase) -> Self {
        match self {
            Self::Changed(text) => Self::Changed(change(text)),
            Self::Unchanged(text) => Self::Unchanged(change(text)),
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
/// readers ignore types and keys that they do not know.
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
        id: StepId,
    },
    /// What a step is doing just now. May be dropped: the latest wins.
    Note {
        /// The step.
        id: StepId,
        /// The note.
        text: Phrase,
    },
    /// One check of a step changed its state.
    Check {
        /// The check.
        id: CheckId,
        /// The step it belongs to.
        step: StepId,
        /// Where it stands.
        state: CheckState,
        /// What was found.
        text: Phrase,
    },
    /// A step failed in a way that may pass, and will be run again.
    Retry {
        /// The step.
        id: StepId,
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
        id: StepId,
        /// Whether it changed anything.
        #[serde(flatten)]
        outcome: Outcome,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A step failed, and with it the run.
    StepFailed {
        /// The step.
        id: StepId,
        /// Every failure; the first one decides the exit code.
        failures: Vec<Report>,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A step was interrupted because the run was stopped.
    StepStopped {
        /// The step.
        id: StepId,
        /// How long it had run.
        elapsed_ms: u64,
    },
    /// A step will not be run.
    StepNotRun {
        /// The step.
        id: StepId,
        /// Why.
        reason: Phrase,
    },
    /// The run is over; no event follows this one.
    Ended(Ending),
    /// A step found something out about the appliance. In JSON the sort of fact is the type.
    #[serde(untagged)]
    Fact {
        /// The step.
        id: StepId,
        /// What it found.
        #[serde(flatten)]
        fact: Fact,
    },
}

impl Event {
    /// The same with all that it says in English: what JSON Lines have.
    #[must_use]
    pub fn in_english(&self) -> Self {
        self.clone().with(&Phrase::in_english)
    }

    /// It as a line of JSON.
    pub fn json_line(&self) -> String {
        let mut value = serde_json::to_value(self.in_english()).unwrap_or_else(
            |error| json!({ "type": "defect", "id": ErrorId::Defect.as_str(), "message": error.to_string() }),
        );
        if let (Self::Plan { .. }, Some(object)) = (self, value.as_object_mut()) {
            object.insert("schema".to_owned(), SCHEMA.into());
        }
        format!("{value}\n")
    }

    /// The same with all that it says changed. Facts are no sentences, and stay.
    fn with(mut self, change: &impl Fn(&Phrase) -> Phrase) -> Self {
        let all = |reports: &mut Vec<Report>| reports.iter_mut().for_each(|report| *report = report.with(change));
        match &mut self {
            Self::Note { text, .. } | Self::Check { text, .. } | Self::StepNotRun { reason: text, .. } => {
                *text = change(text);
            }
            Self::Retry { failures, .. } | Self::StepFailed { failures, .. } => all(failures),
            Self::StepFinished { outcome, .. } => *outcome = outcome.with(change),
            Self::Plan { .. }
            | Self::StepStarted { .. }
            | Self::Fact { .. }
            | Self::StepStopped { .. }
            | Self::Ended(_) => {}
        }
        self
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EndingWire", into = "EndingWire")]
pub struct Ending {
    /// The failure that ended it, or [`ErrorId::Stopped`]; `None` when every step is in its wanted state.
    pub because: Option<ErrorId>,
    /// Whether a step that ended changed anything; the one that failed may have begun to.
    pub changed: bool,
}

impl Ending {
    /// The id that stands for a run of which every step is in its wanted state.
    const DONE: &str = "done";

    /// `done`, or the id of the failure that ended the run.
    pub fn id(self) -> &'static str {
        self.because.map_or(Self::DONE, ErrorId::as_str)
    }

    /// The exit code that belongs to this ending.
    pub fn exit(self) -> Exit {
        self.because.map_or(Exit::Done, ErrorId::exit)
    }
}

/// An ending in JSON: the exit code follows from the id, and is only written.
#[derive(Serialize, Deserialize)]
struct EndingWire {
    id: Cow<'static, str>,
    #[serde(skip_deserializing)]
    exit: u8,
    changed: bool,
}

impl From<Ending> for EndingWire {
    fn from(ending: Ending) -> Self {
        Self { id: ending.id().into(), exit: ending.exit().code(), changed: ending.changed }
    }
}

impl TryFrom<EndingWire> for Ending {
    type Error = String;

    fn try_from(EndingWire { id, changed, .. }: EndingWire) -> Result<Self, String> {
        match ErrorId::find(&id) {
            None if id != Self::DONE => Err(format!("`{id}` is no error id of this version")),
            because => Ok(Self { because, changed }),
        }
    }
}

/// The sending end of the stream. Nobody listening is no error: the work goes on.
///
/// Everything that a run says goes through here, and so does what the API server, Helm, the license service or a pod said:
/// the run's secrets are taken out of it, whoever quoted them.
#[derive(Debug, Clone)]
pub struct Events {
    sender: mpsc::UnboundedSender<Event>,
    redactor: Arc<Redactor>,
}

impl Events {
    /// A new stream, without the secrets that the redactor knows.
    pub fn channel(redactor: Arc<Redactor>) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, redactor }, receiver)
    }

    /// Tells the listener what happened.
    pub fn send(&self, event: Event) {
        let redacted = |phrase: &Phrase| phrase.with_verbatim(&|text| self.redactor.redacted(text));
        let _ = self.sender.send(event.with(&redacted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{values::REDACTED, words::phrase};

    #[test]
    fn no_event_quotes_a_secret() {
        let redactor = Arc::<Redactor>::default();
        redactor.hide(&"nine-green-Lamps".into());
        let (events, mut heard) = Events::channel(redactor);
        let said = || phrase!("with-details" { what: "denied", details: "it has nine-green-Lamps in it" });
        let report = || Report {
            causes: vec![said()],
            hint: said(),
            log: vec![said()],
            ..Report::new(ErrorId::KubernetesRefused, said())
        };
        let id = StepId::new("secrets");
        for event in [
            Event::Note { id: id.clone(), text: said() },
            Event::Check { id: "secrets".into(), step: id.clone(), state: CheckState::Failed, text: said() },
            Event::Retry { id: id.clone(), attempt: 1, pause_ms: 0, failures: vec![report()] },
            Event::StepFinished { id: id.clone(), outcome: Outcome::Changed(said()), elapsed_ms: 0 },
            Event::StepFailed { id: id.clone(), failures: vec![report()], elapsed_ms: 0 },
            Event::StepNotRun { id, reason: said() },
        ] {
            events.send(event);
            let event = heard.try_recv().expect("it was sent");
            let told = serde_json::to_string(&event).expect("JSON");
            assert!(told.contains(REDACTED) && !told.contains("Lamps"), "{told}");
        }
    }
}
