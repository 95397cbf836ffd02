//! Who sets this machine's clock: the system's own service for that (org.freedesktop.timedate1(5)), by its API on the system's
//! bus.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use zbus::{Connection, DynamicType, OwnedVariant};

use super::systemd::{Systemd, SystemdError};
use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
};

const NAME: &str = "org.freedesktop.timedate1";
const PATH: &str = "/org/freedesktop/timedate1";

/// How long NTP has to set the clock once it is on, and to end once it is off.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it has.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How this machine's clock is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keeping {
    /// Whether there is something that can keep it by NTP (`CanNTP`).
    pub can_ntp: bool,
    /// Whether that is switched on (`NTP`).
    pub ntp: bool,
    /// Whether a server of NTP has set it (`NTPSynchronized`).
    pub synchronized: bool,
}

/// Why the clock cannot be looked at or set.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum TimeDateError {
    /// The system's bus does not let us speak to who sets it.
    Bus(SystemdError),
    /// That refuses.
    Refused(zbus::Error),
    /// There is nothing on this machine that speaks NTP.
    NoNtp,
    /// NTP is on, and has not set the clock within so many seconds.
    Unsynchronized { seconds: u64 },
}

said! { TimeDateError:
    Self::Bus(error) => "clock-no-service" because Ours(error),
    Self::Refused(error) => "clock-refused" because theirs(error),
    Self::NoNtp => "clock-no-ntp",
    Self::Unsynchronized { seconds } => "clock-unsynchronized" { seconds },
}

impl Failure for TimeDateError {
    fn id(&self) -> ErrorId {
        ErrorId::ClockWrong
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::Bus(_) | Self::Refused(_) => phrase!("clock-no-service-hint"),
            Self::NoNtp => phrase!("clock-no-ntp-hint"),
            Self::Unsynchronized { .. } => phrase!("clock-unsynchronized-hint"),
        })
    }
}

impl From<zbus::Error> for TimeDateError {
    fn from(error: zbus::Error) -> Self {
        match SystemdError::from(error) {
            SystemdError::Silent(error) => Self::Refused(error),
            other => Self::Bus(other),
        }
    }
}

/// A connection to it.
#[derive(Debug)]
pub struct TimeDate(Connection);

impl Systemd {
    /// Connects to who sets the clock.
    ///
    /// # Errors
    /// When there is no bus.
    pub async fn time_date(&self) -> Result<TimeDate, TimeDateError> {
        self.bus().await.map(TimeDate).map_err(TimeDateError::Bus)
    }
}

impl TimeDate {
    /// How the clock is kept.
    ///
    /// # Errors
    /// When nobody says.
    pub async fn look(&self) -> Result<Keeping, TimeDateError> {
        let properties = Some("org.freedesktop.DBus.Properties");
        let told = self.0.call_method(Some(NAME), PATH, properties, "GetAll", &NAME).await?;
        let told: std::collections::HashMap<String, OwnedVariant> =
            told.body().deserialize().map_err(TimeDateError::from)?;
        let is = |name: &str| told.get(name).is_some_and(|value| bool::try_from(value).unwrap_or_default());
        Ok(Keeping { can_ntp: is("CanNTP"), ntp: is("NTP"), synchronized: is("NTPSynchronized") })
    }

    /// Sets the clock. NTP, which would keep that from being done, is off meanwhile, and then as it was: where it reaches a
    /// server it knows better.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn set(&self, now: Timestamp) -> Result<(), TimeDateError> {
        let since = Instant::now();
        let set = async || {
            let time = now.as_microsecond().saturating_add(since.elapsed().as_micros().try_into().unwrap_or(i64::MAX));
            self.call("SetTime", &(time, false, false)).await
        };
        if !self.look().await?.ntp {
            return set().await;
        }
        self.switch_ntp(false).await?;
        // It answers when NTP begins to end, and refuses until that has ended. One that never does is told by that refusal.
        let set = match self.wait_until(|keeping| !keeping.ntp).await {
            Ok(_in_time) => set().await,
            Err(error) => Err(error),
        };
        self.switch_ntp(true).await?;
        set
    }

    /// Has the clock kept by NTP, and waits until that has set it.
    ///
    /// # Errors
    /// When it cannot be, or no server is reached.
    pub async fn use_ntp(&self) -> Result<(), TimeDateError> {
        if !self.look().await?.can_ntp {
            return Err(TimeDateError::NoNtp);
        }
        self.switch_ntp(true).await?;
        if self.wait_until(|keeping| keeping.synchronized).await? {
            return Ok(());
        }
        Err(TimeDateError::Unsynchronized { seconds: PATIENCE.as_secs() })
    }

    /// Looks until it is kept so; gives whether it was in time.
    async fn wait_until(&self, is_so: impl Fn(Keeping) -> bool) -> Result<bool, TimeDateError> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self.look().await?) {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(true)
    }

    async fn switch_ntp(&self, on: bool) -> Result<(), TimeDateError> {
        self.call("SetNTP", &(on, false)).await
    }

    async fn call(&self, method: &str, body: &(impl Serialize + DynamicType)) -> Result<(), TimeDateError> {
        self.0.call_method(Some(NAME), PATH, Some(NAME), method, body).await?;
        Ok(())
    }
}
