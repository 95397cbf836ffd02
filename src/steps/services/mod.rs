//! Starts what on this machine waits for what was made, such as keys in files, and waits until it is active.
//!
//! It comes after the bootstrap, and before anybody asks the appliance: the answer may come through one of these units.

mod decide;
mod failure;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use decide::{Decision, decide, patience, unusable};
use failure::{Inactive, Why};

use super::given::Given;
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::Report,
    profile::{Profile, Service},
    values::UnitName,
    words::{Phrase, phrase},
    world::{Manager, SystemdError, Unit, World},
};

/// How often systemd is asked.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// How long a unit that is started again may take until it is active.
const PATIENCE: Duration = Duration::from_mins(1);

/// Brings the units up.
#[derive(Debug)]
pub struct Services {
    services: Vec<Service>,
}

/// A unit while it is waited for.
struct Awaited<'a> {
    service: &'a Service,
    /// How it was when this run has started it.
    before: Option<Unit>,
    /// How it was seen last.
    state: String,
    /// How it ended: whether this run has started it.
    ended: Option<Result<bool, Report>>,
}

impl Services {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let services = given.profile.services.clone();
        (!services.is_empty()).then_some(Self { services })
    }

    pub(super) fn describe(profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        profile.services.iter().map(|service| phrase!("will-start" { unit: service.unit.as_str() })).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let manager = world.systemd.connect().await?;
        let mut all: Vec<_> = self.services.iter().map(Awaited::new).collect();
        settle(&mut all, &manager, notes).await;
        let (mut begun, mut active, mut failures): (_, _, Vec<Report>) = (Vec::new(), Vec::new(), Vec::new());
        for Awaited { service, ended, .. } in all {
            match ended {
                Some(Ok(true)) => begun.push(named(service)),
                Some(Ok(false)) | None => active.push(named(service)),
                Some(Err(report)) => failures.push(report),
            }
        }
        // What systemd itself refuses is the same for all of them.
        failures.dedup();
        if !failures.is_empty() {
            return Err(Failed(failures));
        }
        Ok(match (begun.is_empty(), active.is_empty()) {
            (true, _) => Outcome::Unchanged(phrase!("services-active" { units: active })),
            (false, true) => Outcome::Changed(phrase!("services-started" { units: begun })),
            (false, false) => Outcome::Changed(phrase!("services-started-and-active" { units: begun, active })),
        })
    }
}

/// Waits until each of them has ended well or not.
async fn settle(all: &mut [Awaited<'_>], manager: &Manager, notes: &Notes) {
    let (started, mut told) = (Instant::now(), None);
    loop {
        let seconds = started.elapsed().as_secs();
        join_all(all.iter_mut().map(|unit| unit.go_on(manager, started))).await;
        let waiting: Vec<Phrase> = all.iter().filter_map(Awaited::waits).collect();
        if waiting.is_empty() {
            return;
        }
        // Asked more often than there is something new to say.
        let waiting = phrase!("service-waiting" { units: waiting, seconds });
        if told.as_ref() != Some(&waiting) {
            notes.note(&waiting);
            told = Some(waiting);
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// Starts a unit again if it runs or has failed, unless it was since it was `due`, and waits until it is active; gives whether
/// that was so. What was stopped stays so.
pub(super) async fn restart(unit: &UnitName, due: Timestamp, world: &World, notes: &Notes) -> Result<bool, Report> {
    let manager = world.systemd.connect().await?;
    let before = manager.look(unit).await?;
    // It may have failed of what it read, or here, by a run before this one.
    if !matches!(before.active.as_str(), "active" | "activating" | "reloading" | "refreshing" | "failed") {
        return Ok(false);
    }
    // One that is on its way to be active says nothing of when it was begun.
    let active_since = world.clock.now().saturating_sub(before.active_for).unwrap_or(Timestamp::MIN);
    if before.active != "active" || active_since <= due {
        manager.restart(unit).await?;
    }
    let service = Service { unit: unit.clone(), timeout: PATIENCE };
    let mut all = [Awaited { before: Some(before), ..Awaited::new(&service) }];
    settle(&mut all, &manager, notes).await;
    let [Awaited { ended, .. }] = all;
    ended.unwrap_or(Ok(true)).map(|_runs| true)
}

impl<'a> Awaited<'a> {
    const fn new(service: &'a Service) -> Self {
        Self { service, before: None, state: String::new(), ended: None }
    }

    /// Looks, decides and acts, unless it has ended.
    async fn go_on(&mut self, manager: &Manager, started: Instant) {
        if self.ended.is_none() {
            self.ended = self.looked(manager, started).await.unwrap_or_else(|error| Some(Err(error.into())));
        }
    }

    async fn looked(
        &mut self,
        manager: &Manager,
        started: Instant,
    ) -> Result<Option<Result<bool, Report>>, SystemdError> {
        let name = &self.service.unit;
        let unit = manager.look(name).await?;
        self.state = state(&unit);
        let inactive = |why| Some(Err(Inactive { unit: name.clone(), why }.into()));
        match decide(&unit, self.before.as_ref()) {
            Decision::Leave => return Ok(Some(Ok(self.before.is_some()))),
            Decision::GiveUp(wrong) => return Ok(inactive(Why::Wrong(wrong))),
            // Cut in two it has done nothing, or what the next run finds done.
            Decision::Start => {
                manager.start(name).await?;
                self.before = Some(unit.clone());
            }
            Decision::Wait => {}
        }
        let seconds = self.service.timeout.as_secs();
        let is_late = started.elapsed() >= patience(&unit, self.service.timeout);
        Ok(if is_late { inactive(Why::Late { seconds, state: self.state.clone() }) } else { None })
    }

    /// What is said of it while it is waited for.
    fn waits(&self) -> Option<Phrase> {
        self.ended.is_none().then(|| format!("`{}`: {}", self.service.unit, self.state).into())
    }
}

/// The unit in a sentence.
fn named(service: &Service) -> Phrase {
    format!("`{}`", service.unit).into()
}

/// How it is, in systemd's own words, with what it failed of last where it tries again.
fn state(unit: &Unit) -> String {
    let Unit { active, sub, result, .. } = unit;
    match result.as_str() {
        "" | "success" => format!("{active} ({sub})"),
        result => format!("{active} ({sub}, {result})"),
    }
}

/// Looks whether each unit could be started; gives their names, or what is wrong with those that could not.
pub(super) async fn rehearse(services: &[Service], world: &World) -> Result<Vec<Phrase>, Failed> {
    let manager = world.systemd.connect().await?;
    let looked = join_all(services.iter().map(|service| manager.look(&service.unit))).await;
    let (mut names, mut failures): (_, Vec<Report>) = (Vec::new(), Vec::new());
    for (service, looked) in services.iter().zip(looked) {
        match looked.map(|unit| unusable(&unit)) {
            Ok(None) => names.push(named(service)),
            Ok(Some(wrong)) => failures.push(Inactive { unit: service.unit.clone(), why: Why::Wrong(wrong) }.into()),
            Err(error) => failures.push(error.into()),
        }
    }
    failures.dedup();
    if failures.is_empty() { Ok(names) } else { Err(Failed(failures)) }
}
