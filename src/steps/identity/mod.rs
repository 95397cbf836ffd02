//! Makes the values that this appliance alone has: once, and never over one that is there.

mod decide;
mod rotate;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use decide::{IdentityError, common};
pub(super) use rotate::Rotate;

use super::{
    given::Given,
    objects::{Foreseen, Known, Objects, named},
    rows::{generated, key_of, secret_rows},
    secrets::LOOKS,
    standing::ensure_namespaces,
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::Report,
    profile::{Data, Destination, Generate, Profile},
    values::{Assignments, SecretText, ValueFormat},
    words::{Phrase, Say, phrase},
    world::{ClusterError, LONGEST_REQUEST, World},
};

/// Values by their ids.
type Values = BTreeMap<String, SecretText>;

/// Makes what the profile wants to be generated.
#[derive(Debug)]
pub struct Identity(Arc<Given>);

/// What is there of the values of an appliance.
struct Present<'a> {
    profile: &'a Profile,
    objects: Objects,
    files: BTreeMap<PathBuf, Assignments>,
}

impl Identity {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        (!given.profile.generate.is_empty()).then(|| Self(Arc::clone(given)))
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        let line = |Generate { id, targets, .. }: &Generate| phrase!("will-generate" { id, targets: named(targets) });
        profile.generate.iter().map(line).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        ensure_namespaces(&self.0, world).await?;
        let mut look = 1;
        loop {
            match self.look_and_write(world, notes).await? {
                Ok(outcome) => return Ok(outcome),
                Err(error) if look == LOOKS => return Err(error.into()),
                Err(error) => notes.note(phrase!("secrets-look-again" { why: error.phrase() })),
            }
            look += 1;
        }
    }

    /// The inner error: somebody else wrote an object after it was looked at, and another look decides.
    async fn look_and_write(&self, world: &World, notes: &Notes) -> Result<Result<Outcome, ClusterError>, Failed> {
        let profile = &*self.0.profile;
        let present = Present::observe(profile, world).await?;
        let mut values = present.values(world).await?;
        let made: Vec<String> = make_missing(&profile.generate, &mut values)?;
        for value in values.values() {
            world.redactor.hide(value);
        }
        let known = Known { generated: Some(&values), ..Known::default() };
        let wanted = present.objects.decide(&known);
        let requests = 2 * u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let _hold = notes.hold(phrase!("hold-identity"), LONGEST_REQUEST.saturating_mul(requests)).await;
        let written = match present.objects.write(&wanted, &world.cluster, notes).await {
            Ok(written) => written.len(),
            Err(error @ ClusterError::Changed { .. }) => return Ok(Err(error)),
            Err(error) => return Err(error.into()),
        };
        let mut assigned = 0;
        for (path, variables) in present.lacking(&values) {
            notes.note(phrase!("identity-writing" { path: path.display().to_string() }));
            world.host.assign(&path, &variables, &profile.files).map_err(IdentityError::File)?;
            assigned += 1;
        }
        Present::observe(profile, world).await?.check(&values)?;
        let count = values.len();
        Ok(Ok(if !made.is_empty() {
            Outcome::Changed(phrase!("identity-made" { names: named(made) }))
        } else if written + assigned > 0 {
            Outcome::Changed(phrase!("identity-restored" { count }))
        } else {
            Outcome::Unchanged(phrase!("identity-in-place" { count }))
        }))
    }
}

/// What can be found out beforehand: copies that contradict each other, data without its key, files that cannot be written,
/// and what the API server says to the objects.
pub(super) async fn rehearse(profile: &Profile, namespaces_are_there: bool, world: &World) -> Result<Phrase, Failed> {
    let present = Present::observe(profile, world).await?;
    let mut values = present.values(world).await?;
    let (found, count) = (values.len(), profile.generate.len());
    for value in &profile.generate {
        values.entry(value.id.clone()).or_insert_with(|| "rehearsal".into());
    }
    let unwritable = present.lacking(&values).into_keys();
    let unwritable = unwritable.filter_map(|path| world.host.check_assignable(&path, &profile.files).err());
    let unwritable: Vec<Report> = unwritable.map(|error| IdentityError::File(error).into()).collect();
    if !unwritable.is_empty() {
        return Err(Failed(unwritable));
    }
    if namespaces_are_there {
        let known = Known { generated: Some(&values), ..Known::default() };
        let foreseen = Foreseen { known: Some(&known), grant_to_come: false };
        present.objects.dry_run(foreseen, &world.cluster).await?;
    }
    Ok(phrase!("rehearse-identity" { found, missing: count - found }))
}

/// Makes the values that are not there, and says which; those that others are made of first.
fn make_missing(all: &[Generate], values: &mut Values) -> Result<Vec<String>, IdentityError> {
    let (of_others, alone): (Vec<_>, Vec<_>) =
        all.iter().partition(|value| matches!(value.format, ValueFormat::Url(_)));
    let mut made = Vec::new();
    for Generate { id, format, .. } in alone.into_iter().chain(of_others) {
        if values.contains_key(id) {
            continue;
        }
        let random = &mut |bytes: &mut [u8]| getrandom::fill(bytes);
        if let Some(value) =
            format.make(random, |other| values.get(other)).map_err(|error| IdentityError::Random(error.into()))?
        {
            values.insert(id.clone(), value);
            made.push(id.clone());
        }
    }
    Ok(made)
}

impl<'a> Present<'a> {
    async fn observe(profile: &'a Profile, world: &World) -> Result<Self, Failed> {
        let objects = Objects::observe(generated(profile), &world.cluster).await?;
        objects.hide(&world.redactor);
        let paths: BTreeSet<&PathBuf> = targets(profile).filter_map(|target| Some(variable_of(target)?.0)).collect();
        let read = |path: &PathBuf| Ok((path.clone(), world.host.assignments(path).map_err(IdentityError::File)?));
        let files = paths.into_iter().map(read).collect::<Result<_, IdentityError>>()?;
        Ok(Self { profile, objects, files })
    }

    /// What is at a destination, unless that is empty.
    fn at(&self, target: &Destination) -> Option<SecretText> {
        let value = if let Some((path, name)) = variable_of(target) {
            self.files.get(path)?.get(name)?
        } else {
            let (object, key) = key_of(target, self.profile)?;
            self.objects.at(&object, key)?.clone()
        };
        Some(value).filter(|value| !value.is_empty())
    }

    /// The copies of a value with their places, those within others that are made of it among them.
    fn copies(&self, value: &Generate) -> Vec<(String, SecretText)> {
        let copies = value.targets.iter().filter_map(|target| Some((target.to_string(), self.at(target)?)));
        let within = self
            .made_of(value)
            .filter_map(|(other, target)| Some((target.to_string(), other.format.part(&self.at(target)?, &value.id)?)));
        copies.chain(within).collect()
    }

    /// The values that are made of another one, each with its places.
    fn made_of(&self, value: &'a Generate) -> impl Iterator<Item = (&'a Generate, &'a Destination)> {
        let others = self.profile.generate.iter().filter(|other| other.format.named().any(|id| id == value.id));
        others.flat_map(|other| other.targets.iter().map(move |target| (other, target)))
    }

    /// That a value which is nowhere must not be made, because there is data that was written with it, or another value.
    async fn lost(&self, value: &'a Generate, world: &World) -> Result<Option<IdentityError>, Failed> {
        let mut data = Vec::new();
        for sign in &value.data {
            let is_there = match sign {
                Data::Path(path) => world.host.has_data(path).map_err(IdentityError::File)?,
                Data::Claim(claim) => world.cluster.has_claim(claim.namespace.as_deref(), &claim.name).await?,
            };
            data.extend(is_there.then(|| sign.to_string()));
        }
        let made_of = self.made_of(value).filter(|(_, target)| self.at(target).is_some());
        data.extend(made_of.map(|(_, target)| target.to_string()));
        let lost = || {
            let targets = value.targets.iter().map(ToString::to_string).collect();
            IdentityError::Lost { id: value.id.clone(), data: data.clone(), targets }
        };
        Ok((!data.is_empty()).then(lost))
    }

    /// The values that are there.
    async fn values(&self, world: &World) -> Result<Values, Failed> {
        let (mut values, mut reports) = (Values::new(), Vec::new());
        for value in &self.profile.generate {
            match common(value, &self.copies(value)) {
                Ok(Some(found)) => drop(values.insert(value.id.clone(), found)),
                Ok(None) => reports.extend(self.lost(value, world).await?.map(Report::from)),
                Err(error) => reports.push(error.into()),
            }
        }
        if reports.is_empty() { Ok(values) } else { Err(Failed(reports)) }
    }

    /// The variables that are missing, file by file.
    fn lacking<'v>(&'v self, values: &'v Values) -> BTreeMap<PathBuf, Vec<(&'v str, &'v SecretText)>> {
        let mut lacking: BTreeMap<PathBuf, Vec<_>> = BTreeMap::new();
        for value in &self.profile.generate {
            let Some(wanted) = values.get(&value.id) else { continue };
            for target in value.targets.iter().filter(|target| self.at(target).is_none()) {
                let Some((path, name)) = variable_of(target) else { continue };
                lacking.entry(path.clone()).or_default().push((name, wanted));
            }
        }
        lacking
    }

    /// Sees that every copy of these values is what it should be.
    fn check(&self, values: &Values) -> Result<(), IdentityError> {
        let differs = |value: &&Generate| {
            let differs = |wanted| value.targets.iter().any(|target| self.at(target).as_ref() != Some(wanted));
            values.get(&value.id).is_some_and(differs)
        };
        let differing = self.profile.generate.iter().find(differs);
        differing.map_or(Ok(()), |value| Err(IdentityError::NotPersisted { id: value.id.clone() }))
    }
}

fn targets(profile: &Profile) -> impl Iterator<Item = &Destination> {
    profile.generate.iter().flat_map(|value| &value.targets)
}

fn variable_of(target: &Destination) -> Option<(&PathBuf, &str)> {
    match target {
        Destination::Variable { path, name } => Some((path, name)),
        Destination::Key { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_appliances_have_a_value_in_common() {
        let formats = ["base64:32", "base64url:32", "hex:32", "password:24", "uuid", "url(redis://:{v3}@db/0)"];
        let values = formats.iter().enumerate().map(|(number, format)| {
            format!("[[generate]]\nid = 'v{number}'\nformat = '{format}'\ntargets = ['secret:s/V{number}']\n")
        });
        let text = format!("[license]\nurl = 'https://license.example'\n{}", values.collect::<String>());
        let profile = Profile::parse(&text).expect("a sound profile");
        let made = (0..100).flat_map(|_appliance| {
            let mut values = Values::new();
            assert_eq!(make_missing(&profile.generate, &mut values).expect("random bytes").len(), formats.len());
            values.into_values().map(|value| value.expose().to_owned())
        });
        let (all, distinct): (Vec<_>, BTreeSet<_>) = made.map(|value| (value.clone(), value)).unzip();
        assert_eq!((all.len(), distinct.len()), (600, 600));
    }
}
