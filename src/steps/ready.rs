//! Waits until everything that the profile names answers.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure},
    profile::{Probe, Profile},
    values::Authority,
    world::{ProbeError, World},
};

/// How often an address is asked.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Something did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not ready after {waited} s (`{url}`)")]
struct NotReady {
    name: String,
    url: String,
    waited: u64,
    #[source]
    source: ProbeError,
}

impl Failure for NotReady {
    fn id(&self) -> ErrorId {
        ErrorId::NotReady
    }
}

pub(super) async fn run(profile: &Profile, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
    let mut told = Vec::new();
    for probe in &profile.ready {
        // Each authority once, whatever else it signs for.
        if let Some(authority) = wait_for(probe, world, notes).await?.filter(|authority| !told.contains(authority)) {
            notes.authority(probe.url.as_str(), authority.clone());
            told.push(authority);
        }
    }
    let names: Vec<String> = profile.ready.iter().map(|probe| probe.name.to_string()).collect();
    Ok(Outcome::Unchanged(format!("ready: {}", names.join(", "))))
}

async fn wait_for(probe: &Probe, world: &World, notes: &Notes) -> Result<Option<Authority>, NotReady> {
    let started = Instant::now();
    loop {
        let source = match world.prober.ask(&probe.url).await {
            Ok(authority) => return Ok(authority),
            Err(source) => source,
        };
        let waited = started.elapsed();
        if waited >= probe.timeout {
            let (name, url) = (probe.name.to_string(), probe.url.to_string());
            return Err(NotReady { name, url, waited: waited.as_secs(), source });
        }
        notes.note(format!("waiting for {}: {source}, {} s", probe.name, waited.as_secs()));
        tokio::time::sleep(ASK_AGAIN.min(probe.timeout.saturating_sub(waited))).await;
    }
}
