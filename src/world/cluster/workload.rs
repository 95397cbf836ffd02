//! What the bootstrap left in the cluster: its Job, pods, events and Helm's records of the release.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Event, Pod, Secret},
};
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};

use super::{Cluster, ClusterError};
use crate::{point::Point, words::phrase};

impl Cluster {
    /// The Jobs of a release.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn jobs(&self, release: &str) -> Result<Vec<Job>, ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.client().await?, self.namespace());
        let of_release = ListParams::default().labels(&format!("app.kubernetes.io/instance={release}"));
        let found = jobs.list(&of_release).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-jobs"), error))?.items)
    }

    /// A Job as it stands, if it is there.
    ///
    /// # Errors
    /// When Jobs cannot be listed: to read one of them would be another permission.
    pub async fn job(&self, name: &str) -> Result<Option<Job>, ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.client().await?, self.namespace());
        let of_name = ListParams::default().fields(&format!("metadata.name={name}"));
        let found = jobs.list(&of_name).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-jobs"), error))?.items.pop())
    }

    /// The pods of a release's Job.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn pods(&self, job: &str) -> Result<Vec<Pod>, ClusterError> {
        self.pods_with(&format!("batch.kubernetes.io/job-name={job}")).await
    }

    /// The pods of a release that are no Job's, by the label that charts give them.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn pods_of_release(&self, release: &str) -> Result<Vec<Pod>, ClusterError> {
        self.pods_with(&format!("app.kubernetes.io/instance={release},!batch.kubernetes.io/job-name")).await
    }

    async fn pods_with(&self, labels: &str) -> Result<Vec<Pod>, ClusterError> {
        let pods: Api<Pod> = Api::namespaced(self.client().await?, self.namespace());
        let found = pods.list(&ListParams::default().labels(labels)).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-pods"), error))?.items)
    }

    /// The events about an object.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn events(&self, object: &str) -> Result<Vec<Event>, ClusterError> {
        let events: Api<Event> = Api::namespaced(self.client().await?, self.namespace());
        let selector = ListParams::default().fields(&format!("involvedObject.name={object}"));
        let found = events.list(&selector).await;
        Ok(found.map_err(|error| self.failed(phrase!("kubernetes-list-events"), error))?.items)
    }

    /// Deletes a Job and its pods.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_job(&self, name: &str) -> Result<(), ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.client().await?, self.namespace());
        Point::DeleteSend.pass();
        let deleted = jobs.delete(name, &DeleteParams::foreground()).await;
        deleted.map(drop).or_else(gone).map_err(|error| self.failed(phrase!("kubernetes-delete-job" { name }), error))
    }

    /// Helm's records of a release that a power cut left `pending-*`, by name and status.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn pending_releases(&self, release: &str) -> Result<Vec<(String, String)>, ClusterError> {
        let secrets: Api<Secret> = Api::namespaced(self.client().await?, self.namespace());
        let labels = format!("owner=helm,name={release},status in (pending-install,pending-upgrade,pending-rollback)");
        let records = secrets.list_metadata(&ListParams::default().labels(&labels)).await;
        let records = records.map_err(|error| self.failed(phrase!("kubernetes-list-records"), error))?;
        let named = records.items.into_iter().filter_map(|record| {
            let status = record.metadata.labels.as_ref()?.get("status")?.clone();
            Some((record.metadata.name?, status))
        });
        Ok(named.collect())
    }

    /// Deletes one of Helm's records of a release.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_release_record(&self, name: &str) -> Result<(), ClusterError> {
        let secrets: Api<Secret> = Api::namespaced(self.client().await?, self.namespace());
        Point::DeleteSend.pass();
        let deleted = secrets.delete(name, &DeleteParams::default()).await;
        let deleted = deleted.map(drop).or_else(gone);
        deleted.map_err(|error| self.failed(phrase!("kubernetes-delete-record" { name }), error))
    }
}

/// What is not there any more is deleted.
fn gone(error: kube::Error) -> Result<(), kube::Error> {
    match error {
        kube::Error::Api(status) if status.code == 404 => Ok(()),
        error => Err(error),
    }
}
