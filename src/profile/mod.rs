//! What the vendor writes: one TOML file that says what this appliance is.
//!
//! A section is a file here. A setting stands once, beside the field that it becomes (see `setting.rs`): its reader,
//! `profile show`, the schema and the built-in profile follow from that.

mod answer;
mod bootstrap;
mod brand;
mod cluster;
mod compare;
mod endpoint;
pub mod keys;
mod kinds;
mod license;
mod machine;
mod password;
mod question;
mod ready;
mod secrets;
mod setting;
mod show;
mod whole;

pub use answer::{Answer, AnswerError, Choice, QuestionKind, TextRules};
pub use bootstrap::Bootstrap;
pub use brand::Brand;
pub use cluster::Cluster;
pub use compare::MOST_QUESTIONS;
pub use endpoint::Endpoint;
pub use license::License;
pub use machine::Machine;
pub use question::{Question, Target};
pub use ready::Probe;
pub use secrets::{PasswordForm, SecretName, SecretSpec, Secrets};
pub use whole::{Profile, built_in_text, schema};

#[cfg(test)]
mod tests;
