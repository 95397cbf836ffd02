//! What is there: the objects as the cluster has them, the tenant that it belongs to, and the grants in the journal.

use super::{
    given::Given,
    objects::{Granted, Objects, distinct, named},
    questions,
    rows::{TENANT, namespaces, rows},
};
use crate::{
    answers::fields::INSTALL_CODE,
    error::{ErrorId, Failure, Report},
    profile::{Profile, keys},
    values::{Grant, InstallCode, Line, SecretText, TenantId, plain_text},
    words::{Phrase, phrase, said},
    world::{Intent, NamespacePhase, Record, World, annotations},
};

/// What the cluster has of the objects of a profile.
pub(super) struct Standing {
    pub(super) objects: Objects,
    /// The tenant that the cluster belongs to; in canonical form when it is a tenant id, else as it stands.
    pub(super) tenant: Option<String>,
    /// What that tenant is called.
    pub(super) company: Option<String>,
}

/// What is there does not belong together.
#[derive(Debug)]
pub(super) struct SeveralTenants(Vec<String>);

said! { SeveralTenants:
    Self(tenants) => "standing-several-tenants" { tenants: named(tenants.iter().map(|tenant| plain_text(tenant, 60))) },
}

impl Failure for SeveralTenants {
    fn id(&self) -> ErrorId {
        ErrorId::OtherTenant
    }

    fn hint(&self) -> Option<Phrase> {
        Some(phrase!("standing-several-tenants-hint"))
    }
}

/// The cluster is not the tenant's that a code was issued for.
#[derive(Debug)]
pub(super) struct OtherTenant {
    present: Phrase,
    granted: Phrase,
}

said! { OtherTenant:
    Self { present, granted } => "secrets-other-tenant" { present, granted },
}

impl Failure for OtherTenant {
    fn id(&self) -> ErrorId {
        ErrorId::OtherTenant
    }

    fn hint(&self) -> Option<Phrase> {
        let Self { present, granted } = self;
        Some(phrase!("secrets-other-tenant-hint" { present, granted }))
    }

    fn about(&self) -> Option<String> {
        // One for this cluster's own can be had.
        Some(INSTALL_CODE.to_owned())
    }
}

impl OtherTenant {
    /// What is wrong with a grant on this cluster, if something is.
    pub(super) fn of(standing: &Standing, grant: &Grant) -> Option<Self> {
        let tenant = standing.tenant.as_deref().filter(|tenant| !is_for(grant, Some(tenant)))?;
        let present = told_tenant(tenant, standing.company.as_deref());
        Some(Self { present, granted: granted_tenant(grant) })
    }
}

impl Standing {
    /// Reads every object; they are one tenant's.
    pub(super) async fn observe(profile: &Profile, world: &World) -> Result<Self, Report> {
        let objects = Objects::observe(rows(profile), &world.cluster).await?;
        objects.hide(&world.redactor);
        Ok(Self::of(profile, objects)?)
    }

    /// What these objects say.
    pub(super) fn of(profile: &Profile, objects: Objects) -> Result<Self, SeveralTenants> {
        // A profile that renames the key must not hide what an earlier one wrote under the contract's name.
        let tenant = objects.created(TENANT, keys::TENANT_ID).and_then(TenantId::canonical);
        let owners = distinct(tenant.iter().cloned().chain(objects.owners()));
        if owners.len() > 1 {
            return Err(SeveralTenants(owners));
        }
        let name = objects.value(profile.secrets.tenant.key(keys::TENANT_NAME));
        let company = name.map(|name| name.expose().to_owned());
        Ok(Self { objects, tenant: owners.into_iter().next(), company })
    }

    /// Whether the cluster belongs to a tenant and lacks something all the same.
    pub(super) fn is_half(&self) -> bool {
        self.tenant.is_some() && !self.objects.is_complete()
    }

    /// Whether the cluster was set up with another code than this one.
    pub(super) fn is_of_another(&self, code: &InstallCode, record: &Record) -> bool {
        self.tenant.is_some() && !self.is_of(code, record)
    }

    /// Whether the cluster was set up with this code, so far as that is known here.
    pub(super) fn is_of(&self, code: &InstallCode, record: &Record) -> bool {
        let Some(tenant) = &self.tenant else { return false };
        let made_with = SecretText::new(code.fingerprint(tenant.as_bytes()));
        // What an older version wrote says nothing of it, but the journal keeps the codes that a cluster has had.
        let unmarked = self.objects.value(annotations::CODE).is_none();
        self.objects.have(annotations::CODE, &made_with)
            || unmarked && record.intents.iter().any(|intent| intent.is_for(code) && intent.settled.is_some())
    }
}

/// A tenant in a sentence: its id, and what it is called where that is known.
pub(super) fn told_tenant(tenant: &str, company: Option<&str>) -> Phrase {
    let tenant = plain_text(tenant, 60);
    match company.filter(|company| !company.is_empty()) {
        Some(company) => phrase!("tenant-named" { tenant, company: plain_text(company, 100) }),
        None => phrase!("tenant-unnamed" { tenant }),
    }
}

/// The tenant of a grant in a sentence.
pub(super) fn granted_tenant(grant: &Grant) -> Phrase {
    told_tenant(&grant.tenant_id.to_string(), grant.company_name.as_ref().map(Line::as_str))
}

/// Creates the namespaces that are missing, so that Helm takes over the one that the chart brings.
pub(super) async fn ensure_namespaces(given: &Given, world: &World) -> Result<(), Report> {
    let Given { profile, answers, .. } = given;
    for namespace in namespaces(profile) {
        let (mut phase, mut release) = (world.cluster.namespace_phase(&namespace).await?, None);
        if let Some(bootstrap) = profile.bootstrap.as_ref().filter(|_| namespace == world.cluster.namespace())
            && phase == NamespacePhase::Missing
        {
            let values = questions::values(profile, &answers.public);
            let brings = world.helm.brings(&bootstrap.release, &namespace, &values).await?;
            release = brings.then_some(bootstrap.release.as_str());
            // That took its time, and what somebody else has made meanwhile is not to be Helm's.
            phase = world.cluster.namespace_phase(&namespace).await?;
        }
        world.cluster.ensure_namespace(&namespace, phase, release, false).await?;
    }
    Ok(())
}

/// The journalled grant that a run with `code` works from: that of this code alone, also when it is for another tenant
/// than the cluster's, because that is to be said, not passed over. That of another `service` never does, nor one that the
/// cluster has already.
pub(super) fn usable_grant(record: &Record, code: &InstallCode, service: &str, standing: &Standing) -> Option<Granted> {
    let is_needed = |(intent, grant): &(&Intent, Grant)| {
        let has_all = standing.objects.is_complete() && standing.objects.all_present();
        intent.settled.is_none() || !has_all || !is_for(grant, standing.tenant.as_deref())
    };
    let mut intents = record.intents.iter().filter(|intent| intent.is_for(code) && intent.is_with(service));
    let (intent, grant) = intents.find_map(|intent| Some((intent, intent.grant()?)).filter(is_needed))?;
    Some(Granted { grant, appliance_id: intent.appliance_id.clone(), key: intent.key })
}

/// Whether a grant is for `tenant`.
pub(super) fn is_for(grant: &Grant, tenant: Option<&str>) -> bool {
    tenant == Some(grant.tenant_id.to_string().as_str())
}

/// A grant that another code brought, and that waits on this machine for a cluster.
pub(super) fn waiting_grant(record: &Record, code: &InstallCode, service: &str) -> Option<Grant> {
    let others = record.intents.iter().filter(|intent| !intent.is_for(code) && intent.is_with(service));
    // The newest of several.
    others.rev().filter(|intent| !intent.set_aside).find_map(Intent::grant)
}
