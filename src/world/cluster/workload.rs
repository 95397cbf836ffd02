//! What the bootstrap left in the cluster: the pods of its Jobs, and the events about those.

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::{Api, api::ListParams};

use super::{Cluster, ClusterError};
use crate::words::phrase;

impl Cluster {
    /// The pods of a release's Job.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn pods(&self, job: &str) -> Result<Vec<Pod>, ClusterError> {
        let (namespace, job) = self.place_of(job);
        self.pods_with(namespace, &format!("batch.kubernetes.io/job-name={job}")).await
    }

    /// The pods of a release that are no Job's, by the label that charts give them.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn pods_of_release(&self, release: &str) -> Result<Vec<Pod>, ClusterError> {
        let labels = format!("app.kubernetes.io/instance={release},!batch.kubernetes.io/job-name");
        self.pods_with(self.namespace(), &labels).await
    }

    async fn pods_with(&self, namespace: &str, labels: &str) -> Result<Vec<Pod>, ClusterError> {
        let pods: Api<Pod> = Api::namespaced(self.client().await?, namespace);
        let found = pods.list(&ListParams::default().labels(labels)).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-pods"), error))?.items)
    }

    /// The events about what a path leads to.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn events(&self, path: &str) -> Result<Vec<Event>, ClusterError> {
        let (namespace, object) = self.place_of(path);
        let events: Api<Event> = Api::namespaced(self.client().await?, namespace);
        let selector = ListParams::default().fields(&format!("involvedObject.name={object}"));
        let found = events.list(&selector).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-events"), error))?.items)
    }

    /// Namespace and name of what a path leads to, see [`super::Jobs`].
    pub(super) fn place_of<'a>(&'a self, path: &'a str) -> (&'a str, &'a str) {
        path.split_once('/').unwrap_or((self.namespace(), path))
    }
}
