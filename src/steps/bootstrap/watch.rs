//! Watches the Jobs of a release, and says what becomes of them.

use std::{pin::pin, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;

use super::{
    causes::Diagnosis,
    decide::{Job, Stage},
    follow::Followed,
    witness::{Witness, Witnesses},
};
use crate::{
    engine::{Failed, Notes},
    error::{ErrorId, Failure},
    words::{Phrase, Say, phrase, said},
    world::{ClusterError, World},
};

/// How often the Job is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How often a hook is looked for that has failed.
const LOOKS_FOR_HOOK: u32 = 10;

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
pub(super) async fn remove(followed: &mut Followed<'_>, world: &World, job: &str) -> Result<(), Failed> {
    world.cluster.delete_job(job).await?;
    let (started, patience) = (Instant::now(), followed.bootstrap.timeout);
    loop {
        let left = followed.look(LOOK_AGAIN).await?;
        if !left.iter().any(|other| other.name == job && followed.is_there(other)) {
            followed.forget(job);
            return Ok(());
        }
        if started.elapsed() >= patience {
            let seen = Diagnosis::seen(phrase!("bootstrap-not-deleted"));
            return Err(BootstrapError { job: job.to_owned(), waited: Some(patience), seen }.into());
        }
    }
}

/// Waits for the end of `helm`, and tells meanwhile what that waits for itself: the chart's hooks.
pub(super) async fn beside<T>(
    helm: impl Future<Output = T>,
    followed: &mut Followed<'_>,
    witnesses: &mut Witnesses,
    world: &World,
    notes: &Notes,
) -> T {
    let (mut helm, mut told, mut hold) = (pin!(helm), None, None);
    loop {
        let look = async {
            followed.helm_works();
            let jobs = followed.look(LOOK_AGAIN).await.ok()?;
            let job = jobs.into_iter().find(|job| job.stage == Stage::Active && job.hook)?;
            let diagnosis = witnesses.of(&job.name).look(world).await.ok()?;
            Some((job, diagnosis))
        };
        let seen = tokio::select! {
            biased;
            ended = &mut helm => break ended,
            seen = look => seen,
        };
        let Some((job, diagnosis)) = seen else {
            // What cannot be seen now matters only once Helm has ended.
            tokio::select! {
                ended = &mut helm => break ended,
                () = tokio::time::sleep(LOOK_AGAIN) => continue,
            }
        };
        let what = phrase!("hold-helm-hook" { job: &job.name });
        // A stop that comes meanwhile says which Job it waits for; one that was asked for already has said enough.
        hold = hold.or_else(|| notes.hold(what, followed.bootstrap.timeout).now_or_never());
        tell(&job, &diagnosis, &mut told, notes);
    }
}

/// Why Helm gave up, if that is because of a hook for which it has waited since it `started`.
pub(super) async fn hook_failed(
    followed: &mut Followed<'_>,
    witnesses: &mut Witnesses,
    world: &World,
    started: Instant,
) -> Option<Failed> {
    let patience = followed.bootstrap.timeout;
    let is_late = |job: &Job| job.stage == Stage::Active && started.elapsed() >= patience;
    let mut failed = None;
    // What Helm has seen already we may see a moment later, or not at all while the API server has too much to do.
    for _look in 0..LOOKS_FOR_HOOK {
        followed.helm_works();
        let Ok(jobs) = followed.look(LOOK_AGAIN).await else { continue };
        failed = jobs.iter().find(|job| job.hook && (job.stage == Stage::Failed || is_late(job))).cloned();
        if failed.is_some() || jobs.iter().all(|job| !job.hook) {
            break;
        }
    }
    let job = failed?;
    let waited = (job.stage == Stage::Active).then_some(patience);
    let seen = witnesses.of(&job.name).tell_the_end(world).await.ok()?;
    Some(BootstrapError { job: job.name, waited, seen }.into())
}

/// What is watched.
pub(super) enum Watched {
    /// All that belongs to the bootstrap.
    Bootstrap,
    /// Jobs by which something else changes the release: how they end says nothing of how far the bootstrap came.
    Others(Vec<String>),
}

impl Watched {
    /// Where the Jobs stand; of the bootstrap it is noted which are complete: they may be gone at the next look.
    async fn look(&self, followed: &mut Followed<'_>, patience: Duration) -> Result<Vec<Job>, ClusterError> {
        let mut jobs = followed.look(patience).await?;
        match self {
            Self::Bootstrap => followed.mark_complete(&jobs).await?,
            Self::Others(names) => jobs.retain(|job| names.contains(&job.name)),
        }
        Ok(jobs)
    }
}

/// Watches Jobs of a release until they are complete, and says which.
pub(super) async fn watch(
    followed: &mut Followed<'_>,
    watched: Watched,
    witnesses: &mut Witnesses,
    world: &World,
    notes: &Notes,
) -> Result<Vec<String>, Failed> {
    let (started, bootstrap) = (Instant::now(), followed.bootstrap);
    let (mut told, mut patience) = (None, Duration::ZERO);
    loop {
        let jobs = match watched.look(followed, patience).await {
            Ok(jobs) => jobs,
            // The API server may restart under the bootstrap's load: that is no failure of the bootstrap.
            Err(error) if error.again().is_some() && started.elapsed() < bootstrap.timeout => {
                notes.note(phrase!("bootstrap-ask-again" { why: error.phrase() }));
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        patience = LOOK_AGAIN;
        if let Some(job) = jobs.iter().find(|job| matches!(job.stage, Stage::Failed | Stage::Gone)) {
            let seen = witnesses.of(&job.name).tell_the_end(world).await?;
            let seen = if followed.is_gone(job) { tidied_away(job, seen) } else { seen };
            return Err(BootstrapError { job: job.name.clone(), waited: None, seen }.into());
        }
        let Some(active) = jobs.iter().find(|job| matches!(job.stage, Stage::Active | Stage::Missing)) else {
            return Ok(jobs.into_iter().map(|job| job.name).collect());
        };
        let diagnosis = match active.stage {
            Stage::Missing => Diagnosis::seen(phrase!("bootstrap-missing")),
            _ => witnesses.of(&active.name).look(world).await?,
        };
        let waited = started.elapsed();
        if waited >= bootstrap.timeout {
            return Err(BootstrapError { job: active.name.clone(), waited: Some(waited), seen: diagnosis }.into());
        }
        tell(active, &diagnosis, &mut told, notes);
    }
}

/// Says what is seen of a Job, if that was not the last thing said.
fn tell(job: &Job, diagnosis: &Diagnosis, told: &mut Option<Phrase>, notes: &Notes) {
    let seen = phrase!("bootstrap-seen" { job: &job.name, seen: &diagnosis.sentence });
    if told.as_ref() != Some(&seen) {
        notes.note(&seen);
        *told = Some(seen);
    }
}

/// What is known of a Job that is gone: what was `last` seen of it.
fn tidied_away(job: &Job, last: Diagnosis) -> Diagnosis {
    let seen = if last.gone { phrase!("bootstrap-nothing-seen") } else { last.sentence.clone() };
    let sentence = match job.stage {
        Stage::Failed => phrase!("bootstrap-failed-and-gone" { seen }),
        _ => phrase!("bootstrap-end-unseen" { seen }),
    };
    Diagnosis { sentence, ..last }
}
