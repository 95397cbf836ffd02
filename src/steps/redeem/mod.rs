//! Exchanges the install code for a grant: look first, journal the intent, send, journal the answer.

mod decide;
mod foresee;

use std::{sync::Arc, time::Duration};

pub(super) use decide::decide;
use decide::{Decision, SetUp};
pub(super) use foresee::{dry_run, refusal};

use super::{
    bootstrap,
    given::Given,
    standing::{OtherTenant, Standing, ensure_namespaces, granted_tenant},
};
use crate::{
    answers::{PublicAnswers, fields::INSTALL_CODE},
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure, Report},
    point::Point,
    profile::Profile,
    values::{Entitlement, Fact, Grant, GrantError, InstallCode, TokenError, TokenRules, Unreadable, check_token},
    words::{Phrase, Say, phrase, said},
    world::{Intent, LicenseError, Record, World},
};

/// Failures of redemption that the license service's own answer does not explain.
#[derive(Debug)]
enum RedeemError {
    /// It is used, or refused for another reason after this machine has had an answer to it.
    UsedByUs {
        appliance: String,
        service: String,
        at: String,
        saw: Saw,
        refusal: Box<LicenseError>,
    },
    UsedElsewhere {
        appliance: String,
        refusal: Box<LicenseError>,
    },
    OtherService {
        theirs: String,
        ours: String,
    },
    Unreadable {
        host: String,
        why: Unreadable,
    },
    OtherCode(SetUp),
    Grant(GrantError),
    Token(TokenError),
    Unsigned,
}

/// What this machine has seen of an answer to a code that is used.
#[derive(Debug)]
enum Saw {
    Nothing,
    /// It is in the journal, and no grant.
    Unread(GrantError),
    /// It is in the journal, and a grant of which the profile does not approve.
    Unfit(Box<RedeemError>),
    /// A cluster had it.
    Grant,
}

said! { RedeemError:
    Self::UsedByUs { appliance, service, at, saw: Saw::Nothing, refusal } => "redeem-used-by-us" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
    },
    Self::UsedByUs { appliance, service, at, saw: Saw::Unread(why), refusal } => "redeem-used-unread" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
        why: why.phrase(),
    },
    Self::UsedByUs { appliance, service, at, saw: Saw::Unfit(why), refusal } => "redeem-used-unfit" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
        why: why.phrase(),
    },
    Self::UsedByUs { appliance, service, at, saw: Saw::Grant, refusal } => "redeem-used-here" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
    },
    Self::UsedElsewhere { appliance, refusal } => "redeem-used-elsewhere" { refusal: refusal.phrase(), appliance },
    Self::OtherService { theirs, ours } => "redeem-other-service" { theirs, ours },
    Self::Unreadable { host, why } => "redeem-unreadable" { host, why: why.phrase() },
    Self::OtherCode(SetUp::Cluster(tenant)) => "redeem-other-code" { tenant },
    Self::OtherCode(SetUp::Grant(tenant)) => "redeem-other-grant" { tenant },
    Self::Grant(error) => (error),
    Self::Token(error) => (error),
    Self::Unsigned => "redeem-unsigned",
}

impl Failure for RedeemError {
    fn id(&self) -> ErrorId {
        match self {
            Self::UsedByUs { refusal, .. } | Self::UsedElsewhere { refusal, .. } => refusal.id(),
            Self::OtherService { .. } => ErrorId::OtherService,
            Self::OtherCode(_) => ErrorId::OtherCode,
            Self::Unreadable { why: Unreadable::Broken(_), .. } => ErrorId::LicenseUnavailable,
            Self::Unreadable { .. } => ErrorId::LicenseAnswer,
            Self::Grant(_) | Self::Token(_) | Self::Unsigned => ErrorId::GrantUnusable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::UsedByUs { appliance, refusal, .. } if !matches!(**refusal, LicenseError::Used { .. }) => {
                phrase!("redeem-answered-hint" { appliance })
            }
            Self::UsedByUs { appliance, saw: Saw::Unread(why), .. } if why.may_be_read_later() => {
                phrase!("redeem-used-unread-hint" { appliance })
            }
            Self::UsedByUs { appliance, saw: Saw::Unread(_), .. } => phrase!("redeem-used-lost-hint" { appliance }),
            Self::UsedByUs { appliance, saw: Saw::Unfit(_), .. } => phrase!("redeem-used-unfit-hint" { appliance }),
            Self::UsedByUs { appliance, .. } => phrase!("redeem-used-by-us-hint" { appliance }),
            Self::UsedElsewhere { appliance, .. } => phrase!("redeem-used-elsewhere-hint" { appliance }),
            Self::OtherService { theirs, ours } => phrase!("redeem-other-service-hint" { theirs, ours }),
            Self::Unreadable { why: Unreadable::Broken(_), .. } => phrase!("redeem-broken-hint"),
            Self::Unreadable { why, .. } if why.may_be_read_later() => phrase!("redeem-unreadable-hint"),
            Self::Unreadable { .. } => phrase!("redeem-lost-hint"),
            Self::OtherCode(_) => return None,
            Self::Grant(_) => phrase!("redeem-answer-hint"),
            Self::Token(_) => phrase!("redeem-token-hint"),
            Self::Unsigned => phrase!("redeem-unsigned-hint"),
        })
    }

    fn about(&self) -> Option<String> {
        match self {
            Self::UsedByUs { refusal, .. } | Self::UsedElsewhere { refusal, .. } => refusal.about(),
            Self::OtherCode(_) => Some(INSTALL_CODE.to_owned()),
            _ => None,
        }
    }

    fn again(&self) -> Option<Duration> {
        // The same key goes out again, and what broke off is the connection.
        matches!(self, Self::Unreadable { why: Unreadable::Broken(_), .. }).then_some(Duration::ZERO)
    }
}

/// Sends the install code.
#[derive(Debug)]
pub struct Redeem(Arc<Given>);

impl Redeem {
    pub(super) fn of(given: &Arc<Given>) -> Self {
        Self(Arc::clone(given))
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let service = profile.license.url.host_str().unwrap_or_default();
        let changed = answers.change.then(|| phrase!("will-redeem-change"));
        [phrase!("will-redeem" { service })].into_iter().chain(changed).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        self.redeem(world, notes).await.map_err(|failed| with_refusal(world, failed))
    }

    async fn redeem(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let Given { profile, answers, .. } = &*self.0;
        let code = &answers.secret.install_code;
        let standing = Standing::observe(profile, world).await?;
        let mut record = world.journal.load()?;
        let has_run = standing.is_half() && bootstrap::has_run(profile, world).await?;
        match decide(profile, &standing, &record, answers, has_run) {
            Decision::Complete(tenant) => {
                let granted = record.intents.iter().filter(|intent| intent.is_for(code)).find_map(Intent::grant);
                if let Some(grant) = granted {
                    tell_owner(&grant, notes);
                }
                return Ok(Outcome::Unchanged(phrase!("redeem-belongs" { tenant })));
            }
            Decision::OtherCode(whose) => return Err(RedeemError::OtherCode(whose).into()),
            Decision::Kept(kept) => match check(&kept.grant, profile, world) {
                Ok(()) => {
                    tell_owner(&kept.grant, notes);
                    // A kept grant may meet a cluster that was reinstalled since.
                    ensure_namespaces(&self.0, world).await?;
                    let tenant = granted_tenant(&kept.grant);
                    return Ok(Outcome::Unchanged(phrase!("redeem-kept" { tenant })));
                }
                // The service may have been mended since then, and asking for the same grant again costs nothing.
                Err(unusable) => notes.note(phrase!("redeem-ask-again" { why: unusable.phrase() })),
            },
            Decision::Elsewhere(grants) => {
                // What something else answered in a license service's place is no reason not to ask the real one.
                let sound = grants.into_iter().find(|(_, grant)| check(grant, profile, world).is_ok());
                if let Some((theirs, _)) = sound {
                    let ours = profile.license.service().to_owned();
                    return Err(RedeemError::OtherService { theirs, ours }.into());
                }
            }
            Decision::Send => {}
        }
        tell_other_services(&record, profile.license.service(), notes);
        // The last things that can fail without a cost: a namespace that did not exist, and what admission says of the
        // Secrets in it. Also after an attempt that made the namespace and came no further.
        ensure_namespaces(&self.0, world).await?;
        dry_run(&standing, profile, Some(&self.0), world).await?;
        let grant = send(profile, code, standing.tenant.as_deref(), world, notes, &mut record).await?;
        tell_owner(&grant, notes);
        let (tenant, edition) = (granted_tenant(&grant), grant.entitlement.edition());
        Ok(Outcome::Changed(phrase!("redeem-accepted" { tenant, edition })))
    }
}

/// Tells to whom the code was sent: whoever sees another's address there has typed another's code.
fn tell_owner(grant: &Grant, notes: &Notes) {
    if let Some(contact) = &grant.contact {
        notes.fact(Fact::Registered { contact: contact.to_string() });
    }
}

/// A failure, and that the disk does not have what came for the code, if it has not.
pub(super) fn with_refusal(world: &World, Failed(mut reports): Failed) -> Failed {
    reports.extend(world.journal.refused().filter(|refused| !reports.contains(refused)));
    Failed(reports)
}

/// Stores a record with marks that no code hangs on. Where the disk has refused an answer already, nothing but Kubernetes
/// can save that, and a mark must not be in its way.
pub(super) fn mark(world: &World, record: &Record) -> Result<(), Report> {
    let alone_in_memory = world.journal.refused().is_some();
    match world.journal.store(record) {
        Err(_told_at_the_end) if alone_in_memory => Ok(()),
        stored => stored,
    }
}

/// Tells what the journal holds of other license services, which is neither used nor sent here.
fn tell_other_services(record: &Record, ours: &str, notes: &Notes) {
    let is_told = |intent: &&Intent| !(intent.is_with(ours) || intent.refused || intent.settled.is_some());
    for intent in record.intents.iter().filter(is_told) {
        let Some(theirs) = intent.service.as_deref() else { continue };
        notes.note(match &intent.answer {
            Some(_grant) => phrase!("redeem-grant-elsewhere" { theirs, ours }),
            None => phrase!("redeem-sent-elsewhere" { theirs, ours }),
        });
    }
}

/// Journals the intent, sends the code, journals the answer, and only then looks at it.
async fn send(
    profile: &Profile,
    code: &InstallCode,
    tenant: Option<&str>,
    world: &World,
    notes: &Notes,
    record: &mut Record,
) -> Result<Grant, Failed> {
    let service = profile.license.service();
    // What the service had no use for spent nothing, and explains nothing.
    let earlier = record.intents.iter().rfind(|intent| intent.is_for(code) && !intent.refused).cloned();
    let same = record.intents.iter().rfind(|intent| intent.is_for(code)).cloned();
    let known = record.intents.iter().position(|intent| intent.is_for(code) && intent.is_with(service));
    let index = known.unwrap_or_else(|| {
        let now = world.clock.now();
        let anew = || Intent::new(code, &world.host.appliance_id(), service, now);
        record.intents.push(same.as_ref().map_or_else(anew, |same| same.sent_to(service, now)));
        record.intents.len() - 1
    });
    // One that an older version wrote is bound from here on.
    record.intents[index].service = Some(service.to_owned());
    let tried = |index: usize| Some(record.intents[index].clone()).filter(|intent| !intent.refused);
    let earlier = known.and_then(tried).or(earlier);
    if std::mem::take(&mut record.intents[index].refused) {
        record.intents[index].at = world.clock.now();
    }
    // Stored also when it is known: the room for the answer is reserved with it.
    world.journal.store_intent(record)?;
    // After a stop nothing is sent: it is looked for here, behind all that can take its time.
    let _hold = notes.hold(phrase!("hold-code"), world.license.patience()).await;
    notes.note(phrase!("redeem-sending" { service: world.license.host() }));
    let Intent { key, appliance_id, .. } = &record.intents[index];
    let answer = world.license.register(code, appliance_id, *key, tenant).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(refused(profile, world, record, index, earlier, error)),
    };
    // Whatever came is kept before it is looked at, also what this version cannot read.
    record.intents[index].answered(answer.clone());
    let stored = world.journal.store(record);
    let grant = Grant::of(&answer);
    match (stored, &grant) {
        // The code is spent, and Kubernetes may well take what the disk does not; the run fails when it has.
        (Err(report), Ok(_)) => notes.note(phrase!("redeem-unwritten" { why: report.message })),
        (stored, _) => stored?,
    }
    Point::RegisterJournalled.pass();
    let grant = grant.map_err(|error| match error {
        GrantError::Unreadable(why) => RedeemError::Unreadable { host: world.license.host(), why },
        error => RedeemError::Grant(error),
    })?;
    check(&grant, profile, world)?;
    set_aside_others(world, record, code)?;
    Ok(grant)
}

/// What other codes brought serves those codes alone, now that this one is used in their place.
fn set_aside_others(world: &World, record: &mut Record, code: &InstallCode) -> Result<(), Report> {
    let waits = |intent: &&mut Intent| !intent.is_for(code) && !intent.set_aside && intent.answer.is_some();
    let others = record.intents.iter_mut().filter(waits).map(|intent| intent.set_aside = true).count();
    if others > 0 { mark(world, record) } else { Ok(()) }
}

fn check(grant: &Grant, profile: &Profile, world: &World) -> Result<(), RedeemError> {
    let license = &profile.license;
    if grant.entitlement == Entitlement::Essentials && !license.signed_grants {
        return Ok(());
    }
    let token = grant.signed.as_ref().ok_or(RedeemError::Unsigned)?;
    let skew_seconds = i64::try_from(license.clock_skew.as_secs()).unwrap_or(i64::MAX);
    let rules = TokenRules { keys: world.license.token_keys(), audience: license.token_audience, skew_seconds };
    match check_token(token, grant.tenant_id, rules, world.clock.now()) {
        // With everything else right: the credential that came along renews it.
        Err(TokenError::Expired) if grant.entitlement != Entitlement::Essentials => Ok(()),
        checked => checked.map_err(RedeemError::Token),
    }
}

/// Turns a refusal into a failure, and marks an intent that is certain to have spent nothing.
fn refused(
    profile: &Profile,
    world: &World,
    record: &mut Record,
    index: usize,
    earlier: Option<Intent>,
    error: LicenseError,
) -> Failed {
    let appliance = record.intents[index].appliance_id.as_str().to_owned();
    let report = match (error, earlier) {
        (error, Some(earlier))
            if matches!(error, LicenseError::Used { .. }) || error.again().is_none() && earlier.answer.is_some() =>
        {
            let at = earlier.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            let appliance = earlier.appliance_id.as_str().to_owned();
            let saw = match earlier.grant().map(|grant| check(&grant, profile, world)) {
                Some(Err(unfit)) => Saw::Unfit(Box::new(unfit)),
                Some(Ok(())) => Saw::Grant,
                None if earlier.settled.is_some() => Saw::Grant,
                None => earlier.unread().map_or(Saw::Nothing, Saw::Unread),
            };
            let service = earlier.service.unwrap_or_else(|| world.license.host());
            return RedeemError::UsedByUs { appliance, service, at, saw, refusal: Box::new(error) }.into();
        }
        (error @ LicenseError::Used { .. }, None) => {
            RedeemError::UsedElsewhere { appliance, refusal: Box::new(error) }.into()
        }
        (
            error @ (LicenseError::Unknown { .. } | LicenseError::Expired { .. } | LicenseError::Superseded { .. }),
            None,
        ) => error.into(),
        // Nothing certain is known about the code: the intent stays, and with it the key that makes repeating safe.
        (error, _) => return error.into(),
    };
    record.intents[index].refused = true;
    let unmarked = world.journal.store(record).err();
    Failed([report].into_iter().chain(unmarked).collect())
}

#[cfg(test)]
mod tests;
