//! Recordings of the wizard: JSON Lines that hold what happened, and no answers.

pub(crate) mod format;
pub(crate) mod placeholder;
pub(crate) mod write;
