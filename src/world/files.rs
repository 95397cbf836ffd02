//! The files that the command line names for recordings of the wizard.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
};

/// Why a recording cannot be made or read.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum RecordingError {
    /// There is a file of that name.
    Exists(String),
    /// The file cannot be made.
    Create { path: String, source: io::Error },
    /// The file cannot be read.
    Read { path: String, source: io::Error },
}

said! { RecordingError:
    Self::Exists(path) => "machine-recording-exists" { path },
    Self::Create { path, source } => "machine-recording-unmade" { path } because Theirs(source),
    Self::Read { path, source } => "machine-recording-unreadable" { path } because Theirs(source),
}

impl Failure for RecordingError {
    fn id(&self) -> ErrorId {
        ErrorId::Usage
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::Exists(_) => phrase!("machine-recording-exists-hint"),
            Self::Create { .. } => phrase!("machine-recording-unmade-hint"),
            Self::Read { .. } => phrase!("machine-recording-unreadable-hint"),
        })
    }
}

/// Makes a new file that only its owner can read.
///
/// Every write goes straight to the kernel, so what was written is there after a crash of
/// the program. It is not asked for on the disk: that would hold up the wizard at every key.
///
/// # Errors
/// When it exists already, also as a link, or cannot be made.
pub fn create_recording(path: &Path) -> Result<File, RecordingError> {
    let shown = path.display().to_string();
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => RecordingError::Exists(shown),
        _ => RecordingError::Create { path: shown, source },
    })
}

/// Reads a recording, which may have been cut off anywhere.
///
/// # Errors
/// When it cannot be read.
pub fn read_recording(path: &Path) -> Result<String, RecordingError> {
    let bytes = fs::read(path).map_err(|source| RecordingError::Read { path: path.display().to_string(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
