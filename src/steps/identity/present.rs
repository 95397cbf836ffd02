//! What is there of the values of an appliance: in objects of the cluster, in files, and within other values.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{
    decide::{IdentityError, Looked, common},
    files::{OPEN, Values, Variables, Whole, variable_of, variables},
};
use crate::{
    engine::{Failed, Notes},
    error::Report,
    profile::{Data, Destination, Generate, Profile, Rotation},
    steps::{
        objects::Objects,
        rows::{SOURCE, endpoint, key_of, of_appliance},
    },
    values::{
        Address, Assignments, SecretText,
        pki::{Issuing, Material, PkiFault},
    },
    words::phrase,
    world::{ObjectRef, World, Written},
};

/// What is there.
pub(super) struct Present<'a> {
    profile: &'a Profile,
    pub(super) objects: Objects,
    files: BTreeMap<&'a PathBuf, Assignments>,
    /// The files that have nothing else in them, each with the destination that leads there.
    whole: Vec<Whole<'a>>,
    /// What is made of the address, each with its place; nothing while nobody knows it.
    texts: Vec<(&'a Destination, SecretText)>,
}

impl<'a> Present<'a> {
    pub(super) async fn observe(
        profile: &'a Profile,
        address: Option<&Address>,
        world: &World,
    ) -> Result<Self, Failed> {
        let objects = Objects::observe(of_appliance(profile), &world.cluster).await?;
        Ok(Self::of(objects, profile, address, world)?)
    }

    /// The same after some of the objects were written: the others are as they were seen.
    pub(super) async fn observe_again(
        &self,
        written: &[ObjectRef],
        address: Option<&Address>,
        world: &World,
    ) -> Result<Self, Failed> {
        let objects = self.objects.observe_again(of_appliance(self.profile), written, &world.cluster).await?;
        Ok(Self::of(objects, self.profile, address, world)?)
    }

    fn of(
        objects: Objects,
        profile: &'a Profile,
        address: Option<&Address>,
        world: &World,
    ) -> Result<Self, IdentityError> {
        let targets = profile.generate.iter().flat_map(|value| &value.targets);
        let targets = targets.chain(profile.endpoint.destinations().map(|(target, _)| target));
        let paths: BTreeSet<&'a PathBuf> = targets.filter_map(|target| Some(variable_of(target)?.0)).collect();
        let read = |path: &'a PathBuf| Ok((path, world.host.assignments(path).map_err(IdentityError::File)?));
        let files = paths.into_iter().map(read).collect::<Result<_, IdentityError>>()?;
        let whole = profile.generate.iter().flat_map(|value| &value.targets);
        let whole = whole.filter_map(|target| Whole::read(target, world).transpose());
        let whole = whole.collect::<Result<_, IdentityError>>()?;
        let mut present = Self { profile, objects, files, whole, texts: Vec::new() };
        let filled = |address: &Address| {
            let texts = profile.endpoint.destinations();
            texts.map(|(target, text)| (target, text.fill(address, present.at(target).as_ref()))).collect()
        };
        present.texts = address.map(filled).unwrap_or_default();
        // Also what is there and will not do: a failure may quote it.
        for value in &profile.generate {
            let copies = value.targets.iter().filter_map(|target| present.at(target));
            copies.flat_map(|copy| value.format.secrets(&copy)).for_each(|secret| world.redactor.hide(&secret));
        }
        Ok(present)
    }

    pub(super) const fn profile(&self) -> &'a Profile {
        self.profile
    }

    /// Has what is secret about values taken out of what is said.
    pub(super) fn hide(&self, values: &Values, world: &World) {
        let known = self.profile.generate.iter().filter_map(|value| Some((value, values.get(&value.id)?)));
        known.flat_map(|(value, copy)| value.format.secrets(copy)).for_each(|secret| world.redactor.hide(&secret));
    }

    /// What is at a destination, unless that is empty.
    fn at(&self, target: &Destination) -> Option<SecretText> {
        let value = if let Some((path, name)) = variable_of(target) {
            self.files.get(path)?.get(name)?
        } else if let Some(whole) = self.whole.iter().find(|whole| whole.target == target) {
            Some(&whole.seen).filter(|_| whole.counts)?.clone()
        } else {
            let (object, key) = key_of(target, self.profile)?;
            self.objects.at(&object, key)?.clone()
        };
        Some(value).filter(|value| !value.is_empty())
    }

    /// The copies of a value with their places, those within others that are made of it among them.
    pub(super) fn copies(&self, value: &Generate) -> Vec<(String, SecretText)> {
        let plain = |copy: SecretText| canonical(value, copy);
        let copies = value.targets.iter().filter_map(|target| Some((target.to_string(), plain(self.at(target)?))));
        let within = self
            .made_of(value)
            .filter_map(|(other, target)| Some((target.to_string(), other.format.part(&self.at(target)?, &value.id)?)));
        copies.chain(within).collect()
    }

    /// What is there of a value, be it right or not.
    pub(super) fn before(&self, value: &Generate) -> Option<SecretText> {
        self.copies(value).into_iter().next().map(|(_, copy)| copy)
    }

    /// The values that are made of another one, each with its places.
    pub(super) fn made_of(&self, value: &Generate) -> impl Iterator<Item = (&'a Generate, &'a Destination)> {
        let others = self.profile.generate.iter().filter(|other| other.format.named().any(|id| id == value.id));
        others.flat_map(|other| other.targets.iter().map(move |target| (other, target)))
    }

    /// The values that are there; not those that are to be renewed.
    pub(super) async fn values(&self, issuing: &Issuing<'_>, world: &World) -> Result<Values, Failed> {
        let (mut values, mut reports) = (Values::new(), Vec::new());
        for value in &self.profile.generate {
            let found = common(value, &self.copies(value));
            let part = value.format.material();
            // What somebody else may have put there is not replaced for its form.
            let is_kept = part.is_some_and(|part| part.is_authority() || part.is_secret());
            if value.rotate == Rotation::Renewed && !is_kept {
                let has_passed =
                    |found: &SecretText, part: &Material| part.has_passed(found, |id| values.get(id), issuing);
                let lasts = |found: &SecretText| !value.format.material().is_some_and(|part| has_passed(found, part));
                // Of two, one of somebody's own was being put in the place of ours.
                let others = || {
                    self.copies(value).into_iter().map(|(_, copy)| copy).find(|copy| {
                        let fault = part.and_then(|part| part.fault(copy, |id| values.get(id), issuing.now));
                        fault == Some(PkiFault::OtherIssuer) && lasts(copy)
                    })
                };
                if let Some(found) = found.unwrap_or_else(|_differ| others()).filter(lasts) {
                    values.insert(value.id.clone(), found);
                }
                continue;
            }
            let has_passed =
                |found: &SecretText| part.is_some_and(|part| part.has_passed(found, |id| values.get(id), issuing));
            match found {
                Ok(Some(found)) if has_passed(&found) => {}
                Ok(Some(found)) => drop(values.insert(value.id.clone(), found)),
                Ok(None) => reports.extend(self.lost(value, world).await?.map(Report::from)),
                // A run was cut while it put a new one in the place of the old: both are of our authority.
                Err(IdentityError::Differ { .. }) if self.are_of_ours(value, &values, issuing) => {}
                Err(error) => reports.push(error.into()),
            }
        }
        if reports.is_empty() {
            reports.extend(self.faults(&values, issuing).map(Report::from));
        }
        if reports.is_empty() { Ok(values) } else { Err(Failed(reports)) }
    }

    /// Whether every copy of what is renewed is for its key, and signed by what signs it.
    fn are_of_ours(&self, value: &Generate, values: &Values, issuing: &Issuing<'_>) -> bool {
        let is_of_another = |copy: &SecretText| {
            let fault = value.format.material().and_then(|part| part.fault(copy, |id| values.get(id), issuing.now));
            matches!(fault, Some(PkiFault::OtherKey | PkiFault::OtherIssuer))
        };
        value.rotate == Rotation::Renewed && !self.copies(value).iter().any(|(_, copy)| is_of_another(copy))
    }

    /// What is wrong with values that are there, and are never replaced.
    fn faults(&self, values: &Values, issuing: &Issuing<'_>) -> impl Iterator<Item = IdentityError> {
        let is_told = |value: &&Generate| {
            value.rotate != Rotation::Renewed || value.format.material().is_some_and(Material::is_authority)
        };
        self.profile.generate.iter().filter(is_told).filter_map(|value| {
            let fault = value.format.material()?.fault(values.get(&value.id)?, |id| values.get(id), issuing.now)?;
            let targets = value.targets.iter().map(ToString::to_string).collect();
            Some(IdentityError::Faulty { id: value.id.clone(), targets, fault })
        })
    }

    /// That a value which is nowhere must not be made, because there is data that was written with it, or another value.
    pub(super) async fn lost(&self, value: &Generate, world: &World) -> Result<Option<IdentityError>, Failed> {
        if value.rotate == Rotation::Renewed {
            return Ok(None);
        }
        let mut data = Vec::new();
        for sign in &value.data {
            let is_there = match sign {
                Data::Path(path) => world.host.has_data(path).map_err(IdentityError::File)?,
                Data::Claim(claim) => world.cluster.has_claim(claim.namespace.as_deref(), &claim.name).await?,
            };
            data.extend(is_there.then(|| sign.to_string()));
        }
        // What is signed anew in any case says that there was a root; which authority below it, nobody knows.
        let is_root = self.made_of(value).any(|(other, _)| other.format.material().is_some_and(Material::is_root));
        let lasts = |other: &Generate| {
            let is_authority = other.format.material().is_some_and(Material::is_authority);
            is_root || is_authority || other.rotate != Rotation::Renewed
        };
        let made_of = self.made_of(value).filter(|(other, target)| lasts(other) && self.at(target).is_some());
        data.extend(made_of.map(|(_, target)| target.to_string()));
        let targets = || value.targets.iter().map(ToString::to_string).collect();
        Ok((!data.is_empty()).then(|| IdentityError::Lost { id: value.id.clone(), targets: targets(), data }))
    }

    /// Whether a copy of one of these values is missing, or is that of one that was renewed.
    pub(super) fn lacks_copies(&self, values: &Values, of: impl Fn(&Generate) -> bool) -> bool {
        let lacks = |value: &&Generate| value.targets.iter().any(|target| self.lacks(value, target, values));
        let known = self.profile.generate.iter().filter(|value| values.contains_key(&value.id) && of(value));
        known.into_iter().any(|value| lacks(&value))
    }

    fn lacks(&self, value: &Generate, target: &Destination, values: &Values) -> bool {
        let Some(there) = self.at(target) else { return true };
        let there = canonical(value, there);
        value.rotate == Rotation::Renewed && values.get(&value.id).is_some_and(|wanted| *wanted != there)
    }

    /// What is made of the address and is not there, or something else, each with its place.
    pub(super) fn differing(&self) -> impl Iterator<Item = &(&'a Destination, SecretText)> {
        self.texts.iter().filter(|(target, text)| self.at(target).as_ref() != Some(text))
    }

    /// The variables that are missing, or have another text than what is made of the address.
    pub(super) fn lacking<'v>(&'v self, values: &'v Values) -> Variables<'v> {
        let mut lacking = self.lacking_copies(values);
        for (target, text) in self.differing() {
            if let Some((path, name)) = variable_of(target) {
                lacking.entry(path).or_default().push((name, text));
            }
        }
        lacking
    }

    /// The variables of these values that are missing.
    pub(super) fn lacking_copies<'v>(&'v self, values: &'v Values) -> Variables<'v> {
        variables(self.profile.generate.iter(), values, |target| self.at(target).is_none())
    }

    /// Whether it is recorded where the appliance is reached.
    pub(super) fn is_recorded(&self) -> bool {
        endpoint(self.profile).is_some_and(|object| self.objects.at(&object, SOURCE).is_some())
    }

    /// Every place at which something is missing, or is not what it would be.
    pub(super) fn stale(&self, values: &Values) -> Vec<String> {
        let of_values = self
            .profile
            .generate
            .iter()
            .filter(|value| values.contains_key(&value.id))
            .flat_map(|value| value.targets.iter().filter(|target| self.lacks(value, target, values)));
        self.differing().map(|(target, _)| *target).chain(of_values).map(ToString::to_string).collect()
    }

    /// The files that are missing, or are those of a value that was renewed.
    fn lacking_files<'v>(
        &'v self,
        values: &'v Values,
    ) -> impl Iterator<Item = (&'v Whole<'a>, Written<'a>, &'v SecretText)> {
        let of = move |value: &'a Generate| {
            let wanted = values.get(&value.id);
            let secret = value.format.material().is_none_or(Material::is_secret);
            let written = Written { new: if secret { &self.profile.files } else { &OPEN }, secret };
            let lacking = value.targets.iter().filter(move |target| self.lacks(value, target, values));
            let whole = lacking.filter_map(|target| self.whole.iter().find(|whole| whole.target == target));
            whole.filter_map(move |whole| Some((whole, written, wanted?)))
        };
        self.profile.generate.iter().flat_map(of)
    }

    /// Writes files that are as they were seen.
    pub(super) async fn write_files(
        &self,
        values: &Values,
        world: &World,
        notes: &Notes,
    ) -> Result<Looked<usize>, Failed> {
        let mut written = 0;
        for (whole, file, text) in self.lacking_files(values) {
            let shown = whole.path.display().to_string();
            notes.note(phrase!("identity-writing" { path: &shown }));
            let replaced = world.host.replace(&whole.path, &whole.seen, text, file);
            if !replaced.map_err(IdentityError::File)? {
                return Ok(Err(IdentityError::FileChanged { path: shown }.into()));
            }
            if *whole.target == Destination::Trust {
                world.host.update_trust().await.map_err(IdentityError::File)?;
            }
            written += 1;
        }
        Ok(Ok(written))
    }

    /// The files to which something goes that is made of the address, whatever that will be.
    pub(super) fn files_of_address(&self) -> impl Iterator<Item = &'a PathBuf> {
        self.profile.endpoint.destinations().filter_map(|(target, _)| Some(variable_of(target)?.0))
    }

    fn written(&self, path: &PathBuf) -> Written<'a> {
        let mut targets = self.profile.generate.iter().flat_map(|value| &value.targets);
        let secret = targets.any(|target| variable_of(target).is_some_and(|(other, _)| other == path));
        Written { new: &self.profile.files, secret }
    }

    /// Sees that files can be written; nothing is.
    pub(super) fn check_assignable<'p>(
        &self,
        paths: impl Iterator<Item = &'p PathBuf>,
        values: &Values,
        world: &World,
    ) -> Result<(), Failed> {
        let refused = paths.filter_map(|path| world.host.check_assignable(path, self.written(path)).err());
        let whole = self.lacking_files(values);
        let whole = whole.filter_map(|(whole, file, _)| world.host.check_replaceable(&whole.path, file).err());
        let refused = refused.chain(whole);
        let reports: Vec<Report> = refused.map(|error| IdentityError::File(error).into()).collect();
        if reports.is_empty() { Ok(()) } else { Err(Failed(reports)) }
    }

    /// Assigns variables in files that are as they were seen.
    pub(super) fn assign(&self, variables: Variables<'_>, world: &World, notes: &Notes) -> Result<Looked<()>, Failed> {
        for (path, variables) in variables {
            let shown = path.display().to_string();
            notes.note(phrase!("identity-writing" { path: &shown }));
            let seen = self.files.get(path).cloned().unwrap_or_default();
            let assigned = world.host.assign(path, &seen, &variables, self.written(path));
            if !assigned.map_err(IdentityError::File)? {
                return Ok(Err(IdentityError::FileChanged { path: shown }.into()));
            }
        }
        Ok(Ok(()))
    }

    /// Sees that every copy of these values is what it should be.
    pub(super) fn check(&self, values: &Values) -> Result<(), IdentityError> {
        let differs = |value: &&Generate| {
            values.get(&value.id).is_some_and(|wanted| {
                let lacks = value.targets.iter().any(|target| self.lacks(value, target, values));
                lacks || self.copies(value).iter().any(|(_, copy)| copy != wanted)
            })
        };
        let differing = self.profile.generate.iter().find(differs).map(|value| value.id.clone());
        differing.map_or(Ok(()), |id| Err(IdentityError::NotPersisted { id }))
    }

    /// Sees that what is made of the address is what it should be.
    pub(super) fn check_texts(&self) -> Result<(), IdentityError> {
        let differing = self.differing().next().map(|(target, _)| target.to_string());
        differing.map_or(Ok(()), |id| Err(IdentityError::NotPersisted { id }))
    }
}

/// A copy as it would have been written, if that can be told.
fn canonical(value: &Generate, copy: SecretText) -> SecretText {
    value.format.material().and_then(|part| part.canonical(&copy)).unwrap_or(copy)
}
