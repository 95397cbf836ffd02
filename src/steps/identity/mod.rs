//! Makes the values that this appliance alone has: once, and never over one that is there; and writes where it is reached
//! wherever that belongs, over what was there.

mod decide;
mod files;
mod import;
mod own;
mod present;
mod reconcile;
mod rotate;
mod write;

use std::{error::Error, io, sync::Arc};

use futures_util::future::join_all;

use decide::{Changes, IdentityError, Looked, Places, foreseen, lies_with_its_keys};
use files::Values;
pub(super) use import::{Import, request, shown};
pub(super) use own::Lying;
use own::root_of;
use present::Present;
pub(super) use reconcile::Reconcile;
pub(super) use rotate::Rotate;
use write::{Reached, Writing, Written};

use super::{
    given::Given,
    objects::{Foreseen, Known, named},
    secrets::LOOKS,
    standing::ensure_namespaces,
};
use crate::{
    answers::{OwnCertificate, PublicAnswers},
    engine::{Failed, Notes, Outcome},
    error::Report,
    profile::{Generate, Profile, Rotation},
    values::{
        Address, Fact, Scheme, SecretText, ValueFormat,
        pki::{Certificate, Issuing, KeyAlgorithm, KeyForm, LeafName, Material, PrivateKey},
    },
    words::{Phrase, phrase},
    world::World,
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
        let line = |Generate { id, targets, rotate, format, .. }: &Generate| {
            let targets = named(targets);
            let files = answers.certificate.as_ref().filter(|_| matches!(format.material(), Some(Material::Leaf(_))));
            if let Some(files) = files {
                return phrase!("will-own" { path: files.file.display().to_string(), targets });
            }
            // A key stays whatever is signed for it.
            let stays = *rotate != Rotation::Renewed || format.material().is_some_and(Material::is_secret);
            if stays { phrase!("will-generate" { id, targets }) } else { phrase!("will-renew" { id, targets }) }
        };
        profile.generate.iter().map(line).chain(address).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        ensure_namespaces(&self.0, world).await?;
        let own = Lying::read(self.0.answers.certificate(), world).await?;
        let (mut look, mut changes, mut seen) = (1, Changes::default(), None);
        loop {
            match self.look_and_write((seen.take(), own.as_ref()), &mut changes, world, notes).await? {
                Ok(Next::End) => return Ok(changes.outcome()),
                Ok(Next::Look(there)) => seen = there,
                Err(report) => look_again(report, &mut look, notes)?,
            }
        }
    }

    /// What is signed is written when the keys are on the disk that it is signed with. `seen` is what is there, if it was read just now.
    async fn look_and_write<'a>(
        &'a self,
        (seen, own): (Option<Present<'a>>, Option<&Lying>),
        changes: &mut Changes,
        world: &World,
        notes: &Notes,
    ) -> Result<Looked<Next<'a>>, Failed> {
        let Given { profile, answers, authority, .. } = &*self.0;
        let address = answers.public.address(profile);
        let issuing = issuing(profile, address.as_ref(), world);
        let present = match seen {
            Some(seen) => seen,
            None => Present::observe(profile, address.as_ref(), world).await?,
        };
        let mut values = present.values(&issuing, world).await?;
        let own = own.map(|own| own.put(&present, &mut values, &issuing)).transpose()?;
        if let Some(root) = own.as_ref().and_then(|own| own.root.clone()) {
            // Another look finds the same.
            let _ = authority.set(root);
        }
        let mut made = make_keys(profile.generate.iter(), &mut values, notes).await?;
        let is_all = made.iter().all(|value| value.rotate != Rotation::Never);
        let keys = made.clone();
        let due = profile.generate.iter().filter(|value| is_all || lies_with_its_keys(value, &keys, profile));
        made.extend(make_missing(due, &mut values, &issuing, |value| present.before(value))?);
        drop_unused_keys(&present, &mut values, &mut made);
        present.hide(&values, world);
        let source = answers.found.as_ref().map(|(source, _)| *source);
        let reached = Reached { address: address.as_ref(), source };
        let writing = Writing { profile, reached, present: &present, values: &values, made, own, is_last: is_all };
        let read_back = match writing.write(changes, world, notes).await? {
            Ok(Written::All(read_back)) => read_back,
            Ok(Written::Announced) => return Ok(Ok(Next::Look(None))),
            Err(report) => return Ok(Err(report)),
        };
        let root = root_of(profile).and_then(|root| Certificate::read(values.get(&root.id)?));
        let root = root.filter(|_| is_all && own::is_ours(profile, &values));
        if let Some(fact) = root.and_then(|root| fact_of(&root, profile, address.as_ref())) {
            notes.fact(fact);
        }
        Ok(Ok(if is_all { Next::End } else { Next::Look(read_back) }))
    }
}

/// What comes after a look.
enum Next<'a> {
    End,
    /// Another one; what is there now, if it was read already.
    Look(Option<Present<'a>>),
}

/// The certificate of the appliance's own authority, if it has one, and those of others who have signed the one that it shows,
/// as far as they are there.
pub(super) async fn own_authorities(profile: &Profile, world: &World) -> Result<Vec<Certificate>, Failed> {
    let Some(root) = root_of(profile) else { return Ok(Vec::new()) };
    let present = Present::observe(profile, None, world).await?;
    let read = |value: &Generate| present.before(value).and_then(|copy| Certificate::read(&copy));
    let above = own::leaf_of(profile).and_then(|(leaf, _)| read(leaf));
    // One that nobody else has signed is its own.
    let is_above = |(place, one): &(usize, Certificate)| *place > 0 || one.is_issued_by(one);
    let above = above.iter().flat_map(|leaf| leaf.each().enumerate().filter(is_above).map(|(_, one)| one));
    Ok(read(root).into_iter().chain(above).collect())
}

/// By what people recognise the authority behind the address, before any browser warns of it.
pub(super) fn fact_of(root: &Certificate, profile: &Profile, address: Option<&Address>) -> Option<Fact> {
    let address = address.filter(|address| profile.pki.leaf.is_some() && address.scheme() == Scheme::Https)?;
    Some(Fact::Authority { url: address.to_string(), authority: root.authority() })
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

/// What can be found out beforehand: copies that contradict each other, data without its key, files that cannot be written,
/// and what the API server says to the objects in these namespaces.
pub(super) async fn rehearse(
    profile: &Profile,
    address: Option<&Address>,
    own: Option<&Lying>,
    is_there: impl Fn(&str) -> bool,
    world: &World,
) -> Result<Phrase, Failed> {
    let mut present = Present::observe(profile, address, world).await?;
    let mut values = present.values(&issuing(profile, address, world), world).await?;
    if let Some(own) = own {
        // What is wrong with it is a finding of its own.
        let _ = own.put(&present, &mut values, &issuing(profile, address, world));
    }
    try_signing(profile, &values, &issuing(profile, address, world))?;
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
    let paths = present.lacking(&values).into_keys().chain(whatever_it_will_be);
    present.check_assignable(paths, &values, world)?;
    present.objects.retain(|object| is_there(world.cluster.namespace_of(object)));
    let known = Known { generated: Some(&values), address, ..Known::default() };
    present.objects.dry_run(Foreseen { known: Some(&known), grant_to_come: false }, &world.cluster).await?;
    Ok(foreseen((count > 0).then_some((found, count - found)), places))
}

/// What can be found out beforehand of a certificate of somebody's own; gives it, and what people recognise it by.
pub(super) async fn rehearse_own(
    profile: &Profile,
    address: Option<&Address>,
    own: OwnCertificate,
    world: &World,
) -> Result<(Lying, Phrase), Failed> {
    let issuing = issuing(profile, address, world);
    own::rehearse(own, (profile, &issuing), world).await
}

/// What is known of this moment and this machine when something is signed.
fn issuing<'a>(profile: &Profile, address: Option<&'a Address>, world: &World) -> Issuing<'a> {
    let leaf = profile.pki.leaf.as_ref().filter(|leaf| leaf.names.contains(&LeafName::Interface));
    let interface = leaf.and_then(|_| world.host.network().own_addresses.first().map(|(_, address)| *address));
    Issuing { now: world.clock.now(), address, interface }
}

/// Makes keys that are not there, side by side on threads of their own: it may take seconds. As long as one of an authority
/// is among them, no others.
async fn make_keys<'a>(
    all: impl Iterator<Item = &'a Generate>,
    values: &mut Values,
    notes: &Notes,
) -> Result<Vec<&'a Generate>, Failed> {
    let missing = |value: &&Generate| !values.contains_key(&value.id);
    let keys = all.filter(missing).filter_map(|value| match value.format {
        ValueFormat::Pki(Material::Key(algorithm, form)) => Some((value, algorithm, form)),
        _ => None,
    });
    let mut keys: Vec<_> = keys.collect();
    if keys.iter().any(|(value, ..)| value.rotate == Rotation::Never) {
        keys.retain(|(value, ..)| value.rotate == Rotation::Never);
    }
    if !keys.is_empty() {
        let names = named(keys.iter().map(|(value, ..)| &value.id));
        let is_slow = keys.iter().any(|(_, algorithm, _)| *algorithm == KeyAlgorithm::Rsa4096);
        notes.note(if is_slow {
            phrase!("identity-making-slow" { names })
        } else {
            phrase!("identity-making" { names })
        });
    }
    let making = keys.iter().map(|(_, algorithm, form)| {
        let (algorithm, form) = (*algorithm, *form);
        tokio::task::spawn_blocking(move || PrivateKey::generate(algorithm).map(|key| key.pem(form)))
    });
    let made = join_all(making).await;
    let mut known = Vec::new();
    for ((value, ..), made) in keys.iter().zip(made) {
        let random = |error: Box<dyn Error + Send + Sync>| IdentityError::Random(io::Error::other(error));
        let key = made.map_err(|error| random(error.into()))?.map_err(|error| random(error.into()))?;
        values.insert(value.id.clone(), key);
        known.push(*value);
    }
    Ok(known)
}

/// Signs with what is there already, and writes none of it.
fn try_signing(profile: &Profile, values: &Values, issuing: &Issuing<'_>) -> Result<(), Failed> {
    let mut values = values.clone();
    let is_renewed = |value: &&Generate| value.rotate == Rotation::Renewed;
    for value in profile
        .generate
        .iter()
        .filter(is_renewed)
        .filter(|value| value.format.material().is_some_and(Material::is_secret))
    {
        if !values.contains_key(&value.id) {
            // Of whatever kind: what is tried is whether it is signed.
            let key = PrivateKey::generate(KeyAlgorithm::P256).map_err(IdentityError::Issue)?;
            values.insert(value.id.clone(), key.pem(KeyForm::Pkcs8));
        }
    }
    make_missing(profile.generate.iter().filter(is_renewed), &mut values, issuing, |_| None)?;
    Ok(())
}

/// A server's key waits for its certificate, as that does for an address: a Secret of both has its type from the beginning.
fn drop_unused_keys(present: &Present<'_>, values: &mut Values, made: &mut Vec<&Generate>) {
    made.retain(|value| {
        let is_key = value.rotate == Rotation::Renewed && value.format.material().is_some_and(Material::is_secret);
        let is_used = !is_key || present.made_of(value).any(|(other, _)| values.contains_key(&other.id));
        if !is_used {
            values.remove(&value.id);
        }
        is_used
    });
}

/// Makes those that are not there, and says which; those that others are made of first. `before` gives what was there.
fn make_missing<'a>(
    all: impl Iterator<Item = &'a Generate>,
    values: &mut Values,
    issuing: &Issuing<'_>,
    before: impl Fn(&Generate) -> Option<SecretText>,
) -> Result<Vec<&'a Generate>, IdentityError> {
    let mut all: Vec<_> = all.filter(|value| !values.contains_key(&value.id)).collect();
    all.sort_by_key(|value| value.format.depth());
    let mut made = Vec::new();
    for value in all {
        let random = &mut |bytes: &mut [u8]| getrandom::fill(bytes);
        let known = |other: &str| values.get(other);
        let text = match &value.format {
            ValueFormat::Pki(material) => {
                material.issue(known, issuing, before(value).as_ref()).map_err(IdentityError::Issue)?
            }
            format => format.make(random, known).map_err(|error| IdentityError::Random(error.into()))?,
        };
        if let Some(text) = text {
            // Of an authority that somebody else has made, the name may be written in a way that ours is not.
            if value.format.material().is_some_and(|part| part.has_passed(&text, |other| values.get(other), issuing)) {
                return Err(IdentityError::Unsignable { id: value.id.clone() });
            }
            values.insert(value.id.clone(), text);
            made.push(value);
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
            let issuing = Issuing { now: jiff::Timestamp::UNIX_EPOCH, address: None, interface: None };
            let made = make_missing(profile.generate.iter(), &mut values, &issuing, |_| None).expect("random bytes");
            assert_eq!(made.len(), formats.len());
            values.into_values().map(|value| value.expose().to_owned())
        });
        let (all, distinct): (Vec<_>, BTreeSet<_>) = made.map(|value| (value.clone(), value)).unzip();
        assert_eq!((all.len(), distinct.len()), (600, 600));
    }
}
