//! What is known of a redemption beforehand: what will be written for it, and that the code is not this machine's.

use super::{Decision, OtherTenant, RedeemError, decide};
use crate::{
    error::Report,
    profile::Profile,
    steps::{
        bootstrap,
        given::Given,
        objects::{Foreseen, Known},
        standing::{Standing, usable_grant},
    },
    world::World,
};

/// Has the API server try what will be written, and tells how many objects those are.
pub(in crate::steps) async fn dry_run(
    standing: &Standing,
    profile: &Profile,
    given: Option<&Given>,
    world: &World,
) -> Result<usize, Report> {
    let objects = &standing.objects;
    let Some(Given { answers, password, .. }) = given else {
        return Ok(objects.dry_run(Foreseen { known: None, grant_to_come: false }, &world.cluster).await?);
    };
    // A journal that cannot be read is told by those who need it.
    let record = world.journal.load().unwrap_or_default();
    let code = &answers.secret.install_code;
    let granted = usable_grant(&record, code, profile.license.service(), standing);
    let bootstrapped = objects.any_present() && bootstrap::has_run(profile, world).await?;
    let decision = decide(profile, standing, &record, answers, bootstrapped);
    let grant_to_come = decision.asks();
    let is_kept = bootstrapped && objects.all_present();
    if matches!(decision, Decision::OtherCode(_)) || matches!(decision, Decision::Complete(_)) && is_kept {
        return Ok(0);
    }
    if objects.any_present() {
        // Only then is it looked at. A failure is for the step that needs it.
        let _ = password.made().await;
    }
    let tenant = standing.tenant.as_deref();
    let other_code = standing.is_of_another(code, &record);
    let (answers, password) = (Some(answers), Some(password));
    let granted = granted.as_ref();
    let known = Known { answers, granted, tenant, other_code, password, bootstrapped, ..Known::default() };
    Ok(objects.dry_run(Foreseen { known: Some(&known), grant_to_come }, &world.cluster).await?)
}

/// Why a run with these answers will end without sending the code, if it will: this machine is another code's, or the
/// cluster another tenant's.
pub(in crate::steps) fn refusal(standing: &Standing, given: &Given, world: &World) -> Option<Report> {
    let Given { profile, answers, .. } = given;
    let record = world.journal.load().ok()?;
    // That the bootstrap has run makes no code this machine's.
    match decide(profile, standing, &record, answers, false) {
        Decision::OtherCode(whose) => Some(RedeemError::OtherCode(whose).into()),
        Decision::Kept(kept) => OtherTenant::of(standing, &kept.grant).map(Report::from),
        _ => None,
    }
}
