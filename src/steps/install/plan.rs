//! What the steps of an installation share: what was asked for, what was found, and where everything is in the new system.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{decide::Chosen, failure::NotChosen};
use crate::{
    profile::Machine,
    values::{
        AnswersAt,
        disk::{Erase, Wanted},
    },
    world::Parts,
};

/// Where the partition with the data is mounted. Below it each folder that is kept lies at its own path, and is mounted from
/// there where it belongs: so that package databases and the like stay with the system that they describe.
pub(super) const DATA: &str = "/data";

/// What every appliance keeps, whatever its profile says.
pub(super) const STATE: &str = "/var/lib/firstlight";

/// The file that says that the installation came to its end. What starts the image looks for it, and starts the appliance.
pub(super) const INSTALLED: &str = "/boot/firstlight.installed";

/// Who has asked for an installation.
#[derive(Debug)]
pub enum By {
    /// Somebody who is there, now: what is installed already may be installed anew.
    Somebody,
    /// The answers that this machine is given, at each of its starts; where the kernel's command line says that they are, if that
    /// is where they were found. The new system is given them too.
    Supply(Option<AnswersAt>),
}

impl By {
    pub(super) fn answers(&self) -> Option<&AnswersAt> {
        if let Self::Supply(answers) = self { answers.as_ref() } else { None }
    }
}

/// What one installation is about.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) wanted: Wanted,
    pub(super) erase: Erase,
    pub(super) by: By,
    /// The folders that are kept.
    pub(super) keep: Vec<PathBuf>,
    /// Those within them that are the image's all the same.
    pub(super) renew: Vec<PathBuf>,
    pub(super) chosen: OnceLock<Chosen>,
    pub(super) made: OnceLock<Parts>,
}

impl Installation {
    pub(super) fn new(wanted: Wanted, erase: Erase, by: By, machine: &Machine) -> Self {
        let keep = [Path::new(STATE)].into_iter().chain(machine.keep.iter().map(PathBuf::as_path));
        let keep: Vec<PathBuf> = keep.map(Path::to_owned).collect();
        let is_kept = |folder: &&PathBuf| keep.iter().any(|kept| folder.starts_with(kept) && *folder != kept);
        let renew = machine.renew.iter().filter(is_kept).cloned().collect();
        Self { wanted, erase, by, keep, renew, chosen: OnceLock::new(), made: OnceLock::new() }
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
