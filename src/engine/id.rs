//! The stable ids of steps: typed, so that nothing else is taken for one, and owned, so that a recording can be read back.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::words::Phrase;

/// The stable id of a step; scripts rely on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(Cow<'static, str>);

impl StepId {
    /// The id with this text.
    pub const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<&'static str> for StepId {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<StepId> for Phrase {
    fn from(id: StepId) -> Self {
        Self::Verbatim(id.0.into_owned())
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
