//! A live system, and a disk that is a file: a loop device.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use crate::support::{
    process::{self, Ended},
    repository,
};

/// The file that is a machine's disk.
const IMAGE: &str = "disk.img";

/// A live system that was started from an image, and a disk.
pub(super) struct Machine {
    pub(super) folder: tempfile::TempDir,
    pub(super) disk: PathBuf,
}

impl Drop for Machine {
    fn drop(&mut self) {
        tool("losetup", &["--detach".as_ref(), self.disk.as_os_str()]);
    }
}

pub(super) fn tool(program: &str, arguments: &[&OsStr]) -> String {
    let ended = Command::new(program).args(arguments).output().expect("it is there");
    assert!(ended.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).expect("UTF-8")
}

impl Machine {
    /// With a disk of so many MiB, of which none is written.
    pub(super) fn new(mebibytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let image = folder.path().join(IMAGE);
        fs::File::create(&image).and_then(|file| file.set_len(mebibytes << 20)).expect("an empty disk");
        let machine = Self::attach(folder);
        machine.write_image("first");
        machine
    }

    /// A machine with a disk that has what is on this one's now.
    pub(super) fn cut(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let image = folder.path().join(IMAGE);
        let from = self.folder.path().join(IMAGE);
        tool("cp", &["--sparse=always".as_ref(), from.as_os_str(), image.as_os_str()]);
        let cut = Self::attach(folder);
        tool("partx", &["--update".as_ref(), cut.disk.as_os_str()]);
        cut
    }

    /// With the disk that is in this folder.
    fn attach(folder: tempfile::TempDir) -> Self {
        let image = folder.path().join(IMAGE);
        let options = ["--find", "--show", "--partscan"].map(OsStr::new);
        let disk = tool("losetup", &[&options[..], &[image.as_os_str()]].concat());
        Self { disk: PathBuf::from(disk.trim()), folder }
    }

    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Puts an image of this id in the place where a live system has it.
    pub(super) fn write_image(&self, id: &str) {
        let (system, live) = (self.folder.path().join("system"), self.root().join("run/live/medium/live"));
        for (path, text) in [
            ("etc/machine-id", ""),
            ("etc/hostname", id),
            ("usr/bin/kubernetes", "a program"),
            ("var/lib/firstlight/.keep", ""),
            ("var/lib/rancher/images.tar", "images"),
            ("var/lib/rancher/k3s/agent/images/kubernetes.tar", id),
        ] {
            let path = system.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).and_then(|()| fs::write(path, text)).expect("written");
        }
        fs::set_permissions(system.join("var/lib/firstlight"), fs::Permissions::from_mode(0o700)).expect("a mode");
        fs::create_dir_all(&live).expect("a folder");
        let squashed = live.join("filesystem.squashfs");
        let options = ["-noappend", "-no-progress", "-quiet"].map(OsStr::new);
        tool("mksquashfs", &[&[system.as_os_str(), squashed.as_os_str()][..], &options].concat());
        for (name, text) in [("vmlinuz", "a kernel"), ("initrd.img", "a RAM disk"), ("firstlight.id", id)] {
            fs::write(live.join(name), text).expect("written");
        }
        let definitions = self.root().join("usr/share/firstlight/repart");
        fs::create_dir_all(&definitions).expect("a folder");
        for entry in fs::read_dir(repository().join("assets/install/repart")).expect("the definitions") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), definitions.join(entry.file_name())).expect("copied");
        }
    }

    /// A run that installs, in a mount namespace of its own.
    pub(super) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = process::firstlight_under("unshare", &["--mount".as_ref()]);
        command.arg("install").args(arguments).arg("--disk").arg(&self.disk);
        command.arg("--root").arg(self.root()).args(["--output", "json"]);
        command
    }

    pub(super) async fn install(&self, arguments: &[&str]) -> Ended {
        process::run(self.command(arguments)).await
    }

    /// What a shell says on the partition of this number.
    pub(super) fn on(&self, partition: u8, script: &str) -> String {
        self.mounted(&[self.part(partition).as_os_str()], script)
    }

    /// The same on the partition of this name: another installation numbers them anew, which the kernel learns with the next start.
    pub(super) fn on_named(&self, name: &str, script: &str) -> String {
        let options = ["--noheadings", "--raw", "--output", "NAME,START,SECTORS"].map(OsStr::new);
        let table = tool("partx", &[&options[..], &[self.disk.as_os_str()]].concat());
        let found = table.lines().find_map(|line| line.strip_prefix(name)?.trim().split_once(' '));
        let (start, sectors) = found.unwrap_or_else(|| unreachable!("no {name}:\n{table}"));
        let bytes = |sectors: &str| sectors.parse::<u64>().expect("a number") * 512;
        let options = OsString::from(format!("loop,offset={},sizelimit={}", bytes(start), bytes(sectors)));
        self.mounted(&["-o".as_ref(), &options, self.disk.as_os_str()], script)
    }

    fn mounted(&self, what: &[&OsStr], script: &str) -> String {
        let at = self.folder.path().join("at");
        fs::create_dir_all(&at).expect("a folder");
        let script = format!("set -e; at=$1; shift; mount \"$@\" \"$at\"; cd \"$at\"; {script}");
        let arguments = ["--mount", "sh", "-c", &script, "sh"].map(OsStr::new);
        tool("unshare", &[&arguments[..], &[at.as_os_str()], what].concat())
    }

    pub(super) fn part(&self, number: u8) -> PathBuf {
        PathBuf::from(format!("{}p{number}", self.disk.display()))
    }

    /// What blkid finds on the partition of this number.
    pub(super) fn found(&self, partition: u8, what: &str) -> String {
        let device = self.part(partition);
        let options = ["--probe", "--output", "value", "--match-tag", what].map(OsStr::new);
        tool("blkid", &[&options[..], &[device.as_os_str()]].concat()).trim().to_owned()
    }

    /// How much was written on the disk or discarded there so far, as the kernel counts it (its `block/stat.rst`).
    pub(super) fn written(&self) -> Vec<String> {
        tool("blockdev", &["--flushbufs".as_ref(), self.disk.as_os_str()]);
        let name = self.disk.file_name().and_then(OsStr::to_str).expect("a name");
        let counted = fs::read_to_string(format!("/sys/block/{name}/stat")).expect("it is there");
        let columns: Vec<&str> = counted.split_whitespace().collect();
        [columns[6], columns[13]].map(str::to_owned).into()
    }

    /// Runs a program on the disk, and has the kernel see what it made.
    pub(super) fn change(&self, program: &str, arguments: &[&str]) {
        let of = OsString::from(format!("of={}", self.disk.display()));
        let disk = if program == "dd" { &of } else { self.disk.as_os_str() };
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([disk]).collect();
        tool(program, &arguments);
        // Whole file systems have no partitions.
        let _ = Command::new("partx").arg("--update").arg(&self.disk).output();
    }

    /// What a run says, without what differs from one to another.
    pub(super) fn told(&self, text: &str) -> String {
        text.replace(&self.disk.display().to_string(), "[disk]")
            .replace(self.disk.strip_prefix("/dev").expect("a device").to_str().expect("UTF-8"), "[disk]")
    }
}
