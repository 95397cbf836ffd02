//! Waits until everything that the profile names answers.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::given::Given;
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
}

said! { NotReady:
    Self { name, url, seconds, source } => "ready-not" { name, seconds, url } because Ours(source),
}

impl Failure for NotReady {
    fn id(&self) -> ErrorId {
        ErrorId::NotReady
    }

    fn hint(&self) -> Option<Phrase> {
        self.source.hint()
    }
}

/// Waits for the appliance.
#[derive(Debug)]
pub struct Ready {
    probes: Vec<Probe>,
}

impl Ready {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let probes = given.profile.ready.clone();
        (!probes.is_empty()).then_some(Self { probes })
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        profile.ready.iter().map(|probe| phrase!("will-wait" { name: probe.name() })).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let mut told: Vec<Fact> = Vec::new();
        for probe in &self.probes {
            let Some(authority) = wait_for(probe, world, notes).await? else { continue };
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

async fn wait_for(probe: &Probe, world: &World, notes: &Notes) -> Result<Option<Authority>, NotReady> {
    let started = Instant::now();
    loop {
        let source = match world.prober.ask(&probe.url).await {
            Ok(authority) => return Ok(authority),
            Err(source) => source,
        };
        let waited = started.elapsed();
        let seconds = waited.as_secs();
        if waited >= probe.timeout {
            let (name, url) = (probe.name(), probe.url.to_string());
            return Err(NotReady { name, url, seconds, source });
        }
        notes.note(phrase!("ready-waiting" { name: probe.name(), why: source.phrase(), seconds }));
        tokio::time::sleep(ASK_AGAIN.min(probe.timeout.saturating_sub(waited))).await;
    }
}
