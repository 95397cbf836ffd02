//! A text box that can hold a secret: what is typed into it, pasted, refused, and how it looks in its box.
//!
//! It is the model of one line and draws nothing; the rooms above give it keys and show its window.

mod pasted;
mod picture;
mod text_box;
mod typed_line;

pub(crate) use pasted::{Refusal, Remark};
pub(crate) use text_box::{Edit, Field, FieldKind, LONGEST_PASTE};

#[cfg(test)]
mod tests;
