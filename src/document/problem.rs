//! What is wrong with a document, and where.

use std::collections::HashSet;

use serde::Serialize;

use super::Place;
use crate::words::{Phrase, phrase, said};

/// One thing that is wrong with a document, or with an answer on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The setting or answer, as a dotted path.
    pub field: String,
    /// Where it stands; `None` when it is missing or was typed on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is wrong, as a lower-case fragment.
    pub message: Phrase,
    /// What to do, when it is not plain from the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Phrase>,
    /// What sort of problem it is.
    #[serde(skip)]
    pub kind: ProblemKind,
}

/// Sorts of problems that explain one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A value that is there and wrong.
    Wrong,
    /// A value that is needed and not there.
    Missing,
    /// A key that nobody reads, and the path of the key that was probably meant.
    Unknown(Option<String>),
    /// A text that is no TOML, so that nothing in it could be read.
    Syntax,
}

impl Problem {
    /// A value that is needed and not there; `place` is that of the table it belongs into.
    pub fn missing(field: String, place: Option<Place>, hint: impl Into<Phrase>) -> Self {
        Self { field, place, message: phrase!("file-missing"), hint: Some(hint.into()), kind: ProblemKind::Missing }
    }

    /// The same for those who need no other language.
    #[must_use]
    pub fn in_english(&self) -> Self {
        let hint = self.hint.as_ref().map(Phrase::in_english);
        Self { message: self.message.in_english(), hint, ..self.clone() }
    }
}

// `12:3 administrator.email: this is not …`, the hint on a line of its own.
said! { Problem:
    Self { field, message, place, hint: Some(hint), .. } => "problem-with-hint" { place: before(*place), field, message, hint },
    Self { field, message, place, hint: None, .. } => "problem" { place: before(*place), field, message },
}

fn before(place: Option<Place>) -> String {
    place.map(|place| format!("{place} ")).unwrap_or_default()
}

/// A value and where it was read, so that a later refusal can still point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// The dotted path of its key.
    pub field: String,
    /// Where it stands; `None` when it was typed on a page.
    pub place: Option<Place>,
}

impl<T> Placed<T> {
    /// A value that stands in no file.
    pub fn unplaced(field: &str, value: T) -> Self {
        Self { value, field: field.to_owned(), place: None }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: change(self.value), field: self.field, place: self.place }
    }

    /// A problem with this value.
    pub fn problem(&self, message: impl Into<Phrase>) -> Problem {
        let (field, message) = (self.field.clone(), message.into());
        Problem { field, place: self.place, message, hint: None, kind: ProblemKind::Wrong }
    }
}

/// Sorts problems as they stand in the file, and drops a "missing" that another problem explains:
/// one with the value, with the table around it, or with the whole text.
pub fn in_order(problems: &mut Vec<Problem>) {
    let explained: HashSet<String> = problems
        .iter()
        .filter_map(|problem| match &problem.kind {
            ProblemKind::Wrong => Some(problem.field.clone()),
            ProblemKind::Unknown(meant) => meant.clone(),
            ProblemKind::Syntax => Some(String::new()),
            ProblemKind::Missing => None,
        })
        .collect();
    let is_explained = |field: &str| {
        let mut around = field.match_indices('.').map(|(dot, _)| &field[..dot]).chain(["", field]);
        around.any(|path| explained.contains(path))
    };
    problems.retain(|problem| problem.kind != ProblemKind::Missing || !is_explained(&problem.field));
    problems.sort_by_key(|problem| (problem.place.is_none(), problem.place));
}
