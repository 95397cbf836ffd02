//! The keys of Secrets and `ConfigMaps`, with a rule for each: what is written, kept, compared and taken away.
//!
//! A function of what is there and what the sources say, over any number of objects; it reads and writes none itself.

use super::{
    key::{Key, Needed, Once, Rule},
    known::Known,
};
use crate::{
    values::{Redactor, SecretText},
    world::{Basis, ObjectData, ObjectRef},
};

/// One object, and the keys in it that are decided.
pub struct Row {
    /// The object.
    pub object: ObjectRef,
    /// Whether these are all keys of ours in it, so that what an earlier run wrote besides falls away with the next
    /// write. The others stay where they are only some of them.
    pub whole: bool,
    /// Whether keys are taken from another manager who has them: somebody has asked for that.
    pub forced: bool,
    /// The keys.
    pub keys: Vec<Key>,
}

/// One object, and what the cluster has of it.
pub(super) struct Observed {
    pub(super) row: Row,
    pub(super) present: Option<ObjectData>,
    /// What it takes to write over it.
    pub(super) basis: Option<Basis>,
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

impl Row {
    /// Whether a key is taken from another manager who has it.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.forced || self.keys.iter().any(|key| key.adds && key.name == name)
    }

    /// Whether a key of ours stays in the object although this row says nothing of it.
    pub(super) fn stays(&self, name: &str) -> bool {
        !self.whole && self.keys.iter().all(|key| key.name != name)
    }
}

impl Observed {
    /// Whether nothing of it has to come with a grant.
    pub(super) fn has_granted(&self, has_created: &impl Fn(&str) -> bool) -> bool {
        self.row.keys.iter().all(|key| match (&key.rule, &key.needed) {
            (Rule::FromAnswer, _) | (_, Needed::No) => true,
            (Rule::CreateOnly(value), _) => has_created(value),
            (_, Needed::Always) => self.value(&key.name).is_some(),
            (_, Needed::With(other, value)) => {
                self.value(&key.name).is_some() || self.value(other).is_none_or(|other| other.expose() != *value)
            }
        })
    }

    fn hide(&self, data: &ObjectData, redactor: &Redactor) {
        let hidden = self.row.keys.iter().filter(|key| key.hidden).filter_map(|key| data.get(&key.name));
        hidden.for_each(|value| redactor.hide(value));
    }

    /// What is present under a key, unless that is empty.
    pub(in crate::steps) fn value(&self, key: &str) -> Option<&SecretText> {
        self.present.as_ref()?.get(key).filter(|value| !value.is_empty())
    }

    /// Whose the object is, by each key that tells.
    pub(super) fn owners(&self) -> impl Iterator<Item = String> {
        self.row.keys.iter().filter_map(|key| (key.owner?)(self.value(&key.name)?))
    }

    /// The keys of a value that is created only.
    pub(in crate::steps) fn keys_of(&self, value: &str) -> impl Iterator<Item = &str> {
        let of_value = move |key: &&Key| matches!(&key.rule, Rule::CreateOnly(other) if other == value);
        self.row.keys.iter().filter(of_value).map(|key| key.name.as_str())
    }

    fn decide(&self, known: &Known<'_>, once: &Once<'_>) -> Option<Wanted> {
        let Self { row, present, .. } = self;
        // What another code made is as it was answered then.
        if known.other_code && present.is_some() && row.keys.iter().all(|key| key.rule != Rule::FromGrant) {
            return None;
        }
        let there = |key: &Key| present.as_ref().and_then(|data| data.get(&key.name));
        let value = |key: &Key| Some((key.name.clone(), key.decide(there(key), known, once)?));
        let data: ObjectData = row.keys.iter().filter_map(value).collect();
        let lacks = |key: &Key| key.needed == Needed::Always && !key.has_passed(known) && !data.contains_key(&key.name);
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

impl Objects {
    /// Goes on with those alone that are `wanted`.
    pub(in crate::steps) fn retain(&mut self, wanted: impl Fn(&ObjectRef) -> bool) {
        self.0.retain(|observed| wanted(&observed.row.object));
    }

    /// What becomes of each object; `None` of one that is not there, and cannot be made from what is known.
    #[must_use]
    pub fn decide(&self, known: &Known<'_>) -> Vec<Option<Wanted>> {
        let Self(objects) = self;
        let mut once = Once::new();
        for key in objects.iter().flat_map(|object| &object.row.keys) {
            let Rule::CreateOnly(value) = &key.rule else { continue };
            once.entry(value).or_insert_with(|| {
                let there = objects.iter().find_map(|object| object.keys_of(value).find_map(|name| object.value(name)));
                there.cloned().or_else(|| (key.source)(known, None))
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
mod tests;
