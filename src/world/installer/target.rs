//! The disk's own file systems while they are written, mounted below one another.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{fsync, statvfs, syncfs},
    io::Errno,
    mount::{MountFlags, UnmountFlags, mount, unmount},
};

use super::{failure::InstallError, made::Made};

/// Mounted as long as this lives.
#[derive(Debug)]
pub struct Target {
    place: PathBuf,
    /// In the order in which they were mounted.
    mounted: Vec<Mounted>,
}

#[derive(Debug)]
struct Mounted {
    device: PathBuf,
    at: PathBuf,
}

impl Drop for Mounted {
    /// Of a run that did not come to its end; what was written stays.
    fn drop(&mut self) {
        let _ = unmount(&self.at, UnmountFlags::DETACH);
    }
}

impl Target {
    pub(super) fn mount(place: PathBuf, parts: &[(&Made, &str)]) -> Result<Self, InstallError> {
        let write = |path: &Path, source| InstallError::Write { path: path.to_owned(), source };
        fs::create_dir_all(&place).map_err(|source| write(&place, source))?;
        // With all that lies below it. `INVAL`: nothing is mounted there.
        while unmount(&place, UnmountFlags::DETACH).is_ok() {}
        let mut target = Self { place, mounted: Vec::new() };
        for (made, below) in parts {
            let (device, at) = (made.path.clone(), target.path(Path::new(below)));
            fs::create_dir_all(&at).map_err(|source| write(&at, source))?;
            let mounting = mount(&device, &at, "ext4", MountFlags::empty(), None);
            mounting.map_err(|errno| InstallError::Mount { device: device.clone(), source: errno.into() })?;
            target.mounted.push(Mounted { device, at });
        }
        Ok(target)
    }

    /// Where it is mounted.
    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// Where a path of the new system lies just now.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.place.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Whether something is there in the new system.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// How many files the first file system has.
    pub(super) fn files(&self) -> u64 {
        statvfs(&self.place).map_or(0, |space| space.f_files.saturating_sub(space.f_ffree))
    }

    /// Makes a folder of the new system, and those above it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_folder(&self, path: &Path) -> Result<(), InstallError> {
        let path = self.path(path);
        fs::create_dir_all(&path).map_err(|source| InstallError::Write { path, source })
    }

    /// Writes a file of the new system.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), InstallError> {
        let path = self.path(path);
        fs::write(&path, text).map_err(|source| InstallError::Write { path, source })
    }

    /// The same of a file that only root may read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_private(&self, path: &Path, text: &str) -> Result<(), InstallError> {
        self.write(path, "")?;
        let own = self.path(path);
        let closed = fs::set_permissions(&own, fs::Permissions::from_mode(0o600));
        closed.map_err(|source| InstallError::Write { path: own, source })?;
        self.write(path, text)
    }

    /// Removes a file of the new system, if it is there.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), InstallError> {
        let path = self.path(path);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(InstallError::Write { path, source }),
            _ => Ok(()),
        }
    }

    /// Removes a folder of the new system with all that is in it, if it is there.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_folder(&self, path: &Path) -> Result<(), InstallError> {
        let path = self.path(path);
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(InstallError::Write { path, source }),
            _ => Ok(()),
        }
    }

    /// Brings everything that was written so far onto the disk. Waits where it stands.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn sync(&self) -> Result<(), InstallError> {
        for Mounted { device, at } in &self.mounted {
            let synced = File::open(at).and_then(|folder| Ok(syncfs(folder)?));
            synced.map_err(|source| InstallError::Sync { device: device.clone(), source })?;
        }
        Ok(())
    }

    /// Ends it, with everything on the disk. Waits where it stands.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn close(mut self) -> Result<(), InstallError> {
        self.sync()?;
        while let Some(mounted) = self.mounted.pop() {
            let failed = |source: Errno| InstallError::Sync { device: mounted.device.clone(), source: source.into() };
            match unmount(&mounted.at, UnmountFlags::empty()) {
                // Somebody looks at it: it goes with them.
                Ok(()) | Err(Errno::BUSY) => {}
                Err(errno) => return Err(failed(errno)),
            }
            flush(&mounted.device)?;
        }
        Ok(())
    }
}

/// Brings what was written to a device onto the disk.
pub(super) fn flush(device: &Path) -> Result<(), InstallError> {
    let flushed = File::open(device).and_then(|file| Ok(fsync(file)?));
    flushed.map_err(|source| InstallError::Sync { device: device.to_owned(), source })
}
