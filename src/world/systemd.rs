//! The manager of this machine's services, by its own API on the system's bus (org.freedesktop.systemd1(5)).

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use zbus::{Connection, DynamicType, Message, OwnedObjectPath, OwnedVariant, Variant, connection::Builder, fdo};

use super::Host;
use crate::{
    error::{ErrorId, Failure},
    point::Point,
    values::UnitName,
    words::{Phrase, phrase, said},
};

/// Where the system's bus listens, below the root.
const SOCKET: &str = "/run/dbus/system_bus_socket";

const NAME: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "/org/freedesktop/systemd1";

/// How long the bus and systemd have for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the manager of services is found.
#[derive(Debug)]
pub struct Systemd {
    socket: PathBuf,
}

/// A connection to it, for as long as something is wanted of it.
#[derive(Debug)]
pub struct Manager(Connection);

/// A unit as the manager knows it; the words are systemd's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// Whether its file could be read (`LoadState`).
    pub load: String,
    /// How it is (`ActiveState`).
    pub active: String,
    /// The same more exactly (`SubState`).
    pub sub: String,
    /// How it ended last (`Result`); empty where its kind has none.
    pub result: String,
    /// What becoming active means (`Type`); empty where its kind has none.
    pub kind: String,
    /// With which status, or by which signal, its main process ended.
    pub status: i32,
    /// Whether something is to be done with it still.
    pub is_queued: bool,
    /// Whether the conditions in its file did not hold when it was last started.
    pub is_unmet: bool,
    /// Which of its runs this is; another one with every start.
    pub invocation: Vec<u8>,
    /// How long it has been active.
    pub active_for: Duration,
}

/// Why nothing is known of a unit, or it cannot be started.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum SystemdError {
    /// Nobody listens where the bus is.
    NoBus { path: String, source: io::Error },
    /// The bus is there, and no systemd on it.
    NoManager,
    /// Who asks may not.
    Denied(zbus::Error),
    /// It has not answered within so many seconds.
    Late(u64),
    /// It did not answer as it should.
    Silent(zbus::Error),
    /// It does not start this unit.
    Refused { unit: String, source: zbus::Error },
}

said! { SystemdError:
    Self::NoBus { path, source } => "machine-systemd-no-bus" { path } because theirs(source),
    Self::NoManager => "machine-systemd-none",
    Self::Denied(error) => "machine-systemd-denied" because theirs(error),
    Self::Late(seconds) => "machine-systemd-late" { seconds },
    Self::Silent(error) => "machine-systemd-silent" because theirs(error),
    Self::Refused { unit, source } => "machine-systemd-refused" { unit } because theirs(source),
}

impl Failure for SystemdError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Refused { .. } => ErrorId::ServiceFailed,
            _ => ErrorId::SystemdUnusable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Denied(_) => Some(phrase!("machine-systemd-denied-hint")),
            Self::Refused { unit, .. } => Some(phrase!("service-hint" { unit })),
            _ => None,
        }
    }
}

impl From<zbus::Error> for SystemdError {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::InputOutput(source) if source.kind() == io::ErrorKind::TimedOut => {
                Self::Late(PATIENCE.as_secs())
            }
            zbus::Error::FDO(told) => match &**told {
                fdo::Error::AccessDenied(_) | fdo::Error::InteractiveAuthorizationRequired(_) => Self::Denied(error),
                fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => Self::NoManager,
                _ => Self::Silent(error),
            },
            _ => Self::Silent(error),
        }
    }
}

impl Systemd {
    pub(super) fn new(host: &Host) -> Self {
        Self { socket: host.path(Path::new(SOCKET)) }
    }

    /// Connects to the system's bus.
    ///
    /// # Errors
    /// When there is none, or it does not let us in.
    pub async fn connect(&self) -> Result<Manager, SystemdError> {
        let no_bus = |source| SystemdError::NoBus { path: self.socket.display().to_string(), source };
        let connecting = async {
            let stream = tokio::net::UnixStream::connect(&self.socket).await.map_err(no_bus)?;
            let stream = stream.into_std().map_err(no_bus)?;
            Ok(Manager(Builder::unix_stream(stream).method_timeout(PATIENCE).build().await?))
        };
        // Who listens there may be no bus, and never say so.
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        connected.unwrap_or(Err(SystemdError::Late(PATIENCE.as_secs())))
    }
}

impl Manager {
    /// How a unit is; one without a file is told as systemd does, and is no error.
    ///
    /// # Errors
    /// When systemd does not answer.
    pub async fn look(&self, unit: &UnitName) -> Result<Unit, SystemdError> {
        let loaded = self.call("LoadUnit", &unit.as_str()).await?;
        let path: OwnedObjectPath = loaded.body().deserialize()?;
        // All at once: what is asked for one by one changes in between. Without an interface it is what every kind has.
        let interface = Some("org.freedesktop.DBus.Properties");
        let told = self.0.call_method(Some(NAME), &path, interface, "GetAll", &"").await?;
        Ok(Unit::of(&told.body().deserialize()?))
    }

    /// Starts a unit, and does not wait until it is active. What it failed of before, and how often, is forgotten; what
    /// becomes of it is not, until this connection ends.
    ///
    /// # Errors
    /// When systemd does not take it on.
    pub async fn start(&self, unit: &UnitName) -> Result<(), SystemdError> {
        self.begin(unit, "StartUnit").await
    }

    /// The same, and what runs of it is ended before.
    ///
    /// # Errors
    /// When systemd does not take it on.
    pub async fn restart(&self, unit: &UnitName) -> Result<(), SystemdError> {
        self.begin(unit, "RestartUnit").await
    }

    async fn begin(&self, unit: &UnitName, how: &str) -> Result<(), SystemdError> {
        let name = unit.as_str();
        // What systemd says of no other reason is about the unit.
        let refused = |error: zbus::Error| match error.into() {
            SystemdError::Silent(source) => SystemdError::Refused { unit: name.to_owned(), source },
            other => other,
        };
        Point::UnitStart.pass();
        self.call("RefUnit", &name).await.map_err(refused)?;
        self.call("ResetFailedUnit", &name).await.map_err(refused)?;
        self.call(how, &(name, "replace")).await.map_err(refused)?;
        Point::UnitStarted.pass();
        Ok(())
    }

    async fn call(&self, method: &str, body: &(impl Serialize + DynamicType)) -> zbus::Result<Message> {
        self.0.call_method(Some(NAME), MANAGER, Some("org.freedesktop.systemd1.Manager"), method, body).await
    }
}

impl Unit {
    fn of(told: &HashMap<String, OwnedVariant>) -> Self {
        let text =
            |name: &str| told.get(name).and_then(|value| <&str>::try_from(value).ok()).unwrap_or_default().to_owned();
        let is = |name: &str| told.get(name).is_some_and(|value| bool::try_from(value).unwrap_or_default());
        let moment = |name: &str| told.get(name).and_then(|value| u64::try_from(value).ok()).unwrap_or_default();
        let bytes = |name: &str| match told.get(name).map(|value| &**value) {
            Some(Variant::Array(array)) => array.iter().filter_map(|byte| u8::try_from(byte).ok()).collect(),
            _ => Vec::new(),
        };
        let is_queued = match told.get("Job").map(|value| &**value) {
            Some(Variant::Structure(job)) => job.fields().first().is_some_and(|id| *id != Variant::U32(0)),
            _ => false,
        };
        // The clock that systemd tells such moments by.
        let now = clock_gettime(ClockId::Monotonic);
        let now = Duration::new(now.tv_sec.try_into().unwrap_or_default(), now.tv_nsec.try_into().unwrap_or_default());
        Self {
            load: text("LoadState"),
            active: text("ActiveState"),
            sub: text("SubState"),
            result: text("Result"),
            kind: text("Type"),
            status: told.get("ExecMainStatus").and_then(|value| i32::try_from(value).ok()).unwrap_or_default(),
            is_queued,
            is_unmet: [
                ("ConditionTimestampMonotonic", "ConditionResult"),
                ("AssertTimestampMonotonic", "AssertResult"),
            ]
            .iter()
            .any(|(tried, holds)| moment(tried) > 0 && !is(holds)),
            invocation: bytes("InvocationID"),
            active_for: now.saturating_sub(Duration::from_micros(moment("ActiveEnterTimestampMonotonic"))),
        }
    }
}
