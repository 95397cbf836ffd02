//! Why the API server could not be used, or refused, in the words of its own `Status`.

use std::{path::Path, time::Duration};

use kube::config::KubeconfigError;

use crate::{
    error::{ErrorId, Failure, find_source},
    values::plain_text,
};

/// What went wrong with the cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is no kubeconfig (yet).
    #[error("there is no kubeconfig at `{path}`")]
    KubeconfigMissing {
        /// Where it should be.
        path: String,
    },
    /// The kubeconfig is of no use.
    #[error("the kubeconfig `{path}` cannot be used")]
    Kubeconfig {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: Box<KubeconfigError>,
    },
    /// Its credential plugin hangs.
    #[error("`{plugin}`, which the kubeconfig `{path}` runs for its credentials, did not end within {} s", .limit.as_secs())]
    PluginStuck {
        /// The kubeconfig.
        path: String,
        /// The command.
        plugin: String,
        /// How long it was given.
        limit: Duration,
    },
    /// No client could be made of the kubeconfig.
    #[error("the kubeconfig `{path}` names credentials or certificates that cannot be used")]
    Client {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: Box<kube::Error>,
    },
    /// No connection, or no whole answer.
    #[error("the Kubernetes API server cannot be reached to {action}")]
    Unreachable {
        /// What was tried.
        action: String,
        /// Why not.
        #[source]
        source: Box<kube::Error>,
    },
    /// The API server answers, but is not ready.
    #[error("the Kubernetes API server cannot answer yet (status {status}: {reason})")]
    Starting {
        /// The HTTP status.
        status: u16,
        /// The API server's sentence.
        reason: String,
    },
    /// Its certificate does not fit the kubeconfig, or ours does not fit it.
    #[error("the Kubernetes API server's certificate does not fit the kubeconfig `{path}`")]
    Tls {
        /// The kubeconfig.
        path: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// Something else listens where the kubeconfig points.
    #[error("what answers at the address in the kubeconfig `{path}` is no Kubernetes API server")]
    NotAServer {
        /// The kubeconfig.
        path: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The kubeconfig's credentials are not accepted.
    #[error("the Kubernetes API server does not accept the credentials of the kubeconfig `{path}`")]
    Unauthorized {
        /// The kubeconfig.
        path: String,
    },
    /// The user lacks a permission.
    #[error("not permitted to {action}: {reason}")]
    Forbidden {
        /// What was tried.
        action: String,
        /// The API server's sentence.
        reason: String,
    },
    /// Admission, validation or quota.
    #[error("the Kubernetes API server refused to {action} (status {status}): {reason}")]
    Refused {
        /// What was tried.
        action: String,
        /// The HTTP status.
        status: u16,
        /// The API server's sentence.
        reason: String,
    },
    /// The namespace is being deleted.
    #[error("the namespace `{namespace}` is being deleted")]
    NamespaceTerminating {
        /// The namespace.
        namespace: String,
    },
    /// Another field manager owns what would be changed.
    #[error("could not {action}: {conflicts}")]
    Conflict {
        /// What was tried.
        action: String,
        /// Which manager owns which field.
        conflicts: String,
    },
    /// It is not as it was seen: somebody else created or changed it at the same time.
    #[error("could not {action}: somebody else changed it at the same time")]
    Changed {
        /// What was tried.
        action: String,
    },
}

impl Failure for ClusterError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Kubeconfig { .. }
            | Self::PluginStuck { .. }
            | Self::Client { .. }
            | Self::Tls { .. }
            | Self::NotAServer { .. } => ErrorId::KubeconfigInvalid,
            Self::KubeconfigMissing { .. } | Self::Unreachable { .. } | Self::Starting { .. } => {
                ErrorId::KubernetesUnreachable
            }
            Self::Forbidden { .. } => ErrorId::KubernetesForbidden,
            Self::Unauthorized { .. } | Self::Refused { .. } => ErrorId::KubernetesRefused,
            Self::NamespaceTerminating { .. } => ErrorId::NamespaceTerminating,
            Self::Conflict { .. } | Self::Changed { .. } => ErrorId::FieldConflict,
        }
    }

    fn hint(&self) -> Option<String> {
        let Self::PluginStuck { plugin, .. } = self else { return None };
        Some(format!(
            "run `{plugin}` by hand as the user running firstlight: it may ask for something; or use a kubeconfig with a certificate or a token"
        ))
    }
}

impl ClusterError {
    /// Whether waiting may help: at a first boot Kubernetes is usually still starting.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::KubeconfigMissing { .. } | Self::Unreachable { .. } | Self::Starting { .. })
    }
}

pub(super) fn classify(action: &str, namespace: &str, kubeconfig: &Path, error: kube::Error) -> ClusterError {
    let action = action.to_owned();
    let path = kubeconfig.display().to_string();
    let status = match error {
        kube::Error::Api(status) => status,
        error => {
            return match find_source::<rustls::Error>(&error).cloned() {
                Some(source @ rustls::Error::InvalidMessage(_)) => ClusterError::NotAServer { path, source },
                Some(source) => ClusterError::Tls { path, source },
                None => ClusterError::Unreachable { action, source: Box::new(error) },
            };
        }
    };
    let reason = plain_text(&status.message, 400);
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") {
        return ClusterError::NamespaceTerminating { namespace: namespace.to_owned() };
    }
    match status.code {
        401 => ClusterError::Unauthorized { path },
        403 if reason.contains(" cannot ") => ClusterError::Forbidden { action, reason },
        409 if causes.iter().any(|cause| cause.reason == "FieldManagerConflict") => {
            let conflicts: Vec<String> = causes
                .iter()
                .map(|cause| plain_text(&format!("{} on `{}`", cause.message, cause.field), 200))
                .collect();
            ClusterError::Conflict { action, conflicts: conflicts.join("; ") }
        }
        409 if matches!(status.reason.as_str(), "AlreadyExists" | "Conflict") => ClusterError::Changed { action },
        // A broken admission webhook is a 500, but no waiting mends it.
        code @ 500 if reason.contains("failed calling webhook") => {
            ClusterError::Refused { action, status: code, reason }
        }
        code @ (429 | 500..=599) => ClusterError::Starting { status: code, reason },
        code => ClusterError::Refused { action, status: code, reason },
    }
}
