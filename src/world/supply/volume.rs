//! Volumes that are known by their labels, looked into by the system's own `mount` (mount(8)).

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use tokio::process::Command;

use super::failure::SupplyError;
use crate::{
    values::{SecretText, plain_text},
    words::{Phrase, phrase},
    world::{Host, HostError, files::Opened, host::programs},
};

/// Where udev has a link for each label, below the root.
const BY_LABEL: &str = "/dev/disk/by-label";
/// Where a volume is mounted, below the root, for as long as it is looked into.
const MOUNTS: &str = "/run/firstlight/volumes";
/// Nothing on a volume is run, and nothing on it is a device.
/// File systems of what people and hypervisors bring: whoever plugs in a volume does not choose another driver of the kernel's.
const KINDS: &str = "ext4,ext3,ext2,vfat,exfat,iso9660,udf,squashfs";
const OPTIONS: &str = "nosuid,nodev,noexec";
/// How long a volume has to be mounted or let go, and udev to know of all there are.
const PATIENCE: Duration = Duration::from_secs(30);

/// This machine's volumes.
#[derive(Debug)]
pub(super) struct Volumes {
    host: Arc<Host>,
    search_path: String,
}

/// A volume that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Volume {
    pub(super) label: String,
    device: PathBuf,
}

/// A volume that is mounted; it is let go by [`Mounted::release`].
pub(super) struct Mounted<'a> {
    volumes: &'a Volumes,
    volume: &'a Volume,
    at: PathBuf,
}

/// What a file on a volume is called, to complete a sentence.
pub(super) fn on_volume(label: &str, file: &Path) -> Phrase {
    phrase!("supply-volume" { label, file: file.display().to_string() })
}

impl Volumes {
    pub(super) fn new(host: &Arc<Host>, search_path: &str) -> Self {
        Self { host: Arc::clone(host), search_path: search_path.to_owned() }
    }

    /// Waits until udev has seen every device that the kernel has.
    pub(super) async fn settle(&self) {
        let settled = self.run("udevadm", &["settle".as_ref(), "--timeout=10".as_ref()]).await;
        // Without udev there is nothing to be waited for.
        drop(settled);
    }

    /// The volume of the first of these labels that there is.
    pub(super) fn find(&self, labels: &[&str]) -> Option<Volume> {
        labels.iter().find_map(|label| {
            let link = self.host.path(Path::new(BY_LABEL)).join(label);
            let device = fs::canonicalize(link).ok()?;
            Some(Volume { label: (*label).to_owned(), device })
        })
    }

    /// Mounts a volume to be read, or also to be written.
    pub(super) async fn mount<'a>(&'a self, volume: &'a Volume, writable: bool) -> Result<Mounted<'a>, SupplyError> {
        // Several programs of ours may look at the same time, each for itself.
        let own = format!("{}-{}", volume.label, std::process::id());
        let at = self.host.path(Path::new(MOUNTS)).join(own);
        let failed = |why: String| SupplyError::Unmounted {
            label: volume.label.clone(),
            device: volume.device.display().to_string(),
            why,
        };
        // Nobody else looks in.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&at);
        made.map_err(|error| failed(error.to_string()))?;
        let options = format!("{},{OPTIONS}", if writable { "rw" } else { "ro" });
        let kinds = ["-t".as_ref(), KINDS.as_ref()];
        let rest = ["-o".as_ref(), options.as_ref(), volume.device.as_path(), at.as_path()];
        let arguments = [&kinds[..], &rest[..]].concat();
        self.run("mount", &arguments).await.map_err(failed)?;
        Ok(Mounted { volumes: self, volume, at })
    }

    /// Runs a program of the system to its end; gives what it said when it failed.
    async fn run(&self, program: &str, arguments: &[&Path]) -> Result<(), String> {
        let found = programs(program, &self.search_path).next();
        let found = found.ok_or_else(|| format!("`{program}`: {}", io::Error::from(io::ErrorKind::NotFound)))?;
        let mut command = Command::new(found);
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        let ended = tokio::time::timeout(PATIENCE, command.output()).await;
        let ended = ended.map_err(|_late| format!("`{program}`: timeout ({} s)", PATIENCE.as_secs()))?;
        let ended = ended.map_err(|error| error.to_string())?;
        if ended.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let said = said.lines().find(|line| !line.trim().is_empty()).map(|line| plain_text(line.trim(), 200));
        Err(said.unwrap_or_else(|| ended.status.to_string()))
    }
}

impl Mounted<'_> {
    /// Where a file on it is; nothing that a link on it leads to outside is on it.
    pub(super) fn path(&self, file: &Path) -> Result<PathBuf, SupplyError> {
        let missing = || SupplyError::NoFile { label: self.volume.label.clone(), file: file.display().to_string() };
        let path = fs::canonicalize(self.at.join(file)).map_err(|_missing| missing())?;
        let inside = fs::canonicalize(&self.at).is_ok_and(|at| path.starts_with(at));
        // A pipe would have nobody at its other end.
        if inside && path.is_file() { Ok(path) } else { Err(missing()) }
    }

    /// Reads a file on it.
    pub(super) fn read(&self, file: &Path) -> Result<SecretText, SupplyError> {
        let path = self.path(file)?;
        Opened::at(&path).and_then(|opened| opened.text()).map_err(|error| {
            let name = on_volume(&self.volume.label, file);
            // Where it was mounted for a moment helps nobody.
            let source = match error {
                HostError::Read { source, .. } => HostError::Read { path: name.clone(), source },
                other => other,
            };
            SupplyError::Unreadable { name, source }
        })
    }

    /// Lets it go; one that is still busy goes as soon as it is not.
    pub(super) async fn release(self) {
        if self.volumes.run("umount", &[&self.at]).await.is_err() {
            let _ = self.volumes.run("umount", &["--lazy".as_ref(), &self.at]).await;
        }
        let _ = fs::remove_dir(&self.at);
    }
}
