//! firstlight: the first-boot setup of Kubernetes appliances.
//!
//! # Floors
//!
//! Calls go down only; a test in `tests/it/tidy.rs` holds it.
//!
//! | floor | modules, each above the one before | what they may do |
//! |---|---|---|
//! | 0 | [`words`]; [`values`], [`exit`]; [`document`], [`error`] | pure; parse or refuse |
//! | 0 | [`point`] | nothing; in a test build it writes what was passed, and kills the process |
//! | 1 | [`profile`], [`engine`]; [`answers`] | what is asked, and how anything is run |
//! | 2 | [`world`] | one file per outsider; the only sockets, files and processes |
//! | 3 | [`steps`] | observe, decide (a pure function), act |
//! | 4 | [`setup`] | the only way to carry a setup out |
//! | 5 | [`cli`]; `field`, `screen` | the flags; a text box that can hold a secret; a kit of what is seen |
//! | 6 | `wizard`; `pages`, `recording` | the wizard's model; what its pages say; what is written of it |
//! | 7 | `faces`; [`commands`]; [`program`] | drawn, line by line, without a terminal, replayed; what `main` runs |
//!
//! From floor 5 on nothing names world or steps, and `screen` knows no wizard.
//!
//! # Invariants
//!
//! - `values`, `profile`, `answers` and every `decide` do no I/O and read no clock.
//! - Only `world` opens sockets, files or processes. Only `screen/guard.rs`
//!   touches terminal modes. Only `main` reads the environment (but for the proxy variables, which
//!   the HTTP client finds by itself).
//! - A secret type has no `Display`, no `Serialize` and no unredacted `Debug`; it is
//!   zeroed on drop, and no [`engine::Event`] can hold one.
//! - The engine does not know what the steps are; the faces do not know what the world is.
//! - The record of what was done is the cluster and the host. The journal holds only
//!   what exists nowhere else yet.

pub mod answers;
pub mod cli;
pub mod commands;
pub mod document;
pub mod engine;
pub mod error;
pub mod exit;
mod faces;
mod field;
mod pages;
pub mod point;
pub mod profile;
pub mod program;
mod recording;
mod screen;
pub mod setup;
pub mod steps;
pub mod values;
mod wizard;
pub mod words;
pub mod world;
