//! What the steps of a whole setup are made from.

use std::sync::{Arc, OnceLock};

use super::objects::Travelling;
use crate::{answers::Answers, profile::Profile, values::pki::Certificate};

/// What is given to a setup.
#[derive(Debug)]
pub(super) struct Given {
    /// What the vendor says.
    pub(super) profile: Arc<Profile>,
    /// What the operator says.
    pub(super) answers: Answers,
    /// The administrator's password as it travels.
    pub(super) password: Travelling,
    /// Who has signed the certificate of the operator's own, once that was judged and if it came along.
    pub(super) authority: OnceLock<Certificate>,
}
