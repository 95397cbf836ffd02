//! Any number of Secrets and `ConfigMaps` as they are and as they should be: looked at, tried, written and read back.

mod key;
mod known;
mod password;
mod rules;
mod trial;

use futures_util::future::join_all;

pub use key::{Key, Needed, Rule};
pub use known::{Granted, Known};
pub use password::Travelling;
pub use rules::{Objects, Row, Wanted};
pub use trial::Foreseen;

use rules::{Observed, differing};

use crate::{
    engine::Notes,
    values::SecretText,
    words::{Phrase, phrase},
    world::{Claim, Cluster, ClusterError, ObjectKind, ObjectRef},
};

impl Objects {
    /// Reads the object of each row.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn observe(rows: Vec<Row>, cluster: &Cluster) -> Result<Self, ClusterError> {
        let found = join_all(rows.iter().map(|row| cluster.look_at(&row.object))).await;
        let observed = rows.into_iter().zip(found).map(|(row, found)| {
            let (present, basis) = found?.unzip();
            Ok(Observed { row, present, basis })
        });
        Ok(Self(observed.collect::<Result<_, _>>()?))
    }

    /// The same after some of them were written: the others are as they were seen.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn observe_again(
        &self,
        rows: Vec<Row>,
        written: &[ObjectRef],
        cluster: &Cluster,
    ) -> Result<Self, ClusterError> {
        let look = async |row: Row| {
            let seen = self.0.iter().find(|seen| seen.row.object == row.object && !written.contains(&row.object));
            let (present, basis) = match seen {
                Some(seen) => (seen.present.clone(), seen.basis.clone()),
                None => cluster.look_at(&row.object).await?.unzip(),
            };
            Ok(Observed { row, present, basis })
        };
        join_all(rows.into_iter().map(look)).await.into_iter().collect::<Result<_, _>>().map(Self)
    }

    /// Writes each object, in their order, unless it is as it should be already; gives those that were written.
    ///
    /// # Errors
    /// [`ClusterError::Changed`] when somebody else wrote one after it was looked at: another look decides.
    pub async fn write(
        &self,
        wanted: &[Option<Wanted>],
        cluster: &Cluster,
        notes: &Notes,
    ) -> Result<Vec<&ObjectRef>, ClusterError> {
        self.write_those(|_object| true, wanted, cluster, notes).await
    }

    /// The same of some of them alone.
    ///
    /// # Errors
    /// As of [`Objects::write`].
    pub async fn write_those(
        &self,
        those: impl Fn(&ObjectRef) -> bool,
        wanted: &[Option<Wanted>],
        cluster: &Cluster,
        notes: &Notes,
    ) -> Result<Vec<&ObjectRef>, ClusterError> {
        let mut written = Vec::new();
        for (Observed { row, basis, .. }, wanted) in self.0.iter().zip(wanted) {
            let Some(Wanted { data, changes: true }) = wanted.as_ref().filter(|_| those(&row.object)) else { continue };
            notes.note(phrase!("secrets-writing" { object: row.object.phrase() }));
            let claim = Claim { stays: &|key| row.stays(key), takes: &|key| row.takes(key) };
            cluster.write(&row.object, basis.as_ref(), data, claim).await?;
            written.push(&row.object);
        }
        Ok(written)
    }

    /// The first object that is not as it was wanted, and which of its keys are not.
    #[must_use]
    pub fn differing<'a>(&self, wanted: &'a [Option<Wanted>]) -> Option<(&ObjectRef, Vec<&'a str>)> {
        let pairs = self.0.iter().zip(wanted).filter_map(|(observed, wanted)| Some((observed, wanted.as_ref()?)));
        let mut differing =
            pairs.map(|(observed, wanted)| (&observed.row.object, differing(observed.present.as_ref(), &wanted.data)));
        differing.find(|(_, keys)| !keys.is_empty())
    }

    /// Whether they hold everything that a grant gives and a bootstrap reads, so that no grant is needed. What the operator
    /// answers, and a value that is created once and stands in another of them, can be written without one.
    pub(super) fn is_complete(&self) -> bool {
        let has_created =
            |value: &str| self.0.iter().any(|object| object.keys_of(value).any(|key| object.value(key).is_some()));
        self.0.iter().all(|object| object.has_granted(&has_created))
    }

    /// What is present under the keys of a value that is created only, or under its `earlier` name in their objects.
    pub(super) fn created(&self, value: &str, earlier: &str) -> Option<&SecretText> {
        self.0.iter().find_map(|object| {
            object.keys_of(value).find_map(|key| object.value(key).or_else(|| object.value(earlier)))
        })
    }

    /// Whose they are, as far as each of them tells: more than one where they do not belong together.
    pub(super) fn owners(&self) -> Vec<String> {
        distinct(self.0.iter().flat_map(Observed::owners))
    }

    /// What is present under a key of an object.
    pub(super) fn at(&self, object: &ObjectRef, key: &str) -> Option<&SecretText> {
        self.0.iter().find(|observed| observed.row.object == *object)?.value(key)
    }

    /// What is present under a key, in the first of them that has one.
    pub(super) fn value(&self, key: &str) -> Option<&SecretText> {
        self.0.iter().find_map(|object| object.value(key))
    }

    /// Whether all of them are there.
    pub(super) fn all_present(&self) -> bool {
        self.0.iter().all(|object| object.present.is_some())
    }

    /// Whether any of them is there.
    pub(super) fn any_present(&self) -> bool {
        self.0.iter().any(|object| object.present.is_some())
    }

    /// Whether one of them has this value under this key.
    pub(super) fn have(&self, key: &str, value: &SecretText) -> bool {
        self.0.iter().any(|object| object.value(key) == Some(value))
    }

    /// All of them in a sentence.
    pub(super) fn phrase(&self) -> Phrase {
        let count = self.0.len();
        if self.0.iter().all(|Observed { row, .. }| row.object.kind == ObjectKind::Secret) {
            phrase!("secrets-all" { count })
        } else {
            phrase!("secrets-all-objects" { count })
        }
    }

    /// The namespaces that they are in.
    pub(super) fn namespaces<'a>(&'a self, cluster: &'a Cluster) -> Vec<&'a str> {
        distinct(self.0.iter().map(|Observed { row, .. }| cluster.namespace_of(&row.object)))
    }
}

#[cfg(test)]
impl Objects {
    /// Objects of which the cluster has nothing.
    pub(super) fn of(rows: Vec<Row>) -> Self {
        Self(rows.into_iter().map(|row| Observed { row, present: None, basis: None }).collect())
    }

    /// The first of them are as they should be.
    pub(super) fn become_as(&mut self, wanted: Vec<Option<Wanted>>, first: usize) {
        for (observed, wanted) in self.0.iter_mut().zip(wanted).take(first) {
            observed.present = wanted.map(|wanted| wanted.data);
        }
    }
}

/// Each once, in the order in which they come first.
pub(super) fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    all.into_iter().fold(Vec::new(), |mut distinct, one| {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
        distinct
    })
}

/// Several in a sentence: with commas, and an “and” before the last.
pub(super) fn listed(all: impl IntoIterator<Item = impl Into<Phrase>>) -> Phrase {
    let mut all: Vec<Phrase> = all.into_iter().map(Into::into).collect();
    match all.pop() {
        Some(last) if all.is_empty() => last,
        Some(last) => phrase!("and-last" { before: all, last }),
        None => Phrase::nothing(),
    }
}

/// Several names in a sentence, each as the literal that it is.
pub(super) fn named(names: impl IntoIterator<Item = impl std::fmt::Display>) -> Phrase {
    listed(names.into_iter().map(|name| format!("`{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_objects_is_told() {
        let object = |kind, name: &str| {
            let object = ObjectRef { kind, namespace: None, name: name.to_owned() };
            Observed { row: Row { object, whole: true, forced: false, keys: Vec::new() }, present: None, basis: None }
        };
        let all =
            [object(ObjectKind::Secret, "a"), object(ObjectKind::Secret, "b"), object(ObjectKind::ConfigMap, "c")];
        let mut told = Vec::new();
        for (count, namespaces) in [(1, &["n"][..]), (2, &["n"]), (3, &["n", "m"])] {
            let names = named(all[..count].iter().map(|observed| &observed.row.object.name));
            let places = namespaces.len();
            told.push(phrase!("will-secrets" { count, names: names.clone(), namespace: "n" }).to_string());
            told.push(phrase!("secrets-written" { names, places, namespaces: named(namespaces) }).to_string());
            told.push(phrase!("rehearse-secrets" { count }).to_string());
        }
        let objects = Objects(all.into());
        told.push(phrase!("secrets-verified" { all: objects.phrase() }).to_string());
        let secrets = Objects(objects.0.into_iter().take(2).collect());
        told.push(
            phrase!("secrets-in-place" { all: secrets.phrase(), places: 1, namespaces: named(["n"]) }).to_string(),
        );
        assert_eq!(
            told,
            [
                "Write the Secret `a` in namespace `n`.",
                "`a` written in namespace `n` and read back",
                "it would be accepted",
                "Write the Secrets `a` and `b` in namespace `n`.",
                "`a` and `b` written in namespace `n` and read back",
                "both would be accepted",
                "Write the Secrets `a`, `b` and `c` in namespace `n`.",
                "`a`, `b` and `c` written in namespaces `n` and `m` and read back",
                "all 3 would be accepted",
                "all 3 Secrets and ConfigMaps are read back and verified",
                "both Secrets in namespace `n` are as they should be",
            ]
        );
    }
}
