//! What the kubeconfig's user may do.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, ResourceRule, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SelfSubjectRulesReview,
    SelfSubjectRulesReviewSpec,
};
use kube::{Api, api::PostParams};

use super::{Cluster, ClusterError};
use crate::words::phrase;

/// One permission to ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The verb.
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The resource, in the plural, and behind a slash a part of it that has rights of its own.
    pub resource: &'static str,
    /// Whether it is asked for one namespace alone.
    pub namespaced: bool,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dot = if self.group.is_empty() { "" } else { "." };
        write!(f, "{} {}{dot}{}", self.verb, self.resource, self.group)
    }
}

/// What the API server tells of what this user may do in one namespace: enough to know that something is allowed, never that
/// it is not, because who else decides need not tell it (`SelfSubjectRulesReviewStatus.incomplete`).
#[derive(Debug, Default)]
pub struct Rules(Vec<ResourceRule>);

impl Rules {
    /// Whether they allow this for certain.
    #[must_use]
    pub fn allow(&self, access: Access) -> bool {
        // Rules of the namespace and of the whole cluster stand side by side here.
        access.namespaced && self.0.iter().any(|rule| allows(rule, access))
    }
}

/// As the API server matches rules: with `*` for everything, and `*/part` for the part of every resource.
fn allows(rule: &ResourceRule, access: Access) -> bool {
    let has = |list: &Option<Vec<String>>, wanted: &str| list.iter().flatten().any(|one| one == "*" || one == wanted);
    let part = access.resource.split_once('/').map(|(_, part)| format!("*/{part}"));
    let is_for_some_alone = rule.resource_names.as_ref().is_some_and(|names| !names.is_empty());
    let resources = rule.resources.as_ref();
    !is_for_some_alone
        && has(&Some(rule.verbs.clone()), access.verb)
        && has(&rule.api_groups, access.group)
        && (has(&rule.resources, access.resource)
            || part.is_some_and(|part| resources.is_some_and(|all| all.contains(&part))))
}

impl Cluster {
    /// Asks whether the kubeconfig's user may do something in a namespace (`SelfSubjectAccessReview`).
    ///
    /// # Errors
    /// When the question itself is refused.
    pub async fn may(&self, access: Access, namespace: &str) -> Result<bool, ClusterError> {
        let (resource, subresource) = access.resource.split_once('/').unzip();
        let attributes = ResourceAttributes {
            verb: Some(access.verb.to_owned()),
            group: Some(access.group.to_owned()),
            resource: Some(resource.unwrap_or(access.resource).to_owned()),
            subresource: subresource.map(str::to_owned),
            namespace: access.namespaced.then(|| namespace.to_owned()),
            ..ResourceAttributes::default()
        };
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() },
            ..Default::default()
        };
        let reviews: Api<SelfSubjectAccessReview> = Api::all(self.client().await?);
        let answer = reviews.create(&PostParams::default(), &review).await;
        let answer = answer.map_err(|error| self.failed(phrase!("kubernetes-ask-permissions"), error))?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// Asks what the kubeconfig's user may do in a namespace (`SelfSubjectRulesReview`); nothing where that is refused.
    ///
    /// # Errors
    /// When the API server cannot be asked.
    pub async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        let spec = SelfSubjectRulesReviewSpec { namespace: Some(namespace.to_owned()) };
        let review = SelfSubjectRulesReview { spec, ..SelfSubjectRulesReview::default() };
        let reviews: Api<SelfSubjectRulesReview> = Api::all(self.client().await?);
        match reviews.create(&PostParams::default(), &review).await {
            Ok(answer) => Ok(answer
                .status
                .filter(|told| !told.incomplete)
                .map_or_else(Rules::default, |told| Rules(told.resource_rules))),
            // Each is asked for then.
            Err(kube::Error::Api(_)) => Ok(Rules::default()),
            Err(error) => Err(self.failed(phrase!("kubernetes-ask-permissions"), error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(groups: &[&str], resources: &[&str], verbs: &[&str], names: &[&str]) -> ResourceRule {
        let list = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        ResourceRule {
            api_groups: Some(list(groups)),
            resources: Some(list(resources)),
            verbs: list(verbs),
            resource_names: Some(list(names)),
        }
    }

    #[test]
    fn what_is_allowed_for_certain() {
        let log = Access { verb: "get", group: "", resource: "pods/log", namespaced: true };
        let jobs = Access { verb: "watch", group: "batch", resource: "jobs", namespaced: true };
        let namespaces = Access { verb: "create", group: "", resource: "namespaces", namespaced: false };
        for (rule, expected) in [
            (rule(&["*"], &["*"], &["*"], &[]), [true, true, false]),
            (rule(&[""], &["*"], &["*"], &[]), [true, false, false]),
            (rule(&[""], &["pods"], &["*"], &[]), [false, false, false]),
            (rule(&[""], &["pods", "*/log"], &["get"], &[]), [true, false, false]),
            (rule(&[""], &["pods/log"], &["list"], &[]), [false, false, false]),
            (rule(&["batch"], &["jobs"], &["list", "watch"], &[]), [false, true, false]),
            (rule(&["batch"], &["jobs"], &["watch"], &["migrate"]), [false, false, false]),
            (rule(&[""], &["namespaces"], &["create"], &[]), [false, false, false]),
        ] {
            let rules = Rules(vec![rule]);
            assert_eq!([log, jobs, namespaces].map(|access| rules.allow(access)), expected, "{rules:?}");
        }
        assert!(!Rules::default().allow(log));
    }
}
