//! Starts the Helm bootstrap and watches its Job to the end; the exit of a command alone proves nothing.

mod causes;
mod decide;
mod watch;
mod witness;

use std::{collections::BTreeMap, sync::Arc};

pub(super) use causes::Diagnosis;
pub(super) use decide::Decision;
use decide::{Job, Stage, decide};
use serde_json::Value;
use watch::{jobs, remove, stuck, watch};
pub(super) use witness::Bystander;

use super::{given::Given, questions};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    profile::{self, Profile},
    words::{Phrase, phrase},
    world::{ClusterError, Helm, World},
};

/// Starts the bootstrap, and watches it.
#[derive(Debug)]
pub struct Bootstrap {
    profile: Arc<Profile>,
    settings: profile::Bootstrap,
    values: BTreeMap<String, Value>,
}

impl Bootstrap {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let (profile, settings) = (Arc::clone(&given.profile), given.profile.bootstrap.clone()?);
        let values = questions::values(&profile, &given.answers.public);
        Some(Self { profile, settings, values })
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
        let Seen { jobs, pending, mut decision } = observe(bootstrap, world).await?;
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

/// What is there of a release, and what is to be done about it.
pub(super) struct Seen {
    jobs: Vec<Job>,
    /// Helm's records of runs that were interrupted, each with its status.
    pub(super) pending: Vec<(String, String)>,
    /// A Job that is only to be watched may yet turn out to be stuck.
    pub(super) decision: Decision,
}

pub(super) async fn observe(bootstrap: &profile::Bootstrap, world: &World) -> Result<Seen, ClusterError> {
    let jobs = jobs(world, &bootstrap.release).await?;
    let pending = world.cluster.pending_releases(&bootstrap.release).await?;
    Ok(Seen { decision: decide(&jobs, !pending.is_empty()), jobs, pending })
}

/// Whether the bootstrap has run to its end, and so has taken over what the Secrets said.
pub(super) async fn has_run(profile: &Profile, world: &World) -> Result<bool, ClusterError> {
    let Some(bootstrap) = &profile.bootstrap else { return Ok(false) };
    let all = jobs(world, &bootstrap.release).await?;
    Ok(!all.is_empty() && all.iter().all(|job| job.stage == Stage::Complete))
}
