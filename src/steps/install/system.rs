//! Unpacks the image's system, and has what lasts lie on the partition with the data.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    failure::NoImage,
    plan::{DATA, Installation, STATE, on_data},
    texts,
};
use crate::{
    engine::{Failed, Notes, Outcome},
    words::{Phrase, phrase},
    world::{Host, InstallError, Settings, Target, World},
};

/// The id of the machine, in the system and among what is kept: another installation is the same appliance.
const MACHINE_ID: &str = "/etc/machine-id";

/// Unpack the system.
#[derive(Debug)]
pub struct System(pub(super) Arc<Installation>);

impl System {
    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let (made, image) = (self.0.made()?, world.installer.image().ok_or(NoImage)?);
        let target = world.installer.mount(&[(&made.root, "/"), (&made.data, DATA)])?;
        let told = |done, all| notes.note(phrase!("install-unpacking" { done: percent(done, all) }));
        world.installer.unpack(&image, &target, told).await?;
        let is_older = |folder: &&PathBuf| target.has(folder) && target.has(&on_data(folder));
        let renew: Vec<&PathBuf> = self.0.renew.iter().filter(is_older).collect();
        for folder in &self.0.keep {
            self.keep(folder, &target, world).await?;
        }
        for folder in renew {
            target.remove_folder(&on_data(folder))?;
            self.keep(folder, &target, world).await?;
        }
        machine_id(&target, world).await?;
        // What lies with the data since the system before; and what was set since, to come this far.
        let (root, kept) = (target.path(Path::new("/")), &self.0.keep);
        let set = world.installer.settings(kept)?.unlike(&root);
        world.installer.carry(&Settings::of(&target.path(Path::new(DATA)), kept)?, &root).await?;
        world.installer.carry(&set, &root).await?;
        // Of the setup before: the console asks again, and finds what is done.
        for name in Host::DONE {
            target.remove(&on_data(Path::new(STATE)).join(name))?;
        }
        target.write(Path::new("/etc/fstab"), &texts::fstab(made, &self.0.keep))?;
        notes.note(phrase!("install-syncing"));
        target.close()?;
        let kept: Vec<Phrase> = self.0.keep.iter().map(|path| format!("`{}`", path.display()).into()).collect();
        Ok(Outcome::Changed(phrase!("install-unpacked" { image: image.id, kept })))
    }

    /// Has a folder lie on the partition with the data: what is there stays as it is; else it is what the image has.
    async fn keep(&self, folder: &Path, target: &Target, world: &World) -> Result<(), InstallError> {
        let kept = on_data(folder);
        target.make_folder(folder)?;
        if !target.has(&kept) {
            target.make_folder(kept.parent().unwrap_or(Path::new(DATA)))?;
            world.installer.copy_whole(&target.path(folder), &target.path(&kept)).await?;
        }
        Ok(())
    }
}

/// Another installation over the same data is the same machine: the license service and Kubernetes know it by this.
async fn machine_id(target: &Target, world: &World) -> Result<(), InstallError> {
    let (own, kept) = (Path::new(MACHINE_ID), on_data(Path::new(MACHINE_ID)));
    if target.has(&kept) {
        return world.installer.copy_whole(&target.path(&kept), &target.path(own)).await;
    }
    world.installer.new_machine_id(target).await?;
    target.make_folder(kept.parent().unwrap_or(Path::new(DATA)))?;
    world.installer.copy_whole(&target.path(own), &target.path(&kept)).await
}

fn percent(done: u64, all: u64) -> u64 {
    done.saturating_mul(100).checked_div(all).unwrap_or(100)
}
