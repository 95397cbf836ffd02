//! Everything that can fail, tried side by side without effects; every failure is reported, not the first.

mod certificate;
mod chart;
mod failure;
mod license;
mod looked;
mod permissions;
mod reach;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use failure::RehearsalError;
use looked::Looked;

use super::{given::Given, identity, objects::listed, questions, redeem, services, sign_in};
use crate::{
    answers::{Answers, OwnCertificate, PublicAnswers},
    engine::{CheckState, Failed, Notes, Outcome},
    error::{ErrorId, Failure, Report},
    profile::Profile,
    values::{Address, SecretText},
    words::{Phrase, Say, phrase},
    world::{NamespacePhase, World},
};

/// How often a Kubernetes that is still starting is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// One check's result: what was found, or why the machine is not fit.
type Finding = Result<Phrase, Report>;

/// The checks of one rehearsal, in the order in which their failures count.
struct Rehearsing<'a> {
    profile: &'a Profile,
    values: Option<&'a BTreeMap<String, Value>>,
    address: Option<&'a Address>,
    /// A certificate of the operator's own.
    certificate: Option<&'a OwnCertificate>,
    /// A whole setup.
    given: Option<&'a Given>,
    world: &'a World,
    notes: &'a Notes,
    looked: Looked<'a>,
}

/// Tries everything that can fail.
#[derive(Debug)]
pub struct Rehearse {
    profile: Arc<Profile>,
    /// The Helm values; `None` while an answer is missing that becomes one.
    values: Option<BTreeMap<String, Value>>,
    /// Where the appliance is reached; `None` while that is not answered.
    address: Option<Address>,
    /// A certificate of the operator's own.
    certificate: Option<OwnCertificate>,
    /// A whole setup, whose password is hashed while this and the next step wait for others.
    given: Option<Arc<Given>>,
}

impl Rehearse {
    pub(super) fn of(given: &Arc<Given>) -> Self {
        let Answers { public, secret, .. } = &given.answers;
        let alone = Self::alone(&given.profile, Some(public.clone()), secret.certificate_password.as_ref());
        Self { given: Some(Arc::clone(given)), ..alone }
    }

    /// The rehearsal without a setup after it.
    pub(super) fn alone(
        profile: &Arc<Profile>,
        answers: Option<PublicAnswers>,
        certificate_password: Option<&SecretText>,
    ) -> Self {
        let certificate = answers.as_ref().and_then(|public| OwnCertificate::of(public, certificate_password));
        let address = profile.endpoint.address(answers.as_ref().and_then(|answers| answers.endpoint.as_ref()));
        let without = || questions::values_without_answers(profile);
        let values = answers.map_or_else(without, |answers| Some(questions::values(profile, &answers)));
        Self { profile: Arc::clone(profile), values, address, certificate, given: None }
    }

    pub(super) fn describe(_profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let told = answers.report.as_ref().map(|url| phrase!("will-report" { url: url.to_string() }));
        [phrase!("will-rehearse")].into_iter().chain(told).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        if let Some(given) = self.given.clone() {
            // A failure is for the step that needs it.
            tokio::spawn(async move { given.password.made().await.is_ok() });
        }
        let Self { profile, values, address, certificate, given } = self;
        let (values, address, given) = (values.as_ref(), address.as_ref(), given.as_deref());
        let certificate = certificate.as_ref();
        let looked = Looked::new(profile, world);
        let rehearsing = Rehearsing { profile, values, address, certificate, given, world, notes, looked };
        world.look_anew().await;
        notes.note(phrase!("rehearse-begin"));
        if let (Some(given), Some(address)) = (given, address)
            && let Some((_, reason)) = &given.answers.found
        {
            notes.note(phrase!("rehearse-found" { address: address.to_string() }).then(reason.clone()));
        }
        let machine = rehearsing.machine();
        let (license, needed, services, cluster) =
            tokio::join!(rehearsing.license(), rehearsing.reach(), rehearsing.services(), rehearsing.cluster());
        let (reached, clock) = license;
        // What they find out about the appliance is told to nobody who has to sign in first.
        let is_shut =
            cluster.iter().any(|found| found.as_ref().is_err_and(|report| report.id == ErrorId::SignInNeeded));
        let (reached, needed) = if is_shut {
            (reached, needed)
        } else {
            let reached = rehearsing.unless_not_needed(reached, &cluster).await;
            (reached, rehearsing.unless_bootstrapped(needed, &cluster).await)
        };
        let findings = machine.into_iter().chain(reached).chain(clock).chain(needed).chain(services).chain(cluster);
        let findings: Vec<Finding> = findings.collect();
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
        let clock = (now < built).then(|| Err::<Phrase, _>(RehearsalError::BeforeBuild { now, built }));
        let clock = clock.map(|wrong| self.told("clock", wrong));
        clock.into_iter().chain([self.told("disk", self.disk()), self.told("memory", self.memory())]).collect()
    }

    fn disk(&self) -> Finding {
        let (path, wanted) = (self.world.host.state().display().to_string(), self.profile.machine.disk_mib);
        self.world.host.check_state_writable()?;
        self.world.journal.load()?;
        if let Some(held) = self.world.host.state_in_memory().filter(|_| !self.profile.machine.volatile_state) {
            return Err(RehearsalError::Volatile { path, held }.into());
        }
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

    /// One check, and a finding for each unit that could not be started.
    async fn services(&self) -> Vec<Finding> {
        let services = &self.profile.services;
        if services.is_empty() {
            return Vec::new();
        }
        match services::rehearse(services, self.world).await {
            Ok(units) => vec![self.told("services", Ok::<_, Report>(phrase!("rehearse-services" { units })))],
            Err(Failed(reports)) => {
                let said: Vec<Phrase> = reports.iter().map(|report| report.message.clone()).collect();
                self.notes.check("services", CheckState::Failed, said);
                reports.into_iter().map(Err).collect()
            }
        }
    }

    /// The API server first; all that rests on it once it is up.
    async fn cluster(&self) -> Vec<Finding> {
        let up = self.told("kubernetes", self.kubernetes().await);
        if up.is_err() {
            let because = phrase!("rehearse-because-no-kubernetes");
            self.skipped(&["permissions", "namespace"], &because);
            self.skipped(self.object_checks(), &because);
            let bootstrap = self.bootstrap_without_cluster(&because).await;
            return [up].into_iter().chain(bootstrap).collect();
        }
        if let Err(refused) = sign_in::admitted(self.profile, self.world).await {
            let because = phrase!("rehearse-because-not-signed-in");
            self.skipped(&["permissions", "namespace"], &because);
            self.skipped(self.object_checks(), &because);
            return vec![up, self.told("sign-in", Err::<Phrase, _>(refused))];
        }
        let permissions = async { self.told("permissions", self.permissions().await) };
        let (permissions, objects, bootstrap, code) =
            tokio::join!(permissions, self.objects(), self.bootstrap(), self.code());
        let (bootstrap, tried) = bootstrap;
        let tried = self.dry_run_told(tried, &permissions);
        [up, permissions].into_iter().chain(code).chain(objects).chain(bootstrap).chain(tried).collect()
    }

    /// Whether the code is another machine's, which is known without sending it. Where it is not there is nothing to tell.
    async fn code(&self) -> Option<Finding> {
        let refusal = redeem::refusal(self.looked.standing().await.ok()?, self.given?, self.world)?;
        Some(self.told("install-code", Err::<Phrase, _>(refusal)))
    }

    /// The checks that rest on the namespaces.
    fn object_checks(&self) -> &'static [&'static str] {
        match (self.certificate, identity::has_work(self.profile)) {
            (Some(_), _) => &["certificate", "identity", "secrets"],
            (None, true) => &["identity", "secrets"],
            (None, false) => &["secrets"],
        }
    }

    /// The namespaces, and the objects in them.
    async fn objects(&self) -> Vec<Finding> {
        let namespaces = self.namespaces().await;
        let missing = namespaces.as_ref().ok().map(|(_, missing)| missing.clone());
        let mut findings = vec![self.told("namespace", namespaces.map(|(found, _)| found))];
        let Some(missing) = missing else {
            self.skipped(self.object_checks(), &phrase!("rehearse-because-bad-namespace"));
            return findings;
        };
        let own = self.certificate(&mut findings).await;
        if identity::has_work(self.profile) {
            let is_there = |namespace: &str| missing.iter().all(|missing| missing != namespace);
            match identity::rehearse(self.profile, self.address, own.as_ref(), is_there, self.world).await {
                Ok(found) => findings.push(self.told("identity", Ok::<_, Report>(found))),
                Err(Failed(reports)) => {
                    findings.extend(reports.into_iter().map(|report| self.told("identity", Err::<Phrase, _>(report))));
                }
            }
        }
        if missing.is_empty() {
            let accepted = |count| phrase!("rehearse-secrets" { count });
            let tried =
                async { redeem::dry_run(self.looked.standing().await?, self.profile, self.given, self.world).await };
            findings.push(self.told("secrets", tried.await.map(accepted)));
        } else {
            self.skipped(&["secrets"], &phrase!("rehearse-because-no-namespace"));
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
            let starts = error.again().is_some();
            if !starts && (!error.may_be_unfinished() || waited >= limit) {
                return Err(error.into());
            }
            if waited >= limit {
                return Err(RehearsalError::NotStarted { seconds, source: error }.into());
            }
            let what = if starts {
                phrase!("rehearse-kubernetes-starting" { seconds })
            } else {
                phrase!("rehearse-kubeconfig-awaited" { seconds })
            };
            let waiting = phrase!("with-details" { what, details: error.phrase() });
            // Asked more often than there is something new to say.
            if told.as_ref() != Some(&waiting) {
                self.notes.check("kubernetes", CheckState::Waiting, &waiting);
                told = Some(waiting);
            }
            tokio::time::sleep(ASK_AGAIN.min(limit.saturating_sub(waited))).await;
        }
    }

    /// What is found of the namespaces, and which of them are missing.
    async fn namespaces(&self) -> Result<(Phrase, Vec<String>), Report> {
        let (cluster, mut found, mut missing) = (&self.world.cluster, Vec::new(), Vec::new());
        for (namespace, phase) in self.looked.phases().await {
            let phase = phase.clone()?;
            if phase == NamespacePhase::Active {
                found.push(phrase!("rehearse-namespace" { namespace }));
            } else {
                // Says why a missing namespace could not be created, or that it is being deleted.
                cluster.ensure_namespace(namespace, phase, None, true).await?;
                found.push(phrase!("rehearse-namespace-missing" { namespace }));
                missing.push(namespace.clone());
            }
        }
        Ok((listed(found), missing))
    }
}
