//! Exchanges the install code for a grant: look first, journal the intent, send, journal the answer.

use super::{Setting, cluster_failed, objects::Pair, rehearse, secrets};
use crate::{
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    point::Point,
    profile::Profile,
    values::{ApplianceId, Grant, GrantError, InstallCode, TokenError, check_token, plain_text},
    world::{Intent, LicenseError, Record, World},
};

/// Failures of redemption that the license service's own answer does not explain.
#[derive(Debug, thiserror::Error)]
enum RedeemError {
    #[error("{refusal}; this machine sent it as {appliance} on {at} and did not see the answer")]
    UsedByUs { appliance: String, at: String, refusal: Box<LicenseError> },
    #[error("{refusal}; this appliance is {appliance}")]
    UsedElsewhere { appliance: String, refusal: Box<LicenseError> },
    #[error(transparent)]
    Grant(GrantError),
    #[error(transparent)]
    Token(TokenError),
}

impl Failure for RedeemError {
    fn id(&self) -> ErrorId {
        match self {
            Self::UsedByUs { .. } | Self::UsedElsewhere { .. } => ErrorId::CodeUsed,
            Self::Grant(_) | Self::Token(_) => ErrorId::LicenseAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UsedByUs { appliance, .. } => Some(format!(
                "the code may have been spent by this machine before it was interrupted: ask the vendor to reissue a code for the same tenant, and quote {appliance}"
            )),
            Self::UsedElsewhere { appliance, .. } => {
                Some(format!("ask the vendor to reissue a code for this tenant, and quote {appliance}"))
            }
            Self::Grant(_) | Self::Token(_) => Some(
                "the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here".to_owned(),
            ),
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
    /// The code has to be sent.
    Send,
}

pub(super) async fn run(setting: &Setting, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let (profile, code) = (&setting.profile, &setting.answers.secret.install_code);
    let present = secrets::observe(profile, world).await.map_err(cluster_failed)?;
    let mut record = world.journal.load()?;
    match decide(profile, &present, &record, code) {
        Decision::Complete(tenant) => {
            return Ok(Outcome::Unchanged(format!(
                "this appliance already belongs to tenant {}; the code was not sent",
                plain_text(&tenant, 60)
            )));
        }
        Decision::Kept(grant) => match check(&grant, setting, world) {
            Ok(()) => {
                // A kept grant may meet a cluster that was reinstalled since.
                world.cluster.ensure_namespace(false).await.map_err(cluster_failed)?;
                return Ok(Outcome::Unchanged(
                    "the grant of an earlier run is used; the code was not sent again".to_owned(),
                ));
            }
            // The service may have been mended since then, and asking for the same grant again costs nothing.
            Err(unusable) => notes.note(format!("{unusable}; asking the license service for it again")),
        },
        Decision::Send => {}
    }
    // The last things that can fail without a cost: a namespace that did not exist, and what admission says of it.
    if world.cluster.ensure_namespace(false).await.map_err(cluster_failed)? {
        rehearse::dry_run(profile, world).await.map_err(cluster_failed)?;
    }
    notes.note(format!("sending the code to {}", world.license.host()));
    let _hold = notes.hold();
    let grant = send(setting, world, &mut record).await?;
    Ok(Outcome::Changed(format!(
        "the code was accepted: tenant {}, {} edition",
        grant.tenant_id,
        grant.entitlement.edition().as_str()
    )))
}

/// Looks at what is there; pure.
fn decide(profile: &Profile, present: &Pair, record: &Record, code: &InstallCode) -> Decision {
    if let Some(kept) = usable_grant(record, code, present.tenant_id(profile).as_deref()) {
        return Decision::Kept(Box::new(kept.grant));
    }
    match present.tenant_id(profile) {
        Some(tenant) if present.is_complete(profile) => Decision::Complete(tenant),
        _ => Decision::Send,
    }
}

/// A grant from the journal, and the id of this machine that it was made for.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) grant: Grant,
    pub(super) appliance_id: ApplianceId,
}

/// The journalled grant that a run with `code` works from.
///
/// The code's own grant comes first, also when it is for another tenant than the
/// cluster's: that is to be said, not passed over. Any other grant serves only if
/// it does not contradict the cluster and was not set aside for another one.
pub(super) fn usable_grant(record: &Record, code: &InstallCode, cluster: Option<&str>) -> Option<Granted> {
    let grants = record.intents.iter().filter_map(|intent| {
        let grant = Grant::parse(intent.answer.as_ref()?.expose()).ok()?;
        Some((intent, grant))
    });
    let grants: Vec<(&Intent, Grant)> = grants.collect();
    let own = grants.iter().position(|(intent, _)| intent.is_for(code));
    let fits = |(intent, grant): &(&Intent, Grant)| match cluster {
        Some(tenant) => grant.tenant_id.to_string() == tenant,
        None => !intent.set_aside,
    };
    // Which of several tenants is meant is not for us to choose.
    let fitting = || {
        let mut tenants: Vec<_> = grants.iter().filter(|kept| fits(kept)).map(|(_, grant)| grant.tenant_id).collect();
        tenants.dedup();
        if tenants.len() == 1 { grants.iter().position(&fits) } else { None }
    };
    let position = own.or_else(fitting)?;
    let (intent, grant) = grants.into_iter().nth(position)?;
    Some(Granted { grant, appliance_id: intent.appliance_id.clone() })
}

/// Journals the intent, sends the code, journals the answer, and only then looks at it.
async fn send(setting: &Setting, world: &World, record: &mut Record) -> Result<Grant, Failed> {
    let code = &setting.answers.secret.install_code;
    let known = record.intents.iter().position(|intent| intent.is_for(code));
    let index = known.unwrap_or_else(|| {
        record.intents.push(Intent::new(code, &world.host.appliance_id(), world.clock.now()));
        record.intents.len() - 1
    });
    // Stored also when it is known: the room for the answer is reserved with it.
    world.journal.store_intent(record)?;
    let Intent { key, appliance_id, .. } = &record.intents[index];
    let answer = world.license.register(code, appliance_id, *key).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(refused(world, record, index, known.is_some(), error)),
    };
    let grant = Grant::parse(answer.expose());
    // Whatever came is kept, also what this version cannot read; but nothing unreadable replaces a grant.
    if grant.is_ok() || record.intents[index].answer.is_none() {
        record.intents[index].answer = Some(answer);
        world.journal.store(record)?;
    }
    Point::RegisterJournalled.pass();
    let grant = grant.map_err(RedeemError::Grant)?;
    check(&grant, setting, world)?;
    Ok(grant)
}

fn check(grant: &Grant, setting: &Setting, world: &World) -> Result<(), RedeemError> {
    let crate::values::Entitlement::Pro { token, .. } = &grant.entitlement else { return Ok(()) };
    let skew = i64::try_from(setting.profile.license.clock_skew.as_secs()).unwrap_or(i64::MAX);
    check_token(token, grant.tenant_id, world.license.token_key(), world.clock.now(), skew).map_err(RedeemError::Token)
}

/// Turns a refusal into a failure; an intent that is certain to have spent nothing is dropped.
fn refused(world: &World, record: &mut Record, index: usize, was_known: bool, error: LicenseError) -> Failed {
    let again = error.again();
    let appliance = record.intents[index].appliance_id.to_string();
    let report = match error {
        error @ LicenseError::Used { .. } if was_known => {
            let at = record.intents[index].at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            return RedeemError::UsedByUs { appliance, at, refusal: Box::new(error) }.into();
        }
        error @ LicenseError::Used { .. } => {
            RedeemError::UsedElsewhere { appliance, refusal: Box::new(error) }.report()
        }
        error @ (LicenseError::Unknown { .. } | LicenseError::Expired { .. }) if !was_known => error.report(),
        // Nothing certain is known about the code: the intent stays, and with it the key that makes repeating safe.
        error => return Failed { reports: vec![error.report()], again },
    };
    record.intents.remove(index);
    let forgotten = if record.intents.is_empty() { world.journal.clear() } else { world.journal.store(record) };
    match forgotten {
        Ok(()) => Failed { reports: vec![report], again: None },
        Err(error) => Failed { reports: vec![report, error.report()], again: None },
    }
}
