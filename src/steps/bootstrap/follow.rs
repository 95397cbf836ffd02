//! The Jobs of a release, found by what Helm knows of them, and the mark that stays when they are tidied away.

use std::{collections::BTreeSet, iter, time::Duration};

use futures_util::future::try_join_all;
use k8s_openapi::api::batch::v1 as batch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decide::{Decision, Installed, Job, Stage, decide};
use crate::{
    profile::{self, Profile},
    steps::rows::rows,
    world::{ClusterError, Jobs, ObjectRef, Records, Release, Trace, World, annotations, marks_of},
};

/// How far the bootstrap has come. Its Jobs may be tidied away at any time after their end, and Helm writes its records
/// anew.
///
/// It is an annotation of the tenant's Secret: that is what the bootstrap takes over, and without it a setup begins anew,
/// whatever was installed before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Mark {
    release: String,
    /// What it was begun with.
    begun: Option<Begun>,
    /// The revision of which the Jobs are.
    revision: u64,
    /// Those that were seen complete.
    complete: BTreeSet<String>,
    /// It has once come to its end.
    has_run: bool,
    /// And nothing was begun again since then.
    ended: bool,
}

/// What a bootstrap works with besides the values that Helm records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    /// What the chart consists of.
    chart: Option<String>,
    /// Which writes left what the Jobs read as it is.
    #[serde(default)]
    writes: Vec<String>,
    /// The revision that was there already, which so was begun with something else.
    #[serde(default)]
    after: u64,
}

impl Mark {
    /// What stands on the tenant's Secret of a release. What somebody else wrote there says nothing.
    fn of(release: &str, trace: &Trace) -> Option<Self> {
        let mark: Self = serde_json::from_str(trace.annotations.get(annotations::BOOTSTRAP)?).ok()?;
        (mark.release == release).then_some(mark)
    }
}

/// Whether what stands on the tenant's Secret says that the bootstrap of some release has run to its end, and was not removed
/// by us since.
pub(in crate::steps) fn has_run_by_mark(mark: &str) -> bool {
    serde_json::from_str::<Mark>(mark).is_ok_and(|mark| mark.has_run)
}

/// The Jobs of a release as they are followed.
pub(in crate::steps) struct Followed<'a> {
    pub(super) bootstrap: &'a profile::Bootstrap,
    world: &'a World,
    tenant: ObjectRef,
    /// Of each namespace in which the release has some; first that which is set up.
    jobs: Vec<Jobs>,
    records: Records,
    mark: Mark,
    /// The chart's name and version.
    chart: Option<String>,
    /// What it would begin with now.
    now: Begun,
    /// Helm is at work, or was since its records were read.
    helm_works: bool,
}

impl<'a> Followed<'a> {
    /// Looks at everything once.
    pub(in crate::steps) async fn begin(
        profile: &Profile,
        bootstrap: &'a profile::Bootstrap,
        world: &'a World,
    ) -> Result<Self, ClusterError> {
        let (cluster, release) = (&world.cluster, &bootstrap.release);
        let objects: Vec<ObjectRef> = rows(profile).into_iter().map(|row| row.object).collect();
        let traces = try_join_all(objects.iter().map(|object| cluster.trace(object)));
        let before = Records::default();
        let (jobs, records, traces) = tokio::try_join!(cluster.jobs(None), cluster.records(release, &before), traces)?;
        let writes = traces.iter().filter_map(|trace| trace.annotations.get(annotations::WRITE).cloned()).collect();
        let now = Begun { chart: world.helm.digest().await, writes, after: records.settled };
        let tenant = ObjectRef::secret(&profile.secrets.tenant.name);
        let mut marks = objects.iter().zip(&traces).filter(|(object, _)| **object == tenant);
        let mark = marks.find_map(|(_, trace)| Mark::of(release, trace));
        let mark = mark.unwrap_or_else(|| Mark { release: release.clone(), ..Mark::default() });
        let chart = world.helm.chart().await.ok();
        let jobs = vec![jobs];
        let mut followed = Self { bootstrap, world, tenant, jobs, records, mark, chart, now, helm_works: false };
        followed.look_elsewhere().await?;
        Ok(followed)
    }

    /// Looks into the namespaces in which nobody has looked yet.
    async fn look_elsewhere(&mut self) -> Result<(), ClusterError> {
        let paths = self.expected().into_iter().chain(self.hooks());
        let namespaces: BTreeSet<String> = paths.filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
        for namespace in namespaces {
            if self.jobs.iter().all(|jobs| jobs.namespace() != Some(&namespace)) {
                self.jobs.push(self.world.cluster.jobs(Some(namespace)).await?);
            }
        }
        Ok(())
    }

    /// What is to be done, if `values` are wanted.
    pub(in crate::steps) fn decide(&self, values: &Value) -> Decision {
        let is_chart = |begun: &Begun| begun.chart == self.now.chart;
        let installed = self.records.newest.as_ref().map(|release| Installed {
            deployed: self.is_deployed(),
            same: release.values == *values
                && self.chart.as_ref() == Some(&release.chart)
                && self.begun().is_some_and(is_chart),
            current: self.is_current(),
        });
        decide(&self.seen(), installed, self.mark.ended)
    }

    /// What Helm's newest revision was begun with, if that is ours.
    fn begun(&self) -> Option<&Begun> {
        let revision = self.records.newest.as_ref()?.revision;
        self.mark.begun.as_ref().filter(|begun| revision > begun.after)
    }

    /// Whether that was this chart, and the Secrets said what they say now.
    fn is_current(&self) -> bool {
        self.begun().is_some_and(|begun| Begun { after: begun.after, ..self.now.clone() } == *begun)
    }

    /// Whether the bootstrap has once run to its end, so that the product has what the Secrets said, and the release is
    /// there still: whoever removed it wants it anew. Asked often, and so of no more than that needs.
    pub(super) async fn has_run(
        profile: &Profile,
        bootstrap: &'a profile::Bootstrap,
        world: &'a World,
    ) -> Result<bool, ClusterError> {
        let (cluster, release) = (&world.cluster, &bootstrap.release);
        let tenant = ObjectRef::secret(&profile.secrets.tenant.name);
        let Some(mark) = Mark::of(release, &cluster.trace(&tenant).await?) else { return Ok(false) };
        if mark.has_run {
            return cluster.has_records(release).await;
        }
        if mark.begun.is_none() {
            return Ok(false);
        }
        // Nobody may have seen the end.
        let before = Records::default();
        let (jobs, records) = tokio::try_join!(cluster.jobs(None), cluster.records(release, &before))?;
        let (jobs, chart, now) = (vec![jobs], None, Begun::default());
        let mut followed = Self { bootstrap, world, tenant, jobs, records, mark, chart, now, helm_works: false };
        followed.look_elsewhere().await?;
        let jobs = followed.seen();
        let ended = !jobs.is_empty() && jobs.iter().all(|job| job.stage == Stage::Complete);
        Ok(ended && followed.is_deployed() && followed.begun().is_some())
    }

    /// Whether Helm came to its end with what it did last.
    fn is_deployed(&self) -> bool {
        self.records.unfinished.is_empty() && self.records.newest.as_ref().is_some_and(|release| release.deployed)
    }

    /// The records that keep Helm from beginning anew, each with its status.
    pub(in crate::steps) fn unfinished(&self) -> &[(String, String)] {
        &self.records.unfinished
    }

    /// The Jobs that have run with what is deployed, and whose end nobody has seen.
    pub(super) fn unseen(&self) -> Vec<String> {
        let deployed = self.records.newest.as_ref().is_some_and(|release| release.deployed);
        let is_unseen = |job: &Job| job.stage == Stage::Missing && deployed && !self.mark.ended;
        self.seen().into_iter().filter(is_unseen).map(|job| job.name).collect()
    }

    /// The Jobs as they were seen last.
    pub(super) fn seen(&self) -> Vec<Job> {
        let (hooks, mut unseen) = (self.hooks(), self.expected());
        let job = |path: &String, stage| Job { name: path.clone(), stage, hook: hooks.contains(path) };
        let mut seen = Vec::new();
        for (path, of, is_there) in self.known() {
            if unseen.remove(path) || hooks.contains(path) || self.is_marked(of) {
                let stage = stage_of(of);
                seen.push(job(path, if stage == Stage::Active && !is_there { Stage::Gone } else { stage }));
            }
        }
        let was_complete = |path: &String| self.completed().is_some_and(|complete| complete.contains(path));
        let stage = |path| if was_complete(path) { Stage::Complete } else { Stage::Missing };
        seen.extend(unseen.into_iter().map(|path| job(path, stage(path))));
        seen
    }

    /// Every Job that was seen, and whether it is still there.
    fn known(&self) -> impl Iterator<Item = (&String, &batch::Job, bool)> {
        self.jobs.iter().flat_map(|jobs| {
            let gone = jobs.gone.iter().map(|(path, job)| (path, job, false));
            jobs.present.iter().map(|(path, job)| (path, job, true)).chain(gone)
        })
    }

    /// Looks what has become of the Jobs, and waits up to `patience` for something to happen.
    pub(super) async fn look(&mut self, patience: Duration) -> Result<Vec<Job>, ClusterError> {
        if self.helm_works {
            self.records = self.world.cluster.records(&self.bootstrap.release, &self.records).await?;
            self.look_elsewhere().await?;
            self.helm_works = false;
        }
        // What happens in other namespaces is seen at the end of the wait.
        for (jobs, patience) in self.jobs.iter_mut().zip(iter::once(patience).chain(iter::repeat(Duration::ZERO))) {
            self.world.cluster.follow(jobs, patience).await?;
        }
        Ok(self.seen())
    }

    /// What Helm has recorded is not what it was.
    pub(super) fn helm_works(&mut self) {
        self.helm_works = true;
    }

    /// Whether a Job is there.
    pub(super) fn is_there(&self, job: &Job) -> bool {
        self.known().any(|(path, _, is_there)| is_there && *path == job.name)
    }

    /// Whether a Job was there and is gone.
    pub(super) fn is_gone(&self, job: &Job) -> bool {
        self.known().any(|(path, _, is_there)| !is_there && *path == job.name)
    }

    /// A Job that was removed on purpose.
    pub(super) fn forget(&mut self, job: &str) {
        self.jobs.iter_mut().for_each(|jobs| jobs.forget(job));
    }

    /// Notes that the bootstrap begins, so that nothing seen before counts for it.
    pub(super) async fn mark_begun(&mut self) -> Result<(), ClusterError> {
        let Mark { release, has_run, begun, .. } = self.mark.clone();
        // Where the release was removed, the product was too.
        let has_run = has_run && self.records.newest.is_some();
        // What is installed with the same goes on to count.
        let begun = begun.filter(|_| self.is_current()).unwrap_or_else(|| self.now.clone());
        self.mark_as(Mark { release, has_run, begun: Some(begun), ..Mark::default() }).await
    }

    /// Notes which Jobs are complete, and whether that are all.
    pub(super) async fn mark_complete(&mut self, jobs: &[Job]) -> Result<(), ClusterError> {
        let of = |job: &&Job| job.stage == Stage::Complete;
        let complete: BTreeSet<String> = jobs.iter().filter(of).map(|job| job.name.clone()).collect();
        let (revision, deployed) =
            self.records.newest.as_ref().map_or((0, false), |release| (release.revision, release.deployed));
        let ended = deployed && complete.len() == jobs.len();
        if ended || !complete.is_empty() {
            let has_run = self.mark.has_run || ended;
            self.mark_as(Mark { revision, complete, has_run, ended, ..self.mark.clone() }).await?;
        }
        Ok(())
    }

    async fn mark_as(&mut self, mark: Mark) -> Result<(), ClusterError> {
        if self.mark != mark {
            let text = serde_json::to_string(&mark).unwrap_or_default();
            self.world.cluster.annotate(&self.tenant, annotations::BOOTSTRAP, Some(&text)).await?;
            self.mark = mark;
        }
        Ok(())
    }

    /// The Jobs that are part of the bootstrap whether they are there or not, each once.
    fn expected(&self) -> BTreeSet<&String> {
        let jobs = self.records.newest.iter().flat_map(|release| &release.jobs);
        jobs.chain(&self.bootstrap.jobs).collect()
    }

    /// Those that Helm waits for itself: a release is not deployed before they are complete.
    fn hooks(&self) -> &[String] {
        self.records.newest.as_ref().map_or(&[], |Release { hooks, .. }| hooks)
    }

    /// The Jobs of this revision that were seen complete by whatever run.
    fn completed(&self) -> Option<&BTreeSet<String>> {
        let revision = self.records.newest.as_ref()?.revision;
        (self.mark.revision == revision).then_some(&self.mark.complete)
    }

    fn is_marked(&self, job: &batch::Job) -> bool {
        let Some(noted) = &job.metadata.annotations else { return false };
        let marks = marks_of(&self.bootstrap.release, self.world.cluster.namespace());
        marks.iter().all(|(key, value)| noted.get(*key).is_some_and(|noted| noted == value))
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
