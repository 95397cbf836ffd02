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
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Where the manager of services is found.
#[derive(Debug)]
pub struct Systemd {
    socket: PathBuf,
}

/// A connection to it, for as long as something is wanted of it.
#[derive(Debug)]
pub struct Manager(Connection);

/// A program with its arguments, for the manager to run.
#[derive(Debug)]
pub(super) struct Line {
    /// Its path, and what it is told.
    pub(super) words: Vec<String>,
    /// Whether what comes after it is run too when it has failed.
    pub(super) may_fail: bool,
}

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
        self.bus().await.map(Manager)
    }

    pub(super) async fn bus(&self) -> Result<Connection, SystemdError> {
        let no_bus = |source| SystemdError::NoBus { path: self.socket.display().to_string(), source };
        let connecting = async {
            let stream = tokio::net::UnixStream::connect(&self.socket).await.map_err(no_bus)?;
            let stream = stream.into_std().map_err(no_bus)?;
            Ok(Builder::unix_stream(stream).method_timeout(PATIENCE).build().await?)
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

    /// Stops a unit, and does not wait until it is inactive. One that is not there is stopped.
    ///
    /// # Errors
    /// When systemd does not take it on.
    pub(super) async fn stop(&self, unit: &str) -> Result<(), SystemdError> {
        match self.call("StopUnit", &(unit, "replace")).await {
            Err(zbus::Error::MethodError(name, ..)) if name.as_str() == "org.freedesktop.systemd1.NoSuchUnit" => Ok(()),
            stopped => Ok(stopped.map(drop)?),
        }
    }

    /// Has these lines run one after the other once so much time has passed, whatever becomes of who asks for it: by a timer
    /// and a service that are gone afterwards (`StartTransientUnit`).
    ///
    /// # Errors
    /// When systemd does not take them on.
    pub(super) async fn run_after(
        &self,
        timer: &str,
        service: &str,
        after: Duration,
        lines: &[Line],
    ) -> Result<(), SystemdError> {
        let after = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        let line = |line: &Line| {
            let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
            (words[0].to_owned(), line.words.clone(), line.may_fail)
        };
        let lines: Vec<(String, Vec<String>, bool)> = lines.iter().map(line).collect();
        let timer_is = vec![
            ("Description", Variant::from("takes back a network that nobody has kept")),
            ("TimersMonotonic", Variant::from(vec![("OnActiveSec", after)])),
            // Without it systemd puts a timer off for up to a minute.
            ("AccuracyUSec", Variant::from(1000_u64)),
            ("RemainAfterElapse", Variant::from(false)),
        ];
        let service_is = vec![
            ("Description", Variant::from("takes back a network that nobody has kept")),
            ("Type", Variant::from("oneshot")),
            ("CollectMode", Variant::from("inactive-or-failed")),
            ("ExecStart", Variant::from(lines)),
        ];
        self.call("StartTransientUnit", &(timer, "fail", timer_is, vec![(service, service_is)])).await?;
        Ok(())
    }

    /// Whether somebody has this name on the bus.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub(super) async fn is_on_bus(&self, name: &str) -> Result<bool, SystemdError> {
        const BUS: &str = "org.freedesktop.DBus";
        let told = self.0.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "NameHasOwner", &name).await?;
        Ok(told.body().deserialize()?)
    }

    /// Has networkd read its files, and do what they say (org.freedesktop.network1(5)).
    ///
    /// # Errors
    /// When it does not.
    pub(super) async fn reload_network(&self) -> Result<(), SystemdError> {
        let (name, interface) = ("org.freedesktop.network1", "org.freedesktop.network1.Manager");
        self.0.call_method(Some(name), "/org/freedesktop/network1", Some(interface), "Reload", &()).await?;
        Ok(())
    }

    /// Whether networkd leaves an interface, by its index, to somebody else.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) async fn is_link_unmanaged(&self, index: u32) -> Result<bool, SystemdError> {
        let (name, interface) = ("org.freedesktop.network1", "org.freedesktop.network1.Manager");
        let index = i32::try_from(index).unwrap_or_default();
        let path = "/org/freedesktop/network1";
        let found = self.0.call_method(Some(name), path, Some(interface), "GetLinkByIndex", &index).await?;
        let (_, link): (String, OwnedObjectPath) = found.body().deserialize()?;
        let asked = ("org.freedesktop.network1.Link", "AdministrativeState");
        let properties = Some("org.freedesktop.DBus.Properties");
        let told = self.0.call_method(Some(name), &link, properties, "Get", &asked).await?;
        let state: OwnedVariant = told.body().deserialize()?;
        Ok(<&str>::try_from(&state).is_ok_and(|state| state == "unmanaged"))
    }

    /// Has networkd begin anew with an interface, by its index.
    ///
    /// # Errors
    /// When it does not.
    pub(super) async fn reconfigure_link(&self, index: u32) -> Result<(), SystemdError> {
        let (name, interface) = ("org.freedesktop.network1", "org.freedesktop.network1.Manager");
        let index = i32::try_from(index).unwrap_or_default();
        self.0.call_method(Some(name), "/org/freedesktop/network1", Some(interface), "ReconfigureLink", &index).await?;
        Ok(())
    }

    /// Has the machine start again, and does not wait for that.
    ///
    /// # Errors
    /// When systemd does not take it on.
    pub async fn restart_machine(&self) -> Result<(), SystemdError> {
        // As systemctl(1) does: nothing that is started meanwhile holds it up.
        self.call("StartUnit", &("reboot.target", "replace-irreversibly")).await?;
        Ok(())
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
