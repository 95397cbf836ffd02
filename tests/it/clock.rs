//! This machine's clock, set by the license service's or by NTP: through the system's own service for that, which stands here on
//! a bus of its own and notes what it is told. Nobody's clock is changed.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use license_service::{Config, Validity};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
};
use zbus::{Connection, MessageStream, OwnedVariant, Variant, connection::Builder, message};

use crate::support::{
    machine::{PASSWORD, answers},
    process::{self, Ended},
    systemd::{self, BUS},
    until,
};

const NAME: &str = "org.freedesktop.timedate1";

/// What the service is like, and what it was told.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the service")]
struct Told {
    ntp: bool,
    /// Whether switching NTP on sets the clock.
    reaches: bool,
    synchronized: bool,
    can_ntp: bool,
    calls: Vec<String>,
    /// How often it is asked before the job that switches NTP has ended: it answers when that has begun.
    pending: usize,
}

impl Told {
    /// While it does not know yet, timedated says yes to both.
    fn properties(&mut self) -> [(&'static str, bool); 3] {
        let busy = self.pending > 0;
        self.pending = self.pending.saturating_sub(1);
        [("NTP", self.ntp || busy), ("CanNTP", self.can_ntp || busy), ("NTPSynchronized", self.synchronized)]
    }
}

/// How long such a job takes.
const JOB: usize = 3;

/// The service on a bus below a root.
struct Keeper {
    told: Arc<Mutex<Told>>,
    _bus: Child,
    work: JoinHandle<()>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Keeper {
    async fn start(root: &Path, told: Told) -> Self {
        let socket = root.join(BUS);
        let config = systemd::bus_config(root, &format!("unix:path={}", socket.display()), systemd::OPEN);
        let bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--config-file"])
            .arg(config)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("dbus-daemon is installed");
        let connection = until("the bus listens", || async {
            let stream = tokio::net::UnixStream::connect(&socket).await.ok()?.into_std().ok()?;
            Builder::unix_stream(stream).build().await.ok()
        })
        .await;
        let calls = MessageStream::from(&connection);
        connection.request_name(NAME).await.expect("the name is free");
        let told = Arc::new(Mutex::new(told));
        let work = tokio::spawn(serve(connection, calls, Arc::clone(&told)));
        Self { told, _bus: bus, work }
    }

    fn calls(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).calls.clone()
    }
}

async fn serve(connection: Connection, mut calls: MessageStream, told: Arc<Mutex<Told>>) {
    while let Some(Ok(call)) = calls.next().await {
        if call.message_type() != message::Type::MethodCall {
            continue;
        }
        let header = call.header();
        let member = header.member().map(ToString::to_string).unwrap_or_default();
        let answered = match member.as_str() {
            "GetAll" => {
                let properties = told.lock().unwrap_or_else(PoisonError::into_inner).properties();
                let properties: HashMap<&str, OwnedVariant> = properties
                    .into_iter()
                    .map(|(name, is)| (name, Variant::from(is).try_into().expect("a boolean")))
                    .collect();
                connection.reply(&header, &properties).await
            }
            "SetNTP" => {
                let (on, _asks): (bool, bool) = call.body().deserialize().expect("what it takes");
                {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    (told.ntp, told.synchronized, told.pending) = (on, on && told.reaches, JOB);
                    told.calls.push(format!("SetNTP {on}"));
                }
                connection.reply(&header, &()).await
            }
            "SetTime" => {
                let (time, relative, _asks): (i64, bool, bool) = call.body().deserialize().expect("what it takes");
                assert!(!relative);
                let refused = {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    told.calls.push(format!("SetTime {time}"));
                    match *told {
                        Told { pending: 1.., .. } => Some("Previous request is not finished, refusing."),
                        Told { ntp: true, .. } => Some("Automatic time synchronization is enabled"),
                        _ => None,
                    }
                };
                match refused {
                    // As timedated does.
                    Some(why) => {
                        let error = "org.freedesktop.timedate1.AutomaticTimeSyncEnabled";
                        connection.reply_error(&header, error, &why).await
                    }
                    None => connection.reply(&header, &()).await,
                }
            }
            other => unreachable!("nobody calls {other}"),
        };
        answered.expect("who has asked is there");
    }
}

/// A machine with nothing around it but this license service, whose answers have the clock set so.
async fn machine(by: &str, change: impl FnOnce(&mut Config)) -> (TempDir, license_service::Running) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut config = Config::new(folder.path().join("license"));
    change(&mut config);
    let service = license_service::start(config).await.expect("the license service starts");
    let authority = fs::read_to_string(service.ca_pem_file()).expect("its authority");
    let profile = format!(
        "[license]\nurl = '{}'\nca-file = '/ca.pem'\nattempts = 1\n[machine]\ndisk-mib = 1\nmemory-mib = 1\nvolatile-state = true\n\
         [cluster]\nstart-timeout-seconds = 1\n",
        service.url()
    );
    let answers = format!("{}[clock]\nset = \"{by}\"\n", answers("K7QP-M2RX", PASSWORD));
    for (name, text) in [("ca.pem", &authority), ("profile.toml", &profile), ("answers.toml", &answers)] {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    (folder, service)
}

fn arguments(root: &Path) -> Command {
    let mut command = process::firstlight();
    command.arg("--profile").arg(root.join("profile.toml")).arg("--answers").arg(root.join("answers.toml"));
    command.arg("--root").arg(root).arg("--kubeconfig").arg(root.join("none")).args(["--output", "json"]);
    command
}

async fn run(root: &Path) -> Ended {
    process::run(arguments(root)).await
}

/// How the step ended, and what it said.
fn step(ended: &Ended) -> (String, String) {
    let events = ended.events();
    let told = events.iter().find(|event| event["id"] == "clock" && event.get("elapsed_ms").is_some());
    let told = told.unwrap_or_else(|| unreachable!("no step `clock`: {}", ended.stdout));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match told["outcome"].as_str() {
        Some(outcome) => (outcome.to_owned(), text(&told["summary"])),
        None => (text(&told["failures"][0]["id"]), text(&told["failures"][0]["message"])),
    }
}

/// How far the time that was set lies ahead of now, to the hour.
fn hours_ahead(call: &str) -> i64 {
    let time = call.strip_prefix("SetTime ").and_then(|time| time.parse().ok()).expect("a time");
    let time = Timestamp::from_microsecond(time).expect("a time");
    (time.duration_since(Timestamp::now()).as_secs() + 1800).div_euclid(3600)
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn it_is_set_by_the_license_services_before_anything_else() {
    for (ntp, expected) in [(false, vec!["SetTime"]), (true, vec!["SetNTP false", "SetTime", "SetNTP true"])] {
        let (folder, _service) = machine("license-service", |config| config.clock_offset = hours(7)).await;
        let keeper = Keeper::start(folder.path(), Told { ntp, can_ntp: true, ..Told::default() }).await;
        let ended = run(folder.path()).await;
        let (outcome, said) = step(&ended);
        assert!(outcome == "changed" && said.contains("was set to"), "{outcome}: {said}");
        let calls = keeper.calls();
        let names: Vec<&str> =
            calls.iter().map(|call| if call.starts_with("SetTime") { "SetTime" } else { call }).collect();
        assert_eq!(names, expected);
        let set = calls.iter().find(|call| call.starts_with("SetTime")).expect("it was set");
        assert_eq!(hours_ahead(set), 7);
        let first = ended.events().into_iter().find(|event| event["type"] == "step-started").expect("a step");
        assert_eq!(first["id"], "clock", "nothing is judged by a clock that is wrong");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn one_that_is_right_is_left_alone() {
    let (folder, _service) = machine("license-service", |_| {}).await;
    let keeper = Keeper::start(folder.path(), Told::default()).await;
    assert_eq!(step(&run(folder.path()).await).0, "unchanged");
    assert!(keeper.calls().is_empty());
}

/// A certificate cannot be judged by a clock that is wrong, and a time cannot be believed without one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn a_time_is_believed_that_the_certificate_is_valid_at_and_no_other() {
    let days = |days: i64| Timestamp::now() + hours(24 * days);
    let valid =
        |config: &mut Config| config.leaf_validity = Some(Validity { not_before: days(300), not_after: days(400) });
    for (offset, set) in [(350, Some(350 * 24)), (10, None), (500, None), (-400, None)] {
        let (folder, _service) = machine("license-service", |config| {
            valid(config);
            config.clock_offset = hours(24 * offset);
        })
        .await;
        let keeper = Keeper::start(folder.path(), Told::default()).await;
        let (outcome, said) = step(&run(folder.path()).await);
        let ahead: Vec<i64> = keeper.calls().iter().map(|call| hours_ahead(call)).collect();
        assert_eq!(ahead, set.into_iter().collect::<Vec<_>>(), "{offset}: {outcome}: {said}");
        assert_eq!(outcome, if set.is_some() { "changed" } else { "clock-wrong" }, "{offset}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn ntp_is_switched_on_and_waited_for() {
    for (told, expected, calls) in [
        (Told { can_ntp: true, reaches: true, ..Told::default() }, "changed", vec!["SetNTP true"]),
        (Told { can_ntp: true, ntp: true, synchronized: true, ..Told::default() }, "unchanged", vec![]),
        (Told::default(), "clock-wrong", vec![]),
    ] {
        let (folder, _service) = machine("ntp", |_| {}).await;
        let keeper = Keeper::start(folder.path(), told).await;
        let (outcome, said) = step(&run(folder.path()).await);
        assert_eq!(
            (outcome.as_str(), keeper.calls()),
            (expected, calls.iter().map(ToString::to_string).collect()),
            "{said}"
        );
    }
}

/// Whom the check believes is said with what it finds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn what_ntp_says_of_it_is_told_with_the_check() {
    for (told, part) in [
        (Told { ntp: true, synchronized: true, ..Told::default() }, "NTP has set this machine's clock, so that"),
        (Told { ntp: true, ..Told::default() }, "reaches no server"),
        (Told::default(), "Set the clock ("),
    ] {
        let (folder, _service) = machine("license-service", |config| config.clock_offset = hours(7)).await;
        let keeper = Keeper::start(folder.path(), told).await;
        let mut command = arguments(folder.path());
        command.arg("--dry-run");
        let ended = process::run(command).await;
        let events = ended.events();
        let failed = events.iter().find(|event| event["type"] == "step-failed").expect("a failure");
        let failures = failed["failures"].as_array().expect("a list");
        let clock = failures.iter().find(|failure| failure["id"] == "clock-wrong").expect("its clock");
        assert!(clock["hint"].as_str().is_some_and(|hint| hint.contains(part)), "{clock}");
        assert!(keeper.calls().is_empty(), "a rehearsal sets nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_systems_service_it_is_said_that_it_is_not_set() {
    let (folder, _service) = machine("license-service", |config| config.clock_offset = hours(-3)).await;
    let ended = run(folder.path()).await;
    let (id, said) = step(&ended);
    assert!(ended.code == Some(51) || id == "clock-wrong", "{id}: {said}");
}
