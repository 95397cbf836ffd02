//! Writes what one appliance alone has, and what is made of where it is reached; reads it back.

use super::{
    decide::{Changes, Looked},
    own::Put,
    present::{Present, Values},
};
use crate::{
    engine::{Failed, Hold, Notes},
    profile::{AddressSource, Destination, Generate, Profile, Rotation},
    steps::{objects::Known, restart},
    values::{Address, pki::Material},
    words::phrase,
    world::{ClusterError, LONGEST_REQUEST, World},
};

/// Where the appliance is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    /// The address; `None` while nobody knows it.
    pub(super) address: Option<&'a Address>,
    /// From whom it is where this machine finds it out by itself.
    pub(super) source: Option<AddressSource>,
}

/// What is there, and what is to be there.
pub(super) struct Writing<'a> {
    pub(super) profile: &'a Profile,
    pub(super) reached: Reached<'a>,
    pub(super) present: &'a Present<'a>,
    pub(super) values: &'a Values,
    /// Those of them that were made just now.
    pub(super) made: Vec<&'a Generate>,
    /// The certificate of somebody's own.
    pub(super) own: Option<Put<'a>>,
    /// Whether nothing is written after it.
    pub(super) is_last: bool,
}

impl Writing<'_> {
    /// Writes what is missing or another; what was done is added to `changes`. Gives whether that was done: what has to be
    /// started again for it is noted first, and then looked at again.
    pub(super) async fn write(
        self,
        changes: &mut Changes,
        world: &World,
        notes: &Notes,
    ) -> Result<Looked<bool>, Failed> {
        let Self { profile, reached: Reached { address, source }, present, values, made, own, is_last } = self;
        let placed = own.as_ref().map(|own| &own.changed[..]).unwrap_or_default();
        // All of it or nothing: a Secret with another certificate than the file is of no use to anybody.
        present.check_assignable(present.lacking(values).into_keys(), values, world)?;
        let was_set_up = *changes.was_set_up.get_or_insert(present.is_recorded());
        let is_leaf = |value: &&Generate| matches!(value.format.material(), Some(Material::Leaf(_)));
        let is_read = present.differing().next().is_some() || made.iter().chain(placed).any(is_leaf);
        if is_read && was_set_up && !changes.announced && restart::announce(profile, world).await? {
            changes.announced = true;
            return Ok(Ok(false));
        }
        let known = Known { generated: Some(values), address, source, ..Known::default() };
        let wanted = present.objects.decide(&known);
        let _hold = hold(profile, notes).await;
        let written = match present.objects.write(&wanted, &world.cluster, notes).await {
            Ok(written) => written.len(),
            Err(error @ ClusterError::Changed { .. }) => return Ok(Err(error.into())),
            Err(error) => return Err(error.into()),
        };
        let lacking = present.lacking(values);
        let assigned = lacking.len();
        if let Err(report) = present.assign(lacking, world, notes)? {
            return Ok(Err(report));
        }
        let files = match present.write_files(values, world, notes).await? {
            Ok(files) => files,
            Err(report) => return Ok(Err(report)),
        };
        if written + assigned + files > 0 {
            // What one datastore has acknowledged later it does not have without what it had before; a file may be there alone.
            let is_synced = is_last || signs_for_files(profile);
            settle((profile, address), values, is_synced, world).await?;
        }
        changes.restored |= present.lacks_copies(values, |value| !made.contains(&value) && !placed.contains(&value));
        let is_renewed = |value: &&&Generate| value.rotate == Rotation::Renewed;
        changes.count = values.len() - made.iter().chain(placed).filter(is_renewed).count();
        changes.placed |= !placed.is_empty();
        for value in made {
            let is_key = value.format.material().is_none_or(Material::is_secret);
            let of_its_kind = if is_key { &mut changes.made } else { &mut changes.signed };
            of_its_kind.push(value.id.clone());
        }
        changes.own = own.map(|own| own.told);
        changes.moved.extend(present.differing().map(|(target, _)| target.to_string()));
        let address = address.filter(|_| profile.endpoint.destinations().next().is_some());
        changes.address = address.map(ToString::to_string);
        Ok(Ok(true))
    }
}

/// What must not be cut while it is held.
pub(super) async fn hold<'n>(profile: &Profile, notes: &'n Notes) -> Hold<'n> {
    let objects = profile.generate.len() + profile.endpoint.destinations().count();
    let requests = 2 * u32::try_from(objects).unwrap_or(u32::MAX);
    notes.hold(phrase!("hold-identity"), LONGEST_REQUEST.saturating_mul(requests)).await
}

/// Whether the certificate of an authority goes to a file.
fn signs_for_files(profile: &Profile) -> bool {
    let authorities =
        profile.generate.iter().filter(|value| value.format.material().is_some_and(Material::is_authority));
    authorities.flat_map(|value| &value.targets).any(|target| !matches!(target, Destination::Key { .. }))
}

/// Reads back what was written, and brings it onto the disks before any data is written with it: a datastore may give back
/// what it has acknowledged.
pub(super) async fn settle(
    (profile, address): (&Profile, Option<&Address>),
    values: &Values,
    is_synced: bool,
    world: &World,
) -> Result<(), Failed> {
    Present::observe(profile, address, world).await?.check(values)?;
    if is_synced {
        let _as_far_as_it_ends_in_time = world.host.sync().await;
    }
    Ok(())
}
