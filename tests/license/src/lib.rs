//! The reference license service: what a vendor runs so that appliances can trade an install code for an identity.
//!
//! It is a complete program (`license-service`) and a library that tests start in their own process, as often as they like:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let running = license_service::start(license_service::Config::new("/tmp/license-state")).await?;
//! let minted = running.store().mint(&license_service::NewCode::default())?;
//! println!("{} trusts {}: {}", running.url(), running.ca_pem_file().display(), minted.code.grouped());
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Map, from the bottom up; a module uses only those above it in this list:
//! - `clock`, `code`, `edition`: values.
//! - `state`: the files of the state directory, each made once.
//! - `secrets`, `tokens`, `certificates`: the three keys, and all that is derived from them.
//! - `store`: the database, and every rule about codes.
//! - `mail`: what is written to customers, and its delivery.
//! - `config`, `api`: the HTTP interface, one file per group of endpoints.
//! - `service`: starting and stopping.
//! - `cli`: the command line.
//!
//! What is deliberately absent: billing, user accounts, a web page. The README is the specification.

mod api;
mod certificates;
pub mod cli;
mod clock;
mod code;
mod config;
mod edition;
mod mail;
mod secrets;
mod service;
mod state;
mod store;
mod tokens;

pub use crate::certificates::{CertificateError, Validity};
pub use crate::clock::Clock;
pub use crate::code::{ALPHABET, ClaimCode, CodeError, LENGTH};
pub use crate::config::{Config, WrongCodes};
pub use crate::edition::{Edition, UnknownEdition};
pub use crate::mail::{Smtp, SmtpError, SmtpLogin, SmtpSecurity};
pub use crate::secrets::{KeyError, SealError};
pub use crate::service::{Running, StartError, start};
pub use crate::state::{StateDir, StateError};
pub use crate::store::{Mail, Message, Minted, NewCode, Replays, Store, StoreError, TenantRef};
pub use crate::tokens::{TokenAlgorithm, TokenForm, TokenKeyError};
