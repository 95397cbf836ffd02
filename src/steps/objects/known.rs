//! What is known when the keys of objects are decided.

use uuid::Uuid;

use super::password::Travelling;
use crate::{
    answers::Answers,
    values::{ApplianceId, Grant},
};

/// What is known when the keys are decided.
#[derive(Debug)]
pub struct Known<'a> {
    /// What the operator says.
    pub answers: &'a Answers,
    /// What the license service granted; `None` where no grant is needed.
    pub granted: Option<&'a Granted>,
    /// Whose the objects are, or will be.
    pub tenant: Option<&'a str>,
    /// Another code than the one that the objects were made with is used: only what was granted changes.
    pub other_code: bool,
    /// The administrator's password as it travels.
    pub password: &'a Travelling,
}

/// A grant from the journal, and the id of this machine that it was made for.
#[derive(Debug)]
pub struct Granted {
    /// The grant.
    pub grant: Grant,
    /// The appliance.
    pub appliance_id: ApplianceId,
    /// The idempotency key of the code that it came for.
    pub key: Uuid,
}
