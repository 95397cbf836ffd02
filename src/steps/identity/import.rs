//! Shows a certificate of somebody's own, asks for one, and says which one is there.

use std::sync::Arc;

use super::{
    decide::IdentityError,
    issuing,
    own::{key_of, leaf_of, none_shown, not_set_up, root_of},
    present::Present,
    reconcile::Reconcile,
};
use crate::{
    answers::OwnCertificate,
    engine::{Failed, Notes, Outcome},
    profile::{Generate, Profile},
    steps::{
        rows::{ADDRESS, endpoint},
        sign_in,
    },
    values::{
        Address,
        pki::{Certificate, PrivateKey, Shown},
    },
    world::World,
};

/// Puts a certificate in the place of the one that is shown, on an appliance that is set up.
#[derive(Debug)]
pub struct Import {
    profile: Arc<Profile>,
    reconcile: Reconcile,
}

impl Import {
    pub(in crate::steps) fn new(profile: &Arc<Profile>, own: OwnCertificate, rehearse: bool) -> Self {
        Self { profile: Arc::clone(profile), reconcile: Reconcile::new(profile, rehearse, Some(own)) }
    }

    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        sign_in::admitted(&self.profile, world).await?;
        // What else has to follow the address follows it as well.
        self.reconcile.run(world, notes).await
    }
}

/// What asks another authority for a certificate of the key that is there.
pub(in crate::steps) async fn request(profile: &Profile, world: &World) -> Result<String, Failed> {
    sign_in::admitted(profile, world).await?;
    let leaf = leaf_of(profile).and_then(|(leaf, spec)| Some((leaf, spec, key_of(profile, spec)?.0)));
    let (leaf, spec, key) = leaf.ok_or_else(none_shown)?;
    let address = recorded(profile, world).await?;
    let present = Present::observe(profile, address.as_ref(), world).await?;
    let read = present.before(leaf).and_then(|copy| Certificate::read(&copy));
    let key = present.before(key).and_then(|copy| PrivateKey::read(&copy)).ok_or_else(not_set_up)?;
    let request = spec.request(&key, read.as_ref(), &issuing(profile, address.as_ref(), world));
    Ok(request.map_err(IdentityError::Issue)?.ok_or_else(not_set_up)?)
}

/// Which certificate is shown, and that of the appliance's own authority.
pub(in crate::steps) async fn shown(profile: &Profile, world: &World) -> Result<[Option<Shown>; 2], Failed> {
    sign_in::admitted(profile, world).await?;
    let (leaf, _) = leaf_of(profile).ok_or_else(none_shown)?;
    let present = Present::observe(profile, None, world).await?;
    let read = |value: &Generate| present.before(value).and_then(|copy| Certificate::read(&copy));
    let shown = [Some(leaf), root_of(profile)].map(|value| value.and_then(read).as_ref().map(Shown::of));
    if shown.iter().all(Option::is_none) { Err(not_set_up().into()) } else { Ok(shown) }
}

/// Where the appliance is reached, as it was written down last.
async fn recorded(profile: &Profile, world: &World) -> Result<Option<Address>, Failed> {
    let Some(object) = endpoint(profile) else { return Ok(None) };
    let said = world.cluster.read(&object).await?;
    Ok(said.and_then(|said| said.get(ADDRESS)?.expose().parse().ok()))
}
