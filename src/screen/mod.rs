//! What is seen, as a kit that knows no wizard: styles, symbols, lines of a page, and the terminal's modes.

pub(crate) mod body;
mod frame;
pub(crate) mod guard;
pub(crate) mod look;
pub(crate) mod outlet;
pub(crate) mod qr;
pub(crate) mod text;
pub(crate) mod theme;
pub(crate) mod transliterate;

pub(crate) use body::{Body, FieldRow, Item};
pub(crate) use look::{Glyphs, Look};
pub(crate) use outlet::Outlet;
pub(crate) use qr::Qr;
pub(crate) use theme::{Mark, Theme};
