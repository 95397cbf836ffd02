//! What the bootstrap left in the cluster: the pods of its Jobs, the events about those, and what has pods that stay.

use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    core::v1::{Event, Pod},
};
use kube::{
    Api,
    api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams},
};
use serde_json::json;

use super::{Cluster, ClusterError, MANAGER, annotations};
use crate::{
    point::Point,
    profile::{ObjectName, WorkloadKind},
    words::phrase,
};

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

    /// Has the pods of a workload replaced, unless they were for the same reason; gives whether there is such a workload.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn restart(&self, kind: WorkloadKind, name: &ObjectName, reason: &str) -> Result<bool, ClusterError> {
        let api = match kind {
            WorkloadKind::Deployment => ApiResource::erase::<Deployment>(&()),
            WorkloadKind::StatefulSet => ApiResource::erase::<StatefulSet>(&()),
            WorkloadKind::DaemonSet => ApiResource::erase::<DaemonSet>(&()),
        };
        let namespace = name.namespace.as_deref().unwrap_or(self.namespace());
        let workloads: Api<DynamicObject> = Api::namespaced_with(self.client().await?, namespace, &api);
        let template = json!({"metadata": {"annotations": {annotations::RESTART: reason}}});
        let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        Point::ApplySend.pass();
        let patched =
            workloads.patch(&name.name, &parameters, &Patch::Merge(json!({"spec": {"template": template}}))).await;
        match patched {
            Ok(_workload) => {
                Point::ApplyAnswered.pass();
                Ok(true)
            }
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
            Err(error) => {
                let action = phrase!("kubernetes-restart" { kind: api.kind, name: name.to_string() });
                Err(self.failed_in(namespace, action, error))
            }
        }
    }

    /// Namespace and name of what a path leads to, see [`super::Jobs`].
    pub(super) fn place_of<'a>(&'a self, path: &'a str) -> (&'a str, &'a str) {
        path.split_once('/').unwrap_or((self.namespace(), path))
    }
}
