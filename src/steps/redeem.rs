//! Exchanges the install code for a grant: look first, journal the intent, send, journal the answer.

use std::sync::Arc;

use super::{
    given::Given,
    standing::{Standing, dry_run, usable_grant},
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome, StepId, StepInfo},
    error::{ErrorId, Failure, Report},
    point::Point,
    profile::Profile,
    values::{Entitlement, Grant, GrantError, InstallCode, TokenError, check_token, plain_text},
    words::{Phrase, Say, english, id, phrase, said},
    world::{Intent, LicenseError, Record, World},
};

/// Failures of redemption that the license service's own answer does not explain.
#[derive(Debug)]
enum RedeemError {
    UsedByUs { appliance: String, service: String, at: String, refusal: Box<LicenseError> },
    UsedElsewhere { appliance: String, refusal: Box<LicenseError> },
    OtherService { theirs: String, ours: String },
    Grant(GrantError),
    Token(TokenError),
}

said! { RedeemError:
    Self::UsedByUs { appliance, service, at, refusal } => "redeem-used-by-us" {
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
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// Both Secrets are complete: the code is not needed.
    Complete(String),
    /// An earlier run was granted what this one needs.
    Kept(Box<Grant>),
    /// The code was granted by this other service, if its grant holds.
    Elsewhere(String, Box<Grant>),
    /// The code has to be sent.
    Send,
}

/// The stable id.
pub const ID: StepId = StepId::new("redeem");

/// Sends the install code.
#[derive(Debug)]
pub struct Redeem {
    profile: Arc<Profile>,
    code: InstallCode,
}

impl Redeem {
    pub(super) fn of(given: &Given) -> Self {
        Self { profile: Arc::clone(&given.profile), code: given.answers.secret.install_code.clone() }
    }

    pub(super) fn info() -> StepInfo {
        StepInfo::new(ID, english(id!("step-redeem")))
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        let service = profile.license.url.host_str().unwrap_or_default();
        vec![phrase!("will-redeem" { service })]
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let Self { profile, code } = self;
        let standing = Standing::observe(profile, world).await?;
        let mut record = world.journal.load()?;
        match decide(profile, &standing, &record, code) {
            Decision::Complete(tenant) => {
                let tenant = plain_text(&tenant, 60);
                return Ok(Outcome::Unchanged(phrase!("redeem-belongs" { tenant })));
            }
            Decision::Kept(grant) => match check(&grant, profile, world) {
                Ok(()) => {
                    // A kept grant may meet a cluster that was reinstalled since.
                    world.cluster.ensure_namespace(false).await?;
                    return Ok(Outcome::Unchanged(phrase!("redeem-kept")));
                }
                // The service may have been mended since then, and asking for the same grant again costs nothing.
                Err(unusable) => notes.note(phrase!("redeem-ask-again" { why: unusable.phrase() })),
            },
            Decision::Elsewhere(theirs, grant) if check(&grant, profile, world).is_ok() => {
                let ours = profile.license.service().to_owned();
                return Err(RedeemError::OtherService { theirs, ours }.into());
            }
            // What something else answered in a license service's place is no reason not to ask the real one.
            Decision::Elsewhere(..) | Decision::Send => {}
        }
        for told in other_services(&record, profile.license.service()) {
            notes.note(told);
        }
        // The last things that can fail without a cost: a namespace that did not exist, and what admission says of the
        // Secrets in it. Also after an attempt that made the namespace and came no further.
        world.cluster.ensure_namespace(false).await?;
        dry_run(profile, world).await?;
        notes.note(phrase!("redeem-sending" { service: world.license.host() }));
        let _hold = notes.hold(phrase!("hold-code"), world.license.patience()).await;
        let grant = send(self, world, &mut record).await?;
        let (tenant, edition) = (grant.tenant_id.to_string(), grant.entitlement.edition());
        Ok(Outcome::Changed(phrase!("redeem-accepted" { tenant, edition })))
    }
}

/// Looks at what is there; pure.
fn decide(profile: &Profile, standing: &Standing, record: &Record, code: &InstallCode) -> Decision {
    let service = profile.license.service();
    if let Some(kept) = usable_grant(record, code, service, standing.tenant.as_deref()) {
        return Decision::Kept(Box::new(kept.grant));
    }
    if let Some(tenant) = standing.tenant.clone().filter(|_| standing.is_complete()) {
        return Decision::Complete(tenant);
    }
    let elsewhere = record.intents.iter().filter(|intent| intent.is_for(code) && !intent.is_with(service));
    let mut granted =
        elsewhere.filter_map(|intent| Some(Decision::Elsewhere(intent.service.clone()?, Box::new(intent.grant()?))));
    granted.next().unwrap_or(Decision::Send)
}

/// What the journal holds of other license services, which is neither used nor sent here.
fn other_services(record: &Record, ours: &str) -> Vec<Phrase> {
    let others = record.intents.iter().filter(|intent| !intent.is_with(ours));
    let told = others.filter_map(|intent| {
        let theirs = intent.service.as_deref()?;
        Some(match &intent.answer {
            Some(_grant) => phrase!("redeem-grant-elsewhere" { theirs, ours }),
            None => phrase!("redeem-sent-elsewhere" { theirs, ours }),
        })
    });
    told.collect()
}

/// Journals the intent, sends the code, journals the answer, and only then looks at it.
async fn send(step: &Redeem, world: &World, record: &mut Record) -> Result<Grant, Failed> {
    let Redeem { profile, code } = step;
    let service = profile.license.service();
    let earlier = record.intents.iter().rfind(|intent| intent.is_for(code)).cloned();
    let known = record.intents.iter().position(|intent| intent.is_for(code) && intent.is_with(service));
    let index = known.unwrap_or_else(|| {
        let now = world.clock.now();
        let anew = || Intent::new(code, &world.host.appliance_id(), service, now);
        record.intents.push(earlier.as_ref().map_or_else(anew, |earlier| earlier.sent_to(service, now)));
        record.intents.len() - 1
    });
    // One that an older version wrote is bound from here on.
    record.intents[index].service = Some(service.to_owned());
    let earlier = known.map(|known| record.intents[known].clone()).or(earlier);
    // Stored also when it is known: the room for the answer is reserved with it.
    world.journal.store_intent(record)?;
    let Intent { key, appliance_id, .. } = &record.intents[index];
    let answer = world.license.register(code, appliance_id, *key).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(refused(world, record, index, earlier, error)),
    };
    let grant = Grant::parse(answer.expose());
    // Whatever came is kept, also what this version cannot read; but nothing unreadable replaces a grant.
    if grant.is_ok() || record.intents[index].answer.is_none() {
        record.intents[index].answer = Some(answer);
        world.journal.store(record)?;
    }
    Point::RegisterJournalled.pass();
    let grant = grant.map_err(RedeemError::Grant)?;
    check(&grant, profile, world)?;
    Ok(grant)
}

fn check(grant: &Grant, profile: &Profile, world: &World) -> Result<(), RedeemError> {
    let Entitlement::Pro { token, .. } = &grant.entitlement else { return Ok(()) };
    let skew = i64::try_from(profile.license.clock_skew.as_secs()).unwrap_or(i64::MAX);
    check_token(token, grant.tenant_id, world.license.token_key(), world.clock.now(), skew).map_err(RedeemError::Token)
}

/// Turns a refusal into a failure; an intent that is certain to have spent nothing is dropped.
fn refused(world: &World, record: &mut Record, index: usize, earlier: Option<Intent>, error: LicenseError) -> Failed {
    let appliance = record.intents[index].appliance_id.as_str().to_owned();
    let report = match (error, earlier) {
        (error @ LicenseError::Used { .. }, Some(earlier)) => {
            let at = earlier.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            let service = earlier.service.unwrap_or_else(|| world.license.host());
            let appliance = earlier.appliance_id.as_str().to_owned();
            return RedeemError::UsedByUs { appliance, service, at, refusal: Box::new(error) }.into();
        }
        (error @ LicenseError::Used { .. }, None) => {
            RedeemError::UsedElsewhere { appliance, refusal: Box::new(error) }.into()
        }
        (error @ (LicenseError::Unknown { .. } | LicenseError::Expired { .. }), None) => error.into(),
        // Nothing certain is known about the code: the intent stays, and with it the key that makes repeating safe.
        (error, _) => return error.into(),
    };
    record.intents.remove(index);
    let forgotten = if record.intents.is_empty() { world.journal.clear() } else { world.journal.store(record) };
    Failed([report].into_iter().chain(forgotten.err().map(Report::from)).collect())
}
