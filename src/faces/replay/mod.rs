//! Recordings played again: their screens printed, or the wizard opened where one ends.

pub(crate) mod play;
pub(crate) mod reopen;
