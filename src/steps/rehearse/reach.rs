//! What the bootstrap will need from the network, tried before anything rests on it.

use futures_util::future::join_all;

use super::{Finding, Rehearsing};
use crate::{
    engine::CheckState,
    error::{ErrorId, Failure, Report},
    profile::Reach,
    steps::bootstrap,
    values::{Method, Mismatch, Request},
    words::{Phrase, phrase, said},
    world::{ProbeError, World},
};

const REACH: &str = "reach";

/// The bootstrap would not get what it needs.
#[derive(Debug)]
struct Unreachable {
    name: Option<String>,
    url: String,
    host: String,
    source: ProbeError,
}

said! { Unreachable:
    Self { name: None, url, source, .. } =>
        "rehearse-unreachable" { url, why: source.phrase() } because Ours(source),
    Self { name: Some(name), url, source, .. } =>
        "rehearse-unreachable-named" { name, url, why: source.phrase() } because Ours(source),
}

impl Failure for Unreachable {
    fn id(&self) -> ErrorId {
        ErrorId::Unreachable
    }

    fn hint(&self) -> Option<Phrase> {
        let host = &self.host;
        match &self.source {
            ProbeError::Proxy(error) => {
                Some(error.hint().unwrap_or_else(|| phrase!("rehearse-unreachable-proxy-hint" { host })))
            }
            ProbeError::Mismatch(Mismatch::OfProxy { .. }) => Some(phrase!("rehearse-unreachable-proxy-hint" { host })),
            ProbeError::Unresolved(_) => Some(phrase!("rehearse-unreachable-name-hint" { host })),
            ProbeError::Certificate { .. } => Some(phrase!("rehearse-unreachable-certificate-hint" { host })),
            ProbeError::Period => Some(phrase!("rehearse-unreachable-period-hint")),
            ProbeError::Mismatch(_) | ProbeError::NoTls => Some(phrase!("rehearse-unreachable-answer-hint" { host })),
            _ => None,
        }
    }
}

impl Rehearsing<'_> {
    /// Tries everything side by side: one check, and a finding for each failure.
    pub(super) async fn reach(&self) -> Vec<Finding> {
        let needed = &self.profile.reach;
        if needed.is_empty() {
            return Vec::new();
        }
        let tried = join_all(needed.iter().map(|reach| tried(reach, self.world))).await;
        let names: Vec<Phrase> = needed.iter().map(name).collect();
        let failures: Vec<_> = tried.into_iter().filter_map(Result::err).map(Report::from).collect();
        if failures.is_empty() {
            return vec![self.told(REACH, Ok::<_, Unreachable>(phrase!("rehearse-reached" { names })))];
        }
        let said: Vec<Phrase> = failures.iter().map(|report| report.message.clone()).collect();
        self.notes.check(REACH, CheckState::Failed, said);
        failures.into_iter().map(Err).collect()
    }

    /// What the bootstrap needed is no obstacle once it has run.
    pub(super) async fn unless_bootstrapped(&self, findings: Vec<Finding>, cluster: &[Finding]) -> Vec<Finding> {
        let cluster_answers = cluster.first().is_some_and(Result::is_ok);
        let failed = findings.iter().any(Result::is_err);
        if !failed || !cluster_answers || !bootstrap::has_run(self.profile, self.world).await.unwrap_or(false) {
            return findings;
        }
        self.notes.check(REACH, CheckState::Skipped, phrase!("rehearse-bootstrap-not-needed"));
        Vec::new()
    }
}

fn name(reach: &Reach) -> Phrase {
    let named = reach.name.as_ref().map(|name| name.as_str().into());
    named.unwrap_or_else(|| format!("`{}`", reach.url).into())
}

async fn tried(reach: &Reach, world: &World) -> Result<(), Unreachable> {
    let (url, patience) = (reach.url.clone(), reach.timeout);
    let (method, headers) = (Method::Get, Vec::new());
    let request =
        Request { method, url, connect_to: None, headers, bearer: None, content: None, patience, reads_body: false };
    let answered = match world.prober.ask(&request, &[]).await {
        Ok((response, _)) => reach.wanted().check(&response).map_err(ProbeError::Mismatch),
        Err(error) => Err(error),
    };
    answered.map_err(|source| Unreachable {
        name: reach.name.as_ref().map(|name| name.as_str().to_owned()),
        url: reach.url.to_string(),
        host: reach.url.host_str().unwrap_or_default().to_owned(),
        source,
    })
}
