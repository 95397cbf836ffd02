//! What of an object is claimed besides the keys that are written.

use std::collections::BTreeMap;

use crate::values::SecretText;

/// Says something of a key.
pub(super) type OfKey<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// What of an object is claimed besides the keys that are written.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// Which keys of ours stay in it although nothing is said of them.
    pub stays: OfKey<'a>,
    /// Which keys are taken from another manager who has them.
    pub takes: OfKey<'a>,
}

impl Claim<'_> {
    /// The keys that are taken and change: of what stays as it is, everybody may be a manager.
    pub(super) fn taken<'d>(
        self,
        seen: Option<&BTreeMap<String, SecretText>>,
        data: &'d BTreeMap<String, SecretText>,
    ) -> impl Iterator<Item = &'d str> {
        let changes = move |(key, value): &(&String, &SecretText)| seen.and_then(|seen| seen.get(*key)) != Some(value);
        data.iter().filter(changes).map(|(key, _)| key.as_str()).filter(move |key| (self.takes)(key))
    }
}
