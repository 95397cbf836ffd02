//! The service's clock: the system's, moved by a fixed offset.
//!
//! Every time the service writes, compares or sends (the `Date` header included; certificates excepted) comes from here, so a
//! client can be shown what a service in another time looks like without anybody touching the machine's clock.

use jiff::{SignedDuration, Timestamp};

/// A clock that is a fixed distance away from the system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    offset: SignedDuration,
}

impl Clock {
    /// A clock that runs `offset` ahead of the system's (behind it, when negative).
    #[must_use]
    pub fn shifted(offset: SignedDuration) -> Self {
        Self { offset }
    }

    /// Now, in whole seconds: everything the service keeps or signs has that resolution, so what is replayed equals what was
    /// answered first.
    #[must_use]
    pub fn now(self) -> Timestamp {
        let moved = Timestamp::now().saturating_add(self.offset).unwrap_or(Timestamp::MAX);
        whole_second(moved.as_second())
    }
}

/// The instant `seconds` after the epoch; what no calendar reaches becomes its last instant.
pub(crate) fn whole_second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// `moment + span`, saturating.
pub(crate) fn later(moment: Timestamp, span: SignedDuration) -> Timestamp {
    whole_second(moment.as_second().saturating_add(span.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_moves_the_clock_and_nothing_else() {
        let before = Timestamp::now().as_second();
        let hour_ahead = Clock::shifted(SignedDuration::from_hours(1)).now().as_second();
        let after = Timestamp::now().as_second();
        assert!((before + 3600..=after + 3600).contains(&hour_ahead));
    }

    #[test]
    fn adding_a_span_saturates() {
        assert_eq!(later(Timestamp::MAX, SignedDuration::MAX), Timestamp::MAX);
        assert_eq!(later(whole_second(10), SignedDuration::from_secs(-3)), whole_second(7));
    }
}
