//! Power cuts for real: the state lies on a disk that keeps what was synced, and the cluster may give back what it has
//! acknowledged.

use std::{ffi::OsStr, fs, path::PathBuf};

use firstlight::error::ErrorId;
use license_service::{NewCode, Replays};
use rustix::process::Signal;
use tokio::process::Command;

use crate::{
    crash::points,
    scrub::assert_scrubbed,
    support::{
        Machine,
        hostile::{Answer, Hostile},
        process::{self, Ended, Running},
    },
};

/// A disk on which nothing is by itself: ext4 knows by default that a file which replaces another is wanted, and writes
/// its journal every few seconds.
const UNHELPFUL: &str = "loop,noauto_da_alloc,commit=600";

/// A file system of a machine's own, in a file on a loop device that goes with its mount namespace.
struct Disk {
    image: PathBuf,
}

impl Disk {
    fn new(machine: &Machine) -> Self {
        fs::create_dir_all(machine.state()).expect("a folder");
        let image = machine.path("/disk.img");
        fs::File::create(&image).and_then(|file| file.set_len(16 << 20)).expect("an empty disk");
        let made = std::process::Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).status();
        assert!(made.expect("mkfs.ext4 is there").success(), "a file system");
        Self { image }
    }

    /// A headless run on it; `then` is a shell's, with the disk as `$IMAGE`, and the run's arguments as its own.
    fn command(&self, machine: &Machine, then: &str) -> Command {
        let state = machine.state();
        let script = format!(
            "set -e; IMAGE=$1; STATE=$2; shift 2; mount -o {UNHELPFUL} \"$IMAGE\" \"$STATE\"; chmod 700 \"$STATE\"; {then}"
        );
        let arguments = ["--mount", "sh", "-c", &script, "sh"].map(OsStr::new);
        let disk = [self.image.as_os_str(), state.as_os_str()];
        machine.arguments(process::firstlight_under("unshare", &[&arguments[..], &disk].concat()), "json")
    }

    /// A run to its end.
    async fn run(&self, machine: &Machine) -> Ended {
        process::run(self.command(machine, "exec \"$@\"")).await
    }

    /// A run with a power cut at a point: the disk is what had reached it by then.
    async fn cut_at(&self, machine: &Machine, point: &str) {
        self.cut_after(machine, "", point).await;
    }

    /// The same, after `before` was done on the disk.
    async fn cut_after(&self, machine: &Machine, before: &str, point: &str) {
        let mut command = self.command(machine, &format!("{before}\nexec \"$@\""));
        let running = Running::start(command.env("FIRSTLIGHT_POINT", format!("stop:{point}")));
        running.stopped().await;
        let cut = self.image.with_extension("cut");
        fs::copy(&self.image, &cut).expect("the disk as it is");
        running.signal(Signal::KILL);
        running.end().await;
        fs::rename(cut, &self.image).expect("the same disk");
    }

    /// A run that is killed, the next one killed too, and then a power cut: what the first one wrote may be in memory alone.
    async fn kill_twice_and_cut(&self, machine: &Machine, first: &str, second: &str) {
        let kill = |point| format!("FIRSTLIGHT_POINT=kill:{point} \"$@\" && exit 1");
        let script = format!("{}; {}; cp \"$IMAGE\" \"$IMAGE.cut\"", kill(first), kill(second));
        let ended = process::run(self.command(machine, &script)).await;
        assert_eq!(ended.code, Some(0), "{first} {second}: {}", ended.told());
        fs::rename(self.image.with_extension("img.cut"), &self.image).expect("the same disk");
    }

    /// A run to its end, and a power cut at once.
    async fn run_and_cut(&self, machine: &Machine) -> Ended {
        self.run_after(machine, "").await
    }

    /// The same, after `before` was done on the disk.
    async fn run_after(&self, machine: &Machine, before: &str) -> Ended {
        let cut = format!("{before}\ncode=0; \"$@\" || code=$?; cp \"$IMAGE\" \"$IMAGE.cut\"; exit $code");
        let ended = process::run(self.command(machine, &cut)).await;
        fs::rename(self.image.with_extension("img.cut"), &self.image).expect("the same disk");
        ended
    }

    /// What is in a file on it.
    async fn read(&self, machine: &Machine, name: &str) -> String {
        process::run(self.command(machine, &format!("cat \"$STATE/{name}\"; exit"))).await.stdout
    }
}

const TENANT: &str = "appliance-initial-tenant";
const LICENSE: &str = "appliance-license-seed";

/// What a datastore may do that syncs now and then: it has never heard of these Secrets.
async fn give_back(machine: &Machine, secrets: &[&str]) {
    if !secrets.is_empty() {
        machine.namespace.kubectl(&[&["delete", "secret", "--ignore-not-found"], secrets].concat()).await;
    }
}

/// The machine's own clock: which boot this is, and its seconds.
fn clock(machine: &Machine, boot: &str, seconds: u32) {
    for (path, text) in [("/proc/sys/kernel/random/boot_id", boot), ("/proc/uptime", &format!("{seconds}.25 0.00\n"))] {
        let _ = fs::remove_file(machine.path(path));
        machine.write(path, text, 0o444);
    }
}

/// A machine whose license service repeats its grants in this way.
async fn with_service(label: &str, replays: Replays) -> Machine {
    Machine::with(label, NewCode::default(), |config| config.replays = replays).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn the_key_of_a_code_is_on_the_disk_before_the_code_is_sent() {
    let mut machine = Machine::new("power-key").await;
    let hostile = Hostile::start(Answer::new("503 Service Unavailable", ""));
    machine.use_hostile(&hostile);
    let disk = Disk::new(&machine);
    disk.cut_at(&machine, "register.answered").await;
    disk.run(&machine).await.failed(ErrorId::LicenseUnavailable);
    let registrations = hostile.registrations();
    assert_eq!(registrations.len(), 2);
    assert_eq!(registrations[0], registrations[1], "the same key");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_grant_is_on_the_disk_before_anything_is_made_of_it() {
    let machine = Machine::new("power-grant").await;
    let disk = Disk::new(&machine);
    disk.cut_at(&machine, "register.journalled").await;
    disk.run(&machine).await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 1, "the code was not sent again");
}

/// A killed run leaves the page cache, from which the next one reads a write that no disk has.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn what_a_killed_run_had_written_is_on_the_disk_before_it_replaces_anything() {
    for (write, sent) in [(1, 1), (2, 2)] {
        for place in 1..=6 {
            let machine = Machine::new("power-cache").await;
            let disk = Disk::new(&machine);
            disk.kill_twice_and_cut(&machine, &format!("file.filled:{write}"), &format!("#{place}")).await;
            disk.run(&machine).await.done();
            machine.assert_secrets().await;
            assert!(machine.sent() <= sent, "{write} {place}: {}", machine.sent());
            assert_eq!(machine.service.store().claims().expect("the database answers"), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn a_cluster_that_gives_back_what_it_had_after_done_gets_it_again() {
    let everything = [TENANT, LICENSE];
    for (after, lost) in [
        (0, &everything[..]),
        (3, &everything),
        (3, &[LICENSE]),
        (20, &everything),
        (20, &[TENANT]),
        (60, &everything),
        (60, &[]),
    ] {
        let machine = with_service("power-done", Replays::Never).await;
        let disk = Disk::new(&machine);
        clock(&machine, "a", 1000);
        disk.run_and_cut(&machine).await.done();
        if after > 0 {
            clock(&machine, "a", 1000 + after);
            disk.run_and_cut(&machine).await.done();
        }
        give_back(&machine, lost).await;
        clock(&machine, "b", 5);
        disk.run_and_cut(&machine).await.done();
        machine.assert_secrets().await;
        // What was written in that boot is as little on a disk as it was in the one before; what it found there is.
        give_back(&machine, lost).await;
        clock(&machine, "c", 5);
        disk.run_and_cut(&machine).await.done();
        machine.assert_secrets().await;
        assert_eq!(machine.sent(), 1, "{after} {lost:?}: the code was not sent again");
    }
}

/// Cuts a run at every point, with a cluster that then knows nothing of it. Where a service that repeats nothing has
/// answered and the answer had not reached the disk, under whatever name, that is told; everywhere else the next run
/// finishes.
async fn at_every_point(replays: Replays) {
    let points = points(&Machine::new("power-trace").await).await;
    let position = |name: &str| points.iter().position(|point| point == name).expect("it is passed");
    let answered = position("register.answered");
    let durable = answered + points[answered..].iter().position(|point| point == "file.written").expect("it is kept");
    assert!(points.len() > 15 && durable < position("register.journalled"), "{points:?}");
    for (place, point) in points.iter().enumerate() {
        let machine = with_service("power-cut", replays).await;
        let disk = Disk::new(&machine);
        disk.cut_at(&machine, &format!("#{}", place + 1)).await;
        give_back(&machine, &[TENANT, LICENSE]).await;
        let ended = disk.run(&machine).await;
        assert_eq!(machine.service.store().claims().expect("the database answers"), 1, "{point}, the {place}.");
        if replays == Replays::Never && (answered..durable).contains(&place) {
            let told = ended.failed(ErrorId::CodeUsed).told();
            assert!(told.contains("this machine sent it to") && told.contains("did not see the answer"), "{told}");
            assert!(told.contains("ask the vendor to reissue a code for the same tenant"), "{told}");
            machine.assert_no_secrets().await;
        } else {
            ended.done();
            machine.assert_secrets().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn at_every_point_with_a_service_that_replays_by_key() {
    at_every_point(Replays::ByKey).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn at_every_point_with_a_service_that_replays_by_appliance() {
    at_every_point(Replays::ByAppliance).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn at_every_point_with_a_service_that_replays_nothing() {
    at_every_point(Replays::Never).await;
}

/// With a bootstrap, and a password that goes when it has run: what comes before the Secrets is the same without them.
/// Nothing that the cluster has is given back without what it made of it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn at_every_point_from_the_secrets_on_with_a_bootstrap() {
    let with_bootstrap = async || {
        let mut machine = with_service("power-helm", Replays::Never).await.with_bootstrap();
        machine.set("secrets.tenant.admin-password", "plaintext");
        machine
    };
    let points = points(&with_bootstrap().await).await;
    let position = |name: &str| points.iter().position(|point| point == name).expect("it is passed");
    let (secrets, bootstrap) = (position("secrets.verified"), position("child.started"));
    assert!(points.len() > bootstrap + 3, "{points:?}");
    for (place, point) in points.iter().enumerate().skip(secrets) {
        let machine = with_bootstrap().await;
        let disk = Disk::new(&machine);
        disk.cut_at(&machine, &format!("#{}", place + 1)).await;
        if place < bootstrap {
            give_back(&machine, &[TENANT, LICENSE]).await;
        }
        let ended = disk.run(&machine).await;
        assert_eq!(ended.code, Some(0), "{point}, the {place}.: {}", ended.told());
        assert_scrubbed(&machine, 1).await;
    }
}

/// Names that are made are kept with the folder they stand in, which the file systems at hand do by themselves: so this is
/// looked for among the calls.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, traces what it runs)"]
async fn every_folder_that_is_made_is_on_the_disk_before_the_code_is_sent() {
    let machine = Machine::new("power-folders").await;
    let (calls, points) = (machine.path("/calls"), machine.path("/points"));
    let options = ["-f", "-y", "-qq", "-e", "trace=mkdir,mkdirat,fsync,write", "-o"].map(OsStr::new);
    let traced = process::firstlight_under("strace", &[&options[..], &[calls.as_os_str()]].concat());
    let mut command = machine.arguments(traced, "json");
    command.env("FIRSTLIGHT_POINT_TRACE", &points);
    process::run(command).await.done();
    let calls = fs::read_to_string(calls).expect("the calls of a run");
    let before: Vec<&str> = calls.lines().take_while(|call| !call.contains("\"register.send")).collect();
    assert!(before.len() < calls.lines().count(), "the code was sent: {calls}");
    let folder = |path: &str| machine.path(path).display().to_string();
    for (made, of) in [("/var", "/"), ("/var/lib", "/var"), ("/var/lib/firstlight", "/var/lib")] {
        let (made, of) = (format!("\"{}\"", folder(made)), format!("<{}>", folder(of).trim_end_matches('/')));
        let is_kept = |call: &&str| call.contains("fsync(") && call.contains(&of);
        let mut from_there = before.iter().skip_while(|call| !(call.contains("mkdir") && call.contains(&made)));
        assert!(from_there.next().is_some(), "{made} is made: {calls}");
        assert!(from_there.any(is_kept), "{made} was made, and {of} not synced: {calls}");
    }
}

/// The file of a datastore that has acknowledged, and syncs when it comes to it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn what_the_service_answered_leaves_the_journal_when_every_file_is_on_the_disk() {
    let machine = Machine::new("power-sync").await.with_bootstrap();
    let disk = Disk::new(&machine);
    clock(&machine, "a", 1000);
    disk.run_and_cut(&machine).await.done();
    clock(&machine, "a", 1600);
    disk.run_after(&machine, "printf kept > \"$STATE/datastore\"").await.done();
    assert_eq!(disk.read(&machine, "datastore").await, "kept\n");
    assert!(!answered(&disk.read(&machine, "journal.json").await).1, "the answer has gone");
}

/// What one appliance alone has is on the disk before the code is sent, and so before any data is written with it: the file
/// with its name, and what a datastore has acknowledged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn what_an_appliance_alone_has_is_on_the_disk_before_data_is_written_with_it() {
    let mut machine = Machine::new("power-identity").await;
    machine.add_to_profile(
        "[[generate]]\nid = 'key'\nformat = 'hex:32'\n\
         targets = ['secret:hub/KEY', 'file:/var/lib/firstlight/hub.env#KEY']\n",
    );
    let disk = Disk::new(&machine);
    // The first file that is written is that one.
    disk.cut_at(&machine, "file.durable").await;
    let key = machine.namespace.secret("hub").await.expect("the Secret")["KEY"].clone();
    assert_eq!(disk.read(&machine, "hub.env").await, format!("KEY={key}\n"));
    machine.namespace.kubectl(&["delete", "secret", "hub"]).await;
    disk.cut_after(&machine, "printf kept > \"$STATE/datastore\"", "register.send").await;
    assert_eq!(disk.read(&machine, "datastore").await, "kept\n");
    disk.run(&machine).await.done();
    assert_eq!(machine.namespace.secret("hub").await.expect("the Secret")["KEY"], key, "another value");
}

/// Whether the journal still holds what the service answered, and the key.
fn journal(machine: &Machine) -> (String, bool) {
    answered(&fs::read_to_string(machine.state().join("journal.json")).expect("the journal"))
}

fn answered(text: &str) -> (String, bool) {
    let journal: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let intents = journal["intents"].as_array().expect("intents").clone();
    assert_eq!(intents.len(), 1, "{text}");
    (intents[0]["key"].to_string(), !intents[0]["answer"].is_null())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_the_service_answered_leaves_the_journal_in_a_later_boot_and_its_key_never() {
    let machine = Machine::new("later-boot").await;
    clock(&machine, "a", 1000);
    machine.run().await.done();
    let (key, answered) = journal(&machine);
    assert!(answered, "the cluster's copy may not be on its disk yet");
    clock(&machine, "a", 90_000);
    machine.run().await.done();
    assert_eq!(journal(&machine), (key.clone(), true), "nor in the same boot, with nothing that runs on it");
    clock(&machine, "b", 5);
    machine.run().await.done();
    assert_eq!(journal(&machine), (key, false));
    machine.assert_secrets().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_the_service_answered_leaves_the_journal_ten_minutes_after_the_bootstrap_has_run() {
    let machine = Machine::new("ten-minutes").await.with_bootstrap();
    clock(&machine, "a", 1000);
    machine.run().await.done();
    for (after, kept) in [(0, true), (3, true), (20, true), (60, true), (599, true), (600, false)] {
        clock(&machine, "a", 1000 + after);
        machine.run().await.done();
        assert_eq!(journal(&machine).1, kept, "{after}");
    }
    machine.assert_installed().await;
}
