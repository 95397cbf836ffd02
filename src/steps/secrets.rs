//! Writes the objects by server-side apply, reads them back, and lets an answer go once the cluster's copy has survived.

use std::sync::Arc;

use super::{
    bootstrap,
    given::Given,
    objects::{Granted, Known, distinct, named},
    redeem::{mark, with_refusal},
    rows,
    standing::{OtherTenant, Standing, is_for, usable_grant},
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    point::Point,
    profile::Profile,
    words::{Phrase, Say, phrase, said},
    world::{ClusterError, Intent, LONGEST_REQUEST, ObjectRef, Record, World},
};

/// Failures of writing that the API server does not report by itself.
#[derive(Debug)]
enum SecretsError {
    NotPersisted { object: Phrase, keys: String },
    NoGrant,
    Hash(argon2::password_hash::Error),
}

said! { SecretsError:
    Self::NotPersisted { object, keys } => "secrets-not-persisted" { object, keys },
    Self::NoGrant => "secrets-no-grant",
    Self::Hash(error) => "secrets-hash" because theirs(error),
}

impl Failure for SecretsError {
    fn id(&self) -> ErrorId {
        match self {
            Self::NotPersisted { .. } => ErrorId::NotPersisted,
            Self::NoGrant | Self::Hash(_) => ErrorId::Defect,
        }
    }
}

/// How often somebody else may be faster before that is told as a failure.
pub(super) const LOOKS: u32 = 5;

/// What came of one look.
enum Look {
    /// The objects are as they should be.
    Settled(Outcome),
    /// Somebody else wrote one of them after it was looked at: another look decides.
    Overtaken(ClusterError),
}

/// Writes the administrator, the tenant and the license into the cluster.
#[derive(Debug)]
pub struct Secrets(Arc<Given>);

impl Secrets {
    pub(super) fn of(given: &Arc<Given>) -> Self {
        Self(Arc::clone(given))
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let administrator = phrase!("will-administrator" {
            name: format!("{} {}", answers.first_name, answers.last_name),
            email: answers.email.to_string(),
        });
        [rows::describe(profile), vec![administrator], rows::describe_answers(profile, answers)].concat()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        self.write(world, notes).await.map_err(|failed| with_refusal(world, failed))
    }

    async fn write(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let mut look = 1;
        loop {
            match self.look_and_write(world, notes).await? {
                Look::Settled(outcome) => {
                    // An open connection keeps what came through it last, in buffers of its own.
                    world.look_anew().await;
                    // Whoever got as far as this has chosen the password: it is not asked for when the run is tried again.
                    world.gate.open();
                    return Ok(outcome);
                }
                Look::Overtaken(error) if look == LOOKS => return Err(error.into()),
                Look::Overtaken(error) => notes.note(phrase!("secrets-look-again" { why: error.phrase() })),
            }
            look += 1;
        }
    }

    async fn look_and_write(&self, world: &World, notes: &Notes) -> Result<Look, Failed> {
        let Given { profile, answers, password, .. } = &*self.0;
        let standing = Standing::observe(profile, world).await?;
        let mut record = world.journal.load()?;
        let tenant = standing.tenant.as_deref();
        let granted = usable_grant(&record, &answers.secret.install_code, profile.license.service(), &standing);
        refuse_other_tenant(world, &mut record, &standing, granted.as_ref())?;
        let other_code = standing.is_of_another(&answers.secret.install_code, &record);
        let bootstrapped = standing.objects.any_present() && bootstrap::has_run(profile, world).await?;
        if granted.is_none() && bootstrapped && standing.objects.all_present() {
            // Writing other answers now would only look as if they had an effect.
            let places = self.in_place(&record, tenant, None);
            self.settle(world, notes, &mut record, &places).await?;
            return Ok(Look::Settled(Outcome::Unchanged(phrase!("secrets-kept" { all: standing.objects.phrase() }))));
        }
        password.made().await.map_err(SecretsError::Hash)?;
        let Standing { objects, .. } = &standing;
        let tenant = tenant.map(str::to_owned).or_else(|| Some(granted.as_ref()?.grant.tenant_id.to_string()));
        let given = Known { answers: Some(answers), password: Some(password), ..Known::default() };
        let known = Known { granted: granted.as_ref(), tenant: tenant.as_deref(), other_code, bootstrapped, ..given };
        let wanted = objects.decide(&known);
        objects.hide_wanted(&wanted, &world.redactor);
        let changed = {
            let requests = 2 * u32::try_from(wanted.len()).unwrap_or(u32::MAX);
            let _hold = notes.hold(phrase!("hold-secrets"), LONGEST_REQUEST.saturating_mul(requests)).await;
            let places = self.in_place(&record, tenant.as_deref(), granted.as_ref());
            if objects.changes(&wanted) {
                Self::unsettle(world, &mut record, &places)?;
            }
            let changed = match objects.write(&wanted, &world.cluster, notes).await {
                Ok(changed) => changed,
                Err(error @ ClusterError::Changed { .. }) => return Ok(Look::Overtaken(error)),
                Err(error) => return Err(error.into()),
            };
            if let Some((object, keys)) = Standing::observe(profile, world).await?.objects.differing(&wanted) {
                return Err(SecretsError::NotPersisted { object: object.phrase(), keys: keys.join(", ") }.into());
            }
            Point::SecretsVerified.pass();
            notes.note(phrase!("secrets-verified" { all: objects.phrase() }));
            if other_code && bootstrapped && !changed.is_empty() {
                notes.note(phrase!("secrets-license-new"));
            }
            self.settle(world, notes, &mut record, &places).await?;
            changed
        };
        let of_changed = changed.iter().map(|object| world.cluster.namespace_of(object));
        let namespaces = if changed.is_empty() { objects.namespaces(&world.cluster) } else { distinct(of_changed) };
        let (places, namespaces) = (namespaces.len(), named(namespaces));
        Ok(Look::Settled(if changed.is_empty() {
            Outcome::Unchanged(phrase!("secrets-in-place" { all: objects.phrase(), places, namespaces }))
        } else {
            let names = named(changed.into_iter().map(ObjectRef::path));
            Outcome::Changed(phrase!("secrets-written" { names, places, namespaces }))
        }))
    }

    /// The intents, by their places, whose answers are about what the cluster has of `tenant`: that of the grant that is
    /// used, those that it has had, and what else was answered to this code, which was no license service's answer if its
    /// grant is among them. A grant for another tenant is none of them.
    fn in_place(&self, record: &Record, tenant: Option<&str>, granted: Option<&Granted>) -> Vec<usize> {
        let (code, service) = (&self.0.answers.secret.install_code, self.0.profile.license.service());
        let used = |intent: &Intent| {
            granted.is_some_and(|granted| granted.key == intent.key) && intent.is_with(service)
                || intent.settled.is_some() && intent.grant().is_some_and(|grant| is_for(&grant, tenant))
        };
        let of_code = |intent: &&Intent| intent.is_for(code) && intent.is_with(service);
        let served = record.intents.iter().filter(of_code).any(used);
        let foreign = |intent: &Intent| intent.grant().is_some_and(|grant| !is_for(&grant, tenant));
        let meant = |intent: &Intent| used(intent) || served && intent.is_for(code) && !foreign(intent);
        let answered = |(_, intent): &(usize, &Intent)| intent.answer.is_some() && meant(intent);
        record.intents.iter().enumerate().filter(answered).map(|(place, _)| place).collect()
    }

    /// Notes that the cluster has what these intents were answered, and drops the answers of which its copy has survived.
    /// An answer for another tenant, or one that this version cannot read, exists nowhere else and stays.
    async fn settle(&self, world: &World, notes: &Notes, record: &mut Record, places: &[usize]) -> Result<(), Failed> {
        let now = world.host.moment();
        // Asked only where an answer may go because of it.
        let waits = places.iter().any(|place| record.intents[*place].settled.is_some());
        let has_run = waits && bootstrap::has_run(&self.0.profile, world).await.unwrap_or(false);
        let survived = |intent: &Intent| intent.has_survived(&now, has_run);
        let some_have = places.iter().any(|place| survived(&record.intents[*place]));
        // What was acknowledged in this boot may still be on its way to the disk.
        let durable = some_have && world.host.sync().await;
        let mut changed = false;
        for place in places {
            let intent = &mut record.intents[*place];
            if intent.settled.is_none() {
                intent.settled = Some(now.clone());
            } else if durable && survived(intent) {
                intent.answer = None;
            } else {
                continue;
            }
            changed = true;
        }
        let needed = world.journal.refused().is_some();
        match if changed || needed { world.journal.store(record) } else { Ok(()) } {
            // A mark that is missing means no more than that it is made by the next run.
            Err(report) if !needed => notes.note(phrase!("secrets-unmarked" { why: report.message })),
            stored => stored?,
        }
        Ok(())
    }

    /// Takes back, before anything is written, that the cluster has what was answered: its copy will be a new one.
    fn unsettle(world: &World, record: &mut Record, places: &[usize]) -> Result<(), Failed> {
        let settled = places.iter().filter_map(|place| record.intents[*place].settled.take()).count();
        if settled > 0 { Ok(mark(world, record)?) } else { Ok(()) }
    }
}

/// Refuses a grant that is not for the cluster's tenant, and marks it, so that it is in the way of no other code.
fn refuse_other_tenant(
    world: &World,
    record: &mut Record,
    standing: &Standing,
    granted: Option<&Granted>,
) -> Result<(), Failed> {
    let Some(Granted { grant, .. }) = granted else {
        return standing.tenant.as_ref().map(drop).ok_or_else(|| SecretsError::NoGrant.into());
    };
    let Some(error) = OtherTenant::of(standing, grant) else { return Ok(()) };
    for intent in &mut record.intents {
        intent.set_aside |= intent.grant().is_some_and(|other| other.tenant_id == grant.tenant_id);
    }
    let mut failed = Failed::from(error);
    failed.0.extend(world.journal.store(record).err());
    Err(failed)
}
