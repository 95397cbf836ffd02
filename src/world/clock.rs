//! The machine's clock, the moments of its boots, and the one fact about time that the binary knows by itself.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Clock {
    /// What the clock shows.
    #[must_use]
    pub fn now(self) -> Timestamp {
        Timestamp::now()
    }

    /// When this binary was built: no clock that is right shows an earlier time.
    #[must_use]
    pub fn built(self) -> Timestamp {
        let seconds = env!("FIRSTLIGHT_BUILD_TIME").parse().ok();
        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// A moment of this machine that nobody can set: which boot, and how long it had lasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The boot's id (random(4)).
    pub(super) boot: String,
    /// The seconds since then, with those asleep (`CLOCK_BOOTTIME`).
    pub(super) seconds: u64,
}

impl Moment {
    /// How long after `earlier` it is, if the machine has not been started anew since.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Option<Duration> {
        // What cannot be told is taken for the same boot, and no time at all.
        if self.boot.is_empty() || earlier.boot.is_empty() {
            return Some(Duration::ZERO);
        }
        (self.boot == earlier.boot).then(|| Duration::from_secs(self.seconds.saturating_sub(earlier.seconds)))
    }

    /// How much time has passed since `earlier` for certain, whatever was done to the machine: after a restart no more than
    /// that boot has lasted, because nobody can tell how long it was off.
    #[must_use]
    pub fn surely_since(&self, earlier: &Self) -> Duration {
        let in_one_boot = self.seconds.saturating_sub(earlier.seconds);
        let is_known = !self.boot.is_empty() && !earlier.boot.is_empty();
        Duration::from_secs(match () {
            () if is_known && self.boot == earlier.boot => in_one_boot,
            () if is_known || self.seconds < earlier.seconds => self.seconds,
            () => in_one_boot,
        })
    }
}
