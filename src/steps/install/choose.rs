//! Looks at this machine's disks and chooses one. Has no effects.

use std::{path::Path, sync::Arc};

use super::{
    decide::{self, Way},
    failure::{self, Installed, NoImage, about, content},
    plan::{By, INSTALLED, Installation},
};
use crate::{
    engine::{Failed, Notes, Outcome},
    values::disk::{Disk, Wanted},
    words::phrase,
    world::{InstallError, World},
};

/// Choose the disk.
#[derive(Debug)]
pub struct Choose(pub(super) Arc<Installation>);

impl Choose {
    pub(in crate::steps) async fn run(&self, world: &World, _notes: &Notes) -> Result<Outcome, Failed> {
        if world.installer.image().is_none() {
            return Err(NoImage.into());
        }
        let wanted = match &self.0.wanted {
            Wanted::Only => Wanted::Only,
            Wanted::At(path) => Wanted::At(world.installer.device(path)),
        };
        let chosen = decide::choose(world.installer.disks().await?, &wanted, self.0.erase)?;
        if matches!(self.0.by, By::Supply(_)) && is_whole(&chosen.disk, world).await? {
            return Err(Installed(Box::new(chosen.disk)).into());
        }
        let disk = about(&chosen.disk);
        let said = match &chosen.way {
            Way::Empty => phrase!("install-way-empty" { disk }),
            Way::Erase => phrase!("install-way-erase" { disk, content: content(&chosen.disk) }),
            Way::Keep(data) => phrase!("install-way-keep" { disk, data: failure::part(data) }),
        };
        // A second attempt has looked anew, and finds the same or is a defect.
        let _ = self.0.chosen.set(chosen);
        Ok(Outcome::Unchanged(said))
    }
}

/// Whether an installation on this disk has come to its end.
async fn is_whole(disk: &Disk, world: &World) -> Result<bool, InstallError> {
    let Ok(parts) = world.installer.parts(&disk.path).await else { return Ok(false) };
    // What cannot be mounted starts nowhere.
    let Ok(target) = world.installer.mount(&[(&parts.root, "/")]) else { return Ok(false) };
    let is_whole = target.has(Path::new(INSTALLED));
    target.close()?;
    Ok(is_whole)
}
