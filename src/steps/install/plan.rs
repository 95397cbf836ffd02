//! What the steps of an installation share: what was asked for, what was found, and where everything is in the new system.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{decide::Chosen, failure::NotChosen};
use crate::{
    values::disk::{Erase, Wanted},
    world::Parts,
};

/// Where the partition with the data is mounted. Below it each folder that is kept lies at its own path, and is mounted from
/// there where it belongs: so that package databases and the like stay with the system that they describe.
pub(super) const DATA: &str = "/data";

/// What every appliance keeps, whatever its profile says.
pub(super) const STATE: &str = "/var/lib/firstlight";

/// The file that says that the installation came to its end. What starts the image looks for it, and starts the appliance.
pub(super) const INSTALLED: &str = "/boot/firstlight.installed";

/// What one installation is about.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) wanted: Wanted,
    pub(super) erase: Erase,
    /// Whether one that is installed already may be installed anew.
    pub(super) again: bool,
    /// The folders that are kept.
    pub(super) keep: Vec<PathBuf>,
    pub(super) chosen: OnceLock<Chosen>,
    pub(super) made: OnceLock<Parts>,
}

impl Installation {
    pub(super) fn new(wanted: Wanted, erase: Erase, again: bool, keep: Vec<PathBuf>) -> Self {
        Self { wanted, erase, again, keep, chosen: OnceLock::new(), made: OnceLock::new() }
    }

    /// The disk that was chosen. Steps run in order.
    pub(super) fn chosen(&self) -> Result<&Chosen, NotChosen> {
        self.chosen.get().ok_or(NotChosen)
    }

    /// What was made on it.
    pub(super) fn made(&self) -> Result<&Parts, NotChosen> {
        self.made.get().ok_or(NotChosen)
    }
}

/// Where something that is kept lies in the new system: on the partition with the data.
pub(super) fn on_data(path: &Path) -> PathBuf {
    Path::new(DATA).join(path.strip_prefix("/").unwrap_or(path))
}
