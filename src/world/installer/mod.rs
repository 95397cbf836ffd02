//! What puts the image that this system was started from on a disk: programs of the system, one at a time, and a disk's own
//! files.
//!
//! Only what the image has is used. Nothing here decides anything: which disk, and what becomes of what is on it, is given.

mod boot;
mod failure;
mod made;
mod settings;
mod target;
mod tool;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

pub use failure::InstallError;
pub use made::{Made, Parts};
pub use settings::Settings;
pub use target::Target;
use tool::Tools;

use super::Host;
use crate::{
    point::Point,
    values::disk::{Content, Devices, Disk, labels},
};

/// Where a live system has what it was started from (live-boot(7)).
const LIVE: &str = "/run/live";
/// Where the image has the system, below the root.
const IMAGE: &str = "/run/live/medium/live";
/// How the partitions are cut (repart.d(5)), below the root.
const DEFINITIONS: &str = "/usr/share/firstlight/repart";
/// Where the disk is mounted meanwhile, below the root.
const TARGET: &str = "/run/firstlight/target";

/// How blkid(8) ends where it finds nothing, and where it finds several things at once.
const NOTHING_FOUND: i32 = 2;

/// How much of a disk's beginning and end is looked at where nothing is found: more than any signature, header or copy of one.
const LOOKED_AT: u64 = 1 << 20;

/// What installs on this machine's disks.
#[derive(Debug)]
pub struct Installer {
    host: Arc<Host>,
    tools: Tools,
}

/// What this system was started from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    folder: PathBuf,
    /// What tells it from other images.
    pub id: String,
}

/// What becomes of the partitions that are on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partitioning {
    /// There are none, or it fails.
    Empty,
    /// All go.
    Erase,
    /// That with the data stays.
    KeepData,
}

impl Image {
    fn system(&self) -> PathBuf {
        self.folder.join("filesystem.squashfs")
    }

    /// How many files it has: the inode count of its superblock (the kernel's `filesystems/squashfs.rst`).
    fn files(&self) -> io::Result<u64> {
        let mut start = [0; 8];
        File::open(self.system())?.read_exact(&mut start)?;
        let [_, _, _, _, count @ ..] = start;
        Ok(u32::from_le_bytes(count).into())
    }
}

/// Whether there is nothing at the beginning and the end of a disk, and both can be read. A file system that has its signature in
/// a bad sector, or an encrypted one that has none, looks like nothing to blkid(8).
fn is_blank(device: &Path) -> bool {
    let looked = File::open(device).and_then(|mut disk| {
        let size = disk.seek(SeekFrom::End(0))?;
        let mut is_blank = true;
        for from in [0, size.saturating_sub(LOOKED_AT)] {
            disk.seek(SeekFrom::Start(from))?;
            let mut read = Vec::new();
            disk.by_ref().take(LOOKED_AT).read_to_end(&mut read)?;
            is_blank &= read.iter().all(|byte| *byte == 0);
        }
        Ok(is_blank)
    });
    looked.unwrap_or(false)
}

impl Installer {
    pub(super) fn new(host: &Arc<Host>, search_path: &str) -> Self {
        Self { host: Arc::clone(host), tools: Tools::new(search_path) }
    }

    /// What this system was started from; `None` where it was not started from an image.
    #[must_use]
    pub fn image(&self) -> Option<Image> {
        let folder = self.host.path(Path::new(IMAGE));
        let id = fs::read_to_string(folder.join("firstlight.id")).ok()?;
        let image = Image { id: id.trim().to_owned(), folder };
        image.system().is_file().then_some(image)
    }

    /// The disks of this machine, and what is on them now: looked at on the disks themselves, because what others remember of
    /// them may be old.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn disks(&self) -> Result<Vec<Disk>, InstallError> {
        let listed = self.tools.run("lsblk", ["--json", "--bytes", "--output", Devices::COLUMNS]).await?;
        let devices = Devices::parse(&listed).map_err(InstallError::Unlisted)?;
        let mut found = BTreeMap::new();
        for device in devices.to_probe() {
            found.insert(device.to_owned(), self.content(device).await?);
        }
        Ok(devices.disks(found, LIVE))
    }

    async fn content(&self, device: &Path) -> Result<Content, InstallError> {
        let arguments = ["--probe".as_ref(), "--output".as_ref(), "export".as_ref(), device.as_os_str()];
        let ended = self.tools.ended("blkid", arguments).await?;
        Ok(match ended.status.code() {
            Some(0) => Content::of_blkid(&String::from_utf8_lossy(&ended.stdout)),
            Some(NOTHING_FOUND) => Content { is_unclear: !is_blank(device), ..Content::default() },
            _ => Content { is_unclear: true, ..Content::default() },
        })
    }

    /// The device that a path is or leads to, as those in `/dev/disk/by-id` do.
    #[must_use]
    pub fn device(&self, path: &Path) -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned())
    }

    /// Cuts a disk into partitions with file systems in them. The table of the partitions is written last: until then there is
    /// what was there, or nothing.
    ///
    /// # Errors
    /// When there is not enough room, or the disk cannot be written.
    pub async fn partition(&self, disk: &Path, how: Partitioning) -> Result<Parts, InstallError> {
        let definitions = format!("--definitions={}", self.host.path(Path::new(DEFINITIONS)).display());
        let (empty, reset) = match how {
            Partitioning::Empty => ("--empty=require", "--factory-reset=no"),
            Partitioning::Erase => ("--empty=force", "--factory-reset=no"),
            Partitioning::KeepData => ("--empty=refuse", "--factory-reset=yes"),
        };
        // By default the ids are made of this machine's, and two disks would have the same.
        let arguments = ["--dry-run=no", "--no-pager", "--seed=random", &definitions, empty, reset];
        Point::ChildStart.pass();
        let arguments = arguments.map(AsRef::as_ref).into_iter().chain([disk.as_os_str()]);
        self.tools.run("systemd-repart", arguments).await?;
        Point::ChildEnded.pass();
        self.tools.run("partx", ["--update".as_ref(), disk.as_os_str()]).await?;
        self.tools.run("udevadm", ["settle"]).await?;
        self.parts(disk).await
    }

    /// The appliance's partitions on a disk.
    ///
    /// # Errors
    /// When one is missing.
    pub async fn parts(&self, disk: &Path) -> Result<Parts, InstallError> {
        let disks = self.disks().await?;
        let found = disks.into_iter().find(|found| found.path == disk);
        let made = |label: &'static str| {
            let part = found.as_ref().and_then(|disk| disk.part(label));
            let made = part.and_then(|part| {
                let Content { part_uuid, uuid, .. } = part.content.clone();
                Some(Made { path: part.path.clone(), partition: part_uuid?, file_system: uuid? })
            });
            made.ok_or(InstallError::NotMade { label, disk: disk.to_owned() })
        };
        Ok(Parts { esp: made(labels::ESP)?, root: made(labels::ROOT)?, data: made(labels::DATA)? })
    }

    /// Mounts what is on partitions, each below the first at its place. What a run that was killed has left mounted there goes
    /// before.
    ///
    /// # Errors
    /// When one cannot be mounted.
    pub fn mount(&self, parts: &[(&Made, &str)]) -> Result<Target, InstallError> {
        Target::mount(self.host.path(Path::new(TARGET)), parts)
    }

    /// Unpacks the image's system; `told` hears how many of how many files there are.
    ///
    /// # Errors
    /// When something could not be written.
    pub async fn unpack(&self, image: &Image, target: &Target, told: impl Fn(u64, u64)) -> Result<(), InstallError> {
        let system = image.system();
        let all = image.files().map_err(|source| InstallError::Read { path: system.clone(), source })?;
        // Queues that a small machine has room for; by default they have half a GiB.
        let sizes = ["-data-queue", "32", "-frag-queue", "32"].map(AsRef::as_ref);
        let options = ["-no-progress".as_ref(), "-force".as_ref(), "-dest".as_ref(), target.place().as_os_str()];
        let arguments = sizes.into_iter().chain(options).chain([system.as_os_str()]);
        let mut unpacking = std::pin::pin!(self.tools.run("unsquashfs", arguments));
        let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            tokio::select! {
                ended = &mut unpacking => return ended.map(drop),
                _ = ticks.tick() => told(target.files().min(all), all),
            }
        }
    }

    /// Gives the system in `target` an id of its own (machine-id(5)).
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn new_machine_id(&self, target: &Target) -> Result<(), InstallError> {
        let root = format!("--root={}", target.place().display());
        self.tools.run("systemd-machine-id-setup", [root]).await.map(drop)
    }

    /// Copies a folder or a file with all that belongs to it, whole or not at all.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub async fn copy_whole(&self, from: &Path, to: &Path) -> Result<(), InstallError> {
        let failed = |source| InstallError::Write { path: to.to_owned(), source };
        let begun = to.with_file_name(".firstlight-begun");
        let left = if begun.is_dir() { fs::remove_dir_all(&begun) } else { fs::remove_file(&begun) };
        left.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .map_err(failed)?;
        let options = ["--archive", "--no-target-directory", "--"].map(AsRef::as_ref);
        self.tools.run("cp", options.into_iter().chain([from.as_os_str(), begun.as_os_str()])).await?;
        self.host.sync().await;
        fs::rename(begun, to).map_err(failed)
    }
}
