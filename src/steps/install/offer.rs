//! The disks of this machine as the wizard offers them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    decide,
    failure::{about, content, part},
};
use crate::{
    error::Report,
    values::disk::{Disk, Erase, Holding},
    words::{Phrase, Say, phrase},
    world::World,
};

/// A disk, and what would become of what is on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What it is called.
    pub name: String,
    /// Its device.
    pub path: PathBuf,
    /// Its name, how much it holds, what its maker calls it.
    pub about: Phrase,
    /// What would become of what is on it, or why it does not fit.
    pub becomes: Phrase,
    /// What of it would have to be allowed to go; `None` where it does not fit.
    pub erase: Option<Erase>,
    /// Whether there is nothing on it.
    pub is_empty: bool,
}

/// The disks of this machine.
///
/// # Errors
/// When they cannot be listed.
pub async fn offers(world: &World) -> Result<Vec<Offer>, Report> {
    let disks = world.installer.disks().await?;
    Ok(disks.iter().filter(|disk| disk.is_real).map(offer).collect())
}

pub(super) fn offer(disk: &Disk) -> Offer {
    let (becomes, erase) = match (decide::unfit(disk), disk.holding()) {
        (Some(why), _) => (why.phrase(), None),
        (None, Holding::Nothing) => (phrase!("offer-empty"), Some(Erase::Nothing)),
        (None, Holding::Appliance(Some(data))) => (phrase!("offer-kept" { data: part(data) }), Some(Erase::Nothing)),
        (None, Holding::Appliance(None)) => (phrase!("offer-begun"), Some(Erase::Nothing)),
        (None, Holding::Other) => (phrase!("offer-foreign" { content: content(disk) }), Some(Erase::Foreign)),
        (None, Holding::Stranded(data)) => {
            let (data, content) = (part(data), content(disk));
            (phrase!("offer-stranded" { data, content }), Some(Erase::Everything))
        }
    };
    let is_empty = disk.holding() == Holding::Nothing;
    Offer { name: disk.name(), path: disk.path.clone(), about: about(disk), becomes, erase, is_empty }
}
