//! Files that the command line or a profile names: what people wrote, and recordings of the wizard.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::fs::{StatVfsMountFlags, fstatfs, fstatvfs};
use zeroize::Zeroizing;

use super::host::{HostError, Objection};
use crate::{
    error::{ErrorId, Failure},
    values::SecretText,
    words::{Phrase, phrase, said},
};

/// No file that people write for us is longer; a longer one is a mistake or an attack.
const MOST_BYTES: u64 = 1 << 20;

/// File systems that keep neither modes nor owners of files: FAT, exFAT, and NTFS by the kernel or by FUSE (statfs(2)). What
/// others there are by FUSE is told the same: it is not wrong.
const WITHOUT_MODES: [u64; 5] = [0x4d44, 0x2011_bab0, 0x5346_544e, 0x7366_746e, 0x6573_5546];

/// A file that people wrote, opened once: what is judged is what is read, whatever its path means by then.
#[derive(Debug)]
pub struct Opened {
    file: File,
    path: String,
}

impl Opened {
    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn at(path: &Path) -> Result<Self, HostError> {
        let shown = path.display().to_string();
        match File::open(path) {
            Ok(file) => Ok(Self { file, path: shown }),
            Err(source) => Err(HostError::Read { path: shown.into(), source }),
        }
    }

    /// The same; `None` where there is no such file.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    pub fn if_there(path: &Path) -> Result<Option<Self>, HostError> {
        match Self::at(path) {
            Err(HostError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Refuses a file that holds a secret unless its owner alone (we, or root) can read it.
    ///
    /// # Errors
    /// When others may read it, or somebody else owns it.
    pub fn check_private(&self) -> Result<(), HostError> {
        let metadata = self.file.metadata().map_err(|source| self.unreadable(source))?;
        let (shown, ours) = (self.path.clone(), rustix::process::geteuid().as_raw());
        let mode = metadata.permissions().mode() & 0o777;
        if metadata.uid() != ours && metadata.uid() != 0 {
            let who = phrase!("machine-owner" { owner: metadata.uid().to_string(), user: ours.to_string() });
            return Err(HostError::Exposed { who, hint: self.closing(format!("chown {ours} {shown}")), path: shown });
        }
        if mode & 0o077 != 0 {
            let who = phrase!("machine-mode" { mode: format!("{mode:04o}") });
            return Err(HostError::Exposed { who, hint: self.closing(format!("chmod 600 {shown}")), path: shown });
        }
        Ok(())
    }

    /// What to do so that nobody else can read it: this command, unless it would do nothing where the file lies.
    fn closing(&self, command: String) -> Phrase {
        let kind = fstatfs(&self.file).map(|found| found.f_type.cast_unsigned()).unwrap_or_default();
        let read_only = fstatvfs(&self.file).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY));
        if !read_only && !WITHOUT_MODES.contains(&kind) {
            return phrase!("machine-exposed-hint" { command });
        }
        let user = rustix::process::geteuid().as_raw().to_string();
        phrase!("machine-exposed-for-good-hint" { user, path: &self.path })
    }

    /// Reads it to its end, once.
    ///
    /// # Errors
    /// When it cannot be read, is not UTF-8 or is longer than 1 MiB.
    pub fn text(&self) -> Result<SecretText, HostError> {
        let no_text = || self.unreadable(io::Error::new(io::ErrorKind::InvalidData, Objection::NoUtf8));
        let bytes = self.bytes()?;
        Ok(std::str::from_utf8(&bytes).map_err(|_where| no_text())?.into())
    }

    /// The same of what need not be text.
    ///
    /// # Errors
    /// When it cannot be read or is longer than 1 MiB.
    pub fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, HostError> {
        let mut bytes = Zeroizing::new(Vec::new());
        let read = (&self.file).take(MOST_BYTES + 1).read_to_end(&mut bytes);
        let length = read.map_err(|source| self.unreadable(source))?;
        if length as u64 > MOST_BYTES {
            return Err(self.unreadable(io::Error::new(io::ErrorKind::FileTooLarge, Objection::TooLong)));
        }
        Ok(bytes)
    }

    fn unreadable(&self, source: io::Error) -> HostError {
        HostError::Read { path: self.path.clone().into(), source }
    }
}

/// Whether there is something that is no file: a pipe on which nothing comes would be waited for.
pub(super) fn is_no_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

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
    Self::Create { path, source } => "machine-recording-unmade" { path } because theirs(source),
    Self::Read { path, source } => "machine-recording-unreadable" { path } because theirs(source),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;

    #[test]
    fn that_a_file_is_too_long_is_said_by_us() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("long");
        fs::write(&path, "x".repeat((1 << 20) + 1)).expect("written");
        let error = Opened::at(&path).expect("opened").text().expect_err("too long");
        let causes = Report::from(error).causes;
        assert_eq!(causes, [phrase!("machine-too-long")]);
    }

    #[test]
    fn what_is_judged_is_what_is_read() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (path, other) = (folder.path().join("secret"), folder.path().join("other"));
        let write = |path: &Path, text: &str, mode| {
            fs::write(path, text).expect("written");
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        };
        write(&path, "theirs", 0o644);
        let exposed = Opened::at(&path).expect("opened");
        write(&other, "ours", 0o600);
        // Somebody puts a file that would pass in the place of the one that was opened.
        fs::rename(&other, &path).expect("replaced");
        assert!(matches!(exposed.check_private(), Err(HostError::Exposed { .. })));
        assert_eq!(exposed.text().expect("read").expose(), "theirs");

        let private = Opened::at(&path).expect("opened");
        write(&other, "theirs again", 0o644);
        fs::rename(&other, &path).expect("replaced");
        private.check_private().expect("private");
        assert_eq!(private.text().expect("read").expose(), "ours");
    }
}
