//! The faces: drawn on a terminal, line by line, without a terminal, or played again from a recording.
//!
//! All of them are folds over the same events, and name neither the world nor the steps.

pub(crate) mod drawn;
pub(crate) mod drive;
pub(crate) mod headless;
pub(crate) mod lines;
pub(crate) mod replay;

pub(crate) use drive::Opening;

#[cfg(test)]
mod tests;
