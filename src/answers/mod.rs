//! What the operator says: a draft that may lack anything, and answers that cannot be wrong.

mod draft;
mod file;
mod form;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::values::{Email, Hostname, InstallCode, Line, Password, SecretText};

pub use draft::{Draft, Field, SecretSource, question_path};
pub use form::{schema, template};

/// Complete answers in two halves, so that whatever prints or records can only be given the public one.
#[derive(Debug)]
pub struct Answers {
    /// What may be shown.
    pub public: PublicAnswers,
    /// What may not.
    pub secret: SecretAnswers,
}

/// The half that the review page, events and logs may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAnswers {
    /// The name the customer registered under; the license service's is used when there is none.
    pub tenant_name: Option<Line>,
    /// The administrator's first name.
    pub first_name: Line,
    /// The administrator's last name.
    pub last_name: Line,
    /// The administrator's e-mail address.
    pub email: Email,
    /// The name under which the appliance is reached.
    pub hostname: Option<Hostname>,
    /// The answers to the profile's own questions by their ids; `None` where the answer is a secret.
    pub questions: BTreeMap<String, Option<Value>>,
}

/// The half that is shown to nobody.
#[derive(Debug)]
pub struct SecretAnswers {
    /// The single-use install code.
    pub install_code: InstallCode,
    /// The administrator's password.
    pub password: Password,
    /// The secret answers to the profile's own questions, by their ids.
    pub questions: BTreeMap<String, SecretText>,
}

#[cfg(test)]
mod tests;
