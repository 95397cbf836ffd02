//! Makes the values that this appliance alone has: once, and never over one that is there; and writes where it is reached
//! wherever that belongs, over what was there.

mod decide;
mod present;
mod rotate;

use std::sync::Arc;

use decide::{Changes, IdentityError, Looked, Places, foreseen};
use present::{Present, Values};
pub(super) use rotate::Rotate;

use super::{
    given::Given,
    objects::{Foreseen, Known, named},
    secrets::LOOKS,
    standing::ensure_namespaces,
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Hold, Notes, Outcome},
    error::Report,
    profile::{Generate, Profile},
    values::{Address, ValueFormat},
    words::{Phrase, phrase},
    world::{ClusterError, LONGEST_REQUEST, World},
};

/// Makes what the profile wants to be generated, and writes what it wants to be made of the address.
#[derive(Debug)]
pub struct Identity(Arc<Given>);

impl Identity {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        has_work(&given.profile).then(|| Self(Arc::clone(given)))
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let targets: Vec<_> = profile.endpoint.destinations().map(|(target, _)| target).collect();
        let address = answers.address(profile).filter(|_| !targets.is_empty());
        let address =
            address.map(|address| phrase!("will-address" { address: address.to_string(), targets: named(targets) }));
        let line = |Generate { id, targets, .. }: &Generate| phrase!("will-generate" { id, targets: named(targets) });
        profile.generate.iter().map(line).chain(address).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        ensure_namespaces(&self.0, world).await?;
        let mut look = 1;
        loop {
            match self.look_and_write(world, notes).await? {
                Ok(outcome) => return Ok(outcome),
                Err(report) => look_again(report, &mut look, notes)?,
            }
        }
    }

    async fn look_and_write(&self, world: &World, notes: &Notes) -> Result<Looked<Outcome>, Failed> {
        let Given { profile, answers, .. } = &*self.0;
        let address = answers.public.address(profile);
        let present = Present::observe(profile, address.as_ref(), world).await?;
        let mut values = present.values(world).await?;
        let made = make_missing(profile.generate.iter(), &mut values)?;
        present.hide(&values, world);
        let known = Known { generated: Some(&values), address: address.as_ref(), ..Known::default() };
        let wanted = present.objects.decide(&known);
        let _hold = hold(profile, notes).await;
        let written = match present.objects.write(&wanted, &world.cluster, notes).await {
            Ok(written) => written.len(),
            Err(error @ ClusterError::Changed { .. }) => return Ok(Err(error.into())),
            Err(error) => return Err(error.into()),
        };
        let lacking = present.lacking(&values);
        let assigned = lacking.len();
        if let Err(report) = present.assign(lacking, world, notes)? {
            return Ok(Err(report));
        }
        if written + assigned > 0 {
            settle((profile, address.as_ref()), &values, world).await?;
        }
        let (restored, count) = (present.lacks_copies(), values.len());
        let moved = present.differing().map(|(target, _)| target.to_string()).collect();
        let address = address.filter(|_| profile.endpoint.destinations().next().is_some());
        let address = address.map(|address| address.to_string());
        Ok(Ok(Changes { made, restored, count, moved, address }.outcome()))
    }
}

/// Whether there is anything that an appliance of this profile alone has.
pub(super) fn has_work(profile: &Profile) -> bool {
    !profile.generate.is_empty() || profile.endpoint.destinations().next().is_some()
}

/// Notes that another look decides, unless that was said often enough.
fn look_again(report: Report, look: &mut u32, notes: &Notes) -> Result<(), Failed> {
    if *look == LOOKS {
        return Err(report.into());
    }
    *look += 1;
    notes.note(phrase!("secrets-look-again" { why: report.message }));
    Ok(())
}

/// What must not be cut while it is held.
async fn hold<'n>(profile: &Profile, notes: &'n Notes) -> Hold<'n> {
    let objects = profile.generate.len() + profile.endpoint.destinations().count();
    let requests = 2 * u32::try_from(objects).unwrap_or(u32::MAX);
    notes.hold(phrase!("hold-identity"), LONGEST_REQUEST.saturating_mul(requests)).await
}

/// Reads back what was written, and brings it onto the disks before any data is written with it: a datastore may give back
/// what it has acknowledged.
async fn settle(
    (profile, address): (&Profile, Option<&Address>),
    values: &Values,
    world: &World,
) -> Result<(), Failed> {
    Present::observe(profile, address, world).await?.check(values)?;
    let _as_far_as_it_ends_in_time = world.host.sync().await;
    Ok(())
}

/// What can be found out beforehand: copies that contradict each other, data without its key, files that cannot be written,
/// and what the API server says to the objects in these namespaces.
pub(super) async fn rehearse(
    profile: &Profile,
    address: Option<&Address>,
    is_there: impl Fn(&str) -> bool,
    world: &World,
) -> Result<Phrase, Failed> {
    let mut present = Present::observe(profile, address, world).await?;
    let mut values = present.values(world).await?;
    let (found, count) = (values.len(), profile.generate.len());
    for value in &profile.generate {
        values.entry(value.id.clone()).or_insert_with(|| "rehearsal".into());
    }
    let places = match address {
        _ if profile.endpoint.destinations().next().is_none() => Places::None,
        None => Places::Open,
        Some(_) => Places::Lacking(present.differing().count()),
    };
    let whatever_it_will_be = present.files_of_address().filter(|_| address.is_none());
    present.check_assignable(present.lacking(&values).into_keys().chain(whatever_it_will_be), world)?;
    present.objects.retain(|object| is_there(world.cluster.namespace_of(object)));
    let known = Known { generated: Some(&values), address, ..Known::default() };
    present.objects.dry_run(Foreseen { known: Some(&known), grant_to_come: false }, &world.cluster).await?;
    Ok(foreseen((count > 0).then_some((found, count - found)), places))
}

/// Makes those that are not there, and says which; those that others are made of first.
fn make_missing<'a>(
    all: impl Iterator<Item = &'a Generate>,
    values: &mut Values,
) -> Result<Vec<String>, IdentityError> {
    let (of_others, alone): (Vec<_>, Vec<_>) = all.partition(|value| matches!(value.format, ValueFormat::Url(_)));
    let mut made = Vec::new();
    for Generate { id, format, .. } in alone.into_iter().chain(of_others) {
        if values.contains_key(id) {
            continue;
        }
        let random = &mut |bytes: &mut [u8]| getrandom::fill(bytes);
        let value = format.make(random, |other| values.get(other));
        if let Some(value) = value.map_err(|error| IdentityError::Random(error.into()))? {
            values.insert(id.clone(), value);
            made.push(id.clone());
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
            let made = make_missing(profile.generate.iter(), &mut values).expect("random bytes");
            assert_eq!(made.len(), formats.len());
            values.into_values().map(|value| value.expose().to_owned())
        });
        let (all, distinct): (Vec<_>, BTreeSet<_>) = made.map(|value| (value.clone(), value)).unzip();
        assert_eq!((all.len(), distinct.len()), (600, 600));
    }
}
