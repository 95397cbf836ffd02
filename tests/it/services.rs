//! Services of the machine that wait for what a setup makes, with a real systemd (see `support/systemd.rs`): it is asked over
//! a real bus, starts real programs, and what it says of them is its own.

use std::{path::Path, process::Stdio};

use firstlight::{
    answers::Draft,
    error::ErrorId,
    profile::Profile,
    steps::{self, id},
};
use insta::assert_snapshot;
use rustix::process::Signal;
use tokio::{net::UnixListener, process::Command};

use crate::support::{
    Machine, alone, process,
    systemd::{self, BUS, Systemd},
    until,
};

/// A service that runs a line of a shell.
fn service(line: &str, more: &str) -> String {
    format!("[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n[Service]\nExecStart=/bin/sh -c '{line}'\n{more}")
}

fn setting(unit: &str, seconds: u32) -> String {
    format!("[[service]]\nunit = '{unit}'\ntimeout-seconds = {seconds}\n")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn what_has_given_up_waiting_is_started_and_awaited() {
    let mut machine = Machine::new("services").await;
    let (keys, done) = (machine.path("/etc/nexus/hub.env"), machine.path("/done"));
    let waits = format!("grep -q STATE_KEY {} && exec sleep 1000", keys.display());
    let once = format!("echo done >> {}", done.display());
    let units = [
        // It has crashed as often as it may when the setup comes.
        ("gateway.service", service(&waits, "Restart=on-failure\nRestartSec=10ms\n")),
        ("running.service", service("exec sleep 1000", "")),
        ("prepared.service", service("true", "Type=oneshot\nRemainAfterExit=yes\n")),
        ("once.service", service(&once, "Type=oneshot\n")),
    ];
    let units: Vec<(&str, &str)> = units.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let systemd = Systemd::start(&machine.root(), &units).await;
    systemd.start_until("gateway.service", "failed").await;
    systemd.start_until("running.service", "active").await;
    let running = systemd.invocation("running.service").await;
    let generated = "[[generate]]\nid = 'state-key'\nformat = 'hex:32'\ntargets = ['secret:gateway/STATE_KEY', \
                     'file:/etc/nexus/hub.env#STATE_KEY']\n";
    let three = ["gateway.service", "running.service", "prepared.service"].map(|unit| setting(unit, 60)).concat();
    machine.add_to_profile(&format!("{generated}{three}"));
    let told = "changed: started: `gateway.service`, `prepared.service`; active already: `running.service`";
    assert_eq!(machine.run().await.done().outcome("services"), told);
    let gateway = systemd.invocation("gateway.service").await;
    assert_eq!(systemd.state("gateway.service").await, "active");
    assert_eq!(systemd.invocation("running.service").await, running, "it ran already");
    let told = "unchanged: active already: `gateway.service`, `running.service`, `prepared.service`";
    assert_eq!(machine.run().await.done().outcome("services"), told);
    assert_eq!(systemd.invocation("gateway.service").await, gateway, "it was not started again");
    // Nothing says of it that it has run, once it has.
    machine.add_to_profile(&setting("once.service", 60));
    for times in 1..=2 {
        assert_eq!(machine.run().await.done().outcome("services"), "changed: started: `once.service`");
        assert_eq!(std::fs::read_to_string(&done).expect("it has run").lines().count(), times);
    }
    machine.assert_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn every_failure_is_told_at_once() {
    let mut machine = Machine::new("services-fail").await;
    let units = [
        ("crashes.service", service("exit 7", "")),
        ("killed.service", service("kill -9 $$$$", "")),
        ("hangs.service", service("exec sleep 1000", "Type=notify\n")),
        ("loops.service", service("exit 3", "Restart=always\nRestartSec=1h\n")),
        ("ends.service", service("true", "")),
        ("slow.service", service("exec sleep 1000", "Type=notify\nTimeoutStartSec=1\n")),
        ("unmet.service", format!("[Unit]\nConditionPathExists=/nowhere/key\n{}", service("exec sleep 1000", ""))),
        ("needy.service", format!("[Unit]\nRequires=broken.service\nAfter=broken.service\n{}", service("true", ""))),
        ("broken.service", service("false", "Type=oneshot\n")),
        ("runs.service", service("exec sleep 1000", "")),
    ];
    let units: Vec<(&str, &str)> = units.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let systemd = Systemd::start(&machine.root(), &units).await;
    let all: Vec<String> = units
        .iter()
        .filter(|(unit, _)| *unit != "broken.service")
        .map(|(unit, _)| setting(unit, if ["hangs.service", "loops.service"].contains(unit) { 4 } else { 60 }))
        .collect();
    machine.add_to_profile(&all.concat());
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::ServiceFailed).told(), @r"
    service-failed: `crashes.service` has failed: its program ended with status 7
      hint: look at `systemctl status crashes.service` and `journalctl -u crashes.service`, and correct what is seen there; then run again

    service-failed: `killed.service` has failed: its program was ended by signal 9
      hint: look at `systemctl status killed.service` and `journalctl -u killed.service`, and correct what is seen there; then run again

    service-timeout: `hangs.service` is not active after 4 s: activating (start)
      hint: look at `systemctl status hangs.service` and `journalctl -u hangs.service`, and run again to go on waiting; where it takes longer, raise its `timeout-seconds` in the profile

    service-timeout: `loops.service` is not active after 4 s: activating (auto-restart, exit-code)
      hint: look at `systemctl status loops.service` and `journalctl -u loops.service`, and run again to go on waiting; where it takes longer, raise its `timeout-seconds` in the profile

    service-failed: `ends.service` was started, and has ended again
      hint: look at `systemctl status ends.service` and `journalctl -u ends.service`, and correct what is seen there; then run again

    service-failed: `slow.service` has failed: `timeout`
      hint: look at `systemctl status slow.service` and `journalctl -u slow.service`, and correct what is seen there; then run again

    service-failed: `unmet.service` was not started: a condition in its file does not hold
      hint: `systemctl status unmet.service` and `journalctl -u unmet.service` name what is meant: correct that, then run again

    service-failed: `needy.service` was not started: something that it needs did not start
      hint: `systemctl status needy.service` and `journalctl -u needy.service` name what is meant: correct that, then run again
    ");
    assert_eq!(systemd.state("runs.service").await, "active");
    // What was redeemed is kept, and a unit that was corrected is started.
    machine.assert_installed().await;
    systemd.write("crashes.service", &service("exec sleep 1000", "")).await;
    machine.add_to_profile(&setting("crashes.service", 60));
    assert_eq!(machine.run().await.done().outcome("services"), "changed: started: `crashes.service`");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn what_cannot_be_started_is_told_before_the_code_is_sent() {
    let mut machine = Machine::new("services-before").await;
    let units = [("gateway.service", "[Service]\n"), ("good.service", "[Service]\nExecStart=/bin/sleep 1000\n")];
    let systemd = Systemd::start(&machine.root(), &units).await;
    systemd.mask("queue.service").await;
    let all = ["hub.service", "queue.service", "gateway.service", "good.service"].map(|unit| setting(unit, 60));
    machine.add_to_profile(&all.concat());
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::ServiceUnusable).told(), @r"
    service-unusable: there is no unit `hub.service` on this machine
      hint: install what brings `hub.service`, or correct `service` in the profile; then run again

    service-unusable: `queue.service` is masked: nobody can start it
      hint: run `systemctl unmask queue.service` if it is to run here, or take it out of `service` in the profile; then run again

    service-unusable: systemd cannot use the file of `gateway.service`
      hint: `systemctl status gateway.service` says what is wrong with it: correct that and run `systemctl daemon-reload`; then run again
    ");
    machine.assert_untouched().await;
    assert_eq!(systemd.state("good.service").await, "inactive");
    let good = "[Service]\nExecStart=/bin/sleep 1000\n";
    systemd.remove("queue.service").await;
    for unit in ["hub.service", "queue.service", "gateway.service"] {
        systemd.write(unit, good).await;
    }
    let ended = machine.rehearse().await;
    let known = "`hub.service`, `queue.service`, `gateway.service`, `good.service`";
    assert_eq!(alone::check(&ended, "services"), ("passed".to_owned(), format!("known to systemd: {known}")));
    assert_eq!(systemd.state("good.service").await, "inactive", "a rehearsal has no effects");
    assert_eq!(machine.run().await.done().outcome("services"), format!("changed: started: {known}"));
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn a_stop_ends_the_waiting_at_once() {
    let mut machine = Machine::new("services-stop").await;
    let hangs = service("exec sleep 1000", "Type=notify\nTimeoutStartSec=infinity\n");
    let systemd = Systemd::start(&machine.root(), &[("hangs.service", &hangs)]).await;
    machine.add_to_profile(&setting("hangs.service", 3600));
    let mut running = machine.start();
    let waits = "waiting for `hangs.service`: activating (start)";
    running.event("note", |event| event["text"].as_str().is_some_and(|text| text.starts_with(waits))).await;
    running.signal(Signal::TERM);
    running.end().await.failed(ErrorId::Stopped);
    // It is systemd's, and goes on.
    assert_eq!(systemd.state("hangs.service").await, "activating");
    systemd.write("hangs.service", &service("exec sleep 1000", "")).await;
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces) and root (runs a systemd)"]
async fn what_was_cut_is_taken_up() {
    for (point, told) in [
        ("unit.start", "changed: started: `gateway.service`"),
        ("unit.started", "unchanged: active already: `gateway.service`"),
    ] {
        let mut machine = Machine::new("services-cut").await;
        let gateway = service("exec sleep 1000", "");
        let _systemd = Systemd::start(&machine.root(), &[("gateway.service", &gateway)]).await;
        machine.add_to_profile(&setting("gateway.service", 60));
        assert_eq!(machine.cut_at(point).await.code, None, "{point}");
        assert_eq!(machine.run().await.done().outcome("services"), told, "{point}");
        machine.assert_installed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace) and root (runs a systemd)"]
async fn who_may_not_start_units_is_told_so() {
    let mut machine = Machine::new("services-denied").await;
    let policy = format!(
        "{}<deny send_destination=\"org.freedesktop.systemd1\" send_interface=\"org.freedesktop.systemd1.Manager\" send_member=\"StartUnit\"/>",
        systemd::OPEN
    );
    let units = [("good.service", "[Service]\nExecStart=/bin/sleep 1000\n")];
    let systemd = Systemd::start_with(&machine.root(), &units, &policy).await;
    machine.add_to_profile(&setting("good.service", 60));
    let told = machine.run().await.failed(ErrorId::SystemdUnusable).told();
    assert_snapshot!(told.lines().filter(|line| !line.starts_with("  cause: ")).collect::<Vec<_>>().join("\n"), @r"
    systemd-unusable: systemd does not let this user start units
      hint: run firstlight as root
    ");
    assert_eq!(systemd.state("good.service").await, "inactive");
}

#[test]
fn the_review_says_what_will_be_started_and_when() {
    let text = format!(
        "[license]\nurl = 'https://license.example'\n[bootstrap]\nchart = '/chart.tgz'\n[[ready]]\nurl = 'http://127.0.0.1/'\n{}",
        setting("gateway.service", 60)
    );
    let profile = Profile::parse(&text).expect("sound");
    let answers = include_str!("../answers/ok/complete.toml");
    let answers = Draft::from_toml(answers, &profile).0.finish(&profile).expect("complete");
    let described = steps::describe(&profile, &answers.public);
    let ids: Vec<_> = described.iter().map(|(step, _)| step.id.clone()).collect();
    let order = [id::REHEARSE, id::REDEEM, id::SECRETS, id::BOOTSTRAP, id::SERVICES, id::READY];
    assert_eq!(ids, order);
    let said: Vec<String> = described[4].1.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["Start `gateway.service` on this machine unless it runs, and wait until it is active."]);
}

/// What the rehearsal finds of the services on a machine with nothing around it.
async fn found_alone(folder: &Path) -> (String, String) {
    let command = alone::rehearsal(folder, "https://license.invalid", "[[service]]\nunit = 'gateway.service'\n");
    let (state, text) = alone::check(&process::run(command).await, "services");
    (state, text.replace(&folder.display().to_string(), "[root]"))
}

/// What runs on the machine of the tests is not asked in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_systemd() {
    let folder = alone::folder();
    let (state, text) = found_alone(folder.path()).await;
    let told = "systemd cannot be asked: nothing takes connections at `[root]/run/dbus/system_bus_socket`";
    assert_eq!((state.as_str(), text.as_str()), ("failed", told));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs dbus-daemon"]
async fn a_bus_without_systemd() {
    let folder = alone::folder();
    let listen = format!("unix:path={}", folder.path().join(BUS).display());
    let config = systemd::bus_config(folder.path(), &listen, systemd::OPEN);
    let bus = Command::new("dbus-daemon")
        .args(["--nofork", "--nopidfile", "--config-file"])
        .arg(config)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut bus = bus.expect("dbus-daemon is installed");
    until("the bus listens", || async { folder.path().join(BUS).exists().then_some(()) }).await;
    let (state, text) = found_alone(folder.path()).await;
    assert_eq!((state.as_str(), text.as_str()), ("failed", "the system's bus is there, but no systemd on it"));
    bus.kill().await.expect("it runs");
}

/// It takes connections, and says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_hangs() {
    let folder = alone::folder();
    std::fs::create_dir_all(folder.path().join(BUS).parent().expect("a folder")).expect("a folder");
    let _listener = UnixListener::bind(folder.path().join(BUS)).expect("a socket");
    let (state, text) = found_alone(folder.path()).await;
    assert_eq!((state.as_str(), text.as_str()), ("failed", "systemd does not answer within 10 s"));
}
