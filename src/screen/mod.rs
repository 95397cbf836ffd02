//! What is seen and typed, as a kit that knows no wizard: styles, symbols, lines of a page, the terminal's modes, size
//! and keys.

pub(crate) mod body;
mod canvas;
pub(crate) mod decode;
mod frame;
pub(crate) mod guard;
pub(crate) mod input;
pub(crate) mod look;
pub(crate) mod outlet;
pub(crate) mod qr;
pub(crate) mod size;
pub(crate) mod text;
pub(crate) mod theme;
pub(crate) mod transliterate;

pub(crate) use body::{Body, FieldRow, Item};
pub(crate) use look::{Glyphs, Look};
pub(crate) use outlet::Outlet;
pub(crate) use qr::Qr;
pub(crate) use size::Otherwise;
pub(crate) use theme::{Mark, Theme};
