//! Has the disk start: the kernel, GRUB for a BIOS and for UEFI, and in the end that it is whole.

use std::{path::Path, sync::Arc, time::Duration};

use super::{
    failure::{NoImage, about},
    plan::{DATA, INSTALLED, Installation},
    texts,
};
use crate::{
    engine::{Failed, Notes, Outcome},
    point::Point,
    words::phrase,
    world::{Settings, World},
};

/// Longer than the slowest disk takes for what starts it.
const PATIENCE: Duration = Duration::from_mins(2);

/// Have the disk start.
#[derive(Debug)]
pub struct Boot(pub(super) Arc<Installation>);

impl Boot {
    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let (chosen, made) = (self.0.chosen()?, self.0.made()?);
        let image = world.installer.image().ok_or(NoImage)?;
        let _uncut = notes.hold(phrase!("install-hold"), PATIENCE).await;
        let target = world.installer.mount(&[(&made.root, "/"), (&made.data, DATA)])?;
        target.make_folder(Path::new("/boot/grub"))?;
        target.make_folder(Path::new("/boot/efi"))?;
        world.installer.copy_kernel(&image, &target).await?;
        // Where the answers are may be a URL with a password in it.
        target.write_private(Path::new("/boot/grub/grub.cfg"), &texts::grub(&made.root, self.0.by.answers()))?;
        world.installer.start_by_bios(&chosen.disk.path, &target).await?;
        world.installer.start_by_uefi(&made.esp, &made.root, &target).await?;
        world.installer.flush(&chosen.disk.path)?;
        // Not before everything else is on the disk.
        target.sync()?;
        Point::InstallWhole.pass();
        target.write(Path::new(INSTALLED), &format!("{}\n", image.id))?;
        target.sync()?;
        // It is the new system's from now on, and would come back later than what is set there.
        Settings::of(&target.path(Path::new(DATA)), &self.0.keep)?.remove()?;
        Point::InstallSettled.pass();
        target.close()?;
        Ok(Outcome::Changed(phrase!("install-started" { disk: about(&chosen.disk) })))
    }
}
