//! Waits until everything that the profile names answers.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    bootstrap::{Bystander, Diagnosis},
    given::Given,
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    profile::{Probe, Profile},
    values::{Authority, Fact},
    words::{Phrase, Say, phrase, said},
    world::{ProbeError, World},
};

/// How often an address is asked.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Something did not answer in time.
#[derive(Debug)]
struct NotReady {
    name: Phrase,
    url: String,
    seconds: u64,
    source: ProbeError,
    /// What is seen of the appliance's own pods.
    seen: Option<Diagnosis>,
}

said! { NotReady:
    Self { name, url, seconds, source, seen: None } => "ready-not" { name, seconds, url } because Ours(source),
    Self { name, url, seconds, source, seen: Some(seen) } =>
        "ready-not-seen" { name, seconds, url, seen: &seen.sentence } because Ours(source),
}

impl Failure for NotReady {
    fn id(&self) -> ErrorId {
        ErrorId::NotReady
    }

    fn hint(&self) -> Option<Phrase> {
        self.source.hint().or_else(|| self.seen.as_ref()?.action.clone())
    }

    fn log(&self) -> Vec<Phrase> {
        self.seen.iter().flat_map(|seen| &seen.log).map(Phrase::from).collect()
    }
}

/// Waits for the appliance.
#[derive(Debug)]
pub struct Ready {
    probes: Vec<Probe>,
    release: Option<String>,
}

impl Ready {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let probes = given.profile.ready.clone();
        let release = given.profile.bootstrap.as_ref().map(|bootstrap| bootstrap.release.clone());
        (!probes.is_empty()).then_some(Self { probes, release })
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        profile.ready.iter().map(|probe| phrase!("will-wait" { name: probe.name() })).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let mut told: Vec<Fact> = Vec::new();
        let mut bystander = self.release.as_deref().map(Bystander::of);
        for probe in &self.probes {
            let Some(authority) = wait_for(probe, bystander.as_mut(), world, notes).await? else { continue };
            let fact = Fact::Authority { url: probe.url.to_string(), authority };
            if !told.iter().any(|known| fact.repeats(known)) {
                notes.fact(fact.clone());
                told.push(fact);
            }
        }
        let names: Vec<Phrase> = self.probes.iter().map(Probe::name).collect();
        Ok(Outcome::Unchanged(phrase!("ready-all" { names })))
    }
}

async fn wait_for(
    probe: &Probe,
    mut bystander: Option<&mut Bystander>,
    world: &World,
    notes: &Notes,
) -> Result<Option<Authority>, NotReady> {
    let started = Instant::now();
    loop {
        let source = match world.prober.ask(&probe.url).await {
            Ok(authority) => return Ok(authority),
            Err(source) => source,
        };
        // What has a remedy of its own is explained.
        let seen = match bystander.as_mut().filter(|_| source.hint().is_none()) {
            Some(bystander) => bystander.look(world).await,
            None => None,
        };
        let waited = started.elapsed();
        let seconds = waited.as_secs();
        if waited >= probe.timeout {
            let (name, url) = (probe.name(), probe.url.to_string());
            return Err(NotReady { name, url, seconds, source, seen });
        }
        let (name, why) = (probe.name(), source.phrase());
        notes.note(match seen {
            Some(seen) => phrase!("ready-waiting-seen" { name, why, seen: seen.sentence, seconds }),
            None => phrase!("ready-waiting" { name, why, seconds }),
        });
        tokio::time::sleep(ASK_AGAIN.min(probe.timeout.saturating_sub(waited))).await;
    }
}
