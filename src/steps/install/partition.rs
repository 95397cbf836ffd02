//! Cuts the disk into partitions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    decide::Way,
    failure::{about, part},
    plan::{DATA, INSTALLED, Installation},
};
use crate::{
    engine::{Failed, Notes, Outcome},
    words::phrase,
    world::{InstallError, Installer, Partitioning, Settings, World},
};

/// File systems are made in seconds; what is slow is a disk that is told of every block that it may forget.
const PATIENCE: Duration = Duration::from_mins(5);

/// Cut the disk into partitions.
#[derive(Debug)]
pub struct Partition(pub(super) Arc<Installation>);

impl Partition {
    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let chosen = self.0.chosen()?;
        let how = match chosen.way {
            Way::Empty => Partitioning::Empty,
            Way::Erase => Partitioning::Erase,
            Way::Keep(_) => Partitioning::KeepData,
        };
        let _uncut = notes.hold(phrase!("install-hold"), PATIENCE).await;
        if how == Partitioning::KeepData {
            put_by(&chosen.disk.path, &self.0.keep, &world.installer).await?;
        }
        let made = world.installer.partition(&chosen.disk.path, how).await?;
        let _ = self.0.made.set(made);
        let disk = about(&chosen.disk);
        Ok(Outcome::Changed(match &chosen.way {
            Way::Keep(data) => phrase!("install-partitioned-kept" { disk, data: part(data) }),
            Way::Empty | Way::Erase => phrase!("install-partitioned" { disk }),
        }))
    }
}

/// Has what was set on a system that is about to go lie with the data until there is another.
async fn put_by(disk: &Path, kept: &[PathBuf], installer: &Installer) -> Result<(), InstallError> {
    // Of one that was not finished it lies there already, and of one that cannot be mounted it is lost.
    let Ok(parts) = installer.parts(disk).await else { return Ok(()) };
    let Ok(target) = installer.mount(&[(&parts.root, "/"), (&parts.data, DATA)]) else { return Ok(()) };
    if target.has(Path::new(INSTALLED)) {
        let data = target.path(Path::new(DATA));
        Settings::of(&data, kept)?.remove()?;
        installer.carry(&Settings::of(&target.path(Path::new("/")), kept)?, &data).await?;
    }
    target.close()
}
