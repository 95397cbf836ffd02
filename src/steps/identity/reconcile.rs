//! Has what follows from the address and from the time follow them: nothing that is made once, and nothing that needs no change.

use std::sync::Arc;

use super::{
    decide::{Changes, IdentityError},
    drop_unused_keys,
    files::Values,
    issuing, look_again, make_keys, make_missing,
    own::{Lying, none_shown, not_set_up, root_of},
    present::Present,
    write::{Reached, Writing, Written},
};
use crate::{
    answers::OwnCertificate,
    engine::{Failed, Notes, Outcome},
    profile::{AddressSource, Profile, Rotation},
    steps::{
        found::found_now,
        objects::named,
        rows::{ADDRESS, ENDPOINT, SOURCE, endpoint},
    },
    values::Address,
    words::{Phrase, phrase},
    world::{ObjectData, ObjectRef, World, annotations},
};

/// Brings an appliance that is set up to where it is now.
#[derive(Debug)]
pub struct Reconcile {
    profile: Arc<Profile>,
    /// Whether it is only said what would change.
    rehearse: bool,
    /// A certificate of somebody's own.
    own: Option<OwnCertificate>,
}

/// Where the appliance is reached now, as far as that is known.
#[derive(Debug, Default)]
struct Now {
    address: Option<Address>,
    /// From whom, where this machine finds it out.
    source: Option<AddressSource>,
}

impl Reconcile {
    pub(in crate::steps) fn new(profile: &Arc<Profile>, rehearse: bool, own: Option<OwnCertificate>) -> Self {
        Self { profile: Arc::clone(profile), rehearse, own }
    }

    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let Some(object) = endpoint(&self.profile) else {
            if self.own.is_some() {
                return Err(none_shown().into());
            }
            return Ok(Outcome::Unchanged(phrase!("reconcile-nothing")));
        };
        let said = match world.cluster.read(&object).await? {
            Some(said) => said,
            None if self.is_set_up(world).await? => ObjectData::new(),
            None if self.own.is_some() => return Err(not_set_up().into()),
            None => return Ok(Outcome::Unchanged(phrase!("reconcile-not-set-up"))),
        };
        if !said.contains_key(SOURCE) && self.profile.endpoint.may_be_known() {
            notes.note(phrase!("reconcile-lost"));
        }
        let text = |key: &str| said.get(key).map(|text| text.expose().to_owned()).unwrap_or_default();
        let now = self.now(&text(ADDRESS), AddressSource::named(&text(SOURCE)), world, notes).await?;
        let own = Lying::read(self.own.clone(), world).await?;
        let (mut look, mut changes) = (1, Changes::default());
        loop {
            let issuing = issuing(&self.profile, now.address.as_ref(), world);
            let present = Present::observe(&self.profile, now.address.as_ref(), world).await?;
            let mut values = present.values(&issuing, world).await?;
            let own = own.as_ref().map(|own| own.put(&present, &mut values, &issuing)).transpose()?;
            let renewed = || self.profile.generate.iter().filter(|value| value.rotate == Rotation::Renewed);
            let lasting = self.profile.generate.iter().filter(|value| value.rotate != Rotation::Renewed);
            let missing: Vec<_> = lasting.map(|value| &value.id).filter(|id| !values.contains_key(*id)).collect();
            if look == 1 && !missing.is_empty() {
                notes.note(phrase!("reconcile-missing" { names: named(&missing) }));
            }
            // Without a root nobody could sign for them.
            let is_signed = root_of(&self.profile).is_some_and(|root| values.contains_key(&root.id));
            let mut made = make_keys(renewed().filter(|_| is_signed), &mut values, notes).await?;
            made.extend(make_missing(renewed(), &mut values, &issuing, |value| present.before(value))?);
            drop_unused_keys(&present, &mut values, &mut made);
            present.hide(&values, world);
            if self.rehearse {
                let trace = world.cluster.trace(&object).await?;
                let due = trace.annotations.contains_key(annotations::RESTART);
                let foreseen = foreseen(&present, &values, now.address.as_ref(), due);
                let Some(own) = own else { return Ok(Outcome::Unchanged(foreseen)) };
                let first = phrase!("rehearse-certificate" { own: own.told });
                return Ok(Outcome::Unchanged(phrase!("identity-both" { first, second: foreseen })));
            }
            let reached = Reached { address: now.address.as_ref(), source: now.source };
            let (profile, is_last) = (&*self.profile, true);
            let writing = Writing { profile, reached, present: &present, values: &values, made, own, is_last };
            match writing.write(&mut changes, world, notes).await? {
                Ok(Written::All(_)) => return Ok(changes.outcome()),
                Ok(Written::Announced) => {}
                Err(report) => look_again(report, &mut look, notes)?,
            }
        }
    }

    /// Whether a tenant lives here, whatever somebody has taken away besides.
    async fn is_set_up(&self, world: &World) -> Result<bool, Failed> {
        Ok(world.cluster.read(&ObjectRef::secret(&self.profile.secrets.tenant.name)).await?.is_some())
    }

    /// An address that was chosen stays; one that was found is where the same source finds it now, or where it did last.
    async fn now(
        &self,
        last: &str,
        source: Option<AddressSource>,
        world: &World,
        notes: &Notes,
    ) -> Result<Now, IdentityError> {
        let last = if last.is_empty() { None } else { Some(last.parse().map_err(|_form| malformed())?) };
        let Some(source) = source.filter(|source| *source != AddressSource::Answer) else {
            return Ok(Now { address: last, source: None });
        };
        let now = found_now(source, &self.profile.endpoint, world).await;
        let address = now.as_ref().map(|now| now.address.clone()).or(last);
        match (&now, &address) {
            (Some(now), Some(address)) => {
                let told = phrase!("rehearse-found" { address: address.to_string() });
                notes.note(told.then(now.reason.clone()));
            }
            _ => notes.note(phrase!("reconcile-unknown")),
        }
        Ok(Now { address, source: Some(source) })
    }
}

/// Somebody else has written something else there.
fn malformed() -> IdentityError {
    let targets = vec![format!("secret:{ENDPOINT}/{ADDRESS}")];
    IdentityError::Malformed { id: ADDRESS.to_owned(), targets, format: "http(s)://HOST[:PORT]".to_owned() }
}

fn foreseen(present: &Present<'_>, values: &Values, address: Option<&Address>, due: bool) -> Phrase {
    let places = present.stale(values);
    let told = match address {
        Some(address) => phrase!("reconcile-address" { address: address.to_string() }),
        None => phrase!("identity-address-unknown"),
    };
    let follows = match (places.is_empty(), due) {
        (true, false) => phrase!("reconcile-in-place"),
        (true, true) => phrase!("reconcile-due"),
        (false, _) => phrase!("reconcile-would" { targets: named(places) }),
    };
    phrase!("identity-both" { first: told, second: follows })
}
