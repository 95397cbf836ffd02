//! The disks of a machine, and what is on them: as lsblk(8) and blkid(8) tell it; pure.

mod read;
mod wanted;

use std::path::{Path, PathBuf};

pub use read::Devices;
pub use wanted::{Erase, Wanted};

/// A disk of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its device.
    pub path: PathBuf,
    /// How much it holds, in bytes.
    pub size: u64,
    /// What its maker calls it.
    pub model: Option<String>,
    /// Its own number.
    pub serial: Option<String>,
    /// How it is attached, in the words of lsblk(8): `sata`, `usb`, `nvme`.
    pub transport: Option<String>,
    /// Whether it is meant to be taken out.
    pub is_removable: bool,
    /// Whether nothing can be written on it.
    pub is_read_only: bool,
    /// Whether it is a disk, and no file that is used as one.
    pub is_real: bool,
    /// What it is used for just now.
    pub used: Option<Used>,
    /// What is on it as a whole.
    pub content: Content,
    /// Its partitions.
    pub parts: Vec<Part>,
}

/// What a disk is used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// This system was started from it.
    Medium,
    /// It is mounted there, or is swap.
    Mounted(String),
    /// It is a part of something else that is in use, such as a RAID, in the words of lsblk(8).
    Held(String),
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its device.
    pub path: PathBuf,
    /// How much it holds, in bytes.
    pub size: u64,
    /// What is on it.
    pub content: Content,
}

/// What blkid(8) finds on a device. Nothing that it knows, if nothing is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The kind of the table of partitions, if it has one.
    pub table: Option<String>,
    /// The kind of the file system, or of what else lies there.
    pub kind: Option<String>,
    /// The label of that.
    pub label: Option<String>,
    /// The id of that.
    pub uuid: Option<String>,
    /// The partition's own label.
    pub part_label: Option<String>,
    /// The partition's own id.
    pub part_uuid: Option<String>,
    /// Whether it cannot be told: several kinds at once, or it cannot be read.
    pub is_unclear: bool,
}

/// Whose a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding<'d> {
    /// Nothing that anybody would know.
    Nothing,
    /// An appliance's, and nothing else: with its data, where there are any.
    Appliance(Option<&'d Part>),
    /// An appliance's data which cannot be kept, because they cannot be read, or something else is there too.
    Stranded(&'d Part),
    /// Something else.
    Other,
}

/// What the partitions of an appliance are called, as in `assets/install/repart`.
pub mod labels {
    /// Where GRUB lies for UEFI.
    pub const ESP: &str = "firstlight-esp";
    /// The system.
    pub const ROOT: &str = "firstlight-root";
    /// What lasts.
    pub const DATA: &str = "firstlight-data";
    /// What they all begin with.
    pub(super) const BEGINNING: &str = "firstlight-";
}

impl Part {
    /// Whether it is the appliance's partition of this label.
    #[must_use]
    pub fn is(&self, label: &str) -> bool {
        self.content.part_label.as_deref() == Some(label)
    }

    fn is_an_appliances(&self) -> bool {
        self.content.part_label.as_ref().is_some_and(|label| label.starts_with(labels::BEGINNING))
    }
}

impl Content {
    fn is_nothing(&self) -> bool {
        self.table.is_none() && self.kind.is_none() && !self.is_unclear
    }
}

impl Disk {
    /// Whose it is.
    #[must_use]
    pub fn holding(&self) -> Holding<'_> {
        if self.content.is_nothing() && self.parts.is_empty() {
            return Holding::Nothing;
        }
        let data = self.parts.iter().find(|part| part.is(labels::DATA));
        let is_gpt = self.content.table.as_deref() == Some("gpt") && !self.content.is_unclear;
        let is_all = is_gpt && !self.parts.is_empty() && self.parts.iter().all(Part::is_an_appliances);
        match data {
            Some(data) if is_all && data.content.kind.as_deref() == Some("ext4") => Holding::Appliance(Some(data)),
            Some(data) => Holding::Stranded(data),
            None if is_all => Holding::Appliance(None),
            None => Holding::Other,
        }
    }

    /// The appliance's partition of this label.
    #[must_use]
    pub fn part(&self, label: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.is(label))
    }

    /// What people call it: the name of its device.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.path)
    }
}

/// The name of a device, without where devices are.
#[must_use]
pub fn name(device: &Path) -> String {
    device.strip_prefix("/dev").unwrap_or(device).display().to_string()
}

/// How much that is, as makers of disks count, in whole numbers: `512 MB`, `64 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        10_000_000_000..10_000_000_000_000 => format!("{} GB", bytes / 1_000_000_000),
        _ => format!("{} TB", bytes / 1_000_000_000_000),
    }
}

#[cfg(test)]
mod tests;
