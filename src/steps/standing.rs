//! What is there: the objects as the cluster has them, the tenant that it belongs to, and the grants in the journal.

use super::{
    bootstrap,
    given::Given,
    objects::{Foreseen, Granted, Known, Objects},
    rows::{TENANT, namespaces, rows},
};
use crate::{
    profile::{Profile, keys},
    values::{Grant, InstallCode, TenantId},
    world::{ClusterError, Intent, Record, World},
};

/// What the cluster has of the objects of a profile.
pub(super) struct Standing {
    pub(super) objects: Objects,
    /// The tenant that the cluster belongs to; in canonical form when it is a tenant id, else as it stands.
    pub(super) tenant: Option<String>,
}

impl Standing {
    /// Reads every object.
    pub(super) async fn observe(profile: &Profile, world: &World) -> Result<Self, ClusterError> {
        let objects = Objects::observe(rows(profile), &world.cluster).await?;
        objects.hide(&world.redactor);
        // A profile that renames the key must not hide what an earlier one wrote under the contract's name.
        let tenant = objects.created(TENANT, keys::TENANT_ID).map(|id| id.expose().trim());
        let canonical = |id: &str| id.parse::<TenantId>().map_or_else(|_foreign| id.to_owned(), |id| id.to_string());
        let tenant = tenant.map(canonical).filter(|id| !id.is_empty());
        Ok(Self { objects, tenant })
    }

    /// Has the API server try what will be written, and tells how many objects those are.
    ///
    /// A Secret that another tenant's setup left is for the `secrets` step to refuse.
    pub(super) async fn dry_run(
        profile: &Profile,
        given: Option<&Given>,
        world: &World,
    ) -> Result<usize, ClusterError> {
        let standing = Self::observe(profile, world).await?;
        let Self { objects, .. } = &standing;
        let Some(Given { answers, password, .. }) = given else {
            return objects.dry_run(Foreseen { known: None, grant_to_come: false }, &world.cluster).await;
        };
        // A journal that cannot be read is told by those who need it.
        let record = world.journal.load().unwrap_or_default();
        let granted = usable_grant(&record, &answers.secret.install_code, profile.license.service(), &standing);
        let grant_to_come = granted.is_none() && !objects.is_complete();
        if granted.is_none() && !grant_to_come && bootstrap::has_run(profile, world).await? {
            return Ok(0);
        }
        if objects.any_present() {
            // Only then is it looked at. A failure is for the step that needs it.
            let _ = password.made().await;
        }
        let known = Known { answers, granted: granted.as_ref(), password };
        objects.dry_run(Foreseen { known: Some(&known), grant_to_come }, &world.cluster).await
    }
}

/// Creates the namespaces that are missing.
pub(super) async fn ensure_namespaces(profile: &Profile, world: &World) -> Result<(), ClusterError> {
    for namespace in namespaces(profile) {
        world.cluster.ensure_namespace(&namespace, false).await?;
    }
    Ok(())
}

/// The journalled grant that a run with `code` works from.
///
/// The code's own grant comes first, also when it is for another tenant than the
/// cluster's: that is to be said, not passed over. Any other grant serves only if
/// it does not contradict the cluster and was not set aside for another one, nor has another cluster had it: whoever sets
/// this machine up anew with another code means another appliance. That of another `service` never does, nor one that
/// the cluster has already.
pub(super) fn usable_grant(record: &Record, code: &InstallCode, service: &str, standing: &Standing) -> Option<Granted> {
    let tenant = standing.tenant.as_deref();
    let is_the_clusters = |grant: &Grant| tenant == Some(grant.tenant_id.to_string().as_str());
    let is_needed = |(intent, grant): &(&Intent, Grant)| {
        intent.settled.is_none() || !standing.objects.is_complete() || !is_the_clusters(grant)
    };
    let intents = record.intents.iter().filter(|intent| intent.is_with(service));
    let grants = intents.filter_map(|intent| Some((intent, intent.grant()?))).filter(is_needed);
    let grants: Vec<(&Intent, Grant)> = grants.collect();
    let own = grants.iter().position(|(intent, _)| intent.is_for(code));
    let fits = |(intent, grant): &(&Intent, Grant)| match tenant {
        Some(_) => is_the_clusters(grant),
        None => !intent.set_aside && intent.settled.is_none(),
    };
    // Which of several tenants is meant is not for us to choose.
    let fitting = || {
        let mut tenants: Vec<_> = grants.iter().filter(|kept| fits(kept)).map(|(_, grant)| grant.tenant_id).collect();
        tenants.dedup();
        // The newest of several, as after a reissue.
        if tenants.len() == 1 { grants.iter().rposition(&fits) } else { None }
    };
    let position = own.or_else(fitting)?;
    let (intent, grant) = grants.into_iter().nth(position)?;
    Some(Granted { grant, appliance_id: intent.appliance_id.clone(), key: intent.key })
}
