//! The Jobs of a namespace, followed so that none comes and goes unseen.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use k8s_openapi::api::batch::v1::Job;
use kube::{
    Api,
    api::{DeleteParams, ListParams, WatchEvent, WatchParams},
};

use super::{Cluster, ClusterError};
use crate::{point::Point, words::phrase};

/// What the API server tells of the Jobs as it happens.
type Changes = BoxStream<'static, Result<WatchEvent<Job>, kube::Error>>;

/// The Jobs of a namespace, by their paths: as they are, and as they were seen last before they were gone. A path is the
/// name, behind that of the namespace where it is another one than the one that is set up.
///
/// A Job may be tidied away in the moment in which it ends. Asked for from time to time, it would be missed; but the API
/// server tells everything that has happened since a version.
pub struct Jobs {
    /// Those that are there.
    pub present: BTreeMap<String, Job>,
    /// Those that are gone, as they were last.
    pub gone: BTreeMap<String, Job>,
    /// Where they are, if not in the namespace that is set up.
    namespace: Option<String>,
    /// Empty when it is too old to go on from.
    version: String,
    changes: Option<Changes>,
}

impl Cluster {
    /// The Jobs of a namespace; `None` is the one that is set up.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn jobs(&self, namespace: Option<String>) -> Result<Jobs, ClusterError> {
        let jobs = self.jobs_in(namespace.as_deref()).await?;
        let listed = jobs.list(&ListParams::default()).await;
        let listed = listed.map_err(|error| self.failed(phrase!("kubernetes-list-jobs"), error))?;
        let version = listed.metadata.resource_version.unwrap_or_default();
        let path = |job: &Job| path_of(namespace.as_deref(), job);
        let present = listed.items.into_iter().map(|job| (path(&job), job)).collect();
        Ok(Jobs { present, gone: BTreeMap::new(), namespace, version, changes: None })
    }

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

    /// Looks what has become of the Jobs; waits up to `patience` for the first change.
    ///
    /// # Errors
    /// When the API server does not tell.
    pub async fn follow(&self, jobs: &mut Jobs, patience: Duration) -> Result<(), ClusterError> {
        if jobs.changes.is_none() {
            if jobs.version.is_empty() {
                jobs.list_anew(self.jobs(jobs.namespace.clone()).await?);
            }
            jobs.changes = self.changes(jobs).await?;
        }
        let mut changes = jobs.changes.take();
        if let Some(stream) = &mut changes {
            let mut next = tokio::time::timeout(patience, stream.next()).await.ok();
            while let Some(change) = next {
                if !jobs.took(change) {
                    // Goes on from the last version that was told, which needs no hurry.
                    tokio::time::sleep(patience).await;
                    return Ok(());
                }
                next = stream.next().now_or_never();
            }
        }
        jobs.changes = changes;
        Ok(())
    }

    /// What happens after the version; `None`, and no version any more, when it is too old.
    async fn changes(&self, of: &mut Jobs) -> Result<Option<Changes>, ClusterError> {
        let jobs = self.jobs_in(of.namespace.as_deref()).await?;
        match jobs.watch(&WatchParams::default(), &of.version).await {
            Ok(changes) => Ok(Some(changes.boxed())),
            Err(kube::Error::Api(status)) if status.code == 410 => {
                of.version.clear();
                Ok(None)
            }
            Err(error) => Err(self.failed(phrase!("kubernetes-watch-jobs"), error)),
        }
    }

    async fn jobs_in(&self, namespace: Option<&str>) -> Result<Api<Job>, ClusterError> {
        Ok(Api::namespaced(self.client().await?, namespace.unwrap_or(self.namespace())))
    }
}

impl Jobs {
    /// Where they are, if not in the namespace that is set up.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// No longer remembers a Job that is gone.
    pub fn forget(&mut self, path: &str) {
        self.gone.remove(path);
    }

    fn list_anew(&mut self, listed: Self) {
        let before = std::mem::replace(&mut self.present, listed.present);
        let lost = before.into_iter().filter(|(path, _)| !self.present.contains_key(path));
        self.gone.extend(lost);
        self.gone.retain(|path, _| !self.present.contains_key(path));
        self.version = listed.version;
    }

    /// Takes in a change; whether more may come after it.
    fn took(&mut self, change: Option<Result<WatchEvent<Job>, kube::Error>>) -> bool {
        let (job, is_gone) = match change {
            Some(Ok(WatchEvent::Added(job) | WatchEvent::Modified(job))) => (job, false),
            Some(Ok(WatchEvent::Deleted(job))) => (job, true),
            Some(Ok(WatchEvent::Bookmark(at))) => {
                self.version = at.metadata.resource_version;
                return true;
            }
            Some(Ok(WatchEvent::Error(_))) => {
                self.version.clear();
                return false;
            }
            Some(Err(_)) | None => return false,
        };
        let path = path_of(self.namespace.as_deref(), &job);
        self.version = job.metadata.resource_version.clone().unwrap_or_default();
        self.present.remove(&path);
        self.gone.remove(&path);
        if is_gone { &mut self.gone } else { &mut self.present }.insert(path, job);
        true
    }
}

fn path_of(namespace: Option<&str>, job: &Job) -> String {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// What is not there any more is deleted.
pub(super) fn gone(error: kube::Error) -> Result<(), kube::Error> {
    match error {
        kube::Error::Api(status) if status.code == 404 => Ok(()),
        error => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(name: &str, version: &str, conditions: &[&str]) -> Job {
        let conditions: Vec<_> = conditions.iter().map(|kind| json!({"type": kind, "status": "True"})).collect();
        let metadata = json!({"name": name, "resourceVersion": version});
        serde_json::from_value(json!({"metadata": metadata, "status": {"conditions": conditions}})).expect("a Job")
    }

    #[test]
    fn a_job_that_is_gone_is_as_it_was_last() {
        let listed = |version: &str| Jobs {
            present: BTreeMap::new(),
            gone: BTreeMap::new(),
            namespace: None,
            version: version.to_owned(),
            changes: None,
        };
        let mut jobs = listed("1");
        assert!(jobs.took(Some(Ok(WatchEvent::Added(job("a", "2", &[]))))));
        assert!(jobs.took(Some(Ok(WatchEvent::Modified(job("a", "3", &["Failed"]))))));
        assert!(jobs.took(Some(Ok(WatchEvent::Deleted(job("a", "4", &["Failed"]))))));
        assert!(jobs.present.is_empty() && jobs.version == "4");
        assert_eq!(jobs.gone["a"].status, job("a", "", &["Failed"]).status);
        // One of the same name is another one.
        assert!(jobs.took(Some(Ok(WatchEvent::Added(job("a", "5", &[]))))));
        assert!(jobs.gone.is_empty() && jobs.present.len() == 1);
        // Nothing that came is lost when the stream breaks, and what went in a gap is known by its absence.
        assert!(!jobs.took(None) && jobs.version == "5");
        jobs.list_anew(listed("9"));
        assert!(jobs.present.is_empty() && jobs.gone.len() == 1 && jobs.version == "9");
        jobs.namespace = Some("b".to_owned());
        assert!(jobs.took(Some(Ok(WatchEvent::Added(job("a", "10", &[]))))));
        assert!(jobs.present.contains_key("b/a"));
    }
}
