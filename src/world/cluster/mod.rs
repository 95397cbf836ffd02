//! The Kubernetes API server: what the steps read and write, and why it refused.

mod access;
mod claim;
mod connection;
mod failure;
mod jobs;
mod log;
mod object;
mod plugin;
mod release;
mod trust;
mod unusable;
mod workload;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use http::Uri;
use jiff::SignedDuration;
use k8s_openapi::{
    api::core::v1::{Namespace, PersistentVolumeClaim},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    client::Body,
};
use tokio::sync::Mutex;

pub use access::{Access, Rules};
pub use claim::Claim;
use connection::Connection;
pub use connection::LONGEST_REQUEST;
pub use failure::ClusterError;
pub use jobs::Jobs;
pub use object::{Basis, ObjectData, ObjectKind, ObjectRef, Trace, annotations};
pub use release::{Records, Release, marks_of};

use super::Clock;
use crate::{
    point::Point,
    profile,
    values::Redactor,
    words::{Phrase, phrase},
};

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing {
    pub(crate) use super::{connection::fuzzing::kubeconfig, plugin::fuzzing::plugin};
}

/// The field manager of everything firstlight applies (contract).
const MANAGER: &str = "firstlight";

/// The label that says whose an object is.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// One cluster, and the namespace that is set up in it.
pub struct Cluster {
    kubeconfig: PathBuf,
    namespace: String,
    patience: Duration,
    insecure: bool,
    redactor: Arc<Redactor>,
    connection: Mutex<Option<Connection>>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("kubeconfig", &self.kubeconfig)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// What the namespace is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespacePhase {
    /// It does not exist.
    Missing,
    /// It can be used.
    Active,
    /// It is being deleted.
    Terminating,
}

impl Cluster {
    /// A credential plugin of the kubeconfig that takes longer than `patience` is given up.
    pub(super) fn new(
        kubeconfig: PathBuf,
        profile: &profile::Cluster,
        patience: Duration,
        redactor: Arc<Redactor>,
    ) -> Self {
        let (namespace, insecure) = (profile.namespace.clone(), profile.insecure);
        Self { kubeconfig, namespace, patience, insecure, redactor, connection: Mutex::new(None) }
    }

    /// The namespace that is set up.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Forgets every connection, and what the kubeconfig said.
    pub(super) async fn forget(&self) {
        *self.connection.lock().await = None;
    }

    /// Whether the API server says that it is ready, and which version it is.
    ///
    /// # Errors
    /// When it cannot be asked, or is still starting.
    pub async fn version(&self) -> Result<String, ClusterError> {
        let client = self.client().await?;
        let mut ready = http::Request::new(Body::empty());
        *ready.uri_mut() = Uri::from_static("/readyz");
        // Side by side: what comes after them needs more than one connection.
        let (answer, version) = tokio::join!(client.send(ready), client.apiserver_version());
        let status = answer.map_err(|error| self.failed(phrase!("kubernetes-ask-ready"), error))?.status();
        // Some clusters hide /readyz from users: then the version answers for it.
        if status.is_server_error() {
            return Err(ClusterError::Starting { status: status.as_u16(), reason: phrase!("kubernetes-is-starting") });
        }
        Ok(version.map_err(|error| self.failed(phrase!("kubernetes-ask-version"), error))?.git_version)
    }

    /// What a namespace is doing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn namespace_phase(&self, name: &str) -> Result<NamespacePhase, ClusterError> {
        let namespaces: Api<Namespace> = Api::all(self.client().await?);
        let found = namespaces.get_opt(name).await;
        Ok(match found.map_err(|error| self.failed(phrase!("kubernetes-read-namespace" { name }), error))? {
            None => NamespacePhase::Missing,
            Some(found) if found.metadata.deletion_timestamp.is_some() => NamespacePhase::Terminating,
            Some(_) => NamespacePhase::Active,
        })
    }

    /// Whether a `PersistentVolumeClaim` is there; `namespace` is another one than that which is set up.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn has_claim(&self, namespace: Option<&str>, name: &str) -> Result<bool, ClusterError> {
        let namespace = namespace.unwrap_or(&self.namespace);
        let claims: Api<PersistentVolumeClaim> = Api::namespaced(self.client().await?, namespace);
        let found = claims.get_opt(name).await;
        let reading = || phrase!("kubernetes-read-claim" { name });
        Ok(found.map_err(|error| self.failed_in(namespace, reading(), error))?.is_some())
    }

    /// Creates a namespace that was seen to be missing, for a Helm release that brings it if there is one: Helm takes over
    /// what has its marks, and nothing else. Changes nothing when `rehearsal`.
    ///
    /// # Errors
    /// When it cannot be created, or is being deleted.
    pub async fn ensure_namespace(
        &self,
        name: &str,
        phase: NamespacePhase,
        release: Option<&str>,
        rehearsal: bool,
    ) -> Result<(), ClusterError> {
        match phase {
            NamespacePhase::Active => return Ok(()),
            NamespacePhase::Terminating => {
                return Err(ClusterError::NamespaceTerminating { namespace: name.to_owned() });
            }
            NamespacePhase::Missing => {}
        }
        let namespaces: Api<Namespace> = Api::all(self.client().await?);
        let (mut labels, mut annotations) = (labels(), None);
        if let Some(release) = release {
            labels.extend([(MANAGED_BY.to_owned(), "Helm".to_owned())]);
            annotations = Some(marks_of(release, name).map(|(mark, value)| (mark.to_owned(), value.to_owned())).into());
        }
        let metadata =
            ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), annotations, ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        if !rehearsal {
            Point::ApplySend.pass();
        }
        let applied = namespaces.patch(name, &parameters(rehearsal), &Patch::Apply(&namespace)).await;
        applied.map_err(|error| self.failed_in(name, phrase!("kubernetes-create-namespace" { name }), error))?;
        if !rehearsal {
            Point::ApplyAnswered.pass();
        }
        Ok(())
    }

    /// The client, made anew after a failure: on a first boot the kubeconfig may be written late, or twice.
    pub(super) async fn client(&self) -> Result<Client, ClusterError> {
        let mut connection = self.connection.lock().await;
        // A token that is about to expire is asked for again.
        let soon = Clock.now() + SignedDuration::from_mins(1);
        if let Some(made) = connection.as_ref().filter(|made| made.until.is_none_or(|until| soon < until)) {
            return Ok(made.client.clone());
        }
        let made = connection::from_kubeconfig(&self.kubeconfig, self.patience, self.insecure, &self.redactor).await?;
        Ok(connection.insert(made).client.clone())
    }

    /// Turns a client error into ours, and forgets the client when it is of no use any more.
    pub(super) fn failed(&self, action: Phrase, error: kube::Error) -> ClusterError {
        self.failed_in(&self.namespace, action, error)
    }

    /// The same for what was tried in another namespace.
    fn failed_in(&self, namespace: &str, action: Phrase, error: kube::Error) -> ClusterError {
        let error = failure::classify(action, namespace, &self.kubeconfig, error);
        let unusable = matches!(
            error,
            ClusterError::Unreachable { .. }
                | ClusterError::Tls { .. }
                | ClusterError::NotAServer { .. }
                | ClusterError::Unauthorized { .. }
        );
        if unusable && let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
        error
    }
}

fn labels() -> BTreeMap<String, String> {
    BTreeMap::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])
}

fn parameters(rehearsal: bool) -> PatchParams {
    let parameters = PatchParams::apply(MANAGER);
    if rehearsal { parameters.dry_run() } else { parameters }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::error::Report;

    /// What is made of a server whose answers begin with `body`, and go on with `more` until nobody takes it; and how much
    /// was taken.
    async fn told_of(body: &'static [u8], more: &'static [u8]) -> (Report, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("kubeconfig");
        let text = format!(
            "clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
        );
        std::fs::write(&path, text).expect("written");
        let profile = profile::Profile::built_in().cluster;
        let cluster = Cluster::new(path, &profile, Duration::from_secs(1), Arc::default());
        let answering = async {
            let (mut stream, _) = listener.accept().await.expect("somebody comes");
            let _ = stream.read(&mut [0; 4096]).await.expect("it asks");
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
            stream.write_all(&[head.as_bytes(), body].concat()).await.expect("it listens");
            let mut taken = 0;
            while !more.is_empty() && stream.write_all(more).await.is_ok() {
                taken += more.len();
            }
            taken
        };
        let (told, taken) = tokio::join!(cluster.namespace_phase("ns"), answering);
        (told.expect_err("no namespace").into(), taken)
    }

    #[tokio::test]
    async fn an_answer_that_never_ends() {
        let (told, taken) = told_of(b"{\"metadata\": \"", &[b'x'; 1 << 14]).await;
        assert_eq!(told.id, crate::error::ErrorId::KubernetesUnreachable, "{told:?}");
        // Besides what lies between the two.
        assert!(taken < 64 << 20, "{taken}");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_understood_is_not_quoted() {
        let (told, _) =
            told_of(b"{\"kind\": \"Namespace\", \"apiVersion\": \"v1\", \"metadata\": \"s3cret\"}", b"").await;
        assert!(!format!("{told:?}").contains("s3cret"), "{told:?}");
        assert_eq!(told.causes.len(), 1, "{told:?}");
    }
}
