//! Which disk, and what becomes of what is on it; pure.

use std::path::PathBuf;

use crate::values::disk::{Disk, Erase, Holding, Part, Used, Wanted};

/// The least that a disk has to hold, in bytes: the least of each partition in `assets/install/repart`, and their table.
pub(super) const LEAST: u64 = (4096 + 301 + 8) << 20;

/// A disk, and what becomes of what is on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) disk: Disk,
    pub(super) way: Way,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// There is nothing on it.
    Empty,
    /// What is on it goes.
    Erase,
    /// An appliance's data stay; what else is on it is made anew.
    Keep(Part),
}

/// Why it is none of this machine's disks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is none, or none fits, each for its reason.
    None(Vec<(Disk, Unfit)>),
    /// Several fit.
    Several(Vec<Disk>),
    /// The one that was named is no disk of this machine.
    Unknown(PathBuf, Vec<Disk>),
    /// The one that was named does not fit.
    Unfit(Box<Disk>, Unfit),
    /// Something is on it that nobody said may go.
    Occupied(Box<Disk>),
    /// An appliance's data are on it that cannot be kept, and nobody said that they may go.
    Stranded(Box<Disk>, Box<Part>),
}

/// Why a disk does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is used.
    Used(Used),
    /// Nothing can be written on it.
    ReadOnly,
    /// It holds too little.
    Small,
    /// It may be taken out, and so has to be named.
    Removable,
}

/// Chooses among the disks of a machine; `wanted` is a device.
pub(super) fn choose(disks: Vec<Disk>, wanted: &Wanted, erase: Erase) -> Result<Chosen, Refusal> {
    let disk = match wanted {
        Wanted::Only => only(disks)?,
        Wanted::At(path) => named(disks, path)?,
    };
    let way = match (disk.holding(), erase) {
        (Holding::Nothing, _) => Way::Empty,
        (Holding::Appliance(Some(data)), Erase::Nothing | Erase::Foreign) => Way::Keep(data.clone()),
        (Holding::Appliance(None), _)
        | (Holding::Other, Erase::Foreign | Erase::Everything)
        | (Holding::Appliance(_) | Holding::Stranded(_), Erase::Everything) => Way::Erase,
        (Holding::Stranded(data), Erase::Nothing | Erase::Foreign) => {
            let data = Box::new(data.clone());
            return Err(Refusal::Stranded(Box::new(disk), data));
        }
        (Holding::Other, Erase::Nothing) => return Err(Refusal::Occupied(Box::new(disk))),
    };
    Ok(Chosen { disk, way })
}

fn only(disks: Vec<Disk>) -> Result<Disk, Refusal> {
    let (mut fit, mut others) = (Vec::new(), Vec::new());
    for disk in disks.into_iter().filter(|disk| disk.is_real) {
        // What may be taken out is nobody's disk to live on, unless they say so.
        match unfit(&disk).or_else(|| is_plugged(&disk).then_some(Unfit::Removable)) {
            Some(why) => others.push((disk, why)),
            None => fit.push(disk),
        }
    }
    match <[Disk; 1]>::try_from(fit) {
        Ok([disk]) => Ok(disk),
        Err(none) if none.is_empty() => Err(Refusal::None(others)),
        Err(several) => Err(Refusal::Several(several)),
    }
}

fn named(disks: Vec<Disk>, path: &PathBuf) -> Result<Disk, Refusal> {
    let (mut found, others): (Vec<_>, Vec<_>) = disks.into_iter().partition(|disk| disk.path == *path);
    let Some(disk) = found.pop() else {
        let real = others.into_iter().filter(|disk| disk.is_real);
        return Err(Refusal::Unknown(path.clone(), real.collect()));
    };
    match unfit(&disk) {
        Some(why) => Err(Refusal::Unfit(Box::new(disk), why)),
        None => Ok(disk),
    }
}

/// Why a disk cannot be installed on, whoever says so.
pub(super) fn unfit(disk: &Disk) -> Option<Unfit> {
    match &disk.used {
        Some(used) => Some(Unfit::Used(used.clone())),
        None if disk.is_read_only => Some(Unfit::ReadOnly),
        None if disk.size < LEAST => Some(Unfit::Small),
        None => None,
    }
}

fn is_plugged(disk: &Disk) -> bool {
    disk.is_removable || disk.transport.as_deref() == Some("usb")
}
