//! What the bootstrap left in the cluster: its Job's pods and events.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Event, Pod},
};
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};

use super::{Cluster, ClusterError};
use crate::{point::Point, words::phrase};

impl Cluster {
    /// A Job as it stands, if it is there.
    ///
    /// # Errors
    /// When Jobs cannot be listed: to read one of them would be another permission.
    pub async fn job(&self, path: &str) -> Result<Option<Job>, ClusterError> {
        let (namespace, name) = self.place_of(path);
        let jobs: Api<Job> = Api::namespaced(self.client().await?, namespace);
        let of_name = ListParams::default().fields(&format!("metadata.name={name}"));
        let found = jobs.list(&of_name).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-jobs"), error))?.items.pop())
    }

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

    /// The events about an object.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn events(&self, object: &str) -> Result<Vec<Event>, ClusterError> {
        let (namespace, object) = self.place_of(object);
        let events: Api<Event> = Api::namespaced(self.client().await?, namespace);
        let selector = ListParams::default().fields(&format!("involvedObject.name={object}"));
        let found = events.list(&selector).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-events"), error))?.items)
    }

    /// Deletes a Job and its pods.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_job(&self, path: &str) -> Result<(), ClusterError> {
        let (namespace, name) = self.place_of(path);
        let jobs: Api<Job> = Api::namespaced(self.client().await?, namespace);
        Point::DeleteSend.pass();
        let deleted = jobs.delete(name, &DeleteParams::foreground()).await;
        let deleted = deleted.map(drop).or_else(gone);
        deleted.map_err(|error| self.failed(phrase!("kubernetes-delete-job" { name: path }), error))
    }

    /// Namespace and name of what a path leads to, see [`super::Jobs`].
    fn place_of<'a>(&'a self, path: &'a str) -> (&'a str, &'a str) {
        path.split_once('/').unwrap_or((self.namespace(), path))
    }
}

/// What is not there any more is deleted.
pub(super) fn gone(error: kube::Error) -> Result<(), kube::Error> {
    match error {
        kube::Error::Api(status) if status.code == 404 => Ok(()),
        error => Err(error),
    }
}
