//! Why the API server could not be used, or refused, in the words of its own `Status`.

use std::{path::Path, time::Duration};

use super::unusable::{Carried, KNOWN, is_no_file, of_kube, plugin_of};
use crate::{
    error::{ErrorId, Failure, find_source},
    values::plain_text,
    words::{Phrase, phrase, said},
    world::host::Denied,
};

/// What went wrong with the cluster: `path` is the kubeconfig's, `action` what was tried, and `reason` the API server's
/// sentence, or ours.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ClusterError {
    /// There is no kubeconfig (yet) where it should be.
    KubeconfigMissing { path: String },
    /// There may be one, and this user may not get at it.
    Denied(Denied),
    /// The kubeconfig is of no use.
    Kubeconfig { path: String, source: Carried },
    /// The kubeconfig leads to another machine without TLS.
    Plain { path: String, server: String },
    /// The kubeconfig would have us take anybody for its server.
    Unverified { path: String, server: String },
    /// Somebody else can write the kubeconfig; the command takes that from them.
    Writable { path: String, who: Phrase, command: String },
    /// The kubeconfig's credential plugin did not end within the limit.
    PluginStuck { path: String, plugin: Phrase, limit: Duration },
    /// No client could be made of the kubeconfig.
    Client { path: String, source: Carried },
    /// No connection, or no whole answer.
    Unreachable { action: Phrase, source: Carried },
    /// The API server answers, but with this status: it is not ready.
    Starting { status: u16, reason: Phrase },
    /// Its certificate does not fit the kubeconfig, or ours does not fit it.
    Tls { path: String, source: rustls::Error },
    /// Something else listens where the kubeconfig points.
    NotAServer { path: String, source: rustls::Error },
    /// The kubeconfig's credentials are not accepted.
    Unauthorized { path: String },
    /// The user lacks a permission.
    Forbidden { action: Phrase, reason: String },
    /// Admission, validation or quota.
    Refused { action: Phrase, status: u16, reason: Phrase },
    /// The namespace is being deleted.
    NamespaceTerminating { namespace: String },
    /// Another field manager owns what would be changed: which one owns which field.
    Conflict { action: Phrase, conflicts: Phrase },
    /// What Helm has recorded of a release is not understood.
    Record { namespace: String, name: String },
    /// It is not as it was seen: somebody else created or changed it at the same time.
    Changed { action: Phrase },
}

said! { ClusterError:
    Self::KubeconfigMissing { path } => "kubernetes-kubeconfig-missing" { path },
    Self::Denied(denied) => (denied),
    Self::Kubeconfig { path, source } => "kubernetes-kubeconfig-unusable" { path } because of(&**source, KNOWN),
    Self::Plain { path, server } => "kubernetes-plain-http" { path, server },
    Self::Unverified { path, server } => "kubernetes-unverified" { path, server },
    Self::Writable { path, who, .. } => "kubernetes-writable" { path, who },
    Self::PluginStuck { path, plugin, limit } => "kubernetes-plugin-stuck" { plugin, path, seconds: limit.as_secs() },
    Self::Client { path, source } => "kubernetes-credentials-unusable" { path } because of(&**source, KNOWN),
    Self::Unreachable { action, source } => "kubernetes-unreachable" { action } because of(&**source, KNOWN),
    Self::Starting { status, reason } => "kubernetes-starting" { status, reason },
    Self::Tls { path, source } => "kubernetes-certificate" { path } because theirs(source),
    Self::NotAServer { path, source } => "kubernetes-no-server" { path } because theirs(source),
    Self::Unauthorized { path } => "kubernetes-unauthorized" { path },
    Self::Forbidden { action, reason } => "kubernetes-forbidden" { action, reason },
    Self::Refused { action, status, reason } => "kubernetes-refused" { action, status, reason },
    Self::NamespaceTerminating { namespace } => "kubernetes-terminating" { namespace },
    Self::Conflict { action, conflicts } => "kubernetes-conflict" { action, conflicts },
    Self::Record { name, .. } => "kubernetes-record-unread" { name },
    Self::Changed { action } => "kubernetes-changed" { action },
}

impl Failure for ClusterError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Denied(_)
            | Self::Kubeconfig { .. }
            | Self::Plain { .. }
            | Self::Unverified { .. }
            | Self::Writable { .. }
            | Self::PluginStuck { .. }
            | Self::Client { .. }
            | Self::Tls { .. }
            | Self::NotAServer { .. } => ErrorId::KubeconfigInvalid,
            Self::KubeconfigMissing { .. } | Self::Unreachable { .. } | Self::Starting { .. } => {
                ErrorId::KubernetesUnreachable
            }
            Self::Forbidden { .. } => ErrorId::KubernetesForbidden,
            Self::Unauthorized { .. } | Self::Refused { .. } | Self::Record { .. } => ErrorId::KubernetesRefused,
            Self::NamespaceTerminating { .. } => ErrorId::NamespaceTerminating,
            Self::Conflict { .. } | Self::Changed { .. } => ErrorId::FieldConflict,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::Kubeconfig { source, .. } if let Some(plugin) = plugin_of(source) => {
                phrase!("kubernetes-plugin-hint" { plugin })
            }
            Self::PluginStuck { plugin, .. } => phrase!("kubernetes-plugin-stuck-hint" { plugin }),
            Self::Denied(denied) => denied.hint(),
            Self::Plain { .. } => phrase!("kubernetes-plain-http-hint"),
            Self::Unverified { .. } => phrase!("kubernetes-unverified-hint"),
            Self::Writable { command, .. } => phrase!("machine-exposed-hint" { command }),
            Self::Record { namespace, name } => phrase!("kubernetes-record-unread-hint" { namespace, name }),
            _ => return None,
        })
    }

    /// At a first boot Kubernetes is usually still starting.
    fn again(&self) -> Option<Duration> {
        let passes = matches!(self, Self::KubeconfigMissing { .. } | Self::Unreachable { .. } | Self::Starting { .. });
        passes.then_some(Duration::ZERO)
    }
}

impl ClusterError {
    /// Whether the kubeconfig may be one that is still being written, or that of an installation before this one: on a first
    /// boot Kubernetes replaces it at any time.
    pub fn may_be_unfinished(&self) -> bool {
        match self {
            Self::Kubeconfig { source, .. } => !is_no_file(source),
            Self::Tls { .. } | Self::Unauthorized { .. } => true,
            _ => false,
        }
    }
}

pub(super) fn classify(action: Phrase, namespace: &str, kubeconfig: &Path, error: kube::Error) -> ClusterError {
    let path = kubeconfig.display().to_string();
    let status = match error {
        kube::Error::Api(status) => status,
        error => {
            return match find_source::<rustls::Error>(&error).cloned() {
                Some(source @ rustls::Error::InvalidMessage(_)) => ClusterError::NotAServer { path, source },
                Some(source) => ClusterError::Tls { path, source },
                None => ClusterError::Unreachable { action, source: of_kube(error) },
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
            let conflicts = causes.iter().map(|cause| {
                let (manager, field) = (plain_text(&cause.message, 200), plain_text(&cause.field, 200));
                phrase!("kubernetes-conflict-on" { manager, field })
            });
            let conflicts = conflicts.reduce(|before, next| phrase!("kubernetes-conflicts" { before, next }));
            ClusterError::Conflict { action, conflicts: conflicts.unwrap_or(Phrase::nothing()) }
        }
        409 if matches!(status.reason.as_str(), "AlreadyExists" | "Conflict") => ClusterError::Changed { action },
        // A broken admission webhook is a 500, but no waiting mends it.
        code @ 500 if reason.contains("failed calling webhook") => {
            ClusterError::Refused { action, status: code, reason: reason.into() }
        }
        code @ (429 | 500..=599) => ClusterError::Starting { status: code, reason: reason.into() },
        code => ClusterError::Refused { action, status: code, reason: reason.into() },
    }
}
