//! The keys of Secrets and `ConfigMaps`, with a rule for each: what is written, kept, compared and taken away.
//!
//! A function of what is there and what the sources say, over any number of objects; it reads and writes none itself.

use std::collections::BTreeMap;

use super::known::Known;
use crate::{
    values::{Redactor, SecretText},
    world::{ObjectData, ObjectRef},
};

/// Where a value comes from.
type Source = Box<dyn Fn(&Known<'_>) -> Option<SecretText> + Send + Sync>;

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
    needed: Needed,
    source: Source,
    is_same: Option<fn(&SecretText, &Known<'_>) -> bool>,
    hidden: bool,
}

/// One object, and the keys in it that are decided.
pub struct Row {
    /// The object.
    pub object: ObjectRef,
    /// Whether these are all keys of ours in it, so that what an earlier run wrote besides falls away with the next
    /// write. The others stay where they are only some of them.
    pub whole: bool,
    /// The keys.
    pub keys: Vec<Key>,
}

/// One object, and what the cluster has of it.
pub(super) struct Observed {
    pub(super) row: Row,
    pub(super) present: Option<ObjectData>,
}

/// What the cluster has of some objects.
pub struct Objects(pub(super) Vec<Observed>);

/// An object as it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    pub(super) data: ObjectData,
    /// Whether it has to be written for that.
    pub(super) changes: bool,
}

impl Key {
    /// A key of this name.
    pub fn new(
        name: &str,
        rule: Rule,
        needed: Needed,
        source: impl Fn(&Known<'_>) -> Option<SecretText> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.to_owned(), rule, needed, source: Box::new(source), is_same: None, hidden: false }
    }

    /// The same, if what its source says can be present in more than one form: then what is present stays.
    #[must_use]
    pub fn same_if(self, is_same: fn(&SecretText, &Known<'_>) -> bool) -> Self {
        Self { is_same: Some(is_same), ..self }
    }

    /// The same, of a value that is a secret: it is taken out of whatever is said.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    fn decide(&self, present: Option<&SecretText>, known: &Known<'_>, once: &Once<'_>) -> Option<SecretText> {
        let there = || present.cloned();
        let is_same = |present: &&SecretText| self.is_same.is_some_and(|is_same| is_same(present, known));
        let said = || present.filter(is_same).cloned().or_else(|| (self.source)(known));
        let value = match &self.rule {
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

impl Row {
    /// Whether a key of ours stays in the object although this row says nothing of it.
    pub(super) fn stays(&self, name: &str) -> bool {
        !self.whole && self.keys.iter().all(|key| key.name != name)
    }
}

impl Observed {
    /// Whether the object has everything that a bootstrap reads, so that no grant is needed.
    pub(super) fn is_complete(&self) -> bool {
        let has_needed = |key: &Key| match &key.needed {
            Needed::No => true,
            Needed::Always => self.value(&key.name).is_some(),
            Needed::With(other, value) => {
                self.value(&key.name).is_some() || self.value(other).is_none_or(|other| other.expose() != *value)
            }
        };
        self.present.is_some() && self.row.keys.iter().all(has_needed)
    }

    fn hide(&self, data: &ObjectData, redactor: &Redactor) {
        let hidden = self.row.keys.iter().filter(|key| key.hidden).filter_map(|key| data.get(&key.name));
        hidden.for_each(|value| redactor.hide(value));
    }

    /// What is present under a key, unless that is empty.
    pub(in crate::steps) fn value(&self, key: &str) -> Option<&SecretText> {
        self.present.as_ref()?.get(key).filter(|value| !value.is_empty())
    }

    /// The keys of a value that is created only.
    pub(in crate::steps) fn keys_of(&self, value: &str) -> impl Iterator<Item = &str> {
        let of_value = move |key: &&Key| matches!(&key.rule, Rule::CreateOnly(other) if other == value);
        self.row.keys.iter().filter(of_value).map(|key| key.name.as_str())
    }

    fn decide(&self, known: &Known<'_>, once: &Once<'_>) -> Option<Wanted> {
        let Self { row, present } = self;
        let there = |key: &Key| present.as_ref().and_then(|data| data.get(&key.name));
        let value = |key: &Key| Some((key.name.clone(), key.decide(there(key), known, once)?));
        let data: ObjectData = row.keys.iter().filter_map(value).collect();
        let lacks = |key: &Key| key.needed == Needed::Always && !data.contains_key(&key.name);
        if present.is_none() && row.keys.iter().any(lacks) {
            return None;
        }
        // An answer that is given no more: applying the others takes its key away.
        let taken_back =
            |key: &Key| key.rule == Rule::FromAnswer && there(key).is_some() && !data.contains_key(&key.name);
        let changes = row.keys.iter().any(taken_back) || !differing(present.as_ref(), &data).is_empty();
        Some(Wanted { data, changes })
    }
}

/// The values that are created only, by what their rules name them.
type Once<'a> = BTreeMap<&'a str, Option<SecretText>>;

impl Objects {
    /// What becomes of each object; `None` of one that is not there, and cannot be made from what is known.
    #[must_use]
    pub fn decide(&self, known: &Known<'_>) -> Vec<Option<Wanted>> {
        let Self(objects) = self;
        let mut once = Once::new();
        for key in objects.iter().flat_map(|object| &object.row.keys) {
            let Rule::CreateOnly(value) = &key.rule else { continue };
            once.entry(value).or_insert_with(|| {
                let there = objects.iter().find_map(|object| object.keys_of(value).find_map(|name| object.value(name)));
                there.cloned().or_else(|| (key.source)(known))
            });
        }
        objects.iter().map(|object| object.decide(known, &once)).collect()
    }

    /// Whether one has to be written to be as it should be.
    #[must_use]
    pub fn changes(&self, wanted: &[Option<Wanted>]) -> bool {
        wanted.iter().flatten().any(|wanted| wanted.changes)
    }

    /// Has the secrets that are there taken out of what is said.
    pub(in crate::steps) fn hide(&self, redactor: &Redactor) {
        self.0.iter().filter_map(|object| Some((object, object.present.as_ref()?))).for_each(|(object, data)| {
            object.hide(data, redactor);
        });
    }

    /// Has the secrets that are to be there taken out of what is said.
    pub(in crate::steps) fn hide_wanted(&self, wanted: &[Option<Wanted>], redactor: &Redactor) {
        self.0
            .iter()
            .zip(wanted)
            .filter_map(|(object, wanted)| Some((object, wanted.as_ref()?)))
            .for_each(|(object, wanted)| object.hide(&wanted.data, redactor));
    }
}

/// The keys whose values are missing or different.
pub(super) fn differing<'a>(present: Option<&ObjectData>, wanted: &'a ObjectData) -> Vec<&'a str> {
    let same = |key: &str, value| present.and_then(|data| data.get(key)) == Some(value);
    wanted.iter().filter(|(key, value)| !same(key, value)).map(|(key, _)| key.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;

    use uuid::Uuid;

    use super::*;
    use crate::{
        answers::Draft,
        profile::{PasswordForm, Profile},
        steps::objects::{Granted, Travelling},
        values::{ApplianceId, Grant},
    };

    type Pairs = &'static [(&'static str, &'static str)];

    fn data(pairs: &[(&str, &str)]) -> ObjectData {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect()
    }

    fn key(name: &str, rule: Rule, needed: Needed, said: Option<&str>) -> Key {
        let said = said.map(SecretText::from);
        Key::new(name, rule, needed, move |_| said.clone())
    }

    fn object(keys: Vec<Key>, present: Option<ObjectData>) -> Observed {
        Observed { row: Row { object: ObjectRef::secret("s"), whole: true, keys }, present }
    }

    /// Decides with or without a grant.
    fn decided(granted: bool, objects: &Objects) -> Vec<Option<Wanted>> {
        let answers = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\n\
                       email='kim@acme.example'\npassword='correct horse battery'";
        let profile = Profile::built_in();
        let answers = Draft::from_toml(answers, &profile).0.finish(&profile).expect("sound answers");
        let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials"}"#;
        let grant = Grant::parse(grant).expect("a grant");
        let grant = Granted { grant, appliance_id: ApplianceId::derive(None, "host"), key: Uuid::nil() };
        let granted = granted.then_some(&grant);
        let password = Travelling::new(PasswordForm::Plaintext, answers.secret.password.clone());
        objects.decide(&Known { answers: &answers, granted, password: &password })
    }

    /// One key under each rule: what is there, what its source says, with or without a grant, and what becomes of it.
    #[test]
    fn each_rule() {
        use Rule::{FromAnswer, FromGrant, Refreshed};
        let once = || Rule::CreateOnly("v".to_owned());
        let (old, new, other): (Pairs, Pairs, Pairs) = (&[("k", "old")], &[("k", "new")], &[("k", "old"), ("o", "x")]);
        let (none, empty): (Pairs, Pairs) = (&[], &[("k", "")]);
        for (rule, granted, present, said, expected) in [
            (FromGrant, true, Some(old), Some("new"), Some((new, true))),
            (FromGrant, true, Some(old), Some("old"), Some((old, false))),
            // It falls away with the next write, but is no reason for one.
            (FromGrant, true, Some(old), None, Some((none, false))),
            (FromGrant, true, Some(old), Some(""), Some((none, false))),
            (FromGrant, false, Some(old), Some("new"), Some((old, false))),
            // An object is not made without what is needed.
            (FromGrant, true, None, Some(""), None),
            (FromGrant, false, None, Some("new"), None),
            (Refreshed, true, Some(old), None, Some((old, false))),
            (Refreshed, false, Some(old), Some("new"), Some((new, true))),
            (Refreshed, false, None, Some("new"), Some((new, true))),
            (Refreshed, true, None, None, None),
            (once(), true, Some(old), Some("new"), Some((old, false))),
            (once(), false, Some(old), None, Some((old, false))),
            (once(), false, Some(none), Some("new"), Some((new, true))),
            (once(), false, Some(empty), Some("new"), Some((new, true))),
            (once(), false, None, Some("new"), Some((new, true))),
            (once(), true, None, None, None),
            (FromAnswer, false, Some(old), Some("new"), Some((new, true))),
            (FromAnswer, true, Some(old), None, Some((none, true))),
            (FromAnswer, true, None, Some("new"), Some((new, true))),
            // What is not ours is neither written nor a difference.
            (FromAnswer, false, Some(other), Some("old"), Some((old, false))),
        ] {
            let told = format!("{rule:?} {present:?} {said:?}");
            let keys = vec![key("k", rule, Needed::Always, said)];
            let decided = decided(granted, &Objects(vec![object(keys, present.map(data))])).remove(0);
            assert_eq!(decided, expected.map(|(pairs, changes)| Wanted { data: data(pairs), changes }), "{told}");
        }
    }

    #[test]
    fn what_is_present_in_another_form_stays() {
        let upper_case = |value: &str| {
            key("k", Rule::FromAnswer, Needed::Always, Some("new")).same_if(match value {
                "yes" => |_, _| true,
                _ => |_, _| false,
            })
        };
        for (is_same, expected) in [
            ("yes", Wanted { data: data(&[("k", "NEW")]), changes: false }),
            ("no", Wanted { data: data(&[("k", "new")]), changes: true }),
        ] {
            let object = object(vec![upper_case(is_same)], Some(data(&[("k", "NEW")])));
            assert_eq!(decided(false, &Objects(vec![object])), [Some(expected)]);
        }
    }

    #[test]
    fn a_value_that_is_created_is_one_value_and_made_once() {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let made = |name: &str| {
            Key::new(name, Rule::CreateOnly("v".to_owned()), Needed::Always, |_| {
                Some(SecretText::new(format!("made {}", ASKED.fetch_add(1, Ordering::Relaxed))))
            })
        };
        let objects = |second: Option<ObjectData>| {
            Objects(vec![object(vec![made("a")], None), object(vec![made("b"), made("c")], second)])
        };
        let all = |value: &str| {
            let wanted = |pairs: &[(&str, &str)]| Some(Wanted { data: data(pairs), changes: true });
            [wanted(&[("a", value)]), wanted(&[("b", value), ("c", value)])]
        };
        assert_eq!(decided(false, &objects(None)), all("made 0"));
        // It is there in one place: so it is in all, and nothing is made.
        assert_eq!(decided(false, &objects(Some(data(&[("c", "there")])))), all("there"));
        assert_eq!(ASKED.load(Ordering::Relaxed), 1);
    }

    proptest! {
        /// Whatever is there and is said: what was decided once, and is written, stays.
        #[test]
        fn to_decide_twice_is_to_decide_once(
            granted in any::<bool>(),
            whole in any::<bool>(),
            keys in proptest::collection::vec((0..4_u8, any::<bool>(), proptest::option::of("[ab]?")), 1..5),
            present in proptest::collection::vec(proptest::option::of(proptest::collection::btree_map("[k-p]", "[ab]?", 0..5)), 1..4),
        ) {
            let rows = || {
                let keys = || keys.iter().zip('k'..).map(|((rule, needed, said), name)| {
                    let rule = match rule {
                        0 => Rule::FromGrant,
                        1 => Rule::FromAnswer,
                        2 => Rule::CreateOnly("v".to_owned()),
                        _ => Rule::Refreshed,
                    };
                    let needed = if *needed { Needed::Always } else { Needed::No };
                    key(&name.to_string(), rule, needed, said.as_deref())
                });
                (0..present.len()).map(move |_| Row { object: ObjectRef::secret("s"), whole, keys: keys().collect() })
            };
            let text = |data: &std::collections::BTreeMap<String, String>| -> ObjectData {
                data.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()
            };
            let before = rows().zip(&present).map(|(row, data)| Observed { row, present: data.as_ref().map(text) });
            let before = Objects(before.collect());
            let once = decided(granted, &before);
            let after = before.0.into_iter().zip(&once).zip(rows()).map(|((object, wanted), row)| match wanted {
                // Applied: what is ours is as it is wanted, and what is not named by the row is not ours.
                Some(Wanted { data, changes: true }) => {
                    let foreign = object.present.into_iter().flatten();
                    let foreign = foreign.filter(|(name, _)| row.keys.iter().all(|key| key.name != *name));
                    Observed { present: Some(foreign.chain(data.clone()).collect()), row }
                }
                _ => Observed { row, ..object },
            });
            let twice = decided(granted, &Objects(after.collect()));
            for (once, twice) in once.iter().zip(&twice) {
                prop_assert_eq!(once.as_ref().map(|wanted| &wanted.data), twice.as_ref().map(|wanted| &wanted.data));
                prop_assert!(twice.as_ref().is_none_or(|wanted| !wanted.changes));
            }
        }
    }
}
