//! The wizard's model: what it knows, what can happen to it, and what each key does. No colours, no terminal.

pub(crate) mod app;
pub(crate) mod choice;
pub(crate) mod command;
pub(crate) mod earlier;
pub(crate) mod form;
pub(crate) mod keyboard;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod notice;
pub(crate) mod overlay;
pub(crate) mod page;
pub(crate) mod port;
pub(crate) mod support_report;
pub(crate) mod typing;
pub(crate) mod update;
pub(crate) mod watch;
pub(crate) mod way;
