//! The image on a disk: a file as a loop device, with the real programs.
//!
//! Each test has a loop device of its own, and looks at it in a mount namespace of its own.

mod machine;

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt, path::Path};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use rustix::process::Signal;

use crate::support::{
    machine::{PASSWORD, answers},
    process::{self, Running},
};
use machine::{Machine, tool};

/// The partitions, in their order.
const ESP: u8 = 2;
const ROOT: u8 = 3;
const DATA: u8 = 4;
/// More than the least that is needed.
const ENOUGH: u64 = 4800;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn an_empty_disk_becomes_an_appliance() {
    let machine = Machine::new(ENOUGH);
    let before = machine.written();
    let ended = machine.install(&["--dry-run"]).await;
    assert_eq!(machine.told(&ended.done().outcome("install-disk")), "unchanged: `[disk]` (5033 MB) is empty");
    machine.install(&[]).await.refused(ErrorId::Usage);
    assert_eq!(machine.written(), before, "nothing was written");

    let ended = machine.install(&["--yes"]).await;
    ended.done();
    let steps = ["install-disk", "install-partitions", "install-system", "install-boot"];
    assert_snapshot!(machine.told(&steps.map(|step| ended.outcome(step)).join("\n")));
    let labels = [1, ESP, ROOT, DATA].map(|part| machine.found(part, "PART_ENTRY_NAME"));
    assert_eq!(labels, ["firstlight-bios", "firstlight-esp", "firstlight-root", "firstlight-data"]);

    let id = machine.on(ROOT, "cat etc/machine-id");
    assert!(id.trim().len() == 32 && id.trim().bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    assert_eq!(
        machine.on(ROOT, "cat etc/hostname usr/bin/kubernetes boot/vmlinuz boot/initrd.img"),
        "firsta programa kernela RAM disk"
    );
    assert_eq!(machine.on(ROOT, "cat boot/firstlight.installed"), "first\n");
    let fstab = machine.on(ROOT, "cat etc/fstab");
    for (part, place) in [(ROOT, " / ext4"), (ESP, " /boot/efi vfat"), (DATA, " /data ext4")] {
        let line = format!("PARTUUID={}{place}", machine.found(part, "PART_ENTRY_UUID"));
        assert!(fstab.contains(&line), "{line}:\n{fstab}");
    }
    // What is kept has the image's own files to begin with.
    assert_eq!(machine.on(DATA, "cat etc/machine-id"), id);
    assert_eq!(machine.on(DATA, "cat var/lib/rancher/images.tar; stat -c %a var/lib/firstlight"), "images700\n");

    // What a BIOS and UEFI start, each finding the new system by its own ids.
    let mut start = [0; 512];
    std::io::Read::read_exact(&mut fs::File::open(&machine.disk).expect("a device"), &mut start).expect("read");
    assert!(start.windows(4).any(|word| word == b"GRUB"), "its first stage");
    let grub = machine.on(ROOT, "cat boot/grub/grub.cfg boot/grub/early.cfg; test -e boot/grub/i386-pc/core.img");
    assert!(grub.contains(&format!("root=PARTUUID={}", machine.found(ROOT, "PART_ENTRY_UUID"))), "{grub}");
    assert_eq!(grub.matches(&machine.found(ROOT, "UUID")).count(), 2, "{grub}");
    let esp = machine.part(ESP);
    let file = tool("mdir", &["-b".as_ref(), "-i".as_ref(), esp.as_os_str(), "::/EFI/BOOT/BOOTX64.EFI".as_ref()]);
    assert!(file.contains("BOOTX64.EFI"), "{file}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn another_installation_keeps_the_data_and_makes_the_system_anew() {
    let machine = Machine::new(ENOUGH);
    machine.install(&["--yes"]).await.done();
    machine.on(ROOT, "echo mine > etc/mine; rm boot/firstlight.installed");
    machine.on(DATA, "head -c 5000000 /dev/urandom > var/lib/rancher/state.db; rm var/lib/rancher/images.tar; touch var/lib/firstlight/console-done var/lib/firstlight/cleaning; echo old > var/lib/rancher/k3s/agent/images/old.tar");
    let sums =
        "find . -type f ! -name console-done ! -name cleaning ! -path '*/agent/images/*' -exec sha256sum {} + | sort";
    let (data, part, root) =
        (machine.on(DATA, sums), machine.found(DATA, "PART_ENTRY_UUID"), machine.found(ROOT, "UUID"));
    machine.write_image("second");

    let said = machine.install(&["--dry-run"]).await.done().outcome("install-disk");
    let ended = machine.install(&["--yes"]).await;
    let done = ended.done().outcome("install-partitions");
    assert_snapshot!(machine.told(&format!("{said}\n{done}")));
    assert_eq!(machine.on(DATA, sums), data, "byte for byte");
    assert_eq!(machine.found(DATA, "PART_ENTRY_UUID"), part);
    assert_ne!(machine.found(ROOT, "UUID"), root);
    assert_eq!(machine.on(ROOT, "cat boot/firstlight.installed etc/hostname; test ! -e etc/mine"), "second\nsecond");
    assert_eq!(machine.on(ROOT, "cat etc/machine-id"), machine.on(DATA, "cat etc/machine-id"), "the same machine");
    machine.on(DATA, "test ! -e var/lib/firstlight/console-done && test ! -e var/lib/firstlight/cleaning");
    // A newer Kubernetes has its own images.
    assert_eq!(machine.on(DATA, "cd var/lib/rancher/k3s/agent/images; cat *"), "second");

    // Only whoever says so loses them.
    machine.install(&["--yes", "--erase", "foreign"]).await.done();
    assert_eq!(machine.on(DATA, sums), data);
    machine.install(&["--yes", "--erase", "everything"]).await.done();
    machine.on(DATA, "test ! -e var/lib/rancher/state.db");
}

/// By answers that this machine is given, with nobody there: what starts from the disk is given them too. That there is nobody here who
/// could restart it is told on its consoles.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn the_new_system_is_told_where_its_answers_are() {
    let machine = Machine::new(ENOUGH);
    let answers = format!("{}[install]\ndisk = {:?}\n", answers("K7QP-M2RX", PASSWORD), machine.disk);
    for (path, text) in [("proc/cmdline", "quiet firstlight.answers=/answers.toml\n"), ("answers.toml", &answers)] {
        let path = machine.root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).and_then(|()| fs::write(&path, text)).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let mut command = process::firstlight_under("unshare", &["--mount".as_ref()]);
    command.args(["--unattended", "--output", "json", "--root"]).arg(machine.root());
    let ended = process::run(command).await;
    let grub = machine.on(ROOT, "cat boot/grub/grub.cfg; cat boot/firstlight.installed");
    assert!(grub.contains(" 'firstlight.answers=/answers.toml'\n") && grub.ends_with("first\n"), "{grub}");
    assert_ne!(ended.code, Some(0), "{}", ended.stdout);
    let told = fs::read_to_string(machine.root().join("run/firstlight/unattended.json")).expect("it is left behind");
    assert!(told.contains("step-failed"), "{told}");
}

/// The network and the layout of the keyboard: they were set to come this far, and the system on the disk has none of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn what_was_set_on_the_machine_is_set_on_the_disk_too() {
    let machine = Machine::new(ENOUGH);
    let network = machine.root().join("etc/systemd/network");
    let set = |name: &str, text: &str| {
        fs::create_dir_all(&network).and_then(|()| fs::write(network.join(name), text)).expect("written");
    };
    let unset = |name: &str| fs::remove_file(network.join(name)).expect("it was there");
    let there = "cd etc; for file in systemd/network/10-* firstlight/environment vconsole.conf; do if test -e $file; then echo $file: $(cat $file); fi; done";
    let keyboard = machine.root().join("etc/vconsole.conf");
    set("10-firstlight-eth0.network", "static");
    set("10-firstlight-vlan7.netdev", "vlan");
    set("80-dhcp.network", "somebody else's");
    fs::write(&keyboard, "KEYMAP=de").expect("written");
    let way = machine.root().join("etc/firstlight/environment");
    fs::create_dir_all(way.parent().expect("a folder"))
        .and_then(|()| fs::write(&way, "HTTPS_PROXY=p"))
        .expect("written");
    machine.install(&["--yes"]).await.done();
    let first = "systemd/network/10-firstlight-eth0.network: static\n\
                 systemd/network/10-firstlight-vlan7.netdev: vlan\n\
                 firstlight/environment: HTTPS_PROXY=p\n\
                 vconsole.conf: KEYMAP=de\n";
    assert_eq!(machine.on(ROOT, there), first);
    machine.on(ROOT, "test ! -e etc/systemd/network/80-dhcp.network");
    machine.on(DATA, "test ! -e etc/firstlight && test ! -e etc/vconsole.conf");

    // Nothing is set before the next installation: it is as on the system that goes.
    unset("10-firstlight-eth0.network");
    unset("10-firstlight-vlan7.netdev");
    for path in [&keyboard, &way] {
        fs::remove_file(path).expect("it was there");
    }
    machine.on(ROOT, "echo another > etc/systemd/network/10-firstlight-eth0.network");
    let second = first.replace("static", "another");
    for point in ["child.start", "child.ended"] {
        let mut command = machine.command(&["--yes"]);
        command.env("FIRSTLIGHT_POINT", format!("kill:{point}"));
        assert_eq!(process::run(command).await.code, None, "{point}");
        machine.install(&["--yes"]).await.done();
        assert_eq!(machine.on(ROOT, there), second, "{point}");
    }

    // What is set now takes the place of all that was: a device of the one does not come up beside the other.
    set("10-firstlight-eth1.network", "now");
    machine.install(&["--yes"]).await.done();
    let third = "systemd/network/10-firstlight-eth1.network: now\nfirstlight/environment: HTTPS_PROXY=p\nvconsole.conf: KEYMAP=de\n";
    assert_eq!(machine.on(ROOT, there), third);
    // And what was taken back on the system itself does not come again.
    unset("10-firstlight-eth1.network");
    machine.on(ROOT, "rm etc/systemd/network/10-*");
    machine.install(&["--yes"]).await.done();
    assert_eq!(machine.on(ROOT, there), "firstlight/environment: HTTPS_PROXY=p\nvconsole.conf: KEYMAP=de\n");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn what_is_somebody_elses_stays_unless_it_was_said() {
    let machine = Machine::new(ENOUGH);
    let data = |machine: &Machine| {
        let installed = ["--definitions=", "--empty=force", "--dry-run=no"];
        let folder = machine.folder.path().join("definitions");
        fs::create_dir_all(&folder).expect("a folder");
        let text = "[Partition]\nType=home\nLabel=photos\nFormat=ext4\nSizeMinBytes=100M\nSizeMaxBytes=100M\n";
        fs::write(folder.join("home.conf"), text).expect("written");
        let definitions = format!("{}{}", installed[0], folder.display());
        machine.change("systemd-repart", &[&definitions, installed[1], installed[2]]);
    };
    let mut told = Vec::new();
    for (name, make) in [
        // As somebody's who encrypts, or whose first sectors cannot be read.
        (
            "nothing that is known",
            &(|machine: &Machine| {
                machine.change("dd", &["if=/dev/urandom", "bs=1k", "seek=64", "count=1", "status=none"]);
            }) as &dyn Fn(&Machine),
        ),
        ("a file system", &|machine: &Machine| machine.change("mkfs.ext4", &["-q", "-F", "-L", "photos"])),
        ("partitions", &data),
    ] {
        make(&machine);
        let before = machine.written();
        for arguments in [&["--dry-run"][..], &["--yes"]] {
            let ended = machine.install(arguments).await;
            told.push(format!("# {name}\n{}", machine.told(&ended.failed(ErrorId::DiskOccupied).told())));
        }
        assert_eq!(machine.written(), before, "{name}");
    }
    told.dedup();
    assert_snapshot!(told.join("\n"));
    let ended = machine.install(&["--yes", "--erase", "foreign"]).await;
    ended.done();
    assert_eq!(machine.found(DATA, "PART_ENTRY_NAME"), "firstlight-data");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn a_disk_that_does_not_fit_is_named_with_the_reason() {
    let small = Machine::new(4096);
    let told = small.install(&["--yes", "--erase", "everything"]).await.failed(ErrorId::DiskUnfit).told();
    let mut told = vec![small.told(&told)];
    let machine = Machine::new(ENOUGH);
    machine.change("mkfs.ext4", &["-q", "-F"]);
    // Mounted where the run sees it, and nobody else.
    let script = "mount \"$1\" \"$2\" && shift 2 && exec \"$@\"";
    let mut command = process::firstlight_under(
        "unshare",
        &["--mount", "sh", "-c", script, "sh", &machine.disk.display().to_string(), "/mnt"].map(OsStr::new),
    );
    command.args(["install", "--yes", "--erase", "everything", "--disk"]).arg(&machine.disk);
    command.arg("--root").arg(machine.root()).args(["--output", "json"]);
    told.push(machine.told(&process::run(command).await.failed(ErrorId::DiskUnfit).told()));
    // An installed system, or any other.
    fs::remove_file(machine.root().join("run/live/medium/live/firstlight.id")).expect("it was there");
    told.push(machine.told(&machine.install(&["--yes"]).await.failed(ErrorId::NotLive).told()));
    assert_snapshot!(told.join("\n"));
}

/// What is not whole does not start, and the next installation goes on over it without being told that it may.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn a_cut_installation_is_begun_again() {
    let machine = Machine::new(ENOUGH);
    machine.install(&["--yes"]).await.done();
    machine.on(DATA, "echo lasts > var/lib/rancher/state");
    for point in ["child.start", "child.ended"] {
        let mut command = machine.command(&["--yes"]);
        command.env("FIRSTLIGHT_POINT", format!("kill:{point}"));
        assert_eq!(process::run(command).await.code, None, "{point}");
        let installed = machine.on(ROOT, "if test -e boot/firstlight.installed; then echo whole; fi");
        assert_eq!(installed, if point == "child.start" { "whole\n" } else { "" }, "{point}");
        machine.install(&["--yes"]).await.done();
        assert_eq!(machine.on(ROOT, "cat boot/firstlight.installed"), "first\n", "{point}");
        assert_eq!(machine.on(DATA, "cat var/lib/rancher/state"), "lasts\n", "{point}");
    }
}

/// What says that it is whole comes onto the disk last: a power cut before finds everything else there already.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn everything_is_on_the_disk_before_it_is_said_to_be_whole() {
    let machine = Machine::new(ENOUGH);
    let mut command = machine.command(&["--yes"]);
    let running = Running::start(command.env("FIRSTLIGHT_POINT", "stop:install.whole"));
    running.stopped().await;
    // As the power would leave it: what nobody has flushed is not in there.
    let cut = machine.cut();
    running.signal(Signal::KILL);
    running.end().await;
    let files = "cat etc/hostname usr/bin/kubernetes boot/vmlinuz boot/initrd.img; test -s etc/fstab; test -s boot/grub/grub.cfg; \
                 test -s boot/grub/i386-pc/core.img; test -s boot/grub/early.cfg; test -s boot/grub/bootx64.efi; \
                 test ! -e boot/firstlight.installed";
    assert_eq!(cut.on(ROOT, files), "firsta programa kernela RAM disk");
    assert_eq!(cut.on(DATA, "cat var/lib/rancher/images.tar; test -s etc/machine-id"), "images");
    let esp = cut.part(ESP);
    tool("mdir", &["-b".as_ref(), "-i".as_ref(), esp.as_os_str(), "::/EFI/BOOT/BOOTX64.EFI".as_ref()]);
}

/// At no moment is what was set neither with the data nor on a system that is whole: as the power would leave the disk.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn what_was_set_survives_a_power_cut_of_another_installation() {
    let machine = Machine::new(ENOUGH);
    machine.install(&["--yes"]).await.done();
    machine.on(ROOT, "echo KEYMAP=de > etc/vconsole.conf");
    for (point, whole, on_data) in
        [("child.start", true, true), ("install.whole", false, true), ("install.settled", true, false)]
    {
        let mut command = machine.command(&["--yes"]);
        let running = Running::start(command.env("FIRSTLIGHT_POINT", format!("stop:{point}")));
        running.stopped().await;
        let cut = machine.cut();
        running.signal(Signal::KILL);
        running.end().await;
        let set = "if test -e boot/firstlight.installed; then cat etc/vconsole.conf; fi";
        assert_eq!(cut.on_named("firstlight-root", set), if whole { "KEYMAP=de\n" } else { "" }, "{point}");
        if on_data {
            assert_eq!(cut.on_named("firstlight-data", "cat etc/vconsole.conf"), "KEYMAP=de\n", "{point}");
        }
    }
}

/// Where the programs of the image are, and what it costs when one is not.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (has a loop device, mounts in namespaces of its own)"]
async fn a_missing_program_is_named() {
    let machine = Machine::new(ENOUGH);
    let programs = machine.folder.path().join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    for program in ["unshare", "lsblk", "blkid"] {
        let found = ["/usr/bin", "/usr/sbin", "/sbin", "/bin"].map(|folder| Path::new(folder).join(program));
        let found = found.into_iter().find(|path| path.exists()).expect("it is there");
        std::os::unix::fs::symlink(found, programs.join(program)).expect("a link");
    }
    let before = machine.written();
    let mut command = machine.command(&["--yes"]);
    command.env("PATH", &programs);
    let told = process::run(command).await.failed(ErrorId::InstallFailed).told();
    assert!(told.contains("this system lacks the program `systemd-repart`"), "{told}");
    assert_eq!(machine.written(), before);
}
