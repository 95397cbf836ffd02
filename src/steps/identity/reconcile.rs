//! Has what follows from the address and from the time follow them: nothing that is made once, and nothing that needs no change.

use std::sync::Arc;

use super::{
    decide::Changes,
    issuing, look_again, make_keys, make_missing,
    present::{Present, Values},
    write::{Reached, Writing},
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    profile::{Profile, Rotation},
    steps::{
        found::found_now,
        given::Given,
        objects::named,
        rows::{ADDRESS, FOUND, SOURCE, endpoint},
    },
    values::Address,
    words::{Phrase, phrase},
    world::World,
};

/// Brings an appliance that is set up to where it is now.
#[derive(Debug)]
pub struct Reconcile {
    profile: Arc<Profile>,
    /// Whether it is only said what would change.
    rehearse: bool,
}

/// Where the appliance is reached now, as far as that is known.
#[derive(Debug, Default)]
struct Now {
    address: Option<Address>,
    /// Whether this machine finds it out, and from what.
    found: bool,
    reason: Option<Phrase>,
}

impl Reconcile {
    /// A setup does the same with what was answered.
    pub(in crate::steps) const fn of(_given: &Arc<Given>) -> Option<Self> {
        None
    }

    pub(in crate::steps) const fn describe(_profile: &Profile, _answers: &PublicAnswers) -> Vec<Phrase> {
        Vec::new()
    }

    pub(in crate::steps) fn new(profile: &Arc<Profile>, rehearse: bool) -> Self {
        Self { profile: Arc::clone(profile), rehearse }
    }

    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let Some(object) = endpoint(&self.profile) else {
            return Ok(Outcome::Unchanged(phrase!("reconcile-nothing")));
        };
        let Some(said) = world.cluster.read(&object).await? else {
            return Ok(Outcome::Unchanged(phrase!("reconcile-not-set-up")));
        };
        let text = |key: &str| said.get(key).map(|text| text.expose().to_owned()).unwrap_or_default();
        let now = self.now(text(ADDRESS).parse().ok(), text(SOURCE) == FOUND, world).await;
        if let Some(reason) = &now.reason {
            notes.note(reason);
        }
        let (mut look, mut changes) = (1, Changes::default());
        loop {
            let issuing = issuing(&self.profile, now.address.as_ref(), world);
            let present = Present::observe(&self.profile, now.address.as_ref(), world).await?;
            let mut values = present.values(&issuing, world).await?;
            let renewed = || self.profile.generate.iter().filter(|value| value.rotate == Rotation::Renewed);
            let mut made = make_keys(renewed(), &mut values, notes).await?;
            made.extend(make_missing(renewed(), &mut values, &issuing)?);
            present.hide(&values, world);
            if self.rehearse {
                return Ok(foreseen(&present, &values));
            }
            let reached = Reached { address: now.address.as_ref(), found: now.found };
            let writing = Writing { profile: &self.profile, reached, present: &present, values: &values, made };
            match writing.write(&mut changes, world, notes).await? {
                Ok(true) => return Ok(changes.outcome()),
                Ok(false) => {}
                Err(report) => look_again(report, &mut look, notes)?,
            }
        }
    }

    /// An address that was chosen stays; one that was found is where this machine finds itself now, or where it did last.
    async fn now(&self, last: Option<Address>, found: bool, world: &World) -> Now {
        let now = if found { found_now(&self.profile.endpoint, world).await } else { None };
        match now {
            Some(now) => Now { address: Some(now.address), found, reason: Some(now.reason) },
            None => Now { address: last, found, reason: found.then(|| phrase!("reconcile-unknown")) },
        }
    }
}

fn foreseen(present: &Present<'_>, values: &Values) -> Outcome {
    let places = present.stale(values);
    Outcome::Unchanged(if places.is_empty() {
        phrase!("reconcile-in-place")
    } else {
        phrase!("reconcile-would" { targets: named(places) })
    })
}
