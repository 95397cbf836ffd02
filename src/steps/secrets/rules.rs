//! The keys of Secrets, with a rule for each: what is written, kept, compared and taken away; pure.

use crate::{
    answers::Answers,
    values::{ApplianceId, Grant, Redactor, SecretText},
    world::SecretData,
};

/// What is known when the keys are decided.
pub(in crate::steps) struct Known<'a> {
    /// What the operator says.
    pub(in crate::steps) answers: &'a Answers,
    /// What the license service granted, and to which appliance; `None` where no grant is needed.
    pub(in crate::steps) granted: Option<(&'a Grant, &'a ApplianceId)>,
    /// What the administrator's password travels as.
    pub(in crate::steps) password: SecretText,
}

/// Where a value comes from.
type Source = Box<dyn Fn(&Known<'_>) -> Option<SecretText> + Send + Sync>;

/// When the value of a key is replaced, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::steps) enum Rule {
    /// By what the grant says, be it nothing; without a grant it stays.
    FromGrant,
    /// By what its source says; it stays where that says nothing.
    Kept,
    /// By what the answers say; without an answer the key is taken away.
    FromAnswer,
}

/// Whether a bootstrap can do without a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) enum Needed {
    /// It can.
    No,
    /// It cannot.
    Always,
    /// It cannot if another key of the Secret has this value.
    With(String, &'static str),
}

/// One key of a Secret.
pub(in crate::steps) struct Key {
    pub(in crate::steps) name: String,
    pub(in crate::steps) rule: Rule,
    pub(in crate::steps) needed: Needed,
    pub(in crate::steps) source: Source,
    /// Whether the value is a secret.
    pub(in crate::steps) hidden: bool,
}

/// One Secret: its name, and every key in it that is ours.
pub(in crate::steps) struct Row {
    pub(in crate::steps) name: String,
    pub(in crate::steps) keys: Vec<Key>,
}

/// A Secret as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::steps) struct Wanted {
    pub(in crate::steps) data: SecretData,
    /// Whether it has to be written for that.
    pub(in crate::steps) changes: bool,
}

impl Row {
    /// What becomes of the Secret that is `present`; `None` if there is none, and no grant to make it from.
    pub(in crate::steps) fn decide(&self, present: Option<&SecretData>, known: &Known<'_>) -> Option<Wanted> {
        if present.is_none() && known.granted.is_none() {
            return None;
        }
        let data: SecretData = self.keys.iter().filter_map(|key| key.decide(present, known)).collect();
        let has = |key: &str| present.is_some_and(|data| data.contains_key(key));
        // An answer that is given no more: applying the others takes its key away.
        let taken_back = |key: &Key| key.rule == Rule::FromAnswer && has(&key.name) && !data.contains_key(&key.name);
        let changes = self.keys.iter().any(taken_back) || !differing(present, &data).is_empty();
        Some(Wanted { data, changes })
    }

    /// Has the secrets of `data` taken out of what is said.
    pub(in crate::steps) fn hide(&self, data: &SecretData, redactor: &Redactor) {
        let hidden = self.keys.iter().filter(|key| key.hidden).filter_map(|key| data.get(&key.name));
        hidden.for_each(|value| redactor.hide(value));
    }

    /// Whether `data` has everything that a bootstrap reads, so that no grant is needed.
    pub(in crate::steps) fn is_complete(&self, data: &SecretData) -> bool {
        let has = |key: &str| data.get(key).is_some_and(|value| !value.is_empty());
        self.keys.iter().all(|key| match &key.needed {
            Needed::No => true,
            Needed::Always => has(&key.name),
            Needed::With(other, value) => {
                has(&key.name) || data.get(other).is_none_or(|other| other.expose() != *value)
            }
        })
    }

    /// Every key with a value that means nothing, for the server-side dry run.
    pub(in crate::steps) fn placeholder(&self) -> SecretData {
        self.keys.iter().map(|key| (key.name.clone(), "rehearsal".into())).collect()
    }
}

impl Key {
    fn decide(&self, present: Option<&SecretData>, known: &Known<'_>) -> Option<(String, SecretText)> {
        let said = || (self.source)(known);
        let there = || present?.get(&self.name).cloned();
        let value = match self.rule {
            Rule::FromAnswer => return Some((self.name.clone(), said()?)),
            Rule::FromGrant if known.granted.is_some() => said(),
            Rule::FromGrant => there(),
            Rule::Kept => said().or_else(there),
        };
        // An empty value is left out, not written empty (contract).
        Some((self.name.clone(), value.filter(|value| !value.is_empty())?))
    }
}

/// The keys whose values are missing or different.
pub(in crate::steps) fn differing<'a>(present: Option<&SecretData>, wanted: &'a SecretData) -> Vec<&'a str> {
    let same = |key: &str, value| present.and_then(|data| data.get(key)) == Some(value);
    wanted.iter().filter(|(key, value)| !same(key, value)).map(|(key, _)| key.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answers::Draft, profile::Profile};

    fn data(pairs: &[(&str, &str)]) -> SecretData {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect()
    }

    /// One key under each rule: what is there, what its source says, with or without a grant, and what becomes of it.
    #[test]
    fn each_rule() {
        let answers = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\n\
                       email='kim@acme.example'\npassword='correct horse battery'";
        let profile = Profile::built_in();
        let answers = Draft::from_toml(answers, &profile).0.finish(&profile).expect("sound answers");
        let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials"}"#;
        let (grant, appliance) = (Grant::parse(grant).expect("a grant"), ApplianceId::derive(None, "host"));
        let (old, new, other) = (&[("k", "old")][..], &[("k", "new")][..], &[("k", "old"), ("theirs", "x")][..]);
        for (rule, granted, present, said, expected) in [
            (Rule::FromGrant, true, Some(old), Some("new"), Some((new, true))),
            (Rule::FromGrant, true, Some(old), Some("old"), Some((old, false))),
            // It falls away with the next write, but is no reason for one.
            (Rule::FromGrant, true, Some(old), None, Some((&[], false))),
            (Rule::FromGrant, true, None, Some(""), Some((&[], false))),
            (Rule::FromGrant, false, Some(old), Some("new"), Some((old, false))),
            (Rule::FromGrant, false, None, Some("new"), None),
            (Rule::Kept, true, Some(old), None, Some((old, false))),
            (Rule::Kept, false, Some(old), Some("new"), Some((new, true))),
            (Rule::Kept, true, None, None, Some((&[], false))),
            (Rule::FromAnswer, false, Some(old), Some("new"), Some((new, true))),
            (Rule::FromAnswer, true, Some(old), None, Some((&[], true))),
            (Rule::FromAnswer, true, None, Some("new"), Some((new, true))),
            // What is not ours is neither written nor a difference.
            (Rule::FromAnswer, false, Some(other), Some("old"), Some((old, false))),
        ] {
            let source: Source = Box::new(move |_| said.map(SecretText::from));
            let row = Row {
                name: "s".to_owned(),
                keys: vec![Key { name: "k".to_owned(), rule, needed: Needed::Always, source, hidden: false }],
            };
            let granted = granted.then_some((&grant, &appliance));
            let known = Known { answers: &answers, granted, password: "hash".into() };
            let decided = row.decide(present.map(data).as_ref(), &known);
            let expected = expected.map(|(pairs, changes)| Wanted { data: data(pairs), changes });
            assert_eq!(decided, expected, "{rule:?} {present:?} {said:?}");
        }
    }
}
