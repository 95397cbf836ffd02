//! Starts the Helm bootstrap and watches its Job to the end; the exit of a command alone proves nothing.

mod causes;
mod decide;
mod watch;

use std::{collections::BTreeMap, sync::Arc};

use decide::{Decision, Job, Stage, decide};
use serde_json::Value;
use watch::{jobs, remove, stuck, watch};

use super::{given::Given, questions};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome, StepId, StepInfo},
    profile::{self, Profile},
    words::{Phrase, english, id, phrase},
    world::{ClusterError, Helm, World},
};

/// The stable id.
pub const ID: StepId = StepId::new("bootstrap");

/// Starts the bootstrap, and watches it.
#[derive(Debug)]
pub struct Bootstrap {
    profile: Arc<Profile>,
    settings: profile::Bootstrap,
    values: BTreeMap<String, Value>,
}

impl Bootstrap {
    pub(super) fn of(given: &Given) -> Option<Self> {
        let (profile, settings) = (Arc::clone(&given.profile), given.profile.bootstrap.clone()?);
        let values = questions::values(&profile, &given.answers.public);
        Some(Self { profile, settings, values })
    }

    pub(super) fn info() -> StepInfo {
        StepInfo::new(ID, english(id!("step-bootstrap")))
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let Some(bootstrap) = &profile.bootstrap else { return Vec::new() };
        let chart = bootstrap.chart.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let installed = phrase!("will-install" { chart, release: &bootstrap.release });
        [installed].into_iter().chain(questions::describe_values(profile, answers)).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let Self { profile, settings: bootstrap, values } = self;
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
                let _hold = notes.hold(phrase!("hold-helm"), Helm::PATIENCE).await;
                let upgraded = world.helm.upgrade(release, world.cluster.namespace(), values).await;
                upgraded.map_err(|error| questions::blamed(profile, error))?;
            }
        }
        watch(bootstrap, world, notes).await
    }
}

/// The release's Jobs, and Helm's records of runs that were interrupted, each with its status.
async fn observe(
    bootstrap: &profile::Bootstrap,
    world: &World,
) -> Result<(Vec<Job>, Vec<(String, String)>), ClusterError> {
    let found = jobs(world, &bootstrap.release).await?;
    Ok((found, world.cluster.pending_releases(&bootstrap.release).await?))
}

/// What Helm would be asked for.
pub(super) enum Prospect {
    /// Nothing: the bootstrap has run.
    Done,
    /// To install or upgrade, perhaps after a run that was interrupted in this status.
    Install { interrupted: Option<String> },
}

/// Foresees what [`Bootstrap::run`] would have Helm do.
pub(super) async fn prospect(bootstrap: &profile::Bootstrap, world: &World) -> Result<Prospect, ClusterError> {
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
    let all = jobs(world, &bootstrap.release).await?;
    Ok(!all.is_empty() && all.iter().all(|job| job.stage == Stage::Complete))
}
