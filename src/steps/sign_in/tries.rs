//! How long somebody has to wait who has typed wrong passwords; pure. The record of it lies in the state directory, so that
//! neither a restart nor a power cut ends a wait.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{values::SecretText, world::Moment};

/// The first wrong password with a wait behind it: people mistype.
const FIRST_WITH_A_WAIT: u32 = 3;

/// The longest wait: a hundred guesses a day are no attack on a password of the profile's length, and an administrator
/// whom somebody has locked out by guessing gets in again after a coffee.
pub(super) const LONGEST: Duration = Duration::from_mins(15);

/// Enough of them for the longest wait.
const MANY: u32 = 10;

/// The wrong passwords since the last right one; a try counts as wrong until it has been found right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tries {
    /// How many.
    count: u32,
    /// When the last of them was typed.
    last: Moment,
}

/// What the state directory has of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Record {
    /// None.
    Nothing,
    /// These.
    Tries(Tries),
    /// Something that cannot be read. What somebody has spoilt must not be worth more than what it was.
    Spoilt,
}

/// What becomes of a password that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is looked at, once this is on the disk.
    Look(Tries),
    /// It is not looked at: so long has to be waited. What takes the place of a record that is spoilt.
    Wait(Duration, Option<Tries>),
}

impl Record {
    /// Reads what the file holds.
    pub(super) fn read(text: std::io::Result<Option<SecretText>>) -> Self {
        match text {
            Ok(None) => Self::Nothing,
            Ok(Some(text)) => serde_json::from_str(text.expose()).map_or(Self::Spoilt, Self::Tries),
            Err(_unreadable) => Self::Spoilt,
        }
    }

    /// How long has to be waited now.
    ///
    /// The machine's clock has no say in it, because somebody can set it: what counts is the time that has passed for certain,
    /// by the clock of the boot. Of the time before a restart nothing is known, so a restart prolongs a wait by at most
    /// what had passed of it, and never shortens one.
    pub(super) fn left(&self, now: &Moment) -> Duration {
        match self {
            Self::Nothing => Duration::ZERO,
            Self::Tries(tries) => pause(tries.count).saturating_sub(now.surely_since(&tries.last)),
            Self::Spoilt => LONGEST,
        }
    }

    /// Whose turn it is when a password was typed.
    pub(super) fn turn(&self, now: &Moment) -> Turn {
        let last = now.clone();
        match (self, self.left(now)) {
            (Self::Spoilt, left) => Turn::Wait(left, Some(Tries { count: MANY, last })),
            (_, Duration::ZERO) => Turn::Look(Tries { count: self.count().saturating_add(1), last }),
            (_, left) => Turn::Wait(left, None),
        }
    }

    const fn count(&self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Tries(tries) => tries.count,
            Self::Spoilt => MANY,
        }
    }
}

impl Tries {
    /// How long has to be waited if the last of them was wrong.
    pub(super) fn pause(&self) -> Duration {
        pause(self.count)
    }

    /// What is written of them.
    pub(super) fn text(&self) -> SecretText {
        SecretText::new(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The wait after so many wrong passwords: none, and then 2^n seconds.
fn pause(count: u32) -> Duration {
    if count < FIRST_WITH_A_WAIT {
        return Duration::ZERO;
    }
    2_u64.checked_pow(count).map_or(LONGEST, Duration::from_secs).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn moment(boot: &str, seconds: u64) -> Moment {
        serde_json::from_value(json!({"boot": boot, "seconds": seconds})).expect("a moment")
    }

    fn tries(count: u32, boot: &str, seconds: u64) -> Record {
        Record::Tries(Tries { count, last: moment(boot, seconds) })
    }

    #[test]
    fn waits() {
        for (record, boot, seconds, left) in [
            (Record::Nothing, "a", 5, 0),
            (tries(1, "a", 5), "a", 5, 0),
            (tries(2, "a", 5), "a", 5, 0),
            (tries(3, "a", 5), "a", 5, 8),
            (tries(3, "a", 5), "a", 12, 1),
            (tries(3, "a", 5), "a", 13, 0),
            (tries(4, "a", 5), "a", 5, 16),
            (tries(9, "a", 5), "a", 5, 512),
            (tries(10, "a", 5), "a", 5, 900),
            (tries(u32::MAX, "a", 5), "a", 905, 0),
            // A restart: what this boot has lasted has passed for certain, and no more.
            (tries(4, "a", 1000), "b", 6, 10),
            (tries(4, "a", 1), "b", 16, 0),
            (tries(4, "a", 1), "b", 1, 15),
            // Nobody knows which boot it is: the least that can have passed.
            (tries(4, "a", 100), "", 106, 10),
            (tries(4, "", 100), "b", 106, 10),
            (tries(4, "", 100), "", 6, 10),
            // What cannot be is no reason to let somebody in.
            (tries(4, "a", 100), "a", 6, 16),
            (Record::Spoilt, "a", 5, 900),
        ] {
            let now = moment(boot, seconds);
            assert_eq!(record.left(&now), Duration::from_secs(left), "{record:?} at {now:?}");
            match record.turn(&now) {
                Turn::Look(counted) => assert_eq!((left, counted.last), (0, now), "{record:?}"),
                Turn::Wait(wait, spoilt) => {
                    assert_eq!((wait.as_secs(), spoilt.is_some()), (left, record == Record::Spoilt), "{record:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_spoilt_is_no_way_round_the_wait() {
        let Turn::Look(counted) = tries(3, "a", 5).turn(&moment("a", 13)) else { unreachable!("it has been waited") };
        assert_eq!(Record::read(Ok(Some(counted.text()))), tries(4, "a", 13));
        assert_eq!(Record::read(Ok(None)), Record::Nothing);
        for text in ["", "{}", "{\"count\": -1, \"last\": {\"boot\": \"a\", \"seconds\": 5}}", "null"] {
            assert_eq!(Record::read(Ok(Some(text.into()))), Record::Spoilt, "{text}");
        }
        assert_eq!(Record::read(Err(std::io::ErrorKind::InvalidData.into())), Record::Spoilt);
        // It is not waited for again and again.
        let Turn::Wait(_, Some(instead)) = Record::Spoilt.turn(&moment("a", 5)) else { unreachable!("spoilt") };
        assert_eq!(Record::Tries(instead).left(&moment("a", 305)), Duration::from_mins(10));
    }

    /// What happens to a machine between two passwords.
    #[derive(Debug, Clone)]
    enum Happens {
        Passes(u64),
        Restarts { off: u64 },
    }

    fn happens() -> impl Strategy<Value = Happens> {
        prop_oneof![(0_u64..2000).prop_map(Happens::Passes), (0_u64..2000).prop_map(|off| Happens::Restarts { off }),]
    }

    proptest! {
        /// Whatever is done to the machine, no password is looked at before the wait after the last one is over by the
        /// time of the world, and none of them is forgotten.
        #[test]
        fn no_wait_is_shortened(steps in prop::collection::vec((happens(), any::<bool>()), 1..60)) {
            let (mut world, mut boot, mut up) = (0_u64, 0_u32, 10_u64);
            let (mut record, mut looked, mut last) = (Record::Nothing, 0_u32, 0_u64);
            for (happens, typed) in steps {
                match happens {
                    Happens::Passes(seconds) => (world, up) = (world + seconds, up + seconds),
                    Happens::Restarts { off } => (world, boot, up) = (world + off, boot + 1, 0),
                }
                if !typed {
                    continue;
                }
                let now = moment(&boot.to_string(), up);
                match record.turn(&now) {
                    Turn::Look(counted) => {
                        prop_assert!(world - last >= pause(looked).as_secs(), "{looked} at {world}");
                        looked += 1;
                        last = world;
                        // By way of the disk.
                        record = Record::read(Ok(Some(counted.text())));
                        prop_assert_eq!(record.count(), looked);
                    }
                    Turn::Wait(left, None) => prop_assert!(left <= pause(looked)),
                    Turn::Wait(_, Some(_)) => prop_assert!(false, "nothing is spoilt"),
                }
            }
        }

        /// Whoever waits without a restart gets in when it was said, and not later.
        #[test]
        fn no_wait_is_longer_than_it_was_said(count in 0_u32..40, up in 0_u64..1_000_000, passes in 0_u64..1000) {
            let record = tries(count, "a", up);
            let left = record.left(&moment("a", up + passes));
            let over = moment("a", up + passes + left.as_secs());
            prop_assert!(matches!(record.turn(&over), Turn::Look(_)));
        }
    }
}
