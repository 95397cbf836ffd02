//! Crate.
pub mod answers;
pub mod document;
pub mod engine;
pub mod error;
pub mod exit;
pub mod point;
pub mod profile;
pub mod setup;
pub mod values;
