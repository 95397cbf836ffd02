//! What starts the new system: GRUB for a BIOS and for UEFI, and the kernel.

use std::{fs, path::Path};

use super::{Image, InstallError, Installer, Made, Target, target::flush};

/// What GRUB has in its one file for UEFI: what finds the new system, and shows its menu on every console.
const MODULES: [&str; 14] = [
    "part_gpt",
    "part_msdos",
    "fat",
    "ext2",
    "search",
    "normal",
    "linux",
    "serial",
    "terminal",
    "echo",
    "test",
    "configfile",
    "all_video",
    "gzio",
];

/// Where the image's files for the start lie in the new system.
const STARTED: [&str; 2] = ["vmlinuz", "initrd.img"];

impl Installer {
    /// Copies the image's kernel and initial RAM disk into the new system.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub async fn copy_kernel(&self, image: &Image, target: &Target) -> Result<(), InstallError> {
        let boot = target.path(Path::new("/boot"));
        for name in STARTED {
            let (from, to) = (image.folder.join(name), boot.join(name));
            tokio::fs::copy(&from, &to).await.map_err(|source| InstallError::Write { path: to, source })?;
        }
        Ok(())
    }

    /// Has a BIOS start the new system from this disk.
    ///
    /// # Errors
    /// When GRUB cannot be installed.
    pub async fn start_by_bios(&self, disk: &Path, target: &Target) -> Result<(), InstallError> {
        let boot = format!("--boot-directory={}", target.path(Path::new("/boot")).display());
        let arguments = ["--target=i386-pc".as_ref(), boot.as_ref(), disk.as_os_str()];
        self.tools.run("grub-install", arguments).await.map(drop)
    }

    /// Has UEFI start the new system from this disk: by the name that every firmware looks for, so that nothing of the
    /// firmware's own memory is touched.
    ///
    /// # Errors
    /// When GRUB cannot be written.
    pub async fn start_by_uefi(&self, esp: &Made, root: &Made, target: &Target) -> Result<(), InstallError> {
        let [early, image] = ["early.cfg", "bootx64.efi"].map(|name| target.path(Path::new("/boot/grub")).join(name));
        let text = format!(
            "search --no-floppy --set=root --fs-uuid {}\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n",
            root.file_system
        );
        fs::write(&early, text).map_err(|source| InstallError::Write { path: early.clone(), source })?;
        let options = ["--format=x86_64-efi", "--prefix=/boot/grub", "--config"].map(AsRef::as_ref);
        let files = [early.as_os_str(), "--output".as_ref(), image.as_os_str()];
        let modules = MODULES.iter().map(AsRef::as_ref);
        self.tools.run("grub-mkimage", options.into_iter().chain(files).chain(modules)).await?;
        // Without mounting it: it is fresh, and nobody else's.
        let on_esp = ["-i".as_ref(), esp.path.as_os_str()];
        let folders = ["::/EFI", "::/EFI/BOOT"].map(AsRef::as_ref);
        self.tools.run("mmd", on_esp.into_iter().chain(folders)).await?;
        let copied = [image.as_os_str(), "::/EFI/BOOT/BOOTX64.EFI".as_ref()];
        self.tools.run("mcopy", on_esp.into_iter().chain(copied)).await?;
        flush(&esp.path)
    }

    /// Brings everything that was written to a disk onto it. Waits where it stands.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn flush(&self, disk: &Path) -> Result<(), InstallError> {
        flush(disk)
    }
}
