//! A machine that is installed on a disk: what it starts from, what lasts there, and what no two of them have in common.

use std::{
    fs::{self, File},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    process::Command,
};

use tokio::sync::OnceCell;

use crate::{
    console::key,
    machine::{self, Firmware, Machine},
    operator::{Operator, PASSWORD, is_at},
    shell::{holds, let_in},
};

/// The partition with the system, that with what lasts, and what tells the machine from others.
pub(crate) const ROOT: &str = "firstlight-root";
pub(crate) const DATA: &str = "firstlight-data";
pub(crate) const MACHINE_ID: &str = "/etc/machine-id";

/// A disk on which the image was installed, and nothing was set up yet: each test has a copy of it. The file has no name, as what a
/// static holds is never dropped.
static INSTALLED: OnceCell<File> = OnceCell::const_new();

/// A machine's disk: a file.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder().join("disk.img")
    }

    /// A folder that is there as long as it is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// With the appliance on it.
    pub(crate) async fn installed() -> Self {
        let installed = INSTALLED.get_or_init(|| async {
            let disk = Self::new();
            let mut machine = install(&disk, Firmware::Bios, "").await;
            machine.serial.press(key::ENTER).await;
            machine.serial.wait_for("the page about the code", is_at("Install code")).await;
            machine.cut().await;
            File::open(disk.path()).expect("a disk")
        });
        let (copy, installed) = (Self::new(), installed.await);
        let installed = format!("/proc/{}/fd/{}", std::process::id(), installed.as_raw_fd());
        run("cp", &["--sparse=always".as_ref(), installed.as_ref(), &copy.path()]);
        copy
    }

    /// Starts from it; the image is in no drive.
    pub(crate) async fn boot(&self, flags: &[&str]) -> Machine {
        self.boot_by(Firmware::Bios, flags).await
    }

    pub(crate) async fn boot_by(&self, firmware: Firmware, flags: &[&str]) -> Machine {
        let disk = self.path().display().to_string();
        Machine::boot(firmware, &[&["--disk", &disk, "--ejected"], flags].concat()).await
    }

    /// What is in a file of the partition with this label, while no machine uses it.
    pub(crate) fn read(&self, label: &str, file: &str) -> String {
        self.look(label, &format!("cat {file}"))
    }

    /// What a folder there has.
    pub(crate) fn list(&self, label: &str, folder: &str) -> String {
        self.look(label, &format!("ls -p {folder}"))
    }

    /// Puts a file into a folder there.
    pub(crate) fn write(&self, label: &str, folder: &str, name: &str, text: &str) {
        let file = self.folder().join(name);
        fs::write(&file, text).expect("written");
        self.change(label, &format!("cd {folder}\nwrite {} {name}", file.display()));
    }

    /// Puts a file into the place of another.
    pub(crate) fn replace(&self, label: &str, folder: &str, name: &str, text: &str) {
        self.change(label, &format!("rm {folder}/{name}"));
        self.write(label, folder, name, text);
    }

    /// Has a file fill all there is, but for so many blocks.
    pub(crate) fn fill(&self, label: &str, but: u64) {
        let said = self.look(label, "stats");
        let free = said.lines().find_map(|line| line.strip_prefix("Free blocks:")?.trim().parse::<u64>().ok());
        let last = free.expect("it has blocks") - but - 1;
        let nothing = self.folder().join("nothing");
        fs::write(&nothing, "").expect("written");
        self.change(label, &format!("cd /\nwrite {} fill\nfallocate /fill 0 {last}", nothing.display()));
    }

    /// Has nothing be in the first bytes of a partition.
    pub(crate) fn damage(&self, label: &str, bytes: u64) {
        let (_copy, start) = self.copy(label);
        copy_bytes(Path::new("/dev/zero"), &self.path(), &format!("count={bytes} seek={start} conv=notrunc"));
    }

    /// Has debugfs(8) look into a file system, and gives what it says.
    fn look(&self, label: &str, commands: &str) -> String {
        debugfs(&self.copy(label).0, commands)
    }

    /// Has it do something there.
    fn change(&self, label: &str, commands: &str) {
        let (copy, start) = self.copy(label);
        debugfs(&copy, commands);
        copy_bytes(&copy, &self.path(), &format!("seek={start} conv=notrunc"));
    }

    /// A copy of a partition and at which byte it begins; with what was in the file system's journal alone, as whoever mounts it
    /// next has it. The tools that do so know no partitions in files.
    fn copy(&self, label: &str) -> (PathBuf, u64) {
        let disk = self.path();
        let options = ["--bytes", "--noheadings", "--raw", "--output", "NAME,START,SIZE"].map(Path::new);
        let table = run("partx", &[&options[..], &[&*disk]].concat());
        let numbers =
            table.lines().find_map(|line| line.strip_prefix(label)?.trim().split_once(' ')).expect("it was made");
        let start = numbers.0.parse::<u64>().expect("a number of sectors") * 512;
        let copy = self.folder().join(label);
        let _ = fs::remove_file(&copy);
        copy_bytes(&disk, &copy, &format!("skip={start} count={} conv=sparse", numbers.1));
        run("e2fsck", &["-E".as_ref(), "journal_only".as_ref(), "-y".as_ref(), &copy]);
        (copy, start)
    }
}

fn copy_bytes(from: &Path, to: &Path, which: &str) {
    let (from, to) = (format!("if={}", from.display()), format!("of={}", to.display()));
    let flags = "bs=1M iflag=skip_bytes,count_bytes oflag=seek_bytes status=none";
    let arguments = [&*from, &to].into_iter().chain(which.split(' ')).chain(flags.split(' '));
    run("dd", &arguments.map(Path::new).collect::<Vec<_>>());
}

fn debugfs(file_system: &Path, commands: &str) -> String {
    let script = file_system.with_extension("commands");
    fs::write(&script, commands).expect("written");
    let said = run("debugfs", &["-w".as_ref(), "-f".as_ref(), &script, file_system]);
    // It repeats each command after its prompt.
    said.lines().filter(|line| !line.starts_with("debugfs:")).collect::<Vec<_>>().join("\n")
}

pub(crate) fn run(program: &str, arguments: &[&Path]) -> String {
    let ended = Command::new(program).args(arguments).output().expect("it is there");
    let said = String::from_utf8_lossy(&ended.stderr);
    // `debugfs` ends with success also where there was no such file: what it says beside its version.
    let is_done = program != "debugfs" || said.lines().count() == 1;
    assert!(ended.status.success() && is_done, "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&ended.stdout).into_owned()
}

/// Installs on a disk, from its page; it restarts, and shows the first page. `menu` is what is pressed in the boot loader.
pub(crate) async fn install(disk: &Disk, firmware: Firmware, menu: &str) -> Machine {
    let path = disk.path().display().to_string();
    let mut machine = Machine::boot(firmware, &["--disk", &path]).await;
    let serial = &mut machine.serial;
    if !menu.is_empty() {
        serial.wait_for_text("Start the appliance").await;
        serial.press(menu).await;
    }
    serial.wait_for("the first page", is_at("Welcome")).await;
    serial.press(key::ENTER).await;
    serial.wait_for_text("`vda`").await;
    machine.screenshot("screen-while-a-disk-is-chosen").await;
    let serial = &mut machine.serial;
    serial.press(&format!("vda{}", key::ENTER)).await;
    if !menu.is_empty() {
        serial.wait_for_text("the data of an appliance on it stay").await;
        serial.press(&format!("vda{}", key::ENTER)).await;
    }
    serial.wait_for_text("It is installed").await;
    serial.press(key::ENTER).await;
    serial.wait_for("the first page again", is_at("Welcome")).await;
    machine
}

/// The image stays in the drive, and the disk is started all the same: there the wizard goes on, and has nothing to install.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn installed_on_a_disk_it_starts_from_there_with_the_image_in_its_drive() {
    let disk = Disk::installed().await;
    assert_eq!(disk.read(ROOT, MACHINE_ID).trim().len(), 32, "an id of its own");
}

/// What is on the screen when the power goes.
pub(crate) type Moment = (&'static str, fn(&vt100::Screen) -> bool);

/// A step on the page about the progress that is being run.
pub(crate) fn is_running(screen: &vt100::Screen, step: &str) -> bool {
    screen.contents().contains(&format!("[..] {step}"))
}

/// The code is journalled, and about to be sent.
const REDEEM: Moment = ("redeem", |screen| is_running(screen, "Redeem the install code"));

/// The power is cut at a moment of the setup, and it is gone through again with the same code, to its end. The license service gives
/// nothing to another machine for a code, and a machine that had forgotten what it got would be one.
pub(crate) async fn cut_at((moment, is_there): Moment) {
    let (disk, issued) = (Disk::installed().await, machine::new_tenant().await);
    let_in(&disk);
    let operator = Operator { code: &issued.install_code, password: PASSWORD };
    let mut machine = disk.boot(&[]).await;
    operator.answer(&mut machine.serial, moment, is_there).await;
    machine.cut().await;
    let mut machine = disk.boot(&[]).await;
    let (serial, is_over) = (&mut machine.serial, |screen: &vt100::Screen| is_at("Done")(screen) || has_login(screen));
    operator.answer(serial, "the end of the setup", is_over).await;
    assert!(serial.read(is_at("Done")), "{moment}: there is a login:\n{}", serial.picture());
    holds(&machine, &issued).await;
    assert!(machine::is_used(&issued.install_code).await, "{moment}");
    machine.cut().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn the_power_is_cut_and_the_code_is_good_all_the_same() {
    cut_at(REDEEM).await;
}

pub(crate) fn has_login(screen: &vt100::Screen) -> bool {
    screen.contents().contains("appliance login:")
}
