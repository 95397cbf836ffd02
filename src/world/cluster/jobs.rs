//! The Jobs of the namespace, followed so that none comes and goes unseen.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use k8s_openapi::api::batch::v1::Job;
use kube::{
    Api,
    api::{ListParams, WatchEvent, WatchParams},
};

use super::{Cluster, ClusterError};
use crate::words::phrase;

/// What the API server tells of the Jobs as it happens.
type Changes = BoxStream<'static, Result<WatchEvent<Job>, kube::Error>>;

/// The Jobs of the namespace, by their names: as they are, and as they were seen last before they were gone.
///
/// A Job may be tidied away in the moment in which it ends. Asked for from time to time, it would be missed; but the API
/// server tells everything that has happened since a version.
pub struct Jobs {
    /// Those that are there.
    pub present: BTreeMap<String, Job>,
    /// Those that are gone, as they were last.
    pub gone: BTreeMap<String, Job>,
    /// Empty when it is too old to go on from.
    version: String,
    changes: Option<Changes>,
}

impl Cluster {
    /// The Jobs of the namespace.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn jobs(&self) -> Result<Jobs, ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.client().await?, self.namespace());
        let listed = jobs.list(&ListParams::default()).await;
        let listed = listed.map_err(|error| self.failed(phrase!("kubernetes-list-jobs"), error))?;
        let version = listed.metadata.resource_version.unwrap_or_default();
        let present = listed.items.into_iter().map(|job| (name_of(&job), job)).collect();
        Ok(Jobs { present, gone: BTreeMap::new(), version, changes: None })
    }

    /// Looks what has become of the Jobs; waits up to `patience` for the first change.
    ///
    /// # Errors
    /// When the API server does not tell.
    pub async fn follow(&self, jobs: &mut Jobs, patience: Duration) -> Result<(), ClusterError> {
        if jobs.changes.is_none() {
            if jobs.version.is_empty() {
                jobs.list_anew(self.jobs().await?);
            }
            jobs.changes = self.changes(&mut jobs.version).await?;
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

    /// What happens after a version; `None`, and no version any more, when it is too old.
    async fn changes(&self, version: &mut String) -> Result<Option<Changes>, ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.client().await?, self.namespace());
        match jobs.watch(&WatchParams::default(), version).await {
            Ok(changes) => Ok(Some(changes.boxed())),
            Err(kube::Error::Api(status)) if status.code == 410 => {
                version.clear();
                Ok(None)
            }
            Err(error) => Err(self.failed(phrase!("kubernetes-watch-jobs"), error)),
        }
    }
}

impl Jobs {
    /// No longer remembers a Job that is gone.
    pub fn forget(&mut self, name: &str) {
        self.gone.remove(name);
    }

    fn list_anew(&mut self, listed: Self) {
        let before = std::mem::replace(&mut self.present, listed.present);
        let lost = before.into_iter().filter(|(name, _)| !self.present.contains_key(name));
        self.gone.extend(lost);
        self.gone.retain(|name, _| !self.present.contains_key(name));
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
        let name = name_of(&job);
        self.version = job.metadata.resource_version.clone().unwrap_or_default();
        self.present.remove(&name);
        self.gone.remove(&name);
        if is_gone { &mut self.gone } else { &mut self.present }.insert(name, job);
        true
    }
}

fn name_of(job: &Job) -> String {
    job.metadata.name.clone().unwrap_or_default()
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
        let mut jobs = Jobs { present: BTreeMap::new(), gone: BTreeMap::new(), version: "1".to_owned(), changes: None };
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
        let listed = Jobs { present: BTreeMap::new(), gone: BTreeMap::new(), version: "9".to_owned(), changes: None };
        jobs.list_anew(listed);
        assert!(jobs.present.is_empty() && jobs.gone.len() == 1 && jobs.version == "9");
    }
}
