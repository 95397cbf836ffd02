//! The state directory: which files there are, and how each comes into being exactly once.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use thiserror::Error;
use uuid::Uuid;

/// Readable by the service's own user alone.
const PRIVATE: u32 = 0o600;
/// Readable by everybody: certificates and public keys.
const PUBLIC: u32 = 0o644;

/// The paths below the state directory.
#[derive(Debug, Clone)]
pub struct StateDir {
    root: PathBuf,
}

/// A file of the state directory could not be had.
#[derive(Debug, Error)]
pub enum StateError {
    /// The directory itself.
    #[error("failed to create the state directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is made at the first start.
    #[error("failed to create `{}`", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that exists already.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl StateDir {
    /// Uses `root`, which is created (mode 0700) when it is missing.
    ///
    /// # Errors
    /// When the directory can't be created.
    pub fn open(root: &Path) -> Result<Self, StateError> {
        create_synced(root).map_err(|source| StateError::Directory { path: root.to_owned(), source })?;
        Ok(Self { root: root.to_owned() })
    }

    /// The key from which digests, credentials and links are derived.
    pub(crate) fn server_key(&self) -> PathBuf {
        self.root.join("server.key")
    }

    /// The private key that signs license tokens; `suffix` tells keys of different algorithms apart.
    pub(crate) fn token_key(&self, suffix: &str) -> PathBuf {
        self.root.join(format!("token{suffix}.key"))
    }

    /// The public half of it, for clients to pin.
    pub(crate) fn token_public_key(&self, suffix: &str) -> PathBuf {
        self.root.join(format!("token{suffix}.pub"))
    }

    /// The certificate authority's private key.
    pub(crate) fn ca_key(&self) -> PathBuf {
        self.root.join("ca.key")
    }

    /// The certificate authority's certificate, for clients to trust.
    pub(crate) fn ca_certificate(&self) -> PathBuf {
        self.root.join("ca.pem")
    }

    /// The bearer token of the vendor's back office.
    pub(crate) fn admin_token(&self) -> PathBuf {
        self.root.join("admin.token")
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("license.db")
    }

    /// Returns the content of the private file `path`; a missing one gets what `make` returns.
    pub(crate) fn private<E: From<StateError>>(
        &self,
        path: &Path,
        make: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        self.once(path, PRIVATE, make)
    }

    /// The same for a file that everybody may read.
    pub(crate) fn public<E: From<StateError>>(
        &self,
        path: &Path,
        make: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        self.once(path, PUBLIC, make)
    }

    /// Whoever links the complete file first wins, and everybody reads the winner's: the server and a `mint` may start on an
    /// empty directory at the same moment, and neither may ever see half a key or replace one.
    fn once<E: From<StateError>>(
        &self,
        path: &Path,
        mode: u32,
        make: impl FnOnce() -> Result<String, E>,
    ) -> Result<String, E> {
        let content = match fs::read_to_string(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                self.create(path, mode, &make()?)
                    .map_err(|source| StateError::Create { path: path.to_owned(), source })?;
                fs::read_to_string(path)
            }
            other => other,
        };
        // Also when the file was there: its name may be another program's work of this moment, which has not synced it yet, and
        // what is answered with a key must not outlive the key.
        content
            .and_then(|content| sync_directory(&self.root).map(|()| content))
            .map_err(|source| StateError::Read { path: path.to_owned(), source }.into())
    }

    /// Gives a complete file its name, unless somebody was faster.
    fn create(&self, path: &Path, mode: u32, content: &str) -> io::Result<()> {
        let draft = self.draft(path);
        let created = write_synced(&draft, mode, content.as_bytes()).and_then(|()| match fs::hard_link(&draft, path) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
        // The draft is only another name of the file (or a loser's copy); a leftover would be harmless and private.
        let _ = fs::remove_file(&draft);
        created
    }

    fn draft(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.root.join(format!(".{name}.{}", Uuid::new_v4().simple()))
    }
}

/// Makes sure that the private file `path` exists, with its mode from the first moment on (for a program that opens it itself).
pub(crate) fn touch_private(path: &Path) -> Result<(), StateError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE)
        .open(path)
        .map(drop)
        .map_err(|source| StateError::Create { path: path.to_owned(), source })
}

/// Writes a file that others wait for: it appears complete or not at all.
///
/// # Errors
/// What the system said.
pub(crate) fn publish(path: &Path, content: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}", Uuid::new_v4().simple()));
    write_synced(&draft, PUBLIC, content.as_bytes())?;
    fs::rename(&draft, path)
}

fn write_synced(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a folder, and lets each of those above it that it is new in know its name for good.
fn create_synced(root: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = root.ancestors().take_while(|folder| !folder.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(root)?;
    missing.into_iter().filter_map(Path::parent).try_for_each(|parent| {
        let here = Path::new(".");
        sync_directory(if parent.as_os_str().is_empty() { here } else { parent })
    })
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::thread;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn racing_creators_agree_on_one_content() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(&temporary.path().join("deep/state")).unwrap();
        let contents: Vec<String> = thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let state = &state;
                    scope.spawn(move || {
                        state.private::<StateError>(&state.server_key(), || Ok(racer.to_string())).unwrap()
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert!(contents.iter().all(|content| content == &contents[0]), "{contents:?}");
        assert_eq!(fs::read_dir(&state.root).unwrap().count(), 1, "no draft is left behind");
        assert_eq!(mode(&state.server_key()), 0o600);
        assert_eq!(mode(&state.root), 0o700);
    }
}
