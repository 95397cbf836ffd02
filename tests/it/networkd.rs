//! The network of a machine, changed by answers: a real systemd-networkd runs it, a real systemd takes back what was not kept,
//! and what firstlight has to reach is at the other end of a cable (see `support/networkd.rs`).

use std::{
    fs,
    time::{Duration, Instant},
};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use license_service::Config;
use rustix::process::Signal;

use crate::support::{
    console::{Console, key},
    networkd::{NETWORKD, Wired},
    process::{Running, run},
    until,
};

const KEPT: &str = "/etc/systemd/network";
const TRIED: &str = "/run/systemd/network";

/// An address in another network, which the other end has one of too.
const OTHER: &str = "interface = 'eth0'\naddresses = ['198.51.100.7/24']\ngateways = ['198.51.100.1']\nname-servers = ['198.51.100.53']\n";

/// Where no license service is.
fn nowhere() -> std::net::SocketAddr {
    "192.0.2.1:9".parse().expect("an address")
}

/// A license service with a certificate for the other end of the cable.
async fn license(folder: &std::path::Path) -> license_service::Running {
    let mut config = Config::new(folder.join("license"));
    config.names = vec!["192.0.2.1".to_owned()];
    license_service::start(config).await.expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn a_network_that_leads_to_its_gateway_is_kept_and_then_left_alone() {
    let machine = Wired::start().await;
    let dry = run_dry(&machine).await;
    assert!(dry.outcome("network").starts_with("unchanged: would be tried, and then written to"), "{}", dry.stdout);
    assert!(machine.files(KEPT).is_empty() && machine.addresses().await.contains("192.0.2.7/24"));
    let ended = run(machine.firstlight(nowhere(), OTHER)).await;
    assert_snapshot!(ended.outcome("network"), @"changed: eth0 has 198.51.100.7/24, by way of 198.51.100.1; it stays");
    machine.has("198.51.100.7/24").await;
    assert!(!machine.addresses().await.contains("192.0.2.7"), "the address of before");
    assert_eq!(machine.files(KEPT), ["10-firstlight-eth0.network"]);
    assert!(machine.files(TRIED).is_empty());
    assert_eq!(machine.systemd.state("firstlight-network.timer").await, "inactive");
    let ended = run(machine.firstlight(nowhere(), OTHER)).await;
    assert_snapshot!(ended.outcome("network"), @"unchanged: eth0 has 198.51.100.7/24, by way of 198.51.100.1, as before");
}

/// As at the start of a machine.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn a_networkd_that_comes_later_is_waited_for() {
    let (machine, networkd) = (Wired::start().await, "systemd-networkd.service");
    let gate = machine.path("gate");
    let waits = format!("ExecStartPre=/bin/sh -c 'until [ -e {} ]; do sleep 0.05; done'\n", gate.display());
    machine.systemd.stop_until(networkd, "inactive").await;
    machine.systemd.write(networkd, &format!("{NETWORKD}{waits}")).await;
    machine.systemd.start_until(networkd, "activating").await;
    let mut running = Running::start(&mut machine.firstlight(nowhere(), OTHER));
    running.event("step-started", |event| event["id"] == "network").await;
    fs::write(gate, "").expect("it is opened");
    let ended = running.end().await;
    assert!(ended.outcome("network").starts_with("changed: eth0 has 198.51.100.7/24"), "{}", ended.stdout);
    // One that does not come is none.
    machine.systemd.stop_until(networkd, "inactive").await;
    run(machine.firstlight(nowhere(), OTHER)).await.failed(ErrorId::NetworkUnmanaged);
}

async fn run_dry(machine: &Wired) -> crate::support::process::Ended {
    let mut command = machine.firstlight(nowhere(), OTHER);
    command.arg("--dry-run");
    run(command).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn a_network_without_what_was_reached_before_is_taken_back() {
    let machine = Wired::start().await;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let service = license(folder.path()).await;
    machine.trust(service.ca_pem_file());
    let address = machine.serve_outside(service.address());
    let reached = "interface = 'eth0'\naddresses = ['192.0.2.8/24']\ngateways = ['192.0.2.1']\n";
    let ended = run(machine.firstlight(address, reached)).await;
    assert_snapshot!(ended.outcome("network"), @"changed: eth0 has 192.0.2.8/24, by way of 192.0.2.1; it stays");
    // Another network altogether, in which nobody leads on.
    let nowhere = "interface = 'eth0'\naddresses = ['10.99.0.7/24']\ngateways = ['10.99.0.1']\n";
    let ended = run(machine.firstlight(address, nowhere)).await;
    assert_snapshot!(ended.failed(ErrorId::NetworkTakenBack).told(), @r"
    network-taken-back: the network was taken back: the gateway at `eth0` is silent
      hint: Correct `[network]` in the answers by what the message names (cable, address, gateway, DNS servers), then run again.
    ");
    machine.has("192.0.2.8/24").await;
    assert!(!machine.addresses().await.contains("10.99.0.7"), "the address that was tried");
    assert!(machine.files(TRIED).is_empty());
    assert_eq!(machine.systemd.state("firstlight-network.timer").await, "inactive");
    // Before, it did not answer either: the gateway is enough, if there is one.
    drop(service);
    let ended = run(machine.firstlight(address, nowhere)).await;
    ended.failed(ErrorId::NetworkTakenBack);
    let ended = run(machine.firstlight(address, OTHER)).await;
    assert_snapshot!(ended.outcome("network"), @"changed: eth0 has 198.51.100.7/24, by way of 198.51.100.1; it stays");
}

/// Nobody is left who could take it back.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn whoever_is_killed_meanwhile_has_the_network_of_before_after_thirty_seconds() {
    let machine = Wired::start().await;
    let nowhere_on = "interface = 'eth0'\naddresses = ['10.99.0.7/24']\ngateways = ['10.99.0.1']\n";
    let running = Running::start(&mut machine.firstlight(nowhere(), nowhere_on));
    until("it is armed", || async {
        (machine.systemd.state("firstlight-network.timer").await == "active").then_some(())
    })
    .await;
    let armed = Instant::now();
    machine.takes_back_in_time().await;
    machine.has("10.99.0.7/24").await;
    running.signal(Signal::KILL);
    assert_eq!(running.end().await.code, None);
    machine.has("192.0.2.7/24").await;
    let taken = armed.elapsed();
    // It was armed a moment before it was seen so; how long a busy machine takes beyond that says nothing of us.
    assert!(taken > Duration::from_secs(28), "{taken:?}");
    assert!(machine.files(TRIED).is_empty() && machine.files(KEPT).is_empty());
    assert!(!machine.addresses().await.contains("10.99.0.7"), "the address that was tried");
    until("systemd has forgotten both", || async {
        let states = [
            machine.systemd.state("firstlight-network.timer").await,
            machine.systemd.state("firstlight-network.service").await,
        ];
        (states == ["inactive", "inactive"]).then_some(())
    })
    .await;
    // The next one begins anew.
    let ended = run(machine.firstlight(nowhere(), OTHER)).await;
    assert_snapshot!(ended.outcome("network"), @"changed: eth0 has 198.51.100.7/24, by way of 198.51.100.1; it stays");
}

/// A trial of it would leave it without the addresses that somebody else has given it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn an_interface_that_somebody_else_runs_stays_as_it_is() {
    let machine = Wired::start().await;
    let theirs = "ip link add other type veth peer name far && ip addr add 203.0.113.9/24 dev other && \
                  ip link set other up && ip link set far up";
    assert!(machine.runs(theirs).await);
    let network = "interface = 'other'\naddresses = ['10.99.0.7/24']\n";
    let ended = run(machine.firstlight(nowhere(), network)).await;
    ended.failed(ErrorId::NetworkUnmanaged);
    machine.has("203.0.113.9/24").await;
    assert!(machine.files(TRIED).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn a_vlan_is_made_taken_back_and_given_up() {
    let machine = Wired::start().await;
    let vlan = |id: u16| {
        format!("interface = 'eth0'\nvlan = {id}\naddresses = ['203.0.113.7/24']\ngateways = ['203.0.113.1']\n")
    };
    if !machine.has_vlan(5, "203.0.113.1/24").await {
        // A kernel without: what nobody can make is taken back like any other.
        let ended = run(machine.firstlight(nowhere(), &vlan(5))).await;
        assert_snapshot!(ended.failed(ErrorId::NetworkTakenBack).told().lines().next().unwrap_or_default(), @"network-taken-back: the network was taken back: `vlan5` is not connected with it");
        return machine.has("192.0.2.7/24").await;
    }
    // Nobody has this one at the other end.
    let ended = run(machine.firstlight(nowhere(), &vlan(6))).await;
    assert_snapshot!(ended.failed(ErrorId::NetworkTakenBack).told().lines().next().unwrap_or_default(), @"network-taken-back: the network was taken back: the gateway at `vlan6` is silent");
    assert!(!machine.addresses().await.contains("vlan6"), "what was made for the trial is gone with it");
    machine.has("192.0.2.7/24").await;
    let ended = run(machine.firstlight(nowhere(), &vlan(5))).await;
    assert_snapshot!(ended.outcome("network"), @"changed: vlan5 has 203.0.113.7/24, by way of 203.0.113.1; it stays");
    let kept = ["10-firstlight-eth0.network", "10-firstlight-vlan5.netdev", "10-firstlight-vlan5.network"];
    assert_eq!(machine.files(KEPT), kept);
    let ended = run(machine.firstlight(nowhere(), OTHER)).await;
    assert_snapshot!(ended.outcome("network"), @"changed: eth0 has 198.51.100.7/24, by way of 198.51.100.1; it stays");
    assert_eq!(machine.files(KEPT), ["10-firstlight-eth0.network"]);
    until("the VLAN is gone", || async { (!machine.addresses().await.contains("vlan5")).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn what_the_machine_does_not_have_is_told_before_anything_is_changed() {
    let machine = Wired::start().await;
    let ended = run(machine.firstlight(nowhere(), "interface = 'eth7'\n")).await;
    assert_snapshot!(ended.failed(ErrorId::NetworkInterface).told(), @r"
    network-interface: there is no interface `eth7`; there are eth0
      hint: Name one of the interfaces that the message lists; in an answers file that is `network.interface`.
    ");
    machine.systemd.stop_until("systemd-networkd.service", "inactive").await;
    let ended = run(machine.firstlight(nowhere(), OTHER)).await;
    assert_snapshot!(ended.failed(ErrorId::NetworkUnmanaged).told(), @r"
    network-unmanaged: the network of this machine is not run by systemd-networkd: it does not run
      hint: Leave `[network]` out of the answers and change the network with what runs it, or have systemd-networkd run it (`systemctl enable --now systemd-networkd`).
    ");
    assert!(machine.files(KEPT).is_empty() && machine.files(TRIED).is_empty());
}

const SIZE: (u16, u16) = (80, 24);
const TAB: &str = "\t";

/// Types another network on its page, as far as that it is tried: the interface is there already.
async fn try_on_page(console: &mut Console, address: &str, gateway: &str) {
    console.wait_for_text("E changes it").await;
    console.press("e").await;
    console.wait_for_text("How shall this machine have its network?").await;
    console.wait_for_text("eth0").await;
    for keys in [TAB, key::CTRL_U, address, TAB, key::CTRL_U, gateway, TAB, TAB, TAB, TAB, key::ENTER] {
        console.press(keys).await;
    }
    console.wait_for_text("This network is being tried").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn the_network_is_mended_on_the_screen() {
    let machine = Wired::start().await;
    let mut console = Console::open(machine.wizard(nowhere()), SIZE);
    console.wait_for_text("Welcome").await;
    console.press("n").await;
    try_on_page(&mut console, "198.51.100.7/24", "198.51.100.1").await;
    machine.has("198.51.100.7/24").await;
    // The checks are made anew, and so is what they show of the network.
    console.wait_for_text("198.51.100.7/24").await;
    assert_eq!(machine.files(TRIED), ["05-firstlight-trial-eth0.network"]);
    assert!(machine.files(KEPT).is_empty(), "nothing is kept yet");
    console.press(key::ENTER).await;
    console.wait_for_text("This network is kept").await;
    assert_eq!(machine.files(KEPT), ["10-firstlight-eth0.network"]);
    assert!(machine.files(TRIED).is_empty());
    // Another one, which nobody wants after all.
    try_on_page(&mut console, "10.99.0.7/24", "10.99.0.1").await;
    machine.has("10.99.0.7/24").await;
    console.press(key::ESC).await;
    console.wait_for_text("The network was taken back").await;
    machine.has("198.51.100.7/24").await;
    assert!(!machine.addresses().await.contains("10.99.0.7"), "the address that was tried");
    assert_eq!(machine.systemd.state("firstlight-network.timer").await, "inactive");
    // One that leads nowhere cuts nobody off who only has to wait.
    try_on_page(&mut console, "10.99.0.8/24", "10.99.0.1").await;
    console.wait_for_text("Nobody has kept the network in its time").await;
    machine.has("198.51.100.7/24").await;
    assert!(machine.files(TRIED).is_empty());
}

/// Not before its time, and by systemd alone.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (that is, root and systemd-networkd)"]
async fn a_wizard_that_is_killed_leaves_the_network_of_before() {
    let machine = Wired::start().await;
    let mut console = Console::open(machine.wizard(nowhere()), SIZE);
    console.wait_for_text("Welcome").await;
    console.press("n").await;
    try_on_page(&mut console, "10.99.0.7/24", "10.99.0.1").await;
    let tried = Instant::now();
    machine.has("10.99.0.7/24").await;
    machine.takes_back_in_time().await;
    console.signal(Signal::KILL);
    assert_eq!(console.end().await.signal, Some(Signal::KILL.as_raw()));
    machine.has("192.0.2.7/24").await;
    let taken = tried.elapsed();
    assert!(taken > Duration::from_secs(27), "{taken:?}");
    assert!(machine.files(TRIED).is_empty() && machine.files(KEPT).is_empty());
}
