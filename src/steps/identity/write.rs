//! Writes what one appliance alone has, and what is made of where it is reached; reads it back.

use futures_util::future::join_all;

use super::{
    decide::{Changes, Looked},
    files::Values,
    own::Put,
    present::Present,
};
use crate::{
    engine::{Failed, Hold, Notes},
    profile::{AddressSource, Destination, Generate, Profile, Rotation},
    steps::{
        objects::{Known, Wanted},
        restart,
        rows::{endpoint, key_of},
    },
    values::{Address, pki::Material},
    words::phrase,
    world::{ClusterError, LONGEST_REQUEST, ObjectRef, World},
};

/// Where the appliance is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    /// The address; `None` while nobody knows it.
    pub(super) address: Option<&'a Address>,
    /// From whom it is where this machine finds it out by itself.
    pub(super) source: Option<AddressSource>,
}

/// What came of it.
pub(super) enum Written<'p> {
    /// Everything is as it should be; what was read back of it, where something had to be written.
    All(Option<Present<'p>>),
    /// Nothing yet: what has to be started again for it is noted, and it has to be looked at again.
    Announced,
}

/// What is there, and what is to be there.
pub(super) struct Writing<'a, 'p> {
    pub(super) profile: &'p Profile,
    pub(super) reached: Reached<'a>,
    pub(super) present: &'a Present<'p>,
    pub(super) values: &'a Values,
    /// Those of them that were made just now.
    pub(super) made: Vec<&'a Generate>,
    /// The certificate of somebody's own.
    pub(super) own: Option<Put<'a>>,
    /// Whether nothing is written after it. Otherwise only what was made just now is: all else is written once, with what is signed
    /// by then.
    pub(super) is_last: bool,
}

impl<'a, 'p> Writing<'a, 'p> {
    /// Writes what is missing or another; what was done is added to `changes`.
    pub(super) async fn write(
        self,
        changes: &mut Changes,
        world: &World,
        notes: &Notes,
    ) -> Result<Looked<Written<'p>>, Failed> {
        let Self { profile, present, values, ref made, .. } = self;
        // All of it or nothing: a Secret with another certificate than the file is of no use to anybody.
        present.check_assignable(present.lacking(values).into_keys(), values, world)?;
        let was_set_up = *changes.was_set_up.get_or_insert(present.is_recorded());
        let is_leaf = |value: &&Generate| matches!(value.format.material(), Some(Material::Leaf(_)));
        let is_read = present.differing().next().is_some() || made.iter().chain(self.placed()).any(is_leaf);
        if is_read && was_set_up && !changes.announced && restart::announce(profile, world).await? {
            changes.announced = true;
            return Ok(Ok(Written::Announced));
        }
        let _hold = hold(profile, notes).await;
        let read_back = match self.put(world, notes).await? {
            Ok(read_back) => read_back,
            Err(report) => return Ok(Err(report)),
        };
        self.count(changes);
        Ok(Ok(Written::All(read_back)))
    }

    /// The values of which somebody's own take the place.
    fn placed(&self) -> &[&'a Generate] {
        self.own.as_ref().map(|own| &own.changed[..]).unwrap_or_default()
    }

    /// Puts what is due where it belongs; gives what was read back, where something had to be written.
    async fn put(&self, world: &World, notes: &Notes) -> Result<Looked<Option<Present<'p>>>, Failed> {
        let Self { profile, reached: Reached { address, source }, present, values, ref made, is_last, .. } = *self;
        let known = Known { generated: Some(values), address, source, ..Known::default() };
        let wanted = present.objects.decide(&known);
        // What is signed with them may have copies elsewhere.
        let lasting = || made.iter().filter(|value| value.format.material().is_some_and(Material::is_secret));
        let keys = || lasting().filter_map(|value| values.get_key_value(&value.id));
        let first = (!is_last).then(|| keys().map(|(id, key)| (id.clone(), key.clone())).collect::<Values>());
        let is_due = |object: &ObjectRef| is_last || lasting().any(|value| stands_in(value, object, profile));
        let written = match write_objects(present, &is_due, &wanted, world, notes).await {
            Ok(written) => written,
            Err(error @ ClusterError::Changed { .. }) => return Ok(Err(error.into())),
            Err(error) => return Err(error.into()),
        };
        let due = first.as_ref().unwrap_or(values);
        let lacking = if is_last { present.lacking(values) } else { present.lacking_copies(due) };
        let assigned = lacking.len();
        if let Err(report) = present.assign(lacking, world, notes)? {
            return Ok(Err(report));
        }
        let files = match present.write_files(due, world, notes).await? {
            Ok(files) => files,
            Err(report) => return Ok(Err(report)),
        };
        if written.is_empty() && assigned + files == 0 {
            return Ok(Ok(None));
        }
        // What one datastore has acknowledged later it does not have without what it had before; a file may be there alone.
        let is_synced = is_last || signs_for_files(profile);
        let there = present.observe_again(&written, address, world).await?;
        settle(&there, due, is_synced, world).await?;
        if is_last {
            there.check_texts()?;
        }
        Ok(Ok(Some(there)))
    }

    /// Adds what was done to `changes`.
    fn count(self, changes: &mut Changes) {
        for value in &self.made {
            let is_key = value.format.material().is_none_or(Material::is_secret);
            let of_its_kind = if is_key { &mut changes.made } else { &mut changes.signed };
            of_its_kind.push(value.id.clone());
        }
        if !self.is_last {
            return;
        }
        let Self { profile, reached, present, values, .. } = self;
        let placed = self.placed();
        let is_new = |value: &Generate| {
            let mut ids = changes.made.iter().chain(&changes.signed);
            ids.any(|id| *id == value.id) || placed.contains(&value)
        };
        changes.restored |= present.lacks_copies(values, |value| !is_new(value));
        let is_renewed = |value: &&Generate| value.rotate == Rotation::Renewed && is_new(value);
        changes.count = values.len() - profile.generate.iter().filter(is_renewed).count();
        changes.placed |= !placed.is_empty();
        changes.moved.extend(present.differing().map(|(target, _)| target.to_string()));
        let address = reached.address.filter(|_| profile.endpoint.destinations().next().is_some());
        changes.address = address.map(ToString::to_string);
        changes.own = self.own.map(|own| own.told);
    }
}

/// Writes the objects that are not as they are wanted; gives which. Those that have a value in common one after the other:
/// of several who set up one machine at once, who has written the first of them decides over the rest. The one that says where
/// the appliance is reached comes last: what it says was done.
async fn write_objects(
    present: &Present<'_>,
    is_due: &impl Fn(&ObjectRef) -> bool,
    wanted: &[Option<Wanted>],
    world: &World,
    notes: &Notes,
) -> Result<Vec<ObjectRef>, ClusterError> {
    let (profile, objects) = (present.profile(), &present.objects);
    let record = endpoint(profile);
    let is_record = |object: &ObjectRef| record.as_ref() == Some(object);
    let groups = groups(profile);
    let grouped = |object: &ObjectRef| groups.iter().any(|group| group.contains(object));
    let writing = groups.iter().map(|group| {
        let those = move |object: &ObjectRef| group.contains(object) && !is_record(object) && is_due(object);
        objects.write_those(those, wanted, &world.cluster, notes)
    });
    let written = join_all(writing).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let rest = |object: &ObjectRef| (is_record(object) || !grouped(object)) && is_due(object);
    let rest = objects.write_those(rest, wanted, &world.cluster, notes).await?;
    Ok(written.into_iter().flatten().chain(rest).cloned().collect())
}

fn stands_in(value: &Generate, object: &ObjectRef, profile: &Profile) -> bool {
    value.targets.iter().filter_map(|target| key_of(target, profile)).any(|(other, _)| other == *object)
}

/// The objects in which values stand, those together that have one in common, or a part of one. What is signed is no copy of
/// anything: one that does not fit its key is signed anew.
fn groups(profile: &Profile) -> Vec<Vec<ObjectRef>> {
    let mut groups: Vec<(Vec<ObjectRef>, Vec<&str>)> = Vec::new();
    for value in &profile.generate {
        let parts = value.format.named().filter(|_| value.format.material().is_none());
        let mut ids: Vec<&str> = [value.id.as_str()].into_iter().chain(parts).collect();
        let targets = value.targets.iter().filter_map(|target| key_of(target, profile));
        let mut objects: Vec<ObjectRef> = targets.map(|(object, _)| object).collect();
        let is_related = |(theirs, their_ids): &(Vec<ObjectRef>, Vec<&str>)| {
            theirs.iter().any(|object| objects.contains(object)) || their_ids.iter().any(|id| ids.contains(id))
        };
        let (related, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_related);
        groups = others;
        for (theirs, their_ids) in related {
            objects.extend(theirs);
            ids.extend(their_ids);
        }
        groups.push((objects, ids));
    }
    groups.into_iter().map(|(objects, _)| objects).collect()
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

/// Sees that what was written was read back, and brings it onto the disks before any data is written with it: a datastore may give
/// back what it has acknowledged.
pub(super) async fn settle(
    present: &Present<'_>,
    values: &Values,
    is_synced: bool,
    world: &World,
) -> Result<(), Failed> {
    present.check(values)?;
    if is_synced {
        let _as_far_as_it_ends_in_time = world.host.sync().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_value_in_common_is_written_in_its_order() {
        let value = |id: &str, format: &str, targets: &str| {
            format!("[[generate]]\nid = '{id}'\nformat = '{format}'\ntargets = [{targets}]\n")
        };
        let text = [
            value("alone", "hex:32", "'secret:a/K'"),
            value("copied", "hex:32", "'secret:b/K', 'secret:c/K'"),
            value("part", "password:24", "'file:/etc/x.env#PW'"),
            value("first", "url(redis://:{part}@db/0)", "'secret:d/URL'"),
            value("second", "url(redis://:{part}@db/1)", "'secret:e/URL'"),
            value("bridge", "hex:32", "'secret:c/B', 'secret:f/B'"),
        ];
        let profile = format!("[license]\nurl = 'https://license.example'\n{}", text.concat());
        let profile = Profile::parse(&profile).expect("a sound profile");
        let mut names: Vec<Vec<String>> = groups(&profile)
            .into_iter()
            .map(|group| {
                let mut names: Vec<String> = group.into_iter().map(|object| object.name).collect();
                names.sort();
                names.dedup();
                names
            })
            .collect();
        names.sort();
        assert_eq!(names, [vec!["a"], vec!["b", "c", "f"], vec!["d", "e"]]);
    }
}
