//! This machine's clock, set by what somebody has chosen; before anything is judged or signed by it.

use std::{sync::Arc, time::Duration};

use super::{given::Given, sign_in};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Report},
    profile::Profile,
    values::SetClock as By,
    words::{Phrase, phrase},
    world::World,
};

/// The longest that it takes to hear of another time and to set it.
const LONGEST: Duration = Duration::from_mins(1);

/// Sets the clock.
#[derive(Debug)]
pub struct SetClock {
    profile: Arc<Profile>,
    by: By,
    /// How far it may be off.
    skew_seconds: u64,
}

impl SetClock {
    pub(super) fn of(given: &Given) -> Option<Self> {
        given.answers.public.clock.map(|by| Self::new(&given.profile, by))
    }

    pub(super) fn new(profile: &Arc<Profile>, by: By) -> Self {
        Self { profile: Arc::clone(profile), by, skew_seconds: profile.license.clock_skew.as_secs() }
    }

    pub(super) fn describe(_profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let said = |by: By| match by {
            By::LicenseService => phrase!("will-set-clock"),
            By::Ntp => phrase!("will-use-ntp"),
            By::To(now) => phrase!("will-set-clock-to" { now: shown(now) }),
        };
        answers.clock.map(said).into_iter().collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        sign_in::not_refused(&self.profile, world).await?;
        // NTP is off in between.
        let _hold = notes.hold(phrase!("clock-hold"), LONGEST).await;
        Ok(self.set(world).await?)
    }

    /// Sets it, unless it is right.
    pub(super) async fn set(&self, world: &World) -> Result<Outcome, Report> {
        let now = match self.by {
            By::Ntp => return use_ntp(world).await,
            By::To(now) => now,
            By::LicenseService => {
                let told = world.license.time().await?;
                let untold =
                    || Report::new(ErrorId::ClockWrong, phrase!("clock-untold" { host: world.license.host() }));
                let theirs = told.ok_or_else(untold)?;
                let off = (world.clock.now().as_second() - theirs.as_second()).unsigned_abs();
                if off <= self.skew_seconds {
                    return Ok(Outcome::Unchanged(phrase!("rehearse-clock" { seconds: off.max(1) })));
                }
                theirs
            }
        };
        let before = world.clock.now();
        world.systemd.time_date().await?.set(now).await?;
        Ok(Outcome::Changed(phrase!("clock-set" { before: shown(before), now: shown(now) })))
    }
}

async fn use_ntp(world: &World) -> Result<Outcome, Report> {
    let (before, keeper) = (world.clock.now(), world.systemd.time_date().await?);
    if keeper.look().await?.synchronized {
        return Ok(Outcome::Unchanged(phrase!("clock-by-ntp" { now: shown(before) })));
    }
    keeper.use_ntp().await?;
    Ok(Outcome::Changed(phrase!("clock-set" { before: shown(before), now: shown(world.clock.now()) })))
}

fn shown(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
