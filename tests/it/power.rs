//! Power cuts for real: the state lies on a disk that keeps what was synced, and the cluster may give back what it has
//! acknowledged.

use std::{ffi::OsStr, fs, path::PathBuf};

use firstlight::error::ErrorId;
use rustix::process::Signal;
use tokio::process::Command;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
    process::{self, Ended, Running},
};

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
            "set -e; IMAGE=$1; STATE=$2; shift 2; mount -o loop \"$IMAGE\" \"$STATE\"; chmod 700 \"$STATE\"; {then}"
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
        let mut command = self.command(machine, "exec \"$@\"");
        let running = Running::start(command.env("FIRSTLIGHT_POINT", format!("stop:{point}")));
        running.stopped().await;
        let cut = self.image.with_extension("cut");
        fs::copy(&self.image, &cut).expect("the disk as it is");
        running.signal(Signal::KILL);
        running.end().await;
        fs::rename(cut, &self.image).expect("the same disk");
    }

    /// A run to its end, and a power cut at once.
    async fn run_and_cut(&self, machine: &Machine) -> Ended {
        let cut = "code=0; \"$@\" || code=$?; cp \"$IMAGE\" \"$IMAGE.cut\"; exit $code";
        let ended = process::run(self.command(machine, cut)).await;
        fs::rename(self.image.with_extension("img.cut"), &self.image).expect("the same disk");
        ended
    }
}

/// What a datastore may do that syncs now and then: it has never heard of the Secrets.
async fn give_back(machine: &Machine) {
    let secrets = ["appliance-initial-tenant", "appliance-license-seed"];
    machine.namespace.kubectl(&["delete", "secret", "--ignore-not-found", secrets[0], secrets[1]]).await;
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_cluster_that_gives_back_what_it_had_after_done_gets_it_again() {
    let machine = Machine::new("power-done").await;
    let disk = Disk::new(&machine);
    for _ in 0..2 {
        disk.run_and_cut(&machine).await.done();
        give_back(&machine).await;
    }
    disk.run(&machine).await.done();
    machine.assert_secrets().await;
    assert_eq!(machine.sent(), 1, "the code was not sent again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn at_every_point_with_a_cluster_that_gives_back_what_it_had() {
    let trace = Machine::new("power-trace").await;
    let mut command = trace.command();
    process::run_with(command.env("FIRSTLIGHT_POINT_TRACE", trace.path("/trace"))).await.done();
    let points = fs::read_to_string(trace.path("/trace")).expect("points were passed").lines().count();
    assert!(points > 15, "{points}");
    for number in 1..=points {
        let machine = Machine::new("power-cut").await;
        let disk = Disk::new(&machine);
        disk.cut_at(&machine, &format!("#{number}")).await;
        give_back(&machine).await;
        disk.run(&machine).await.done();
        machine.assert_secrets().await;
        assert_eq!(machine.service.store().claims().expect("the database answers"), 1, "point {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_the_service_answered_leaves_the_journal_in_a_later_boot_and_its_key_never() {
    let machine = Machine::new("later-boot").await;
    let boot = |id: &str| machine.write("/proc/sys/kernel/random/boot_id", id, 0o444);
    let journal = || {
        let text = fs::read_to_string(machine.state().join("journal.json")).expect("the journal");
        let journal: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let intents = journal["intents"].as_array().expect("intents").clone();
        assert_eq!(intents.len(), 1, "{text}");
        (intents[0]["key"].clone(), intents[0]["answer"].is_string())
    };
    boot("11111111-1111-4111-8111-111111111111");
    machine.run().await.done();
    let (key, answered) = journal();
    assert!(answered, "the cluster's copy may not be on its disk yet");
    machine.run().await.done();
    assert_eq!(journal(), (key.clone(), true), "nor in the same boot");
    fs::remove_file(machine.path("/proc/sys/kernel/random/boot_id")).expect("written by us");
    boot("22222222-2222-4222-8222-222222222222");
    machine.run().await.done();
    assert_eq!(journal(), (key, false));
    machine.assert_secrets().await;
}
