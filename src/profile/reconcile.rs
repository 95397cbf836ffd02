//! Section `[reconcile]`: what follows when the appliance is reached elsewhere, or its certificate is another one.

use serde_json::json;

use super::{destination::ObjectName, kinds::list_of, setting::section};
use crate::{
    values::UnitName,
    words::{Phrase, phrase},
};

section! {
    /// What follows when the appliance is reached elsewhere, or its certificate is another one.
    pub struct Reconcile {
        /// What is started again then, because it reads them when it starts: `deployment:NAME`, `statefulset:NAME` or
        /// `daemonset:NAME`, with `NAMESPACE/` before the name if it is another one, or `unit:NAME`, a systemd unit of this
        /// machine. What was stopped stays so; a unit that has failed is
        /// started.
        pub restart: Vec<Dependent> = list_of("restart", Dependent::parse).or(json!([])),
    }
}

/// What reads the address or the certificate when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependent {
    /// Pods of the cluster.
    Workload(WorkloadKind, ObjectName),
    /// A unit of this machine.
    Unit(UnitName),
}

/// What has pods that are replaced when its template changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadKind {
    /// A `Deployment`.
    Deployment,
    /// A `StatefulSet`.
    StatefulSet,
    /// A `DaemonSet`.
    DaemonSet,
}

impl WorkloadKind {
    /// What the API calls all of its kind.
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
        }
    }
}

const KINDS: [(&str, WorkloadKind); 3] = [
    ("deployment", WorkloadKind::Deployment),
    ("statefulset", WorkloadKind::StatefulSet),
    ("daemonset", WorkloadKind::DaemonSet),
];

impl Dependent {
    /// Reads `deployment:NAME` and the like.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let problem = || phrase!("profile-dependent");
        let (kind, name) = text.split_once(':').ok_or_else(problem)?;
        if kind == "unit" {
            return UnitName::parse(name).map(Self::Unit);
        }
        let kind = KINDS.iter().find(|(known, _)| *known == kind).map(|(_, kind)| *kind);
        let (kind, name) = kind.zip(ObjectName::parse(name)).ok_or_else(problem)?;
        Ok(Self::Workload(kind, name))
    }
}

impl std::fmt::Display for Dependent {
    /// As the profile writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Workload(kind, name) => {
                let known = KINDS.iter().find(|(_, known)| known == kind).map_or("", |(known, _)| known);
                write!(f, "{known}:{name}")
            }
            Self::Unit(unit) => write!(f, "unit:{unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependents() {
        for text in ["deployment:web", "statefulset:msp/gateway", "daemonset:edge", "unit:gateway.service"] {
            assert_eq!(Dependent::parse(text).map(|read| read.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "web", "deployment:", "deployment:Web", "job:web", "unit:gateway", "deployment:a/b/c"] {
            Dependent::parse(text).expect_err(text);
        }
    }
}
