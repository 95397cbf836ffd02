//! Starts again what reads the address or the certificate when it starts, once for each change.
//!
//! Before anything changes, that a restart is due is noted beside the address, and the note goes when everything was started
//! again: whatever is cut between the two, the next run does it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{given::Given, objects::named, rows::endpoint, services};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::Report,
    profile::{Dependent, Profile},
    words::{Phrase, phrase},
    world::{World, annotations},
};

/// Starts what is due.
#[derive(Debug)]
pub struct Restart(Arc<Profile>);

impl Restart {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        Self::due(&given.profile)
    }

    /// `None` where nothing is to be started again, ever.
    pub(super) fn due(profile: &Arc<Profile>) -> Option<Self> {
        let has_work = !profile.reconcile.restart.is_empty() && endpoint(profile).is_some();
        has_work.then(|| Self(Arc::clone(profile)))
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        let all = &profile.reconcile.restart;
        if all.is_empty() { Vec::new() } else { vec![phrase!("will-restart" { names: named(all) })] }
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let unchanged = || Ok(Outcome::Unchanged(phrase!("restart-none")));
        let Some(object) = endpoint(&self.0) else { return unchanged() };
        let mut trace = world.cluster.trace(&object).await?;
        let Some(due) = trace.annotations.remove(annotations::RESTART) else { return unchanged() };
        let (mut restarted, mut reports) = (Vec::new(), Vec::new());
        for dependent in &self.0.reconcile.restart {
            notes.note(phrase!("restart-restarting" { name: dependent.to_string() }));
            match restart(dependent, &due, world, notes).await {
                Ok(true) => restarted.push(dependent),
                Ok(false) => {}
                Err(report) => reports.push(report),
            }
        }
        if !reports.is_empty() {
            return Err(Failed(reports));
        }
        world.cluster.annotate(&object, annotations::RESTART, None).await?;
        if restarted.is_empty() {
            return Ok(Outcome::Unchanged(phrase!("restart-none-runs")));
        }
        Ok(Outcome::Changed(phrase!("restart-restarted" { names: named(restarted) })))
    }
}

/// Whether it runs or should, and so was started again.
async fn restart(dependent: &Dependent, due: &str, world: &World, notes: &Notes) -> Result<bool, Report> {
    Ok(match dependent {
        Dependent::Workload(kind, name) => world.cluster.restart(*kind, name, due).await?,
        Dependent::Unit(unit) => {
            // What cannot be read was due at any time.
            let due = due.parse().unwrap_or(Timestamp::MAX);
            services::restart(unit, due, world, notes).await?
        }
    })
}

/// Notes, where it stands already where the appliance is reached, that a change is about to be made after which what reads it
/// has to be started again. Gives whether there is anything that reads it.
pub(super) async fn announce(profile: &Profile, world: &World) -> Result<bool, Failed> {
    let Some(object) = endpoint(profile).filter(|_| !profile.reconcile.restart.is_empty()) else { return Ok(false) };
    // Another value with every change: pods are replaced when it changes.
    world.cluster.annotate(&object, annotations::RESTART, Some(&world.clock.now().to_string())).await?;
    Ok(true)
}
