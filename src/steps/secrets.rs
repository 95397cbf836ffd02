//! Writes both Secrets by server-side apply, reads them back, and only then lets the journal go.

use super::{
    Setting, cluster_failed,
    objects::{self, Pair},
    redeem::usable_grant,
};
use crate::{
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    point::Point,
    profile::Profile,
    values::Grant,
    world::{ClusterError, Record, SecretData, World},
};

/// Failures of writing that the API server does not report by itself.
#[derive(Debug, thiserror::Error)]
enum SecretsError {
    #[error(
        "this cluster belongs to tenant {present}, but the code was issued for tenant {granted}; nothing was overwritten"
    )]
    OtherTenant { present: String, granted: String },
    #[error("Secret `{name}` differs from what was written: {keys}")]
    NotPersisted { name: String, keys: String },
    #[error("there is neither a grant nor a tenant to write")]
    NoGrant,
    #[error("the administrator's password could not be hashed")]
    Hash(#[source] argon2::password_hash::Error),
}

impl Failure for SecretsError {
    fn id(&self) -> ErrorId {
        match self {
            Self::OtherTenant { .. } => ErrorId::OtherTenant,
            Self::NotPersisted { .. } => ErrorId::NotPersisted,
            Self::NoGrant | Self::Hash(_) => ErrorId::Defect,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::OtherTenant { present, granted } => Some(format!(
                "run again with a code issued for tenant {present}; the grant for tenant {granted} is kept in the journal, and serves without a new code if this cluster is reinstalled for that tenant"
            )),
            _ => None,
        }
    }
}

pub(super) async fn run(setting: &Setting, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let (profile, answers) = (&setting.profile, &setting.answers);
    let present = observe(profile, world).await.map_err(cluster_failed)?;
    let mut record = world.journal.load()?;
    let grant = usable_grant(&record, &answers.secret.install_code, present.tenant_id(profile));
    refuse_other_tenant(profile, &present, grant.as_ref())?;
    let wanted = wanted(setting, world, &present, grant.as_ref()).await?;
    let secrets = &profile.secrets;
    let pairs = [
        (&secrets.tenant.name, &present.tenant, &wanted.tenant),
        (&secrets.license.name, &present.license, &wanted.license),
    ];
    let mut changed = Vec::new();
    {
        let _hold = notes.hold();
        for (name, present, wanted) in pairs {
            let Some(wanted) = wanted else { continue };
            if differing(present.as_ref(), wanted).is_empty() {
                continue;
            }
            notes.note(format!("writing Secret {name}"));
            world.cluster.apply_secret(name, wanted, false).await.map_err(cluster_failed)?;
            changed.push(format!("`{name}`"));
        }
        verify(profile, world, &wanted).await?;
        Point::SecretsVerified.pass();
        forget(world, &mut record, wanted_tenant(profile, &wanted))?;
    }
    let namespace = world.cluster.namespace();
    Ok(if changed.is_empty() {
        Outcome::Unchanged(format!("both Secrets in namespace `{namespace}` are as they should be"))
    } else {
        Outcome::Changed(format!("{} written in namespace `{namespace}` and read back", changed.join(" and ")))
    })
}

/// Both Secrets as the cluster has them.
pub(super) async fn observe(profile: &Profile, world: &World) -> Result<Pair, ClusterError> {
    let secrets = &profile.secrets;
    let (tenant, license) =
        tokio::join!(world.cluster.secret(&secrets.tenant.name), world.cluster.secret(&secrets.license.name));
    Ok(Pair { tenant: tenant?, license: license? })
}

fn refuse_other_tenant(profile: &Profile, present: &Pair, grant: Option<&Grant>) -> Result<(), SecretsError> {
    let granted = grant.map(|grant| grant.tenant_id.to_string());
    match (present.tenant_id(profile), granted) {
        (Some(present), Some(granted)) if present != granted => {
            let present = crate::values::plain_text(present, 60);
            Err(SecretsError::OtherTenant { present, granted })
        }
        (None, None) => Err(SecretsError::NoGrant),
        _ => Ok(()),
    }
}

/// Both Secrets as they should be; without a grant the license Secret stays as it is.
async fn wanted(setting: &Setting, world: &World, present: &Pair, grant: Option<&Grant>) -> Result<Pair, SecretsError> {
    let (profile, answers) = (&setting.profile, &setting.answers);
    let (form, password) = (profile.secrets.admin_password, answers.secret.password.clone());
    let key = profile.secrets.tenant.key(objects::password_key(profile));
    let known = present.tenant.as_ref().and_then(|data| data.get(key)).cloned();
    let hashing = tokio::task::spawn_blocking(move || objects::travelling_password(form, &password, known.as_ref()));
    let password = hashing.await.unwrap_or(Err(argon2::password_hash::Error::Internal)).map_err(SecretsError::Hash)?;
    let tenant = objects::tenant_data(profile, answers, grant, present.tenant.as_ref(), password);
    let license = grant.map(|grant| objects::license_data(profile, grant, &world.host.appliance_id()));
    Ok(Pair { tenant: Some(tenant), license })
}

/// The keys whose values are missing or different.
fn differing<'a>(present: Option<&SecretData>, wanted: &'a SecretData) -> Vec<&'a str> {
    let same = |key: &str, value| present.and_then(|data| data.get(key)) == Some(value);
    wanted.iter().filter(|(key, value)| !same(key, value)).map(|(key, _)| key.as_str()).collect()
}

async fn verify(profile: &Profile, world: &World, wanted: &Pair) -> Result<(), Failed> {
    let written = observe(profile, world).await.map_err(cluster_failed)?;
    let secrets = &profile.secrets;
    let pairs = [
        (&secrets.tenant.name, &written.tenant, &wanted.tenant),
        (&secrets.license.name, &written.license, &wanted.license),
    ];
    for (name, written, wanted) in pairs {
        let Some(wanted) = wanted else { continue };
        let keys = differing(written.as_ref(), wanted);
        if !keys.is_empty() {
            return Err(SecretsError::NotPersisted { name: name.clone(), keys: keys.join(", ") }.into());
        }
    }
    Ok(())
}

fn wanted_tenant<'a>(profile: &Profile, wanted: &'a Pair) -> Option<&'a str> {
    wanted.tenant_id(profile)
}

/// What the cluster has now leaves the journal; a grant for another tenant exists nowhere else and stays.
fn forget(world: &World, record: &mut Record, tenant: Option<&str>) -> Result<(), Failed> {
    let before = record.intents.len();
    record.intents.retain(|intent| {
        let grant = intent.answer.as_ref().and_then(|answer| Grant::parse(answer.expose()).ok());
        grant.is_some_and(|grant| Some(grant.tenant_id.to_string().as_str()) != tenant)
    });
    if record.intents.is_empty() {
        world.journal.clear()?;
    } else if record.intents.len() != before {
        world.journal.store(record)?;
    }
    Ok(())
}
