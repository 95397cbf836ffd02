//! Files to which values go: as a variable among others, or as all that is in them.

use std::{collections::BTreeMap, path::PathBuf};

use super::decide::IdentityError;
use crate::{
    profile::{Destination, Files, Generate},
    values::SecretText,
    world::{Anchor, World},
};

/// Values by their ids.
pub(super) type Values = BTreeMap<String, SecretText>;

/// Variables and their values, file by file.
pub(super) type Variables<'v> = BTreeMap<&'v PathBuf, Vec<(&'v str, &'v SecretText)>>;

/// A file that one value is.
pub(super) struct Whole<'a> {
    pub(super) target: &'a Destination,
    pub(super) path: PathBuf,
    pub(super) seen: SecretText,
    /// Whether it counts: an authority that is in its place, and that no program trusts yet, is not there.
    pub(super) counts: bool,
}

/// What everybody may read.
pub(super) const OPEN: Files = Files { mode: 0o644, group: None };

impl<'a> Whole<'a> {
    /// `None` of a destination that is no whole file.
    pub(super) fn read(target: &'a Destination, world: &World) -> Result<Option<Self>, IdentityError> {
        let path = match target {
            Destination::File(path) => path.clone(),
            Destination::Trust => world.host.trust_anchor(Anchor::Root).ok_or(IdentityError::NoTrustStore)?,
            Destination::Key { .. } | Destination::Variable { .. } => return Ok(None),
        };
        let seen = world.host.contents(&path).map_err(IdentityError::File)?;
        let counts = *target != Destination::Trust || world.host.trusts(&seen).map_err(IdentityError::File)?;
        Ok(Some(Self { target, path, seen, counts }))
    }
}

/// The variables that these values become, as far as their destinations are `wanted`.
pub(super) fn variables<'v>(
    all: impl Iterator<Item = &'v Generate>,
    values: &'v Values,
    wanted: impl Fn(&&'v Destination) -> bool,
) -> Variables<'v> {
    let mut variables = Variables::new();
    for value in all {
        let Some(text) = values.get(&value.id) else { continue };
        for (path, name) in value.targets.iter().filter(&wanted).filter_map(variable_of) {
            variables.entry(path).or_default().push((name, text));
        }
    }
    variables
}

/// The file and the variable in it that a destination is.
pub(super) fn variable_of(target: &Destination) -> Option<(&PathBuf, &str)> {
    match target {
        Destination::Variable { path, name } => Some((path, name)),
        Destination::Key { .. } | Destination::File(_) | Destination::Trust => None,
    }
}
