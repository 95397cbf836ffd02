//! Which code counts: a function of what the cluster has, what the journal holds, and what is answered.

use crate::{
    answers::Answers,
    profile::Profile,
    steps::{
        objects::Granted,
        standing::{Standing, granted_tenant, told_tenant, usable_grant, waiting_grant},
    },
    values::Grant,
    words::Phrase,
    world::Record,
};

/// What another code has set up, with the tenant that it is for.
#[derive(Debug)]
pub(in crate::steps) enum SetUp {
    /// The cluster.
    Cluster(Phrase),
    /// A grant that waits on this machine.
    Grant(Phrase),
}

/// What is to be done about the code.
#[derive(Debug)]
pub(in crate::steps) enum Decision {
    /// This code has set the cluster up: it is not needed.
    Complete(Phrase),
    /// An earlier run was granted what this one needs.
    Kept(Box<Granted>),
    /// The code was granted by one of these other services, if its grant holds.
    Elsewhere(Vec<(String, Grant)>),
    /// The cluster, or a grant that waits here, is another code's, and nobody has said that this one shall be used.
    OtherCode(SetUp),
    /// The code has to be sent.
    Send,
}

impl Decision {
    /// Whether the license service has to be asked.
    pub(in crate::steps) const fn asks(&self) -> bool {
        matches!(self, Self::Elsewhere(_) | Self::Send)
    }
}

/// Looks at what is there; pure. `has_run`: the bootstrap has, and so it needs nothing of the objects any more.
pub(in crate::steps) fn decide(
    profile: &Profile,
    standing: &Standing,
    record: &Record,
    answers: &Answers,
    has_run: bool,
) -> Decision {
    let (service, code, change) = (profile.license.service(), &answers.secret.install_code, answers.public.change);
    if let Some(kept) = usable_grant(record, code, service, standing) {
        return Decision::Kept(Box::new(kept));
    }
    if let Some(tenant) = &standing.tenant {
        let told = told_tenant(tenant, standing.company.as_deref());
        if !standing.is_of(code, record) {
            return if change { Decision::Send } else { Decision::OtherCode(SetUp::Cluster(told)) };
        }
        if has_run && standing.objects.all_present() || standing.objects.is_complete() {
            return Decision::Complete(told);
        }
    } else if let Some(waiting) = waiting_grant(record, code, service).filter(|_| !change) {
        return Decision::OtherCode(SetUp::Grant(granted_tenant(&waiting)));
    }
    let elsewhere = record.intents.iter().filter(|intent| intent.is_for(code) && !intent.is_with(service));
    let granted: Vec<_> = elsewhere.filter_map(|intent| Some((intent.service.clone()?, intent.grant()?))).collect();
    if granted.is_empty() { Decision::Send } else { Decision::Elsewhere(granted) }
}
