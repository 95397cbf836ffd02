//! Section `[password]`: the rules for the administrator's password.

use super::{kinds::whole, setting::section};
use crate::values::PasswordRules;

section! {
    impl PasswordRules {
        /// The fewest characters; NIST SP 800-63B asks for at least 8.
        min_length = whole("min-length", 8..=128).or(12),
    }
}
