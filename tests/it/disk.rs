//! A disk that is full: before the code is sent nothing is, and what was sent is kept.

use std::{ffi::OsStr, fs::File, io::Write, path::PathBuf};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use rustix::process::{Pid, Signal};
use tokio::process::Command;

use crate::{
    support::{
        Machine,
        process::{self, Running},
    },
    tenant::CHANGE,
};

/// Takes every block of the state directory, as a `prepare` of [`with_small_disk`].
pub(crate) const FILLED: &str = "head -c 9m /dev/zero >\"$STATE/fill\" 2>/dev/null || true";

/// firstlight with a state directory that is a file system of its own, which goes with its mount namespace.
///
/// `prepare` is a shell command that finds the directory in `$STATE`.
pub(crate) fn with_small_disk(machine: &Machine, options: &str, prepare: &str) -> Command {
    with_mounts(machine, &format!("mount -t tmpfs -o {options} small \"$STATE\"; {prepare}"))
}

/// firstlight with mounts that go with its mount namespace; a shell makes them, and finds the state directory in `$STATE`.
fn with_mounts(machine: &Machine, mounts: &str) -> Command {
    let state = machine.state();
    std::fs::create_dir_all(&state).expect("a folder");
    let script = format!("set -e; export STATE=$1; shift; {mounts}; unset STATE; exec \"$@\"");
    let arguments = ["--mount", "sh", "-c", &script, "sh"].map(OsStr::new);
    process::firstlight_under("unshare", &[&arguments[..], &[state.as_os_str()]].concat())
}

/// A headless run of it.
fn on_small_disk(machine: &Machine, options: &str, prepare: &str) -> Command {
    machine.arguments(with_small_disk(machine, options, prepare), "json")
}

/// What fills the disk, as it is seen from outside the mount namespace of the process that has the disk.
pub(crate) fn filling(machine: &Machine, process: Pid) -> PathBuf {
    let below = machine.state().join("fill");
    format!("/proc/{}/root{}", process.as_raw_nonzero(), below.display()).into()
}

/// Takes every block that is left.
fn fill(path: &std::path::Path) {
    let mut file = File::create(path).expect("a name costs nothing");
    let mut size = 64 * 1024;
    while size > 0 {
        if file.write_all(&vec![1; size]).and_then(|()| file.flush()).is_err() {
            size /= 2;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_full_disk_is_told_before_the_code_is_sent() {
    let mut machine = Machine::new("disk").await;
    let all_but_1_mib = "head -c 3m /dev/zero >\"$STATE/fill\"";
    let mut told = Vec::new();
    for (name, wanted_mib, id, options, prepare) in [
        ("smaller than the profile wants", 64, ErrorId::DiskLow, "size=1m", "true"),
        ("no block left", 0, ErrorId::StateUnwritable, "size=1m", FILLED),
        ("no room for an answer", 0, ErrorId::StateUnwritable, "size=4m", all_but_1_mib),
        ("read-only", 0, ErrorId::StateUnwritable, "size=1m,ro", "true"),
    ] {
        machine.set("machine.disk-mib", wanted_mib);
        let ended = process::run(on_small_disk(&machine, options, prepare)).await;
        let text = ended.failed(id).told().replace(&machine.root().display().to_string(), "[root]");
        told.push(format!("# {name}\n{text}"));
        assert_eq!(ended.code, Some(50));
        machine.assert_no_secrets().await;
        machine.assert_unspent();
    }
    assert_snapshot!(told.join("\n"), @r"
    # smaller than the profile wants
    disk-low: only 1 MiB are free for `[root]/var/lib/firstlight`; 64 MiB are needed
      hint: Free the amount named, or attach a larger disk, and run again.

    # no block left
    state-unwritable: `[root]/var/lib/firstlight/journal.json` cannot be written
      cause: No space left on device (os error 28)
      hint: free some disk space, or inodes if there is space (`df -h`, `df -i`), then run again; a code that was not sent stays good

    # no room for an answer
    state-unwritable: `[root]/var/lib/firstlight/journal.json` cannot be written
      cause: No space left on device (os error 28)
      hint: free some disk space, or inodes if there is space (`df -h`, `df -i`), then run again; a code that was not sent stays good

    # read-only
    state-unwritable: `[root]/var/lib/firstlight` cannot be written
      cause: Read-only file system (os error 30)
      hint: Free disk space or correct the permissions of the directory named, and run again. A code that was not sent stays good.
    ");
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_disk_that_fills_up_after_the_code_was_sent_cannot_lose_the_grant() {
    for point in ["register.send", "register.answered"] {
        let mut machine = Machine::new("disk-fills").await;
        machine.set("machine.disk-mib", 0);
        let mut command = on_small_disk(&machine, "size=4m", "true");
        let running = Running::start(command.env("FIRSTLIGHT_POINT", format!("stop:{point}")));
        running.stopped().await;
        fill(&filling(&machine, running.pid()));
        running.signal(Signal::CONT);
        running.end().await.done();
        machine.assert_secrets().await;
        assert_eq!(machine.sent(), 1, "{point}");
    }
}

/// What came for the code is in memory alone then, and no mark that the disk refuses as well is in its way to Kubernetes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_disk_that_refuses_all_after_the_code_was_sent_cannot_lose_the_grant() {
    for earlier in ["nothing", "a grant that waits", "a cluster that another code has set up"] {
        let mut machine = Machine::new("disk-refuses").await;
        let tenant = machine.minted.tenant_id;
        match earlier {
            "a grant that waits" => {
                machine.cut_at("register.journalled").await;
            }
            "a cluster that another code has set up" => {
                machine.run().await.done();
            }
            _ => {}
        }
        let before = machine.sent();
        if earlier != "nothing" {
            machine.use_code(machine.reissued(tenant));
            machine.answer_also(CHANGE);
        }
        let running = machine.start_at("stop:register.answered");
        running.stopped().await;
        // A folder in the place of the file that is written: nobody can write there, root included.
        let next = machine.state().join("journal.json.next");
        std::fs::remove_file(&next).expect("the room that was reserved");
        std::fs::create_dir(&next).expect("a folder");
        running.signal(Signal::CONT);
        running.end().await.failed(ErrorId::StateUnwritable);
        machine.assert_secrets().await;
        std::fs::remove_dir(&next).expect("ours");
        machine.run().await.done();
        machine.assert_secrets().await;
        assert_eq!(machine.sent(), before + 1, "{earlier}");
    }
}

/// What is there until the power goes is no place for what a code was spent for.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_state_directory_in_memory_is_refused() {
    let mut machine = Machine::new("memory").await;
    machine.set("machine.volatile-state", false);
    let below = "mkdir -p \"$STATE/../memory\"; mount -t tmpfs none \"$STATE/../memory\"; cd \"$STATE/../memory\"";
    let overlay = "mkdir up work; mount -t overlay -o lowerdir=/usr,upperdir=$PWD/up,workdir=$PWD/work over \"$STATE\"";
    let looped = "truncate -s 16M disk; mkfs.ext4 -q disk; mount -o loop disk \"$STATE\"; chmod 700 \"$STATE\"";
    for (name, kind, mounts) in [
        ("tmpfs", "tmpfs", "mount -t tmpfs none \"$STATE\"".to_owned()),
        ("ramfs", "ramfs", "mount -t ramfs none \"$STATE\"".to_owned()),
        ("above it", "tmpfs", "mount -t tmpfs none \"$STATE/..\"".to_owned()),
        ("an overlay", "tmpfs", format!("{below}; {overlay}")),
        ("a file as a disk", "tmpfs", format!("{below}; {looped}")),
    ] {
        let command = || machine.arguments(with_mounts(&machine, &mounts), "json");
        let mut rehearsal = command();
        rehearsal.arg("--dry-run");
        let told = process::run(rehearsal).await.failed(ErrorId::StateVolatile).told();
        assert!(told.contains(&format!("lies in memory (`{kind}` at ")), "{name}: {told}");
        process::run(command()).await.failed(ErrorId::StateVolatile);
        machine.assert_untouched().await;
    }
    machine.assert_finishes().await;
    machine.set("machine.volatile-state", true);
    process::run(on_small_disk(&machine, "size=4m", "true")).await.done();
}

/// Whoever can write there can take the grant away, or plant one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, gives folders to others)"]
async fn a_state_directory_of_somebody_else_is_refused() {
    use std::os::unix::fs::{chown, symlink};
    let machine = Machine::new("owner").await;
    let (state, victim) = (machine.state(), machine.write("/victim", "theirs", 0o644));
    let mut told = Vec::new();
    for name in ["a folder of another user", "a link to one of ours", "a link in it", "a journal of another user"] {
        std::fs::create_dir_all(&state).expect("a folder");
        match name {
            "a folder of another user" => chown(&state, Some(65534), None),
            "a link to one of ours" => {
                let ours = machine.path("/ours");
                std::fs::rename(&state, &ours).and_then(|()| symlink(&ours, &state))
            }
            "a link in it" => symlink(&victim, state.join("journal.json.next")),
            _ => {
                std::fs::write(state.join("journal.json"), r#"{"version": 3, "intents": []}"#).expect("a journal");
                chown(state.join("journal.json"), Some(65534), None)
            }
        }
        .expect("we are root");
        let ended = machine.run().await;
        assert_eq!(ended.code, Some(50), "{name}: {}", ended.stdout);
        told.push(format!("# {name}\n{}", ended.told().replace(&machine.root().display().to_string(), "[root]")));
        assert_eq!(std::fs::read_to_string(&victim).expect("read"), "theirs", "{name}");
        machine.assert_unspent();
        let _ = std::fs::remove_file(&state);
        let _ = std::fs::remove_dir_all(&state);
    }
    assert_snapshot!(told.join("\n"), @r"
    # a folder of another user
    state-unwritable: `[root]/var/lib/firstlight` cannot be written
      cause: it belongs to user 65534, and this program runs as user 0
      hint: look at what is in `[root]/var/lib/firstlight`: if it is yours, run `chown -R 0 [root]/var/lib/firstlight`, else move it away; then run again

    # a link to one of ours
    state-unwritable: `[root]/var/lib/firstlight` cannot be written
      cause: it is a link or a file, and no folder
      hint: move what is in the way at `[root]/var/lib/firstlight` away, then run again

    # a link in it
    journal-unreadable: the journal `[root]/var/lib/firstlight/journal.json` of an earlier run cannot be read
      cause: `journal.json.next` is a link there, and what it leads to may be anybody's
      hint: move what is in the way at `[root]/var/lib/firstlight/journal.json.next` away, then run again

    # a journal of another user
    journal-unreadable: the journal `[root]/var/lib/firstlight/journal.json` of an earlier run cannot be read
      cause: it belongs to user 65534, and this program runs as user 0
      hint: look at what is in `[root]/var/lib/firstlight/journal.json`: if it is yours, run `chown -R 0 [root]/var/lib/firstlight/journal.json`, else move it away; then run again
    ");
}
