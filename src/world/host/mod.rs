//! This machine: files under a root, free disk and memory, its name and id.

mod behind;
mod failure;
mod lead;
mod memory;
mod shared;
mod state;
mod trust;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{Access, FlockOperation, access, flock, statvfs},
    io::Errno,
    time::{ClockId, clock_gettime},
};

pub use failure::HostError;
pub(super) use failure::{Denied, Objection};
pub use lead::{Lead, Leader};
pub use memory::InMemory;
pub use shared::Written;
use state::{StateDir, existing};
pub use trust::Anchor;

use super::{clock::Moment, files::Opened};
use crate::{
    values::{ApplianceId, SecretText},
    words::{Phrase, phrase},
};

/// How long a sync of all disks is waited for.
const SYNC_PATIENCE: Duration = Duration::from_secs(30);

/// Where the state lies, below the root.
const STATE: &str = "/var/lib/firstlight";

/// The machine, seen below a root directory.
#[derive(Debug)]
pub struct Host {
    root: Option<PathBuf>,
    credentials: Option<PathBuf>,
    runtime: Option<PathBuf>,
}

/// What becomes of a state file.
#[derive(Debug)]
pub enum Change {
    /// It stays as it is.
    Nothing,
    /// It holds this, and durably.
    Write(SecretText),
    /// It goes.
    Remove,
}

/// The exclusive right to change this machine; given up on drop.
#[derive(Debug)]
pub struct Locked(#[expect(dead_code, reason = "closing the file gives the lock up")] File);

impl Host {
    /// The machine below `root` (`None`: the real one).
    #[must_use]
    pub fn new(root: Option<PathBuf>, credentials: Option<PathBuf>) -> Self {
        Self { root, credentials, runtime: None }
    }

    /// The same, with a folder that lasts from this process to the next in its place.
    #[must_use]
    pub fn with_runtime(self, runtime: Option<PathBuf>) -> Self {
        Self { runtime, ..self }
    }

    /// Where a host path lies below the root.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        match &self.root {
            Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        }
    }

    /// Where the state lies.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path(Path::new(STATE))
    }

    /// The id under which this machine redeems its code.
    #[must_use]
    pub fn appliance_id(&self) -> ApplianceId {
        let machine_id = fs::read_to_string(self.path(Path::new("/etc/machine-id"))).ok();
        let host_name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        ApplianceId::derive(machine_id.as_deref(), &host_name)
    }

    /// This moment of this boot.
    pub fn moment(&self) -> Moment {
        const BOOT: &str = "/proc/sys/kernel/random/boot_id";
        let boot = fs::read_to_string(self.path(Path::new(BOOT))).or_else(|_no_proc_there| fs::read_to_string(BOOT));
        let clock = || u64::try_from(clock_gettime(ClockId::Boottime).tv_sec).unwrap_or_default();
        // Below a root of its own a machine has a clock of its own, if it has one.
        let uptime = self.root.as_ref().and_then(|root| fs::read_to_string(root.join("proc/uptime")).ok());
        let seconds = uptime.and_then(|uptime| uptime.split('.').next()?.parse().ok()).unwrap_or_else(clock);
        Moment { boot: boot.unwrap_or_default().trim().to_owned(), seconds }
    }

    /// Brings everything that was written to any disk of this machine onto it; gives whether that ended in time.
    pub async fn sync(&self) -> bool {
        // A mount that hangs holds up one thread that nobody waits for.
        let syncing = tokio::task::spawn_blocking(rustix::fs::sync);
        tokio::time::timeout(SYNC_PATIENCE, syncing).await.is_ok()
    }

    /// Free space under the state directory for unprivileged and privileged alike, in MiB.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    pub fn free_disk_mib(&self) -> io::Result<u64> {
        let space = statvfs(existing(&self.state()))?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize) >> 20)
    }

    /// Memory that can be had without swapping (`MemAvailable`, proc(5)), in MiB.
    #[must_use]
    pub fn available_memory_mib(&self) -> Option<u64> {
        let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
        let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib >> 10)
    }

    /// Whether the state directory, or the nearest ancestor that exists, can be written. Writes nothing.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_state_writable(&self) -> Result<(), HostError> {
        let state = self.state();
        match StateDir::open(&state) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(&state, error)),
            _ => {}
        }
        let existing = existing(&state);
        access(existing, Access::WRITE_OK | Access::EXEC_OK).map_err(|errno| unwritable(existing, errno))
    }

    /// What holds the state in memory, so that it is gone with the power; `None` where it stays.
    #[must_use]
    pub fn state_in_memory(&self) -> Option<InMemory> {
        memory::holder(existing(&self.state()))
    }

    /// Takes the exclusive right to change this machine.
    ///
    /// # Errors
    /// When another firstlight has it, or the state directory cannot be made.
    pub fn lock(&self) -> Result<Locked, HostError> {
        let path = self.state().join("lock");
        let file = self.make_state()?.open_private("lock").map_err(|error| unwritable(&path, error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Locked(file)),
            Err(Errno::WOULDBLOCK) => Err(HostError::Locked { path: path.display().to_string() }),
            Err(errno) => Err(unwritable(&path, errno)),
        }
    }

    /// Reads a state file; `None` when there is none.
    ///
    /// # Errors
    /// When it exists and cannot be read.
    pub fn read_state(&self, name: &str) -> io::Result<Option<SecretText>> {
        match StateDir::open(&self.state()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened?.read(name),
        }
    }

    /// What a write that was cut off left of a state file; `None` when there is none, or that is no text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn left_of_state(&self, name: &str) -> io::Result<Option<SecretText>> {
        match StateDir::open(&self.state()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened?.left(name),
        }
    }

    /// Ends a write that was cut off, when what it left is whole.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub fn finish_state(&self, name: &str) -> Result<(), HostError> {
        self.make_state()?.finish(name).map_err(|error| unwritable(&self.state().join(name), error))
    }

    /// Writes a state file so that after a power cut either the old or the new content is there, whole.
    ///
    /// The file is 0600 from the start, and the old content is overwritten when the new one is durable. `reserve` bytes stay allocated under the
    /// temporary name, so that the next write of up to that size, which then has to be
    /// one without a reserve of its own, cannot meet a full disk.
    ///
    /// # Errors
    /// When a part of it failed; then the old content is still there.
    pub fn write_state(&self, name: &str, content: &SecretText, reserve: u64) -> Result<(), HostError> {
        let written = self.make_state()?.write(name, content, reserve);
        written.map_err(|error| unwritable(&self.state().join(name), error))
    }

    /// Changes a state file from what it holds, while no other firstlight does: whoever comes meanwhile waits, and sees what
    /// was made of it. Waits where it stands.
    ///
    /// # Errors
    /// When it cannot be changed; then nothing is.
    pub fn change_state<T>(
        &self,
        name: &str,
        change: impl FnOnce(io::Result<Option<SecretText>>) -> (T, Change),
    ) -> Result<T, HostError> {
        let state = self.make_state()?;
        let failed = |error| unwritable(&self.state().join(name), error);
        state.lock().map_err(failed)?;
        let (told, change) = change(state.read(name));
        let changed = match change {
            Change::Nothing => Ok(()),
            Change::Write(content) => state.write(name, &content, 0),
            Change::Remove => state.remove(name),
        };
        changed.map(|()| told).map_err(failed)
    }

    /// Whether the system has asked whoever started this who they are (`/proc/PID/loginuid`, set by `pam_loginuid(8)`): what a
    /// service manager starts on a console, nobody has logged in for.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        const LOGIN: &str = "proc/self/loginuid";
        // Below a root of its own a machine has its own sessions, if it has any.
        let own = self.root.as_ref().and_then(|root| fs::read_to_string(root.join(LOGIN)).ok());
        let found = own.or_else(|| fs::read_to_string(Path::new("/").join(LOGIN)).ok());
        found.and_then(|uid| uid.trim().parse::<u32>().ok()).is_some_and(|uid| uid != u32::MAX)
    }

    fn make_state(&self) -> Result<StateDir, HostError> {
        let state = self.state();
        StateDir::make(&state).map_err(|error| unwritable(&state, error))
    }

    /// Reads a secret that is the one line of a file.
    ///
    /// # Errors
    /// When it cannot be read, others can, or there is more in it.
    pub fn read_secret(&self, path: &Path) -> Result<SecretText, HostError> {
        let opened = Opened::at(&self.path(path))?;
        opened.check_private()?;
        alone(&opened.text()?, || path.display().to_string().into())
    }

    /// Where a systemd credential lies, if it was passed to this process.
    #[must_use]
    pub fn credential(&self, name: &str) -> Option<PathBuf> {
        self.credentials.as_ref().map(|directory| directory.join(name)).filter(|path| path.exists())
    }

    /// Reads a systemd credential (systemd.exec(5)), which systemd has made private.
    ///
    /// # Errors
    /// When there is none of that name, or there is more in it than a line.
    pub fn read_credential(&self, name: &str) -> Result<SecretText, HostError> {
        let missing = |objection| HostError::Read {
            path: phrase!("machine-credential" { name }),
            source: io::Error::new(io::ErrorKind::NotFound, objection),
        };
        let directory = self.credentials.as_ref().ok_or_else(|| missing(Objection::NoCredentials))?;
        if name.is_empty() || name.contains('/') {
            return Err(missing(Objection::NoCredentialName));
        }
        let text = Opened::at(&directory.join(name))?.text()?;
        alone(&text, || phrase!("machine-credential" { name }))
    }
}

/// The programs of this name on a search path (`PATH`), as far as they are there by now.
pub(super) fn programs(name: &str, search_path: &str) -> impl Iterator<Item = PathBuf> {
    candidates(name, search_path).filter(|path| is_program(path))
}

/// Whether this can be run. A file that nobody may run hides no program behind it on a search path.
pub(super) fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// Where the programs of this name would be.
pub(super) fn candidates(name: &str, search_path: &str) -> impl Iterator<Item = PathBuf> {
    let folders = search_path.split(':').filter(|folder| !folder.is_empty());
    folders.map(move |folder| Path::new(folder).join(name))
}

/// That a path may be there, and that this user may not look; `None` when it is there, or is not.
pub(super) fn denied(path: &Path) -> Option<Denied> {
    let error = fs::metadata(path).err()?;
    Denied::of(path, error).ok()
}

fn unwritable(path: &Path, error: impl Into<io::Error>) -> HostError {
    HostError::Write { path: path.display().to_string(), source: error.into() }
}

/// The secret that a file is, or what else stands there.
fn alone(text: &SecretText, path: impl FnOnce() -> Phrase) -> Result<SecretText, HostError> {
    SecretText::of_file(text).map_err(|why| HostError::Unfit { path: path(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_change_a_file_each_sees_what_the_others_made_of_it() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let count = |text: io::Result<Option<SecretText>>| {
            text.expect("it can be read").map_or(0, |text| text.expose().parse().expect("a number"))
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..8 {
                        let more = |text| ((), Change::Write(SecretText::new((count(text) + 1_u32).to_string())));
                        host.change_state("count", more).expect("changed");
                    }
                });
            }
        });
        assert_eq!(host.change_state("count", |text| (count(text), Change::Remove)).expect("removed"), 64);
        assert_eq!(host.change_state("count", |text| (count(text), Change::Nothing)).expect("looked at"), 0);
        assert_eq!(fs::read_dir(host.state()).expect("it is there").count(), 0, "nothing is left");
    }
}
