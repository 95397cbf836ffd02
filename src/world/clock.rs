//! The machine's clock, and the one fact about time that the binary knows by itself.

use jiff::Timestamp;

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
