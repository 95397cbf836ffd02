//! What the steps of a whole setup are made from.

use std::sync::Arc;

use super::objects::password::Travelling;
use crate::{answers::Answers, profile::Profile};

/// What is given to a setup; each step takes from it what it needs.
pub(super) struct Given {
    /// What the vendor says.
    pub(super) profile: Arc<Profile>,
    /// What the operator says.
    pub(super) answers: Arc<Answers>,
    /// The administrator's password as it travels.
    pub(super) password: Arc<Travelling>,
}

impl Given {
    pub(super) fn new(profile: &Arc<Profile>, answers: Answers) -> Self {
        let password = Travelling::new(profile.secrets.admin_password, answers.secret.password.clone());
        Self { profile: Arc::clone(profile), answers: Arc::new(answers), password: Arc::new(password) }
    }
}
