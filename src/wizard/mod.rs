//! The wizard's model: what it knows, what can happen to it, and what each key does. No colours, no terminal.

pub(crate) mod app;
pub(crate) mod choice;
pub(crate) mod command;
pub(crate) mod earlier;
pub(crate) mod form;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod notice;
pub(crate) mod overlay;
pub(crate) mod own;
pub(crate) mod page;
pub(crate) mod port;
mod read;
mod recalled;
mod reply;
pub(crate) mod support_report;
#[cfg(test)]
mod tests;
pub(crate) mod trial;
mod turn;
pub(crate) mod typing;
pub(crate) mod update;
pub(crate) mod watch;
pub(crate) mod way;

pub(crate) use app::{App, Ask, Overlay, Seen};
pub(crate) use command::Command;
pub(crate) use form::Input;
pub(crate) use keys::Context;
pub(crate) use message::{Effect, Msg};
pub(crate) use page::Page;
pub(crate) use port::{Port, Reply, Request};
pub(crate) use update::update;
pub(crate) use watch::Watch;
