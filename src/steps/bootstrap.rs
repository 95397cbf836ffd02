//! Starts the Helm bootstrap and watches its Job to the end; the exit of a command alone proves nothing.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use tokio::time::Instant;

use super::{
    Setting,
    diagnosis::{self, Diagnosis},
    questions,
};
use crate::{
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    profile::{Bootstrap, Profile},
    words::{Phrase, Say, phrase, said},
    world::{ClusterError, World},
};

/// How often the Job is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How a bootstrap ends badly.
#[derive(Debug)]
enum BootstrapError {
    Failed { job: String, diagnosis: Diagnosis },
    Timeout { job: String, waited: Duration, diagnosis: Diagnosis },
}

said! { BootstrapError:
    Self::Failed { job, diagnosis } => "bootstrap-failed" { job, seen: &diagnosis.sentence },
    Self::Timeout { job, waited, diagnosis } => "bootstrap-timeout" {
        job,
        seconds: waited.as_secs(),
        seen: &diagnosis.sentence,
    },
}

impl Failure for BootstrapError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Failed { .. } => ErrorId::BootstrapFailed,
            Self::Timeout { .. } => ErrorId::BootstrapTimeout,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Failed { diagnosis, .. } | Self::Timeout { diagnosis, .. } => diagnosis.action.clone(),
        }
    }
}

/// Where one Job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Active,
    Complete,
    Failed,
}

/// What to do before watching.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    /// It has already run.
    Done,
    /// It is running: watch it.
    Watch,
    /// Remove these Jobs of an earlier run, and install or upgrade.
    Install { failed: Vec<String> },
}

pub(super) async fn run(setting: &Setting, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let Some(bootstrap) = &setting.profile.bootstrap else {
        return Ok(Outcome::Unchanged(phrase!("bootstrap-none")));
    };
    let release = &bootstrap.release;
    let (jobs, pending) = observe(bootstrap, world).await?;
    let mut decision = decide(&jobs, !pending.is_empty());
    if decision == Decision::Watch {
        // What an earlier run found stuck is not mended by watching it: somebody has corrected the cause by now.
        let stuck = stuck(world, &jobs).await?;
        if !stuck.is_empty() {
            decision = Decision::Install { failed: stuck };
        }
    }
    match decision {
        Decision::Done => return Ok(Outcome::Unchanged(phrase!("bootstrap-has-run" { release }))),
        Decision::Watch => {}
        Decision::Install { failed } => {
            for (record, status) in pending {
                notes.note(phrase!("bootstrap-removing-record" { status }));
                world.cluster.delete_release_record(&record).await?;
            }
            for job in failed {
                notes.note(phrase!("bootstrap-removing-job" { job: &job }));
                remove(world, bootstrap, &job).await?;
            }
            notes.note(phrase!("bootstrap-installing" { release }));
            // Cutting Helm in two is what leaves `pending-*` behind: a stop waits for its end.
            let _hold = notes.hold();
            let values = questions::values(&setting.profile, &setting.answers.public);
            let upgraded = world.helm.upgrade(release, world.cluster.namespace(), &values).await;
            upgraded.map_err(|error| questions::blamed(&setting.profile, error))?;
        }
    }
    watch(bootstrap, world, notes).await
}

/// The release's Jobs, and Helm's records of runs that were interrupted, each with its status.
async fn observe(bootstrap: &Bootstrap, world: &World) -> Result<(Vec<Job>, Vec<(String, String)>), ClusterError> {
    let jobs = world.cluster.jobs(&bootstrap.release).await?;
    Ok((jobs, world.cluster.pending_releases(&bootstrap.release).await?))
}

/// What Helm would be asked for.
pub(super) enum Prospect {
    /// Nothing: the bootstrap has run.
    Done,
    /// To install or upgrade, perhaps after a run that was interrupted in this status.
    Install { interrupted: Option<String> },
}

/// Foresees what [`run`] would have Helm do.
pub(super) async fn prospect(bootstrap: &Bootstrap, world: &World) -> Result<Prospect, ClusterError> {
    let (jobs, pending) = observe(bootstrap, world).await?;
    let interrupted = pending.into_iter().map(|(_, status)| status).next();
    Ok(match decide(&jobs, interrupted.is_some()) {
        Decision::Done => Prospect::Done,
        // A Job that is only watched now may yet turn out to be stuck.
        Decision::Watch | Decision::Install { .. } => Prospect::Install { interrupted },
    })
}

/// Whether the bootstrap has run to its end, and so has taken over what the Secrets said.
pub(super) async fn has_run(profile: &Profile, world: &World) -> Result<bool, ClusterError> {
    let Some(bootstrap) = &profile.bootstrap else { return Ok(false) };
    let jobs = world.cluster.jobs(&bootstrap.release).await?;
    Ok(!jobs.is_empty() && jobs.iter().all(|job| stage_of(job) == Stage::Complete))
}

/// Looks at what is there; pure.
fn decide(jobs: &[Job], interrupted: bool) -> Decision {
    let of = |stage: Stage| jobs.iter().filter(move |job| stage_of(job) == stage);
    let failed: Vec<String> = of(Stage::Failed).map(name).collect();
    if jobs.is_empty() || interrupted || !failed.is_empty() {
        return Decision::Install { failed };
    }
    if of(Stage::Active).next().is_some() { Decision::Watch } else { Decision::Done }
}

/// The Jobs of which no container can start without somebody's action.
async fn stuck(world: &World, jobs: &[Job]) -> Result<Vec<String>, ClusterError> {
    let mut stuck = Vec::new();
    for job in jobs.iter().filter(|job| stage_of(job) == Stage::Active) {
        if diagnose(world, job).await?.cannot_start {
            stuck.push(name(job));
        }
    }
    Ok(stuck)
}

/// Deletes a Job and waits until it is gone, because Helm creates one of the same name.
async fn remove(world: &World, bootstrap: &Bootstrap, job: &str) -> Result<(), Failed> {
    world.cluster.delete_job(job).await?;
    let deadline = Instant::now() + bootstrap.timeout;
    loop {
        let jobs = world.cluster.jobs(&bootstrap.release).await?;
        if !jobs.iter().any(|other| name(other) == job) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let diagnosis = Diagnosis::seen(phrase!("bootstrap-not-deleted"));
            return Err(BootstrapError::Timeout { job: job.to_owned(), waited: bootstrap.timeout, diagnosis }.into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn watch(bootstrap: &Bootstrap, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let (started, release) = (Instant::now(), &bootstrap.release);
    let mut told = None;
    loop {
        let jobs = match world.cluster.jobs(release).await {
            Ok(jobs) => jobs,
            // The API server may restart under the bootstrap's load: that is no failure of the bootstrap.
            Err(error) if error.again().is_some() && started.elapsed() < bootstrap.timeout => {
                notes.note(phrase!("bootstrap-ask-again" { why: error.phrase() }));
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(job) = jobs.iter().find(|job| stage_of(job) == Stage::Failed) {
            let diagnosis = diagnose(world, job).await?;
            return Err(BootstrapError::Failed { job: name(job), diagnosis }.into());
        }
        let Some(active) = jobs.iter().find(|job| stage_of(job) == Stage::Active) else {
            let names: Vec<String> = jobs.iter().map(|job| format!("`{}`", name(job))).collect();
            let installed = if names.is_empty() {
                phrase!("bootstrap-installed-without-job" { release })
            } else {
                phrase!("bootstrap-installed" { release, jobs: names.join(", ") })
            };
            return Ok(Outcome::Changed(installed));
        };
        let diagnosis = diagnose(world, active).await?;
        let waited = started.elapsed();
        if waited >= bootstrap.timeout {
            return Err(BootstrapError::Timeout { job: name(active), waited, diagnosis }.into());
        }
        let seen = phrase!("bootstrap-seen" { job: name(active), seen: diagnosis.sentence });
        if told.as_ref() != Some(&seen) {
            notes.note(&seen);
            told = Some(seen);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// What is seen of a Job; that the API server restarts under the bootstrap's load is no failure of the bootstrap.
async fn diagnose(world: &World, job: &Job) -> Result<Diagnosis, ClusterError> {
    match look(world, &name(job)).await {
        Err(error) if error.again().is_some() => {
            Ok(Diagnosis::seen(phrase!("bootstrap-ask-again" { why: error.phrase() })))
        }
        seen => seen,
    }
}

async fn look(world: &World, job: &str) -> Result<Diagnosis, ClusterError> {
    let pods = world.cluster.pods(job).await?;
    let mut events = world.cluster.events(job).await?;
    if let Some(pod) = pods.last().and_then(|pod| pod.metadata.name.as_deref()) {
        events.extend(world.cluster.events(pod).await?);
    }
    Ok(diagnosis::of(&pods, &events))
}

fn name(job: &Job) -> String {
    job.metadata.name.clone().unwrap_or_default()
}

fn stage_of(job: &Job) -> Stage {
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let is = |kind: &str| conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True");
    if is("Failed") {
        Stage::Failed
    } else if is("Complete") {
        Stage::Complete
    } else {
        Stage::Active
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(name: &str, condition: Option<&str>) -> Job {
        let conditions: Vec<_> = condition.iter().map(|kind| json!({"type": kind, "status": "True"})).collect();
        serde_json::from_value(json!({"metadata": {"name": name}, "status": {"conditions": conditions}}))
            .expect("a Job")
    }

    #[test]
    fn decisions() {
        let (complete, failed, active) = (job("a", Some("Complete")), job("b", Some("Failed")), job("c", None));
        let install = |failed: &[&str]| Decision::Install { failed: failed.iter().map(ToString::to_string).collect() };
        for (jobs, interrupted, expected) in [
            (vec![], false, install(&[])),
            (vec![complete.clone()], false, Decision::Done),
            (vec![complete.clone()], true, install(&[])),
            (vec![complete.clone(), active.clone()], false, Decision::Watch),
            (vec![active], true, install(&[])),
            (vec![complete, failed], false, install(&["b"])),
        ] {
            assert_eq!(decide(&jobs, interrupted), expected);
        }
    }
}
