//! What lsblk(8) and blkid(8) print.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Content, Disk, Part, Used};
use crate::values::Misread;

/// The devices of a machine in the form of a tree, without what is on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices(Vec<Node>);

#[derive(Deserialize)]
struct Listing {
    blockdevices: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Node {
    path: PathBuf,
    #[serde(rename = "type")]
    kind: String,
    size: Option<u64>,
    model: Option<String>,
    serial: Option<String>,
    tran: Option<String>,
    rm: bool,
    ro: bool,
    mountpoints: Vec<Option<String>>,
    #[serde(default)]
    children: Vec<Self>,
}

const DISK: &str = "disk";
const LOOP: &str = "loop";
const PARTITION: &str = "part";

impl Devices {
    /// What to ask lsblk(8) for. It makes a tree of them because the first one is there.
    pub const COLUMNS: &str = "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,TRAN,RM,RO,MOUNTPOINTS";

    /// Reads what `lsblk --json --bytes --output` prints of the [columns](Self::COLUMNS). Drives of which nothing can be
    /// written are left out, and so are those with nothing in them.
    ///
    /// # Errors
    /// When it is not that.
    pub fn parse(json: &[u8]) -> Result<Self, Misread> {
        let listing: Listing = serde_json::from_slice(json).map_err(|error| Misread::from(&error))?;
        // A list that is no tree does not say what belongs to which disk.
        if listing.blockdevices.iter().any(|node| node.kind == PARTITION) {
            return Err(Misread::Somewhere);
        }
        let is_disk =
            |node: &Node| [DISK, LOOP].contains(&node.kind.as_str()) && node.size.is_some_and(|size| size > 0);
        Ok(Self(listing.blockdevices.into_iter().filter(is_disk).collect()))
    }

    /// The devices of which it has to be known what is on them: disks and their partitions.
    pub fn to_probe(&self) -> impl Iterator<Item = &Path> {
        let all = self.0.iter().flat_map(|disk| [disk].into_iter().chain(disk.parts()));
        all.map(|node| node.path.as_path())
    }

    /// The disks, with what was found on each device; `live` is where a system has mounted what it was started from.
    #[must_use]
    pub fn disks(self, mut found: BTreeMap<PathBuf, Content>, live: &str) -> Vec<Disk> {
        let mut content = |node: &Node| found.remove(&node.path).unwrap_or_default();
        let mut disk = |node: Node| Disk {
            size: node.size.unwrap_or_default(),
            is_removable: node.rm,
            is_read_only: node.ro,
            is_real: node.kind == DISK,
            used: node.used(live),
            content: content(&node),
            parts: node.parts().map(|part| part.as_part(content(part))).collect(),
            path: node.path,
            model: said(node.model),
            serial: said(node.serial),
            transport: said(node.tran),
        };
        self.0.into_iter().map(&mut disk).collect()
    }
}

impl Node {
    /// Its partitions; what else is made of a disk is no partition.
    fn parts(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(|child| child.kind == PARTITION)
    }

    fn as_part(&self, content: Content) -> Part {
        Part { path: self.path.clone(), size: self.size.unwrap_or_default(), content }
    }

    /// It and all that is made of it.
    fn all(&self) -> Vec<&Self> {
        [self].into_iter().chain(self.children.iter().flat_map(Self::all)).collect()
    }

    fn used(&self, live: &str) -> Option<Used> {
        let all = self.all();
        let mounts = || all.iter().flat_map(|node| &node.mountpoints).flatten();
        if mounts().any(|place| Path::new(place).starts_with(live)) {
            return Some(Used::Medium);
        }
        let held = || all.iter().skip(1).find(|node| node.kind != PARTITION);
        let mounted = mounts().next().map(|place| Used::Mounted(place.clone()));
        mounted.or_else(|| held().map(|node| Used::Held(node.kind.clone())))
    }
}

impl Content {
    /// Reads what `blkid --probe --output export` prints of one device.
    #[must_use]
    pub fn of_blkid(text: &str) -> Self {
        let pairs: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |key: &str| said(pairs.get(key).map(|value| unescaped(value)));
        Self {
            table: value("PTTYPE"),
            kind: value("TYPE"),
            label: value("LABEL"),
            uuid: value("UUID"),
            part_label: value("PART_ENTRY_NAME"),
            part_uuid: value("PART_ENTRY_UUID"),
            is_unclear: false,
        }
    }
}

/// Drives pad their names with blanks.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// As blkid(8) writes for shells: a backslash stands before what one would act on.
fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut next = || match characters.next()? {
        '\\' => characters.next(),
        character => Some(character),
    };
    std::iter::from_fn(&mut next).collect()
}
