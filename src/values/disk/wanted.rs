//! What is said of the disk to install on.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::words::{Phrase, phrase};

/// The word for the only disk that fits.
const ONLY: &str = "only";

/// Which disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The only one of this machine that fits.
    Only,
    /// This device, or what leads to it.
    At(PathBuf),
}

/// What may go of what is on a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erase {
    /// Nothing but what another installation of an appliance has to make anew.
    #[default]
    Nothing,
    /// What is no appliance's.
    Foreign,
    /// Everything, also the data of an appliance.
    Everything,
}

impl FromStr for Wanted {
    type Err = Phrase;

    /// `only`, or the path of a device.
    fn from_str(text: &str) -> Result<Self, Phrase> {
        match text.trim() {
            ONLY => Ok(Self::Only),
            path if path.starts_with('/') => Ok(Self::At(PathBuf::from(path))),
            _ => Err(phrase!("disk-wanted" { what: Phrase::OPEN })),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str(ONLY),
            Self::At(path) => path.display().fmt(f),
        }
    }
}

impl FromStr for Erase {
    type Err = Phrase;

    /// `foreign` or `everything`; that nothing may go is said by saying nothing.
    fn from_str(text: &str) -> Result<Self, Phrase> {
        match text.trim() {
            "foreign" => Ok(Self::Foreign),
            "everything" => Ok(Self::Everything),
            _ => Err(phrase!("disk-erase" { what: Phrase::OPEN })),
        }
    }
}
