//! Starts the Helm bootstrap and watches its Job to the end; the exit of a command alone proves nothing.

mod causes;
mod decide;
mod follow;
mod watch;
mod witness;

use std::{collections::BTreeMap, sync::Arc};

pub(super) use causes::Diagnosis;
pub(super) use decide::Decision;
pub(super) use follow::{Followed, has_run_by_mark};
use serde_json::Value;
use tokio::time::Instant;
use watch::{Watched, beside, hook_failed, remove, stuck, watch};
pub(super) use witness::Bystander;
use witness::Witnesses;

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
        world.helm.alone(|| notes.note(phrase!("bootstrap-helm-works"))).await?;
        let mut followed = Followed::begin(profile, bootstrap, world).await?;
        let mut decision = followed.decide(&Helm::given(values));
        if decision == Decision::Watch {
            // What an earlier run found stuck is not mended by watching it: somebody has corrected the cause by now.
            let remove = stuck(world, &followed.seen()).await?;
            if !remove.is_empty() {
                decision = Decision::Install { remove };
            }
        }
        let mut witnesses = Witnesses::default();
        match decision {
            Decision::Done { with_other_values } => {
                followed.mark_complete(&followed.seen()).await?;
                return Ok(Outcome::Unchanged(if with_other_values {
                    phrase!("bootstrap-has-run-otherwise" { release })
                } else {
                    phrase!("bootstrap-has-run" { release })
                }));
            }
            Decision::Left { jobs } if jobs.is_empty() => {
                return Ok(Outcome::Unchanged(phrase!("bootstrap-left" { release })));
            }
            Decision::Left { jobs } => {
                let named = names(&jobs);
                notes.note(phrase!("bootstrap-left-jobs" { release, jobs: &named }));
                watch(&mut followed, Watched::Others(jobs), &mut witnesses, world, notes).await?;
                return Ok(Outcome::Unchanged(phrase!("bootstrap-left-complete" { release, jobs: named })));
            }
            Decision::Watch => {}
            Decision::Install { remove } => self.install((&mut followed, &mut witnesses), remove, world, notes).await?,
        }
        let jobs = watch(&mut followed, Watched::Bootstrap, &mut witnesses, world, notes).await?;
        Ok(Outcome::Changed(if jobs.is_empty() {
            phrase!("bootstrap-installed-without-job" { release })
        } else {
            phrase!("bootstrap-installed" { release, jobs: names(&jobs) })
        }))
    }

    async fn install(
        &self,
        (followed, witnesses): (&mut Followed<'_>, &mut Witnesses),
        in_the_way: Vec<String>,
        world: &World,
        notes: &Notes,
    ) -> Result<(), Failed> {
        let Self { profile, settings: bootstrap, values } = self;
        let release = &bootstrap.release;
        let unseen = followed.unseen();
        // Before anything is taken away: a mark that says it has ended would make a Job that is gone one that was complete.
        followed.mark_begun().await?;
        // The Jobs first: they are known by Helm's records.
        for job in in_the_way {
            notes.note(phrase!("bootstrap-removing-job" { job: &job }));
            remove(followed, world, &job).await?;
        }
        for job in unseen {
            notes.note(phrase!("bootstrap-runs-again" { job }));
        }
        for (record, status) in followed.unfinished() {
            notes.note(phrase!("bootstrap-removing-record" { status }));
            world.cluster.delete_release_record(record).await?;
        }
        notes.note(phrase!("bootstrap-installing" { release }));
        // Cutting Helm in two is what leaves `pending-*` behind: a stop waits for its end.
        let _hold = notes.hold(phrase!("hold-helm"), world.helm.patience()).await;
        let started = Instant::now();
        let helm = world.helm.upgrade(release, world.cluster.namespace(), values);
        let Err(error) = beside(helm, followed, witnesses, world, notes).await else {
            followed.helm_works();
            return Ok(());
        };
        Err(match hook_failed(followed, witnesses, world, started).await {
            Some(failed) => failed,
            None => questions::blamed(profile, error).into(),
        })
    }
}

/// Jobs as they are named in a sentence.
fn names(jobs: &[String]) -> String {
    jobs.iter().map(|job| format!("`{job}`")).collect::<Vec<_>>().join(", ")
}

/// Whether the bootstrap has run to its end, and so has taken over what the Secrets said; not any more once its release was
/// removed.
pub(super) async fn has_run(profile: &Profile, world: &World) -> Result<bool, ClusterError> {
    let Some(bootstrap) = &profile.bootstrap else { return Ok(false) };
    Followed::has_run(profile, bootstrap, world).await
}
