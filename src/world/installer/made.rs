//! What there is on a disk that was made an appliance's.

use std::path::PathBuf;

/// The partitions of a disk that was made an appliance's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// For UEFI.
    pub esp: Made,
    /// The system.
    pub root: Made,
    /// What lasts.
    pub data: Made,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its device.
    pub path: PathBuf,
    /// The id of the partition (`PARTUUID`).
    pub partition: String,
    /// That of the file system in it (`UUID`).
    pub file_system: String,
}
