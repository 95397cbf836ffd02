//! Section `[answers]`: which of the answers that every setup asks for cannot be left out.

use super::{kinds::one_of, setting::section};
use crate::words::phrase;

section! {
    /// Which answers the chart cannot do without.
    pub struct AnswerRules {
        /// The name that the customer registered under: `required` where the license service may not know it.
        pub tenant_name: Presence = one_of("tenant-name", PRESENCES, phrase!("profile-presences")).or("optional"),
    }
}

/// Whether an answer may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It may.
    Optional,
    /// It may not.
    Required,
}

const PRESENCES: &[(&str, Presence)] = &[("optional", Presence::Optional), ("required", Presence::Required)];
