//! One key of a Secret or a `ConfigMap`: where its value comes from, when that is replaced, and what becomes of it.

use std::collections::BTreeMap;

use super::known::Known;
use crate::values::SecretText;

/// Where a value comes from.
pub(super) type Source = Box<dyn Fn(&Known<'_>, Option<&SecretText>) -> Option<SecretText> + Send + Sync>;

/// When the value of a key is replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// By what the grant says, be it nothing; without a grant it stays.
    FromGrant,
    /// By what the answers say; without an answer the key is taken away.
    FromAnswer,
    /// Never. The keys that name the same value here share it; its source, such as a generator, is asked once and only
    /// if none of them has it anywhere.
    CreateOnly(String),
    /// By what its source says; it stays where that says nothing.
    Refreshed,
}

/// Whether a bootstrap can do without a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needed {
    /// It can.
    No,
    /// It cannot; so an object without a value for it is not made.
    Always,
    /// It cannot if another key of the object has this value.
    With(String, &'static str),
}

/// One key of an object.
pub struct Key {
    pub(super) name: String,
    pub(super) rule: Rule,
    pub(super) needed: Needed,
    pub(super) source: Source,
    is_same: Option<fn(&SecretText, &Known<'_>) -> bool>,
    pub(super) hidden: bool,
    /// Whether it only adds to what is there, which may be somebody else's.
    pub(super) adds: bool,
    passing: bool,
    pub(super) owner: Option<fn(&SecretText) -> Option<String>>,
}

/// The values that are created only, by what their rules name them.
pub(super) type Once<'a> = BTreeMap<&'a str, Option<SecretText>>;

impl Key {
    /// A key of this name.
    pub fn new(
        name: &str,
        rule: Rule,
        needed: Needed,
        source: impl Fn(&Known<'_>) -> Option<SecretText> + Send + Sync + 'static,
    ) -> Self {
        let (name, source) =
            (name.to_owned(), Box::new(move |known: &Known<'_>, _: Option<&SecretText>| source(known)));
        Self { name, rule, needed, source, is_same: None, hidden: false, adds: false, passing: false, owner: None }
    }

    /// A key of this name whose source sees what is there; where it `adds` to that, nobody else's claim to it is in its way.
    pub fn seeing(
        name: &str,
        adds: bool,
        source: impl Fn(&Known<'_>, Option<&SecretText>) -> Option<SecretText> + Send + Sync + 'static,
    ) -> Self {
        Self { source: Box::new(source), adds, ..Self::new(name, Rule::Refreshed, Needed::No, |_| None) }
    }

    /// The same, if what its source says can be present in more than one form: then what is present stays.
    #[must_use]
    pub fn same_if(self, is_same: fn(&SecretText, &Known<'_>) -> bool) -> Self {
        Self { is_same: Some(is_same), ..self }
    }

    /// The same, of a value that tells whose its object is.
    #[must_use]
    pub fn owned(self, owner: fn(&SecretText) -> Option<String>) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// The same, of a value that is a secret: it is taken out of whatever is said.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    /// The same, of a value that is there for the bootstrap alone: once that has run, it is not written any more.
    #[must_use]
    pub fn passing(self) -> Self {
        Self { passing: true, ..self }
    }

    /// Whether nothing reads it any more.
    pub(super) const fn has_passed(&self, known: &Known<'_>) -> bool {
        self.passing && known.bootstrapped
    }

    /// What becomes of it.
    pub(super) fn decide(
        &self,
        present: Option<&SecretText>,
        known: &Known<'_>,
        once: &Once<'_>,
    ) -> Option<SecretText> {
        let there = || present.cloned();
        if self.has_passed(known) {
            return there();
        }
        let is_same = |present: &&SecretText| self.is_same.is_some_and(|is_same| is_same(present, known));
        let said = || present.filter(is_same).cloned().or_else(|| (self.source)(known, present));
        let value = match &self.rule {
            // The product has taken it over: another one here would only look as if it had an effect.
            Rule::FromAnswer if known.bootstrapped && present.is_some() => return there(),
            // Also an empty one: an answer is what was answered.
            Rule::FromAnswer => return said(),
            Rule::FromGrant if known.granted.is_some() => said(),
            Rule::FromGrant => there(),
            Rule::CreateOnly(value) => {
                there().filter(|there| !there.is_empty()).or_else(|| once.get(&**value)?.clone())
            }
            Rule::Refreshed => said().or_else(there),
        };
        // An empty value is left out, not written empty (contract).
        value.filter(|value| !value.is_empty())
    }
}
