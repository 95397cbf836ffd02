//! What is seen of a Job, and what to do about it.

use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};

/// The most characters of a message that are told.
pub(super) const MOST: usize = 300;

/// What is seen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) struct Diagnosis {
    /// One sentence without a final period.
    pub(in crate::steps) sentence: Phrase,
    /// The next action, when there is one that is better than waiting.
    pub(in crate::steps) action: Option<Phrase>,
    /// No container runs and none can start, so that nothing is lost by starting anew.
    pub(in crate::steps::bootstrap) cannot_start: bool,
    /// There is nothing to be seen, or it is being deleted: what was seen before says more.
    pub(in crate::steps::bootstrap) gone: bool,
    /// The container whose output says more.
    pub(in crate::steps::bootstrap) output: Option<Output>,
    /// The last lines of that output.
    pub(in crate::steps) log: Vec<String>,
}

/// What a container wrote, while it ran for the last time or for the time before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps::bootstrap) struct Output {
    /// By its path.
    pub(in crate::steps::bootstrap) pod: String,
    pub(in crate::steps::bootstrap) container: String,
    /// How often it was started again: it is another output each time.
    pub(in crate::steps::bootstrap) restarts: i32,
    pub(in crate::steps::bootstrap) previous: bool,
    pub(in crate::steps::bootstrap) role: Role,
}

/// What an output is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps::bootstrap) enum Role {
    /// Nothing else tells why the container ended.
    Cause,
    /// The cause is known without it; the vendor's support may want it.
    Record,
    /// The container runs, and may say what it waits for.
    Running,
}

impl Diagnosis {
    /// Something that is seen, and that waiting is the answer to.
    pub(in crate::steps::bootstrap) fn seen(sentence: Phrase) -> Self {
        Self { sentence, action: None, cannot_start: false, gone: false, output: None, log: Vec::new() }
    }

    /// Something that waiting does not mend, while nothing can start.
    pub(super) fn stuck(sentence: Phrase, action: Phrase) -> Self {
        Self { cannot_start: true, ..Self::seen(sentence).with(action) }
    }

    pub(super) fn with(self, action: Phrase) -> Self {
        Self { action: Some(action), ..self }
    }

    pub(super) fn gone(self) -> Self {
        Self { gone: true, ..self }
    }

    pub(super) fn written_by(self, output: Option<Output>) -> Self {
        Self { output, ..self }
    }

    /// The same, with what ended before it, and that one's remedy.
    pub(super) fn after(self, before: Self) -> Self {
        let sentence = phrase!("diagnosis-try-before" { seen: self.sentence, before: before.sentence });
        Self { sentence, cannot_start: false, gone: false, ..before }
    }

    /// The same, with how it ended.
    pub(in crate::steps::bootstrap) fn ending(self, end: Phrase) -> Self {
        Self { sentence: phrase!("diagnosis-and-end" { seen: self.sentence, end }), ..self }
    }
}

/// A message in which the cause stands last, as in those of kubelets: a long one loses its beginning, up to a blank, so
/// that no part of a word is left of which nobody knows any more that it is a secret.
pub(super) fn cause_last(message: &str) -> String {
    let message = plain_text(message, message.len());
    let Some((cut, _)) = message.char_indices().rev().nth(MOST) else { return message };
    let rest = &message[cut..];
    format!("…{}", rest.split_once(' ').map_or("", |(_, rest)| rest))
}
