//! Writes both Secrets by server-side apply, reads them back, and only then lets the journal go.

use super::{
    Setting, bootstrap,
    objects::{self, Pair},
    questions,
    redeem::{Granted, usable_grant},
};
use crate::{
    answers::fields::INSTALL_CODE,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    point::Point,
    profile::{Profile, SecretName},
    values::Grant,
    words::{Phrase, Say, phrase, said},
    world::{ClusterError, Intent, Record, SecretData, World},
};

/// Failures of writing that the API server does not report by itself.
#[derive(Debug)]
enum SecretsError {
    OtherTenant { present: String, granted: String },
    NotPersisted { name: String, keys: String },
    NoGrant,
    Hash(argon2::password_hash::Error),
}

said! { SecretsError:
    Self::OtherTenant { present, granted } => "secrets-other-tenant" { present, granted },
    Self::NotPersisted { name, keys } => "secrets-not-persisted" { secret: name, keys },
    Self::NoGrant => "secrets-no-grant",
    Self::Hash(error) => "secrets-hash" because Theirs(error),
}

impl Failure for SecretsError {
    fn id(&self) -> ErrorId {
        match self {
            Self::OtherTenant { .. } => ErrorId::OtherTenant,
            Self::NotPersisted { .. } => ErrorId::NotPersisted,
            Self::NoGrant | Self::Hash(_) => ErrorId::Defect,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::OtherTenant { present, granted } => Some(phrase!("secrets-other-tenant-hint" { present, granted })),
            _ => None,
        }
    }

    fn about(&self) -> Option<String> {
        // Of another tenant's code: one for this cluster's own can be had.
        matches!(self, Self::OtherTenant { .. }).then(|| INSTALL_CODE.to_owned())
    }
}

/// How often somebody else may be faster before that is told as a failure.
const LOOKS: u32 = 5;

/// What came of one look.
enum Look {
    /// The Secrets are as they should be.
    Settled(Outcome),
    /// Somebody else wrote one of them after it was looked at: another look decides.
    Overtaken(ClusterError),
}

pub(super) async fn run(setting: &Setting, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let mut look = 1;
    loop {
        match look_and_write(setting, world, notes).await? {
            Look::Settled(outcome) => return Ok(outcome),
            Look::Overtaken(error) if look == LOOKS => return Err(error.into()),
            Look::Overtaken(error) => notes.note(phrase!("secrets-look-again" { why: error.phrase() })),
        }
        look += 1;
    }
}

async fn look_and_write(setting: &Setting, world: &World, notes: &Notes) -> Result<Look, Failed> {
    let (profile, answers) = (&setting.profile, &setting.answers);
    let present = observe(profile, world).await?;
    let mut record = world.journal.load()?;
    let tenant = present.tenant_id(profile);
    let granted = usable_grant(&record, &answers.secret.install_code, profile.license.service(), tenant.as_deref());
    if let Err(error) = refuse_other_tenant(tenant.as_deref(), granted.as_ref().map(|granted| &granted.grant)) {
        set_aside(world, &mut record, granted.as_ref())?;
        return Err(error.into());
    }
    if granted.is_none() && bootstrap::has_run(profile, world).await? {
        // Writing other answers now would only look as if they had an effect.
        forget(setting, world, &mut record, tenant.as_deref())?;
        return Ok(Look::Settled(Outcome::Unchanged(phrase!("secrets-kept"))));
    }
    let wanted = wanted(setting, &present, granted.as_ref()).await?;
    let changed = {
        let _hold = notes.hold();
        let changed = match write(profile, &present, &wanted, world, notes).await {
            Ok(changed) => changed,
            Err(error @ ClusterError::Changed { .. }) => return Ok(Look::Overtaken(error)),
            Err(error) => return Err(error.into()),
        };
        verify(profile, world, &wanted).await?;
        Point::SecretsVerified.pass();
        notes.note(phrase!("secrets-verified"));
        forget(setting, world, &mut record, wanted.tenant_id(profile).as_deref())?;
        changed
    };
    let namespace = world.cluster.namespace();
    Ok(Look::Settled(match &changed[..] {
        [] => Outcome::Unchanged(phrase!("secrets-in-place" { namespace })),
        [secret] => Outcome::Changed(phrase!("secrets-written" { secret: *secret, namespace })),
        [first, second, ..] => {
            Outcome::Changed(phrase!("secrets-both-written" { first: *first, second: *second, namespace }))
        }
    }))
}

/// Both Secrets as the cluster has them.
pub(super) async fn observe(profile: &Profile, world: &World) -> Result<Pair, ClusterError> {
    let secrets = &profile.secrets;
    let (tenant, license) =
        tokio::join!(world.cluster.secret(&secrets.tenant.name), world.cluster.secret(&secrets.license.name));
    Ok(Pair { tenant: tenant?, license: license? })
}

fn refuse_other_tenant(present: Option<&str>, grant: Option<&Grant>) -> Result<(), SecretsError> {
    let granted = grant.map(|grant| grant.tenant_id.to_string());
    match (present, granted) {
        (Some(present), Some(granted)) if present != granted => {
            let present = crate::values::plain_text(present, 60);
            Err(SecretsError::OtherTenant { present, granted })
        }
        (None, None) => Err(SecretsError::NoGrant),
        _ => Ok(()),
    }
}

/// Both Secrets as they should be; without a grant the license Secret stays as it is.
async fn wanted(setting: &Setting, present: &Pair, granted: Option<&Granted>) -> Result<Pair, SecretsError> {
    let (profile, answers) = (&setting.profile, &setting.answers);
    let form = profile.secrets.admin_password;
    let key = profile.secrets.tenant.key(objects::password_key(profile));
    let known = present.tenant.as_ref().and_then(|data| data.get(key));
    // A password that is there already keeps its salt: the second run changes nothing.
    let password = match known.filter(|known| objects::is_password(form, &answers.secret.password, known)) {
        Some(known) => known.clone(),
        None => setting.travelling_password().await.map_err(SecretsError::Hash)?.clone(),
    };
    let grant = granted.map(|granted| &granted.grant);
    let tenant = objects::tenant_data(profile, answers, grant, present.tenant.as_ref(), password);
    let granted = granted.map(|granted| (&granted.grant, &granted.appliance_id));
    let license = objects::license_data(profile, answers, granted, present.license.as_ref());
    Ok(Pair { tenant: Some(tenant), license })
}

/// Writes each Secret unless it is as it should be already; gives the names of those that were written.
///
/// The tenant's comes first: of several who set up one cluster at the same time, only the one whose tenant it is
/// goes on to the license.
async fn write<'a>(
    profile: &'a Profile,
    present: &Pair,
    wanted: &Pair,
    world: &World,
    notes: &Notes,
) -> Result<Vec<&'a str>, ClusterError> {
    let secrets = &profile.secrets;
    let pairs = [
        (SecretName::Tenant, &secrets.tenant.name, &present.tenant, &wanted.tenant),
        (SecretName::License, &secrets.license.name, &present.license, &wanted.license),
    ];
    let mut written = Vec::new();
    for (which, name, present, wanted) in pairs {
        let Some(wanted) = wanted else { continue };
        let has = |key: &str| present.as_ref().is_some_and(|data| data.contains_key(key));
        // An answer that is given no more: applying the others takes its key away.
        let taken_back = questions::keys(profile, which).any(|key| has(key) && !wanted.contains_key(key));
        if !taken_back && differing(present.as_ref(), wanted).is_empty() {
            continue;
        }
        notes.note(phrase!("secrets-writing" { secret: name }));
        world.cluster.write_secret(name, present.as_ref(), wanted).await?;
        written.push(name.as_str());
    }
    Ok(written)
}

/// The keys whose values are missing or different.
fn differing<'a>(present: Option<&SecretData>, wanted: &'a SecretData) -> Vec<&'a str> {
    let same = |key: &str, value| present.and_then(|data| data.get(key)) == Some(value);
    wanted.iter().filter(|(key, value)| !same(key, value)).map(|(key, _)| key.as_str()).collect()
}

async fn verify(profile: &Profile, world: &World, wanted: &Pair) -> Result<(), Failed> {
    let written = observe(profile, world).await?;
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

/// Marks a grant that the cluster refused, so that no later run takes it by default.
fn set_aside(world: &World, record: &mut Record, refused: Option<&Granted>) -> Result<(), Failed> {
    let tenant = refused.map(|refused| refused.grant.tenant_id);
    for intent in &mut record.intents {
        intent.set_aside |= intent.grant().is_some_and(|grant| Some(grant.tenant_id) == tenant);
    }
    Ok(world.journal.store(record)?)
}

/// What the cluster has now leaves the journal; an answer for another tenant, or one that
/// this version cannot read, exists nowhere else and stays. But what else was answered to
/// the code that the cluster's grant came for was no license service's answer.
fn forget(setting: &Setting, world: &World, record: &mut Record, tenant: Option<&str>) -> Result<(), Failed> {
    let (code, service) = (&setting.answers.secret.install_code, setting.profile.license.service());
    let is_in_place =
        |intent: &Intent| intent.grant().is_some_and(|grant| Some(grant.tenant_id.to_string().as_str()) == tenant);
    let mut own = record.intents.iter().filter(|intent| intent.is_for(code) && intent.is_with(service));
    let served = own.any(is_in_place);
    let before = record.intents.len();
    record.intents.retain(|intent| intent.answer.is_some() && !is_in_place(intent) && !(served && intent.is_for(code)));
    if record.intents.is_empty() {
        world.journal.clear()?;
    } else if record.intents.len() != before {
        world.journal.store(record)?;
    }
    Ok(())
}
