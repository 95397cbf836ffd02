//! Watches the Jobs of a release, and says what becomes of them.

use std::time::Duration;

use k8s_openapi::api::batch::v1 as batch;
use tokio::time::Instant;

use super::{
    causes::Diagnosis,
    decide::{Job, Stage},
    witness::{Witness, Witnesses},
};
use crate::{
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    profile::Bootstrap,
    words::{Phrase, Say, phrase, said},
    world::{ClusterError, World},
};

/// How often the Job is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How a bootstrap ends badly: its Job failed, or was waited for so long.
#[derive(Debug)]
struct BootstrapError {
    job: String,
    waited: Option<Duration>,
    seen: Diagnosis,
}

said! { BootstrapError:
    Self { job, waited: None, seen } => "bootstrap-failed" { job, seen: &seen.sentence },
    Self { job, waited: Some(waited), seen } => "bootstrap-timeout" {
        job,
        seconds: waited.as_secs(),
        seen: &seen.sentence,
    },
}

impl Failure for BootstrapError {
    fn id(&self) -> ErrorId {
        self.waited.map_or(ErrorId::BootstrapFailed, |_| ErrorId::BootstrapTimeout)
    }

    fn hint(&self) -> Option<Phrase> {
        self.seen.action.clone()
    }

    fn log(&self) -> Vec<Phrase> {
        self.seen.log.iter().map(Phrase::from).collect()
    }
}

/// The Jobs of a release.
pub(super) async fn jobs(world: &World, release: &str) -> Result<Vec<Job>, ClusterError> {
    let found = world.cluster.jobs(release).await?.into_iter();
    let job = |job: batch::Job| Job { stage: stage_of(&job), name: job.metadata.name.unwrap_or_default() };
    Ok(found.map(job).collect())
}

/// The Jobs of which no container can start without somebody's action.
pub(super) async fn stuck(world: &World, jobs: &[Job]) -> Result<Vec<String>, ClusterError> {
    let mut stuck = Vec::new();
    for job in jobs.iter().filter(|job| job.stage == Stage::Active) {
        if Witness::of(&job.name).look(world).await?.cannot_start {
            stuck.push(job.name.clone());
        }
    }
    Ok(stuck)
}

/// Deletes a Job and waits until it is gone, because Helm creates one of the same name.
pub(super) async fn remove(world: &World, bootstrap: &Bootstrap, job: &str) -> Result<(), Failed> {
    world.cluster.delete_job(job).await?;
    let deadline = Instant::now() + bootstrap.timeout;
    loop {
        let left = jobs(world, &bootstrap.release).await?;
        if !left.iter().any(|other| other.name == job) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let seen = Diagnosis::seen(phrase!("bootstrap-not-deleted"));
            return Err(BootstrapError { job: job.to_owned(), waited: Some(bootstrap.timeout), seen }.into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Watches the Jobs of a release to their end.
pub(super) async fn watch(bootstrap: &Bootstrap, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let (started, release) = (Instant::now(), &bootstrap.release);
    let (mut told, mut witnesses) = (None, Witnesses::default());
    loop {
        let jobs = match jobs(world, release).await {
            Ok(jobs) => jobs,
            // The API server may restart under the bootstrap's load: that is no failure of the bootstrap.
            Err(error) if error.again().is_some() && started.elapsed() < bootstrap.timeout => {
                notes.note(phrase!("bootstrap-ask-again" { why: error.phrase() }));
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(job) = jobs.iter().find(|job| job.stage == Stage::Failed) {
            let seen = witnesses.of(&job.name).tell_the_end(world).await?;
            return Err(BootstrapError { job: job.name.clone(), waited: None, seen }.into());
        }
        let Some(active) = jobs.iter().find(|job| job.stage == Stage::Active) else {
            let names: Vec<String> = jobs.iter().map(|job| format!("`{}`", job.name)).collect();
            let installed = if names.is_empty() {
                phrase!("bootstrap-installed-without-job" { release })
            } else {
                phrase!("bootstrap-installed" { release, jobs: names.join(", ") })
            };
            return Ok(Outcome::Changed(installed));
        };
        let diagnosis = witnesses.of(&active.name).look(world).await?;
        let waited = started.elapsed();
        if waited >= bootstrap.timeout {
            return Err(BootstrapError { job: active.name.clone(), waited: Some(waited), seen: diagnosis }.into());
        }
        let seen = phrase!("bootstrap-seen" { job: &active.name, seen: diagnosis.sentence });
        if told.as_ref() != Some(&seen) {
            notes.note(&seen);
            told = Some(seen);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn stage_of(job: &batch::Job) -> Stage {
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
