//! Answers that the machine is given by what it runs on.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    disk::run,
    machine::{self, Firmware, Machine},
    operator::PASSWORD,
};

/// An answers file.
pub(crate) fn answers(code: &str) -> String {
    format!(
        "install-code = \"{code}\"\n\n\
         [administrator]\nfirst-name = \"Kim\"\nlast-name = \"Admin\"\nemail = \"kim@acme.example\"\npassword = \"{PASSWORD}\"\n"
    )
}

/// Where a machine finds answers: the flags of the emulator for it. Files that they name are made in a folder.
pub(crate) type Source = fn(&Path, &str) -> Vec<String>;

/// A string in the tables of the firmware, which systemd takes for a credential.
pub(crate) fn smbios(_folder: &Path, answers: &str) -> Vec<String> {
    let credential = format!("io.systemd.credential.binary:firstlight.answers={}", BASE64_STANDARD.encode(answers));
    ["-smbios".into(), format!("type=11,value={credential}")].into()
}

/// A file that the emulator offers as its firmware's.
pub(crate) fn firmware_file(folder: &Path, answers: &str) -> Vec<String> {
    let file = write(folder, "answers.toml", answers);
    ["-fw_cfg".into(), format!("name=opt/io.systemd.credentials/firstlight.answers,file={}", file.display())].into()
}

/// A stick, as every desktop formats it.
pub(crate) fn stick(folder: &Path, answers: &str) -> Vec<String> {
    fat(folder, "FIRSTLIGHT", "answers.toml", answers)
}

/// The CD of a hypervisor.
pub(crate) fn cloud_init(folder: &Path, answers: &str) -> Vec<String> {
    let user_data = write(folder, "user-data", &format!("#firstlight\n{answers}"));
    let image = folder.join("seed.iso");
    let options = ["-as", "mkisofs", "-quiet", "-volid", "cidata", "-joliet", "-rational-rock", "-output"];
    let options = options.map(Path::new);
    run("xorriso", &[&options[..], &[&image, &user_data]].concat());
    drive(&image)
}

/// A volume that the kernel's command line names.
fn kernel(folder: &Path, answers: &str) -> Vec<String> {
    let mut flags = fat(folder, "PLANT7", "box.toml", answers);
    flags.extend(started_with(folder, "firstlight.answers=LABEL=PLANT7:/box.toml"));
    flags
}

/// Starts the image's kernel without a boot loader, with more on its command line.
pub(crate) fn started_with(folder: &Path, more: &str) -> Vec<String> {
    let mut flags = Vec::new();
    let image = machine::repository().join("target/iso/firstlight.iso");
    for (flag, file) in [("-kernel", "vmlinuz"), ("-initrd", "initrd.img")] {
        let (from, to) = (format!("/live/{file}"), folder.join(file));
        let options = ["-osirrox", "on", "-indev"].map(Path::new);
        run("xorriso", &[&options[..], &[&image, "-extract".as_ref(), from.as_ref(), &to]].concat());
        flags.extend([flag.to_owned(), to.display().to_string()]);
    }
    let told = "boot=live quiet loglevel=3 systemd.show_status=false console=ttyS0,115200 console=tty0";
    flags.extend(["-append".into(), format!("{told} {more}")]);
    flags
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    path
}

fn fat(folder: &Path, label: &str, name: &str, text: &str) -> Vec<String> {
    let (file, image) = (write(folder, name, text), folder.join("stick.img"));
    run("mkfs.fat", &["-n".as_ref(), label.as_ref(), "-C".as_ref(), &image, "1440".as_ref()]);
    run("mcopy", &["-i".as_ref(), &image, &file, format!("::{name}").as_ref()]);
    drive(&image)
}

fn drive(image: &Path) -> Vec<String> {
    ["-drive".into(), format!("file={},format=raw,if=virtio", image.display())].into()
}

/// What will not do is shown with where it is from, and nothing is asked as if there was none.
pub(crate) async fn is_told_of_what_will_not_do(source: Source, name: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let flags = source(folder.path(), &answers("K7QP-M2R"));
    let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = Machine::boot(Firmware::Bios, &flags).await;
    machine.serial.wait_for_text(name).await;
    machine.cut().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_volume_that_the_kernel_is_told_of() {
    is_told_of_what_will_not_do(kernel, "`box.toml` on the volume `PLANT7`").await;
}
