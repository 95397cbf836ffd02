//! Exchanges the install code for a grant: look first, journal the intent, send, journal the answer.

use std::sync::Arc;

use super::{
    given::Given,
    objects::Granted,
    standing::{Standing, ensure_namespaces, usable_grant},
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    point::Point,
    profile::Profile,
    values::{Entitlement, Grant, GrantError, InstallCode, TokenError, check_token, plain_text},
    words::{Phrase, Say, phrase, said},
    world::{Intent, LicenseError, Record, World},
};

/// Failures of redemption that the license service's own answer does not explain.
#[derive(Debug)]
enum RedeemError {
    UsedByUs { appliance: String, service: String, at: String, seen: bool, refusal: Box<LicenseError> },
    UsedElsewhere { appliance: String, refusal: Box<LicenseError> },
    OtherService { theirs: String, ours: String },
    Grant(GrantError),
    Token(TokenError),
}

said! { RedeemError:
    Self::UsedByUs { appliance, service, at, seen: false, refusal } => "redeem-used-by-us" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
    },
    Self::UsedByUs { appliance, service, at, seen: true, refusal } => "redeem-used-here" {
        refusal: refusal.phrase(),
        service,
        appliance,
        at,
    },
    Self::UsedElsewhere { appliance, refusal } => "redeem-used-elsewhere" { refusal: refusal.phrase(), appliance },
    Self::OtherService { theirs, ours } => "redeem-other-service" { theirs, ours },
    Self::Grant(error) => (error),
    Self::Token(error) => (error),
}

impl Failure for RedeemError {
    fn id(&self) -> ErrorId {
        match self {
            Self::UsedByUs { .. } | Self::UsedElsewhere { .. } => ErrorId::CodeUsed,
            Self::OtherService { .. } => ErrorId::OtherService,
            Self::Grant(_) | Self::Token(_) => ErrorId::LicenseAnswer,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::UsedByUs { appliance, .. } => phrase!("redeem-used-by-us-hint" { appliance }),
            Self::UsedElsewhere { appliance, .. } => phrase!("redeem-used-elsewhere-hint" { appliance }),
            Self::OtherService { theirs, ours } => phrase!("redeem-other-service-hint" { theirs, ours }),
            Self::Grant(_) | Self::Token(_) => phrase!("redeem-answer-hint"),
        })
    }

    fn about(&self) -> Option<String> {
        match self {
            Self::UsedByUs { refusal, .. } | Self::UsedElsewhere { refusal, .. } => refusal.about(),
            Self::OtherService { .. } | Self::Grant(_) | Self::Token(_) => None,
        }
    }
}

/// What is to be done about the code.
#[derive(Debug)]
enum Decision {
    /// The Secrets are complete: the code is not needed.
    Complete(String),
    /// An earlier run was granted what this one needs.
    Kept(Box<Granted>),
    /// The code was granted by one of these other services, if its grant holds.
    Elsewhere(Vec<(String, Grant)>),
    /// The code has to be sent.
    Send,
}

/// Sends the install code.
#[derive(Debug)]
pub struct Redeem(Arc<Given>);

impl Redeem {
    pub(super) fn of(given: &Arc<Given>) -> Self {
        Self(Arc::clone(given))
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        let service = profile.license.url.host_str().unwrap_or_default();
        vec![phrase!("will-redeem" { service })]
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        self.redeem(world, notes).await.map_err(|failed| with_refusal(world, failed))
    }

    async fn redeem(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let (profile, code) = (&self.0.profile, &self.0.answers.secret.install_code);
        let standing = Standing::observe(profile, world).await?;
        let mut record = world.journal.load()?;
        match decide(profile, &standing, &record, code) {
            Decision::Complete(tenant) => {
                let tenant = plain_text(&tenant, 60);
                return Ok(Outcome::Unchanged(phrase!("redeem-belongs" { tenant })));
            }
            Decision::Kept(kept) => match check(&kept.grant, profile, world) {
                Ok(()) => {
                    // A kept grant may meet a cluster that was reinstalled since.
                    ensure_namespaces(profile, world).await?;
                    return Ok(Outcome::Unchanged(phrase!("redeem-kept")));
                }
                // That of another code: sending this one would spend it beside the other.
                Err(unusable) if !record.intents.iter().any(|intent| intent.key == kept.key && intent.is_for(code)) => {
                    return Err(unusable.into());
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
        ensure_namespaces(profile, world).await?;
        Standing::dry_run(profile, Some(&self.0), world).await?;
        notes.note(phrase!("redeem-sending" { service: world.license.host() }));
        let grant = send(profile, code, world, notes, &mut record).await?;
        let (tenant, edition) = (grant.tenant_id.to_string(), grant.entitlement.edition());
        Ok(Outcome::Changed(phrase!("redeem-accepted" { tenant, edition })))
    }
}

/// A failure, and that the disk does not have what came for the code, if it has not.
pub(super) fn with_refusal(world: &World, Failed(mut reports): Failed) -> Failed {
    reports.extend(world.journal.refused().filter(|refused| !reports.contains(refused)));
    Failed(reports)
}

/// Looks at what is there; pure.
fn decide(profile: &Profile, standing: &Standing, record: &Record, code: &InstallCode) -> Decision {
    let service = profile.license.service();
    if let Some(kept) = usable_grant(record, code, service, standing) {
        return Decision::Kept(Box::new(kept));
    }
    if let Some(tenant) = standing.tenant.clone().filter(|_| standing.objects.is_complete()) {
        return Decision::Complete(tenant);
    }
    let elsewhere = record.intents.iter().filter(|intent| intent.is_for(code) && !intent.is_with(service));
    let granted: Vec<_> = elsewhere.filter_map(|intent| Some((intent.service.clone()?, intent.grant()?))).collect();
    if granted.is_empty() { Decision::Send } else { Decision::Elsewhere(granted) }
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
    let Intent { key, appliance_id, .. } = &record.intents[index];
    let answer = world.license.register(code, appliance_id, *key).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(refused(world, record, index, earlier, error)),
    };
    let grant = Grant::parse(answer.expose());
    // Whatever came is kept, also what this version cannot read; but nothing unreadable replaces a grant.
    if grant.is_ok() || record.intents[index].answer.is_none() {
        let intent = &mut record.intents[index];
        // What became of an answer before it says nothing of this one.
        (intent.answer, intent.settled, intent.set_aside) = (Some(answer), None, false);
        match (world.journal.store(record), &grant) {
            // The code is spent, and Kubernetes may well take what the disk does not; the run fails when it has.
            (Err(report), Ok(_)) => notes.note(phrase!("redeem-unwritten" { why: report.message })),
            (stored, _) => stored?,
        }
    }
    Point::RegisterJournalled.pass();
    let grant = grant.map_err(RedeemError::Grant)?;
    check(&grant, profile, world)?;
    Ok(grant)
}

fn check(grant: &Grant, profile: &Profile, world: &World) -> Result<(), RedeemError> {
    let Entitlement::Pro { token, .. } = &grant.entitlement else { return Ok(()) };
    let skew = i64::try_from(profile.license.clock_skew.as_secs()).unwrap_or(i64::MAX);
    match check_token(token, grant.tenant_id, world.license.token_key(), world.clock.now(), skew) {
        // With everything else right: the credential that came along renews it.
        Err(TokenError::Expired) => Ok(()),
        checked => checked.map_err(RedeemError::Token),
    }
}

/// Turns a refusal into a failure, and marks an intent that is certain to have spent nothing.
fn refused(world: &World, record: &mut Record, index: usize, earlier: Option<Intent>, error: LicenseError) -> Failed {
    let appliance = record.intents[index].appliance_id.as_str().to_owned();
    let report = match (error, earlier) {
        (error @ LicenseError::Used { .. }, Some(earlier)) => {
            let at = earlier.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            let service = earlier.service.unwrap_or_else(|| world.license.host());
            let appliance = earlier.appliance_id.as_str().to_owned();
            let seen = earlier.settled.is_some();
            return RedeemError::UsedByUs { appliance, service, at, seen, refusal: Box::new(error) }.into();
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
