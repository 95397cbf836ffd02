//! Puts the image that this system was started from on a disk: which one, its partitions, the system, what starts it.
//!
//! The partition with the data is made once. Another installation leaves it as it is, and makes everything else anew.

mod boot;
mod choose;
mod decide;
mod failure;
mod offer;
mod partition;
mod plan;
mod system;
mod texts;

use std::sync::Arc;

pub(super) use boot::Boot;
pub(super) use choose::Choose;
pub use offer::{Offer, offers};
pub(super) use partition::Partition;
pub(super) use system::System;

use crate::{
    profile::Profile,
    steps::Step,
    values::disk::{Erase, Wanted},
    world::World,
};
pub use plan::By;
use plan::Installation;

/// The plan that installs this system's image on a disk; `rehearse` to say alone which disk, and what becomes of it.
#[must_use]
pub fn installation(profile: &Profile, wanted: Wanted, erase: Erase, by: By, rehearse: bool) -> Vec<Step> {
    let all = Arc::new(Installation::new(wanted, erase, by, &profile.machine));
    let choose = Step::Choose(Choose(Arc::clone(&all)));
    if rehearse {
        return vec![choose];
    }
    let partition = Step::Partition(Partition(Arc::clone(&all)));
    vec![choose, partition, Step::System(System(Arc::clone(&all))), Step::Boot(Boot(all))]
}

/// What there is to install from, and on.
#[must_use]
pub fn is_installable(world: &World) -> bool {
    world.installer.image().is_some()
}

#[cfg(test)]
mod tests;
