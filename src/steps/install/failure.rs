//! Why nothing is installed, and what to say of disks.

use super::decide::{LEAST, Refusal, Unfit};
use crate::{
    error::{ErrorId, Failure},
    values::disk::{self, Disk, Part, Used},
    words::{Phrase, Say, phrase, said},
};

/// A step came before the one that it rests on.
#[derive(Debug)]
pub(super) struct NotChosen;

said! { NotChosen: Self => "install-not-chosen" }

impl Failure for NotChosen {
    fn id(&self) -> ErrorId {
        ErrorId::Defect
    }
}

/// This system was not started from an image.
#[derive(Debug)]
pub(super) struct NoImage;

said! { NoImage: Self => "install-no-image" }

impl Failure for NoImage {
    fn id(&self) -> ErrorId {
        ErrorId::NotLive
    }
}

/// It is installed already, and nobody is there who could have meant to do that again.
#[derive(Debug)]
pub(super) struct Installed(pub(super) Box<Disk>);

said! { Installed: Self(disk) => "install-again" { disk: about(disk) } }

impl Failure for Installed {
    fn id(&self) -> ErrorId {
        ErrorId::DiskOccupied
    }

    fn hint(&self) -> Option<Phrase> {
        Some(phrase!("install-again-hint"))
    }
}

said! { Refusal:
    Self::None(all) => "install-none" { why: each(all), least: disk::size(LEAST) },
    Self::Several(all) => "install-several" { disks: listed(all.iter().map(about)) },
    Self::Unknown(path, _) => "install-unknown" { path: path.display().to_string() },
    Self::Unfit(disk, why) => "install-unfit" { disk: about(disk), why: why.phrase() },
    Self::Occupied(disk) => "install-occupied" { disk: about(disk), content: content(disk) },
    Self::Stranded(disk, data) => "install-stranded" { disk: about(disk), data: part(data), content: content(disk) },
}

impl Failure for Refusal {
    fn id(&self) -> ErrorId {
        match self {
            Self::Occupied(_) | Self::Stranded(..) => ErrorId::DiskOccupied,
            _ => ErrorId::DiskUnfit,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Unknown(_, all) if !all.is_empty() => {
                Some(phrase!("install-unknown-hint" { disks: listed(all.iter().map(about)) }))
            }
            Self::Stranded(..) => Some(phrase!("install-stranded-hint")),
            _ => None,
        }
    }
}

said! { Unfit:
    Self::Used(Used::Medium) => "install-medium",
    Self::Used(Used::Mounted(place)) => "install-mounted" { place },
    Self::Used(Used::Held(by)) => "install-held" { by },
    Self::ReadOnly => "install-read-only",
    Self::Small => "install-small" { least: disk::size(LEAST) },
    Self::Removable => "install-removable",
}

fn each(all: &[(Disk, Unfit)]) -> Phrase {
    match all {
        [] => phrase!("install-no-disk"),
        all => {
            listed(all.iter().map(|(disk, why)| phrase!("install-one-unfit" { disk: about(disk), why: why.phrase() })))
        }
    }
}

/// A disk as people know it: its name, how much it holds, and what its maker calls it.
pub(super) fn about(disk: &Disk) -> Phrase {
    let (name, size) = (disk.name(), disk::size(disk.size));
    match (&disk.model, &disk.serial) {
        (None, None) => phrase!("install-disk" { name, size }),
        (Some(model), Some(serial)) => phrase!("install-disk-known" { name, size, model: format!("{model} {serial}") }),
        (Some(model), None) | (None, Some(model)) => phrase!("install-disk-known" { name, size, model }),
    }
}

/// What is on a disk.
pub(super) fn content(disk: &Disk) -> Phrase {
    if !disk.parts.is_empty() {
        return listed(disk.parts.iter().map(part));
    }
    match (&disk.content.kind, &disk.content.label, &disk.content.table) {
        (Some(kind), Some(label), _) => phrase!("install-content-named" { kind, label }),
        (Some(kind), None, _) => kind.clone().into(),
        (None, _, Some(table)) => phrase!("install-content-table" { kind: table }),
        (None, _, None) => phrase!("install-content-unclear"),
    }
}

/// A partition, and what is on it.
pub(super) fn part(part: &Part) -> Phrase {
    let (name, size, found) = (disk::name(&part.path), disk::size(part.size), &part.content);
    let label = found.label.as_ref().or(found.part_label.as_ref());
    match (&found.kind, label) {
        (Some(kind), Some(label)) => phrase!("install-part-named" { name, size, kind, label }),
        (Some(kind), None) => phrase!("install-part" { name, size, kind }),
        (None, Some(label)) => phrase!("install-part-labelled" { name, size, label }),
        (None, None) => phrase!("install-part-unknown" { name, size }),
    }
}

/// Several in a row.
fn listed(phrases: impl IntoIterator<Item = Phrase>) -> Phrase {
    phrases.into_iter().collect::<Vec<_>>().into()
}
