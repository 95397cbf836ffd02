//! Everything that can fail, tried side by side without effects; every failure is reported, not the first.

mod chart;
mod failure;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use failure::RehearsalError;

use super::{
    given::Given,
    questions,
    secrets::password::Travelling,
    standing::{Standing, dry_run},
};
use crate::{
    answers::PublicAnswers,
    engine::{CheckState, Failed, Notes, Outcome, StepId, StepInfo},
    error::{ErrorId, Failure, Report},
    profile::Profile,
    words::{Phrase, Say, english, id, phrase},
    world::{Access, ClusterError, NamespacePhase, World},
};

/// How often a Kubernetes that is still starting is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// What the steps will do in the cluster.
const ACCESS: &[Access] = &[
    // To the API server a namespace that is read lies in itself, so a role within it is enough.
    Access { verb: "get", group: "", resource: "namespaces", namespaced: true },
    Access { verb: "get", group: "", resource: "secrets", namespaced: true },
    Access { verb: "create", group: "", resource: "secrets", namespaced: true },
    Access { verb: "patch", group: "", resource: "secrets", namespaced: true },
];

/// What a namespace that does not exist needs besides.
const NAMESPACE_ACCESS: &[Access] = &[
    Access { verb: "create", group: "", resource: "namespaces", namespaced: false },
    Access { verb: "patch", group: "", resource: "namespaces", namespaced: false },
];

/// What a Helm bootstrap needs besides.
const BOOTSTRAP_ACCESS: &[Access] = &[
    Access { verb: "list", group: "", resource: "secrets", namespaced: true },
    Access { verb: "delete", group: "", resource: "secrets", namespaced: true },
    Access { verb: "list", group: "", resource: "pods", namespaced: true },
    Access { verb: "list", group: "", resource: "events", namespaced: true },
    Access { verb: "list", group: "batch", resource: "jobs", namespaced: true },
    Access { verb: "create", group: "batch", resource: "jobs", namespaced: true },
    Access { verb: "delete", group: "batch", resource: "jobs", namespaced: true },
];

/// One check's result: what was found, or why the machine is not fit.
type Finding = Result<Phrase, Report>;

/// The checks of one rehearsal, in the order in which their failures count.
struct Rehearsing<'a> {
    profile: &'a Profile,
    values: Option<&'a BTreeMap<String, Value>>,
    world: &'a World,
    notes: &'a Notes,
}

/// The stable id.
pub const ID: StepId = StepId::new("rehearse");

/// Tries everything that can fail.
#[derive(Debug)]
pub struct Rehearse {
    profile: Arc<Profile>,
    /// The Helm values; `None` while an answer is missing that becomes one.
    values: Option<BTreeMap<String, Value>>,
    /// Hashed while this and the next step wait for others.
    password: Option<Arc<Travelling>>,
}

impl Rehearse {
    pub(super) fn of(given: &Given) -> Self {
        let values = Some(questions::values(&given.profile, &given.answers.public));
        Self { profile: Arc::clone(&given.profile), values, password: Some(Arc::clone(&given.password)) }
    }

    /// The rehearsal without a setup after it.
    pub(super) fn alone(profile: &Arc<Profile>, answers: Option<PublicAnswers>) -> Self {
        let without = || questions::values_without_answers(profile);
        let values = answers.map_or_else(without, |answers| Some(questions::values(profile, &answers)));
        Self { profile: Arc::clone(profile), values, password: None }
    }

    pub(super) fn info() -> StepInfo {
        StepInfo::new(ID, english(id!("step-rehearse")))
    }

    pub(super) fn describe(_profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        vec![phrase!("will-rehearse")]
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        if let Some(password) = self.password.clone() {
            // A failure is for the step that needs it.
            tokio::spawn(async move { password.made().await.is_ok() });
        }
        let Self { profile, values, .. } = self;
        let rehearsing = Rehearsing { profile, values: values.as_ref(), world, notes };
        world.look_anew().await;
        notes.note(phrase!("rehearse-begin"));
        let machine = rehearsing.machine();
        let (license, cluster) = tokio::join!(rehearsing.license(), rehearsing.cluster());
        let (reached, clock) = license;
        let reached = rehearsing.unless_not_needed(reached, &cluster).await;
        let findings: Vec<Finding> = machine.into_iter().chain(reached).chain(clock).chain(cluster).collect();
        let passed = findings.iter().filter(|finding| finding.is_ok()).count();
        let reports: Vec<Report> = findings.into_iter().filter_map(Result::err).collect();
        if reports.is_empty() {
            return Ok(Outcome::Unchanged(phrase!("rehearse-passed" { passed })));
        }
        Err(Failed(reports))
    }
}

impl Rehearsing<'_> {
    /// Tells where a check stands, and passes its finding on.
    fn told(&self, check: &'static str, finding: Result<impl Into<Phrase>, impl Into<Report>>) -> Finding {
        let finding = finding.map(Into::into).map_err(Into::into);
        match &finding {
            Ok(found) => self.notes.check(check, CheckState::Passed, found.clone()),
            Err(report) => self.notes.check(check, CheckState::Failed, report.message.clone()),
        }
        finding
    }

    fn skipped(&self, checks: &[&'static str], because: &Phrase) {
        for check in checks {
            self.notes.check(*check, CheckState::Skipped, phrase!("rehearse-not-tried" { because }));
        }
    }

    fn machine(&self) -> Vec<Finding> {
        let (now, built) = (self.world.clock.now(), self.world.clock.built());
        let mut findings = Vec::new();
        if now < built {
            findings.push(self.told("clock", Err::<Phrase, _>(RehearsalError::BeforeBuild { now, built })));
        }
        findings.push(self.told("disk", self.disk()));
        findings.push(self.told("memory", self.memory()));
        findings
    }

    fn disk(&self) -> Finding {
        let (path, wanted) = (self.world.host.state().display().to_string(), self.profile.machine.disk_mib);
        self.world.host.check_state_writable()?;
        let free = self.world.host.free_disk_mib();
        let free = free.map_err(|source| RehearsalError::Disk { path: path.clone(), source })?;
        if free < wanted {
            return Err(RehearsalError::DiskLow { free, wanted, path }.into());
        }
        Ok(phrase!("rehearse-disk" { free }))
    }

    fn memory(&self) -> Finding {
        let wanted = self.profile.machine.memory_mib;
        match self.world.host.available_memory_mib() {
            Some(free) if free < wanted => Err(RehearsalError::MemoryLow { free, wanted }.into()),
            Some(free) => Ok(phrase!("rehearse-memory" { free })),
            None => Ok(phrase!("rehearse-memory-unknown")),
        }
    }

    /// Name and TLS, and then the clock: each rests on the one before.
    async fn license(&self) -> (Vec<Finding>, Option<Finding>) {
        let license = &self.world.license;
        let proxy = license.proxy().ok().flatten().map(|proxy| proxy.shown());
        let resolved = license.resolve().await.map(|addresses| {
            let first = addresses.first().map(|address| address.ip().to_string()).unwrap_or_default();
            match &proxy {
                Some(proxy) => phrase!("rehearse-resolved-proxy" { proxy, address: first }),
                None => phrase!("rehearse-resolved" { host: license.host(), address: first }),
            }
        });
        let resolved = self.told("name-resolution", resolved);
        if resolved.is_err() {
            self.skipped(&["license-service", "clock"], &phrase!("rehearse-because-no-name"));
            return (vec![resolved], None);
        }
        match license.contact().await {
            Ok(theirs) => {
                let answers = match &proxy {
                    Some(proxy) => phrase!("rehearse-license-answers-proxy" { host: license.host(), proxy }),
                    None => phrase!("rehearse-license-answers" { host: license.host() }),
                };
                let answered = self.told("license-service", Ok::<_, Report>(answers));
                (vec![resolved, answered], Some(self.told("clock", self.clock(theirs))))
            }
            Err(error) => {
                let failed = self.told("license-service", Err::<Phrase, _>(error));
                self.skipped(&["clock"], &phrase!("rehearse-because-no-license"));
                (vec![resolved, failed], None)
            }
        }
    }

    /// A license service that does not answer is no obstacle when it will not be asked.
    async fn unless_not_needed(&self, findings: Vec<Finding>, cluster: &[Finding]) -> Vec<Finding> {
        let cluster_answers = cluster.first().is_some_and(Result::is_ok);
        if findings.iter().all(Result::is_ok) || !self.has_what_it_gives(cluster_answers).await {
            return findings;
        }
        let findings_of_name = findings.first().is_some_and(Result::is_err);
        let needed = |finding: &Finding| {
            let Err(report) = finding else { return true };
            let check = match report.id {
                ErrorId::NameResolution => "name-resolution",
                // Before anything else is tried its variable and its name are.
                ErrorId::Proxy if findings_of_name => "name-resolution",
                _ => "license-service",
            };
            let found = phrase!("rehearse-license-not-needed" { why: &report.message });
            self.notes.check(check, CheckState::Skipped, found);
            false
        };
        findings.into_iter().filter(needed).collect()
    }

    /// Whether both Secrets are complete, or the journal holds a grant.
    async fn has_what_it_gives(&self, cluster_answers: bool) -> bool {
        let service = self.profile.license.service();
        let granted = self.world.journal.load().is_ok_and(|record| {
            record.intents.iter().any(|intent| intent.is_with(service) && intent.grant().is_some())
        });
        let complete =
            async { Standing::observe(self.profile, self.world).await.is_ok_and(|standing| standing.is_complete()) };
        granted || (cluster_answers && complete.await)
    }

    /// Ours beside the clock of the license service.
    fn clock(&self, theirs: Option<Timestamp>) -> Finding {
        let Some(theirs) = theirs else { return Ok(phrase!("rehearse-clock-untold")) };
        let off = self.world.clock.now().as_second() - theirs.as_second();
        let seconds = off.unsigned_abs();
        if seconds <= self.profile.license.clock_skew.as_secs() {
            return Ok(phrase!("rehearse-clock" { seconds: seconds.max(1) }));
        }
        Err(RehearsalError::ClockOff { seconds, behind: off < 0 }.into())
    }

    /// The API server first; all that rests on it once it is up.
    async fn cluster(&self) -> Vec<Finding> {
        let up = self.told("kubernetes", self.kubernetes().await);
        if up.is_err() {
            let because = phrase!("rehearse-because-no-kubernetes");
            self.skipped(&["permissions", "namespace", "secrets"], &because);
            let bootstrap = self.bootstrap_without_cluster(&because);
            return [up].into_iter().chain(bootstrap).collect();
        }
        let permissions = async { self.told("permissions", self.permissions().await) };
        let (permissions, objects, bootstrap) = tokio::join!(permissions, self.objects(), self.bootstrap());
        let (bootstrap, tried) = bootstrap;
        let tried = self.dry_run_told(tried, &permissions);
        [up, permissions].into_iter().chain(objects).chain(bootstrap).chain(tried).collect()
    }

    /// The namespace, and both Secrets in it.
    async fn objects(&self) -> Vec<Finding> {
        let namespace = self.namespace().await;
        let phase = namespace.as_ref().ok().copied();
        let mut findings = vec![self.told("namespace", namespace.map(|phase| self.in_sentence(phase)))];
        match phase {
            Some(NamespacePhase::Active) => findings.push(self.told("secrets", self.dry_run().await)),
            Some(_) => self.skipped(&["secrets"], &phrase!("rehearse-because-no-namespace")),
            None => self.skipped(&["secrets"], &phrase!("rehearse-because-bad-namespace")),
        }
        findings
    }

    /// Waits while Kubernetes is starting, which is the normal state of a first boot.
    async fn kubernetes(&self) -> Finding {
        let (started, limit) = (Instant::now(), self.profile.cluster.start_timeout);
        let mut told = None;
        loop {
            let error = match self.world.cluster.version().await {
                Ok(version) => return Ok(phrase!("rehearse-kubernetes" { version })),
                Err(error) => error,
            };
            let waited = started.elapsed();
            let seconds = waited.as_secs();
            if error.again().is_none() {
                return Err(error.into());
            }
            if waited >= limit {
                return Err(RehearsalError::NotStarted { seconds, source: error }.into());
            }
            let what = phrase!("rehearse-kubernetes-starting" { seconds });
            let waiting = phrase!("with-details" { what, details: error.phrase() });
            // Asked more often than there is something new to say.
            if told.as_ref() != Some(&waiting) {
                self.notes.check("kubernetes", CheckState::Waiting, &waiting);
                told = Some(waiting);
            }
            tokio::time::sleep(ASK_AGAIN.min(limit.saturating_sub(waited))).await;
        }
    }

    async fn permissions(&self) -> Finding {
        let missing = matches!(self.world.cluster.namespace_phase().await, Ok(NamespacePhase::Missing));
        let namespace: &[Access] = if missing { NAMESPACE_ACCESS } else { &[] };
        let bootstrap: &[Access] = if self.profile.bootstrap.is_some() { BOOTSTRAP_ACCESS } else { &[] };
        let needed: Vec<Access> = ACCESS.iter().chain(namespace).chain(bootstrap).copied().collect();
        // A few at a time: each one at once would cost a TLS connection of its own.
        let mut denied = Vec::new();
        let (first, second) = needed.split_at(needed.len() / 2);
        let (first, second) = tokio::join!(self.denied(first), self.denied(second));
        for part in [first, second] {
            denied.extend(part?);
        }
        if denied.is_empty() {
            return Ok(phrase!("rehearse-permissions" { needed: needed.len() }));
        }
        let namespace = self.profile.cluster.namespace.clone();
        Err(RehearsalError::Denied { denied: denied.join(", "), namespace }.into())
    }

    async fn denied(&self, needed: &[Access]) -> Result<Vec<String>, ClusterError> {
        let mut denied = Vec::new();
        for access in needed {
            if !self.world.cluster.may(*access).await? {
                denied.push(access.to_string());
            }
        }
        Ok(denied)
    }

    async fn namespace(&self) -> Result<NamespacePhase, Report> {
        let cluster = &self.world.cluster;
        let phase = cluster.namespace_phase().await?;
        if phase != NamespacePhase::Active {
            // Says why a missing namespace could not be created, or that it is being deleted.
            cluster.ensure_namespace(true).await?;
        }
        Ok(phase)
    }

    fn in_sentence(&self, phase: NamespacePhase) -> Phrase {
        let namespace = &self.profile.cluster.namespace;
        match phase {
            NamespacePhase::Active => phrase!("rehearse-namespace" { namespace }),
            _ => phrase!("rehearse-namespace-missing" { namespace }),
        }
    }

    async fn dry_run(&self) -> Finding {
        dry_run(self.profile, self.world).await?;
        Ok(phrase!("rehearse-secrets"))
    }
}
