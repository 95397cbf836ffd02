//! What pages are built of.

mod body;
mod field;
mod text;

pub(crate) use body::{Body, FieldRow, Item, LABEL_WIDTH};
pub(crate) use field::{Edit, Field, Kind, Refusal};
pub(crate) use text::{seconds, sentence, took, wrap};
