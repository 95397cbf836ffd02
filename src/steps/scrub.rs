//! Removes what only the bootstrap needed: the administrator's password as it is, once the bootstrap has read it.
//!
//! It is the last step, so that whatever went wrong before finds the password where it was. It is not written again as long
//! as the bootstrap has run, by its mark on the same Secret, and Helm knows of its release: where either is gone, the
//! bootstrap runs anew, and finds it again.

use std::sync::Arc;

use super::{given::Given, secrets::LOOKS};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    profile::{PasswordForm, Profile, keys},
    words::{Phrase, phrase, said},
    world::{Basis, Claim, ClusterError, LONGEST_REQUEST, ObjectData, ObjectRef, World},
};

/// The key is there still: somebody else manages it.
#[derive(Debug)]
struct Stays {
    object: ObjectRef,
    namespace: String,
    key: String,
}

said! { Stays:
    Self { object, key, .. } => "scrub-stays" { object: object.phrase(), key },
}

impl Failure for Stays {
    fn id(&self) -> ErrorId {
        ErrorId::FieldConflict
    }

    fn hint(&self) -> Option<Phrase> {
        let Self { object, namespace, key } = self;
        Some(phrase!("scrub-stays-hint" { namespace, secret: &object.name, key }))
    }
}

/// Removes the password.
#[derive(Debug)]
pub struct Scrub {
    object: ObjectRef,
    key: String,
}

impl Scrub {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        Self::for_profile(&given.profile)
    }

    /// Without a bootstrap nobody says when it has been read: then it stays, and the review page says so.
    fn for_profile(profile: &Profile) -> Option<Self> {
        let tenant = &profile.secrets.tenant;
        let passes = profile.secrets.admin_password == PasswordForm::Plaintext && profile.bootstrap.is_some();
        passes.then(|| Self { object: ObjectRef::secret(&tenant.name), key: tenant.key(keys::PASSWORD).to_owned() })
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        Self::for_profile(profile)
            .map(|scrub| phrase!("will-scrub" { secret: &scrub.object.name }))
            .into_iter()
            .collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let mut look = 1;
        loop {
            match self.remove(world, notes).await {
                Err(ClusterError::Changed { .. }) if look < LOOKS => look += 1,
                Ok(false) => return Ok(Outcome::Unchanged(phrase!("scrub-none" { object: self.object.phrase() }))),
                Ok(true) => break,
                Err(error) => return Err(error.into()),
            }
        }
        // An open connection keeps what came through it last, in buffers of its own.
        world.look_anew().await;
        if self.present(world).await?.is_some() {
            let (object, key) = (self.object.clone(), self.key.clone());
            let namespace = world.cluster.namespace_of(&object).to_owned();
            return Err(Stays { object, namespace, key }.into());
        }
        Ok(Outcome::Changed(phrase!("scrub-removed" { object: self.object.phrase() })))
    }

    /// What the cluster has of the Secret, if the password is in it.
    async fn present(&self, world: &World) -> Result<Option<Basis>, ClusterError> {
        let Some((data, basis)) = world.cluster.look_at(&self.object).await? else { return Ok(None) };
        let Some(password) = data.get(&self.key) else { return Ok(None) };
        // It may be the one that an earlier run was given.
        world.redactor.hide(password);
        Ok(Some(basis))
    }

    /// Applies the Secret without the password; gives whether there was one.
    async fn remove(&self, world: &World, notes: &Notes) -> Result<bool, ClusterError> {
        let Some(present) = self.present(world).await? else { return Ok(false) };
        let _hold = notes.hold(phrase!("hold-secrets"), LONGEST_REQUEST.saturating_mul(2)).await;
        let stays = |name: &str| name != self.key;
        world
            .cluster
            .write(&self.object, Some(&present), &ObjectData::new(), Claim { stays: &stays, takes: &|_| false })
            .await?;
        Ok(true)
    }
}
