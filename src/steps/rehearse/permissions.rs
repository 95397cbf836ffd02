//! Whether this user may do what the steps will do.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{Finding, RehearsalError, Rehearsing};
use crate::{
    profile::{Data, Dependent, ObjectName},
    steps::{
        objects::{distinct, listed},
        rows::{namespaces, objects},
    },
    words::{Phrase, phrase},
    world::{Access, ClusterError, Rules},
};

/// What the steps will do with a resource: its API group, its name, and the verbs.
type Use = (&'static str, &'static str, &'static [&'static str]);

/// To the API server a namespace that is read lies in itself, so a role within it is enough.
const READ_NAMESPACE: Use = ("", "namespaces", &["get"]);

/// What a namespace that does not exist needs besides.
const MAKE_NAMESPACE: Use = ("", "namespaces", &["create", "patch"]);

/// Whether data is there that a value would be needed for.
const READ_CLAIMS: Use = ("", "persistentvolumeclaims", &["get"]);

/// What is done with the objects of a kind.
const APPLY: &[&str] = &["get", "create", "patch"];

/// What a Helm bootstrap needs besides.
const BOOTSTRAP: [Use; 5] = [
    ("", "secrets", &["list", "delete"]),
    ("", "pods", &["list"]),
    ("", "pods/log", &["get"]),
    ("", "events", &["list"]),
    ("batch", "jobs", &["list", "watch", "create", "delete"]),
];

impl Rehearsing<'_> {
    /// Asks once for each namespace what may be done there, and then for each that this does not tell.
    pub(super) async fn permissions(&self) -> Finding {
        let asked = join_all(namespaces(self.profile).into_iter().map(|namespace| self.rules(namespace)));
        let (needed, asked) = tokio::join!(self.needed(), asked);
        let rules: BTreeMap<String, Rules> = asked.into_iter().collect::<Result<_, _>>()?;
        let is_told =
            |(namespace, access): &&(String, Access)| rules.get(namespace).is_some_and(|rules| rules.allow(*access));
        let untold: Vec<_> = needed.iter().filter(|used| !is_told(used)).cloned().collect();
        // A few at a time: each one at once would cost a TLS connection of its own.
        let (first, second) = untold.split_at(untold.len() / 2);
        let (first, second) = tokio::try_join!(self.denied(first), self.denied(second))?;
        let denied = [first, second].concat();
        if denied.is_empty() {
            return Ok(phrase!("rehearse-permissions" { needed: needed.len() }));
        }
        let denied_in = |namespace: &String| {
            let denied = denied.iter().filter(|(other, _)| other == namespace);
            let denied: Vec<Phrase> = denied.map(|(_, access)| access.to_string().into()).collect();
            phrase!("rehearse-denied-in" { denied, namespace })
        };
        let namespaces = distinct(denied.iter().map(|(namespace, _)| namespace));
        Err(RehearsalError::Denied { denied: listed(namespaces.into_iter().map(denied_in)) }.into())
    }

    async fn rules(&self, namespace: String) -> Result<(String, Rules), ClusterError> {
        let rules = self.world.cluster.rules(&namespace).await?;
        Ok((namespace, rules))
    }

    /// What the steps need, each in a namespace.
    async fn needed(&self) -> Vec<(String, Access)> {
        let (objects, cluster, own) = (objects(self.profile), &self.world.cluster, &self.profile.cluster.namespace);
        let mut needed = Vec::new();
        for namespace in namespaces(self.profile) {
            let of_namespace = objects.iter().filter(|object| cluster.namespace_of(object) == namespace);
            let kinds = distinct(of_namespace.map(|object| object.kind.resource()));
            let mut uses = vec![READ_NAMESPACE];
            let is_here = |claim: &ObjectName| *claim.namespace.as_ref().unwrap_or(own) == namespace;
            let mut data = self.profile.generate.iter().flat_map(|value| &value.data);
            let has_claims = data.any(|data| matches!(data, Data::Claim(claim) if is_here(claim)));
            uses.extend(has_claims.then_some(READ_CLAIMS));
            uses.extend(kinds.into_iter().map(|resource| ("", resource, APPLY)));
            if self.looked.is_missing(&namespace).await {
                uses.push(MAKE_NAMESPACE);
            }
            if self.profile.bootstrap.is_some() && namespace == cluster.namespace() {
                uses.extend(BOOTSTRAP);
            }
            for used in uses {
                let ((group, resource, verbs), namespaced) = (used, used != MAKE_NAMESPACE);
                let access = |verb: &&'static str| Access { verb, group, resource, namespaced };
                needed.extend(verbs.iter().map(|verb| (namespace.clone(), access(verb))));
            }
        }
        needed.extend(self.restarts());
        needed
    }

    /// Taking what is restarted along when the address changes: later, and then half of the change is made already.
    fn restarts(&self) -> impl Iterator<Item = (String, Access)> {
        let own = self.world.cluster.namespace();
        self.profile.reconcile.restart.iter().filter_map(move |dependent| {
            let Dependent::Workload(kind, name) = dependent else { return None };
            let namespace = name.namespace.as_deref().unwrap_or(own).to_owned();
            Some((namespace, Access { verb: "patch", group: "apps", resource: kind.resource(), namespaced: true }))
        })
    }

    async fn denied(&self, needed: &[(String, Access)]) -> Result<Vec<(String, Access)>, ClusterError> {
        let mut denied = Vec::new();
        for (namespace, access) in needed {
            if !self.world.cluster.may(*access, namespace).await? {
                denied.push((namespace.clone(), *access));
            }
        }
        Ok(denied)
    }
}
