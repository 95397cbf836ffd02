//! What pages are built of.

mod body;
mod field;
mod pasted;
mod qr;
mod refusal;
mod text;
mod typed_line;

pub(crate) use body::{Body, FieldRow, Item, LABEL_WIDTH};
pub(crate) use field::{Edit, Field, Kind};
pub(crate) use qr::Qr;
pub(crate) use refusal::{Refusal, Remark};
pub(crate) use text::{seconds, sentence, took, wrap};
