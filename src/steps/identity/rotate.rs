//! Replaces a value that may be replaced, because somebody asked for it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use super::{
    Present, Values,
    decide::{IdentityError, RotationError},
    make_missing, secret_rows, variable_of,
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    profile::{Generate, Profile, Rotation},
    steps::{
        given::Given,
        objects::{Known, Objects, Rule, named},
        secrets::LOOKS,
    },
    values::SecretText,
    words::{Phrase, Say, phrase},
    world::{ClusterError, LONGEST_REQUEST, World},
};

/// Replaces a value, and those that are made of it.
#[derive(Debug)]
pub struct Rotate {
    profile: Arc<Profile>,
    id: String,
}

impl Rotate {
    /// No setup replaces anything.
    pub(in crate::steps) const fn of(_given: &Arc<Given>) -> Option<Self> {
        None
    }

    pub(in crate::steps) const fn describe(_profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        Vec::new()
    }

    /// The value of this id, if it may be replaced.
    pub(in crate::steps) fn asked(profile: &Arc<Profile>, id: &str) -> Result<Self, RotationError> {
        let values = &profile.generate;
        if values.iter().all(|value| value.id != id) {
            let known = values.iter().map(|value| value.id.clone()).collect();
            return Err(RotationError::Unknown { id: id.to_owned(), known });
        }
        let rotate = Self { profile: Arc::clone(profile), id: id.to_owned() };
        let never = rotate.affected().find(|value| value.rotate == Rotation::Never).map(|never| never.id.clone());
        never.map_or(Ok(rotate), |never| Err(RotationError::Never { id: id.to_owned(), never }))
    }

    /// What will be replaced, and what will not work any more, one sentence a line.
    pub(in crate::steps) fn says(&self) -> Vec<Phrase> {
        let said = |Generate { id, targets, invalidates, .. }: &Generate| {
            let replaced = phrase!("will-rotate" { id, targets: named(targets) });
            let loses = invalidates.as_ref().map(|loses| phrase!("will-invalidate" { loses: loses.as_str() }));
            [replaced].into_iter().chain(loses).collect::<Vec<_>>()
        };
        self.affected().flat_map(said).collect()
    }

    /// The value, and those that are made of it.
    fn affected(&self) -> impl Iterator<Item = &Generate> {
        let is = |value: &&Generate| value.id == self.id || value.format.named().any(|id| id == self.id);
        self.profile.generate.iter().filter(is)
    }

    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        self.says().into_iter().for_each(|line| notes.note(line));
        let mut values = self.others(world).await?;
        make_missing(&self.profile.generate, &mut values)?;
        values.retain(|id, _| self.affected().any(|value| value.id == *id));
        for value in values.values() {
            world.redactor.hide(value);
        }
        let requests = 2 * u32::try_from(self.profile.generate.len()).unwrap_or(u32::MAX);
        let _hold = notes.hold(phrase!("hold-identity"), LONGEST_REQUEST.saturating_mul(requests)).await;
        let mut look = 1;
        while let Err(error) = self.write(&values, world, notes).await? {
            if look == LOOKS {
                return Err(error.into());
            }
            notes.note(phrase!("secrets-look-again" { why: error.phrase() }));
            look += 1;
        }
        for (path, variables) in self.variables(&values) {
            notes.note(phrase!("identity-writing" { path: path.display().to_string() }));
            world.host.assign(path, &variables, &self.profile.files).map_err(IdentityError::File)?;
        }
        Present::observe(&self.profile, world).await?.check(&values)?;
        Ok(Outcome::Changed(phrase!("identity-rotated" { names: named(values.keys()) })))
    }

    /// The values of which a new one is made, as they are. Whatever is wrong with those that are replaced goes with them.
    async fn others(&self, world: &World) -> Result<Values, Failed> {
        let present = Present::observe(&self.profile, world).await?;
        let stay = self.profile.generate.iter().filter(|value| self.affected().all(|other| other.id != value.id));
        let first = stay.filter_map(|value| Some((value.id.clone(), present.copies(value).into_iter().next()?.1)));
        Ok(first.collect())
    }

    /// The inner error: somebody else wrote an object after it was looked at.
    async fn write(&self, values: &Values, world: &World, notes: &Notes) -> Result<Result<(), ClusterError>, Failed> {
        let rows = secret_rows(&self.profile, self.affected(), |_id| Rule::Refreshed);
        let objects = Objects::observe(rows, &world.cluster).await?;
        let wanted = objects.decide(&Known { generated: Some(values), ..Known::default() });
        match objects.write(&wanted, &world.cluster, notes).await {
            Ok(_written) => Ok(Ok(())),
            Err(error @ ClusterError::Changed { .. }) => Ok(Err(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// What is assigned, file by file.
    fn variables<'v>(&'v self, values: &'v Values) -> BTreeMap<&'v PathBuf, Vec<(&'v str, &'v SecretText)>> {
        let mut assigned: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for value in self.affected() {
            let Some(wanted) = values.get(&value.id) else { continue };
            for (path, name) in value.targets.iter().filter_map(variable_of) {
                assigned.entry(path).or_default().push((name, wanted));
            }
        }
        assigned
    }
}
