//! A machine that is installed on a disk: what it starts from, what lasts there, and what no two of them have in common.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tokio::sync::OnceCell;

use crate::{
    console::key,
    machine::{self, Firmware, Machine},
    operator::{Operator, PASSWORD, is_at},
};

/// The partition with the system, and what tells the machine from others.
pub(crate) const ROOT: &str = "firstlight-root";
pub(crate) const MACHINE_ID: &str = "/etc/machine-id";

/// A disk on which the image was installed, and nothing was set up yet: each test has a copy of it.
static INSTALLED: OnceCell<Disk> = OnceCell::const_new();

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
            let mut machine = install(&disk, "").await;
            machine.serial.press(key::ENTER).await;
            machine.serial.wait_for("the page about the code", is_at("Install code")).await;
            machine.cut().await;
            disk
        });
        let (copy, installed) = (Self::new(), installed.await);
        run("cp", &["--sparse=always".as_ref(), &installed.path(), &copy.path()]);
        copy
    }

    /// Starts from it; the image is in no drive.
    pub(crate) async fn boot(&self, flags: &[&str]) -> Machine {
        let disk = self.path().display().to_string();
        Machine::boot(Firmware::Bios, &[&["--disk", &disk, "--ejected"], flags].concat()).await
    }

    /// What is in a file of the partition with this label, while no machine uses it; with what is in its journal alone yet, as whoever
    /// mounts it next has it.
    pub(crate) fn read(&self, label: &str, file: &str) -> String {
        let disk = self.path();
        let options = ["--noheadings", "--raw", "--output", "NAME,START"].map(Path::new);
        let table = run("partx", &[&options[..], &[&*disk]].concat());
        let start = table.lines().find_map(|line| line.strip_prefix(label)?.trim().parse::<u64>().ok());
        let start = start.expect("it was made") * 512;
        let partition = format!("{}?offset={start}", disk.display());
        run("e2fsck", &["-E".as_ref(), "journal_only".as_ref(), "-y".as_ref(), partition.as_ref()]);
        run("debugfs", &["-R".as_ref(), format!("cat {file}").as_ref(), partition.as_ref()])
    }
}

pub(crate) fn run(program: &str, arguments: &[&Path]) -> String {
    let ended = Command::new(program).args(arguments).output().expect("it is there");
    let said = String::from_utf8_lossy(&ended.stderr);
    // `debugfs` ends with success also where it found no such file.
    assert!(ended.status.success() && !said.contains("not found"), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&ended.stdout).into_owned()
}

/// Installs on a disk, from its page; it restarts, and shows the first page. `menu` is what is pressed in the boot loader.
pub(crate) async fn install(disk: &Disk, menu: &str) -> Machine {
    let path = disk.path().display().to_string();
    let mut machine = Machine::boot(Firmware::Bios, &["--disk", &path]).await;
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
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let operator = Operator { code: &code, password: PASSWORD };
    let mut machine = disk.boot(&[]).await;
    operator.answer(&mut machine.serial, moment, is_there).await;
    machine.cut().await;
    let mut machine = disk.boot(&[]).await;
    let (serial, is_over) = (&mut machine.serial, |screen: &vt100::Screen| is_at("Done")(screen) || has_login(screen));
    operator.answer(serial, "the end of the setup", is_over).await;
    assert!(serial.read(is_at("Done")), "{moment}: there is a login:\n{}", serial.picture());
    assert!(machine::is_used(&code).await, "{moment}: {code}");
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
