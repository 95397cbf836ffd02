//! What is there: the Secrets as the cluster has them, the tenant that it belongs to, and the grants in the journal.

use futures_util::future::join_all;

use super::secrets::{rows::rows, rules::Row};
use crate::{
    profile::{Profile, keys},
    values::{ApplianceId, Grant, InstallCode, TenantId},
    world::{ClusterError, Intent, Record, SecretData, World},
};

/// One Secret of the profile, and what the cluster has of it.
pub(super) struct Observed {
    pub(super) row: Row,
    pub(super) present: Option<SecretData>,
}

/// What the cluster has of the Secrets of a profile.
pub(super) struct Standing {
    pub(super) secrets: Vec<Observed>,
    /// The tenant that the cluster belongs to.
    pub(super) tenant: Option<String>,
}

/// A grant from the journal, and the id of this machine that it was made for.
pub(super) struct Granted {
    pub(super) grant: Grant,
    pub(super) appliance_id: ApplianceId,
}

impl Standing {
    /// Reads every Secret.
    pub(super) async fn observe(profile: &Profile, world: &World) -> Result<Self, ClusterError> {
        let rows = rows(profile);
        let present = join_all(rows.iter().map(|row| world.cluster.secret(&row.name))).await;
        let observed = rows.into_iter().zip(present).map(|(row, present)| Ok(Observed { row, present: present? }));
        let secrets = observed.collect::<Result<Vec<_>, _>>()?;
        for Observed { row, present } in &secrets {
            if let Some(data) = present {
                row.hide(data, &world.redactor);
            }
        }
        let standing = Self { secrets, tenant: None };
        let tenant = standing.secret(&profile.secrets.tenant.name).and_then(|data| tenant_in(profile, data));
        Ok(Self { tenant, ..standing })
    }

    /// Whether the Secrets hold everything that a bootstrap reads, so that no grant is needed.
    pub(super) fn is_complete(&self) -> bool {
        self.secrets.iter().all(|Observed { row, present }| present.as_ref().is_some_and(|data| row.is_complete(data)))
    }

    /// What the cluster has of one Secret.
    pub(super) fn secret(&self, name: &str) -> Option<&SecretData> {
        self.secrets.iter().find(|observed| observed.row.name == name)?.present.as_ref()
    }
}

/// The tenant that the tenant's Secret names; in canonical form when it is a tenant id, else as it stands.
///
/// A profile that renames the key must not hide what an earlier one wrote under the contract's name.
pub(super) fn tenant_in(profile: &Profile, data: &SecretData) -> Option<String> {
    let id = data.get(profile.secrets.tenant.key(keys::TENANT_ID)).or_else(|| data.get(keys::TENANT_ID))?;
    let id = id.expose().trim();
    let canonical = id.parse::<TenantId>().map_or_else(|_foreign| id.to_owned(), |id| id.to_string());
    Some(canonical).filter(|id| !id.is_empty())
}

/// Server-side dry run of every Secret with placeholder values.
///
/// A Secret that another tenant's setup left is for the `secrets` step to refuse.
pub(super) async fn dry_run(profile: &Profile, world: &World) -> Result<(), ClusterError> {
    let standing = Standing::observe(profile, world).await?;
    let tried = standing.secrets.iter().map(|Observed { row, present }| async move {
        world.cluster.rehearse_secret(&row.name, present.as_ref(), &row.placeholder()).await
    });
    join_all(tried).await.into_iter().collect()
}

/// The journalled grant that a run with `code` works from.
///
/// The code's own grant comes first, also when it is for another tenant than the
/// cluster's: that is to be said, not passed over. Any other grant serves only if
/// it does not contradict the cluster and was not set aside for another one. That of
/// another `service` never does.
pub(super) fn usable_grant(
    record: &Record,
    code: &InstallCode,
    service: &str,
    cluster: Option<&str>,
) -> Option<Granted> {
    let intents = record.intents.iter().filter(|intent| intent.is_with(service));
    let grants: Vec<(&Intent, Grant)> = intents.filter_map(|intent| Some((intent, intent.grant()?))).collect();
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
