//! The machine's clock, and the one fact about time that the binary knows by itself.

use jiff::Timestamp;

/// When this binary was built, in seconds since 1970: no clock that is right shows an earlier time.
pub const BUILD_TIME: &str = env!("FIRSTLIGHT_BUILD_TIME");

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock;

impl Clock {
    /// What the clock shows.
    #[must_use]
    pub fn now(self) -> Timestamp {
        Timestamp::now()
    }

    /// When this binary was built.
    #[must_use]
    pub fn built(self) -> Timestamp {
        BUILD_TIME
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
