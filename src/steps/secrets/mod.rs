//! Writes the Secrets by server-side apply, reads them back, and only then lets the journal go.

pub(super) mod password;
pub(super) mod rows;
pub(super) mod rules;

use std::sync::Arc;

use password::Travelling;
use rules::{Known, Wanted};

use super::{
    bootstrap,
    given::Given,
    standing::{Granted, Standing, tenant_in, usable_grant},
};
use crate::{
    answers::{Answers, PublicAnswers, fields::INSTALL_CODE},
    engine::{Failed, Notes, Outcome, StepId, StepInfo},
    error::{ErrorId, Failure},
    point::Point,
    profile::Profile,
    values::{Grant, plain_text},
    words::{Phrase, Say, english, id, phrase, said},
    world::{ClusterError, Intent, LONGEST_REQUEST, Record, World},
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

/// The stable id.
pub const ID: StepId = StepId::new("secrets");

/// Writes the administrator, the tenant and the license into the cluster.
#[derive(Debug)]
pub struct Secrets {
    profile: Arc<Profile>,
    answers: Arc<Answers>,
    password: Arc<Travelling>,
}

impl Secrets {
    pub(super) fn of(given: &Given) -> Self {
        let Given { profile, answers, password } = given;
        Self { profile: Arc::clone(profile), answers: Arc::clone(answers), password: Arc::clone(password) }
    }

    pub(super) fn info() -> StepInfo {
        StepInfo::new(ID, english(id!("step-secrets")))
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let secrets = phrase!("will-secrets" {
            tenant: &profile.secrets.tenant.name,
            license: &profile.secrets.license.name,
            namespace: &profile.cluster.namespace,
        });
        let administrator = phrase!("will-administrator" {
            name: format!("{} {}", answers.first_name, answers.last_name),
            email: answers.email.to_string(),
        });
        [secrets, administrator].into_iter().chain(rows::describe_answers(profile, answers)).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let mut look = 1;
        loop {
            match self.look_and_write(world, notes).await? {
                Look::Settled(outcome) => return Ok(outcome),
                Look::Overtaken(error) if look == LOOKS => return Err(error.into()),
                Look::Overtaken(error) => notes.note(phrase!("secrets-look-again" { why: error.phrase() })),
            }
            look += 1;
        }
    }

    async fn look_and_write(&self, world: &World, notes: &Notes) -> Result<Look, Failed> {
        let Self { profile, answers, .. } = self;
        let standing = Standing::observe(profile, world).await?;
        let mut record = world.journal.load()?;
        let tenant = standing.tenant.as_deref();
        let granted = usable_grant(&record, &answers.secret.install_code, profile.license.service(), tenant);
        if let Err(error) = refuse_other_tenant(tenant, granted.as_ref().map(|granted| &granted.grant)) {
            set_aside(world, &mut record, granted.as_ref())?;
            return Err(error.into());
        }
        if granted.is_none() && bootstrap::has_run(profile, world).await? {
            // Writing other answers now would only look as if they had an effect.
            self.forget(world, &mut record, tenant)?;
            return Ok(Look::Settled(Outcome::Unchanged(phrase!("secrets-kept"))));
        }
        let wanted = self.wanted(&standing, granted.as_ref()).await?;
        let tenants = standing
            .secrets
            .iter()
            .zip(&wanted)
            .filter(|(observed, _)| observed.row.name == profile.secrets.tenant.name);
        let tenant = tenants.into_iter().find_map(|(_, wanted)| tenant_in(profile, &wanted.as_ref()?.data));
        let changed = {
            let requests = 2 * u32::try_from(wanted.len()).unwrap_or(u32::MAX);
            let _hold = notes.hold(phrase!("hold-secrets"), LONGEST_REQUEST.saturating_mul(requests)).await;
            let changed = match write(&standing, &wanted, world, notes).await {
                Ok(changed) => changed,
                Err(error @ ClusterError::Changed { .. }) => return Ok(Look::Overtaken(error)),
                Err(error) => return Err(error.into()),
            };
            verify(profile, world, &wanted).await?;
            Point::SecretsVerified.pass();
            notes.note(phrase!("secrets-verified"));
            self.forget(world, &mut record, tenant.as_deref())?;
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

    /// The Secrets as they should be; without a grant nothing of it changes.
    async fn wanted(
        &self,
        standing: &Standing,
        granted: Option<&Granted>,
    ) -> Result<Vec<Option<Wanted>>, SecretsError> {
        let tenant = standing.secret(&self.profile.secrets.tenant.name);
        let known = tenant.and_then(|data| data.get(rows::password_key(&self.profile)));
        // A password that is there already keeps its salt: the second run changes nothing.
        let password = match known.filter(|known| self.password.is(known)) {
            Some(known) => known.clone(),
            None => self.password.made().await.map_err(SecretsError::Hash)?.clone(),
        };
        let granted = granted.map(|granted| (&granted.grant, &granted.appliance_id));
        let known = Known { answers: &self.answers, granted, password };
        let wanted = standing.secrets.iter().map(|observed| observed.row.decide(observed.present.as_ref(), &known));
        Ok(wanted.collect())
    }

    /// What the cluster has now leaves the journal; an answer for another tenant, or one that
    /// this version cannot read, exists nowhere else and stays. But what else was answered to
    /// the code that the cluster's grant came for was no license service's answer.
    fn forget(&self, world: &World, record: &mut Record, tenant: Option<&str>) -> Result<(), Failed> {
        let (code, service) = (&self.answers.secret.install_code, self.profile.license.service());
        let is_in_place =
            |intent: &Intent| intent.grant().is_some_and(|grant| Some(grant.tenant_id.to_string().as_str()) == tenant);
        let mut own = record.intents.iter().filter(|intent| intent.is_for(code) && intent.is_with(service));
        let served = own.any(is_in_place);
        let before = record.intents.len();
        record
            .intents
            .retain(|intent| intent.answer.is_some() && !is_in_place(intent) && !(served && intent.is_for(code)));
        if record.intents.is_empty() {
            world.journal.clear()?;
        } else if record.intents.len() != before {
            world.journal.store(record)?;
        }
        Ok(())
    }
}

fn refuse_other_tenant(present: Option<&str>, grant: Option<&Grant>) -> Result<(), SecretsError> {
    let granted = grant.map(|grant| grant.tenant_id.to_string());
    match (present, granted) {
        (Some(present), Some(granted)) if present != granted => {
            let present = plain_text(present, 60);
            Err(SecretsError::OtherTenant { present, granted })
        }
        (None, None) => Err(SecretsError::NoGrant),
        _ => Ok(()),
    }
}

/// Writes each Secret unless it is as it should be already; gives the names of those that were written.
async fn write<'a>(
    standing: &'a Standing,
    wanted: &[Option<Wanted>],
    world: &World,
    notes: &Notes,
) -> Result<Vec<&'a str>, ClusterError> {
    let mut written = Vec::new();
    for (observed, wanted) in standing.secrets.iter().zip(wanted) {
        let Some(Wanted { data, changes: true }) = wanted else { continue };
        let name = &observed.row.name;
        notes.note(phrase!("secrets-writing" { secret: name }));
        world.cluster.write_secret(name, observed.present.as_ref(), data).await?;
        written.push(name.as_str());
    }
    Ok(written)
}

async fn verify(profile: &Profile, world: &World, wanted: &[Option<Wanted>]) -> Result<(), Failed> {
    let standing = Standing::observe(profile, world).await?;
    for (observed, wanted) in standing.secrets.iter().zip(wanted) {
        let Some(wanted) = wanted else { continue };
        let keys = rules::differing(observed.present.as_ref(), &wanted.data);
        if !keys.is_empty() {
            return Err(SecretsError::NotPersisted { name: observed.row.name.clone(), keys: keys.join(", ") }.into());
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
