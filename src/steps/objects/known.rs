//! What is known when the keys of objects are decided.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::password::Travelling;
use crate::{
    answers::Answers,
    profile::AddressSource,
    values::{Address, ApplianceId, Grant, SecretText},
};

/// What is known when the keys are decided.
#[derive(Debug, Default, Clone, Copy)]
pub struct Known<'a> {
    /// What the operator says; `None` where nobody was asked.
    pub answers: Option<&'a Answers>,
    /// What the license service granted; `None` where no grant is needed.
    pub granted: Option<&'a Granted>,
    /// Whose the objects are, or will be.
    pub tenant: Option<&'a str>,
    /// Another code than the one that the objects were made with is used: only what was granted changes.
    pub other_code: bool,
    /// The administrator's password as it travels.
    pub password: Option<&'a Travelling>,
    /// The values that are made once for an appliance, by their ids.
    pub generated: Option<&'a BTreeMap<String, SecretText>>,
    /// Where the appliance is reached; `None` where nobody knows yet.
    pub address: Option<&'a Address>,
    /// From whom that is where this machine finds it out by itself; somebody has chosen any other.
    pub source: Option<AddressSource>,
    /// Whether the bootstrap has run, and so has read what is there.
    pub bootstrapped: bool,
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
