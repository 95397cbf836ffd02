//! systemd-networkd, by its own API on the system's bus (org.freedesktop.network1(5)): another network is tried, and then kept
//! or taken back.
//!
//! What is tried lies in `/run`, which is gone with the power, under names that come before all others: networkd takes the
//! first file that matches an interface (systemd.network(5)). Before it lies there, systemd has a timer that takes it away
//! again, whatever becomes of this program. What is kept lies in `/etc`.

mod failure;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::net::if_::if_nametoindex;
use tokio::{process::Command, time::Instant};

pub use failure::NetworkdError;

use super::{
    Host, HostError, Manager, Systemd, SystemdError,
    host::Written,
    systemd::{Line, PATIENCE},
};
use crate::{
    profile::Files,
    values::{SecretText, UnitName, network::NetworkFile},
};

/// How long another network is tried before it is taken back.
pub const TRIAL: Duration = Duration::from_secs(30);

/// Where what is tried lies, and what its names begin with.
const TRIED: Folder = Folder { path: "/run/systemd/network", prefix: "05-firstlight-trial-" };
/// The same of what is kept.
const KEPT: Folder = Folder { path: "/etc/systemd/network", prefix: "10-firstlight-" };

/// What takes back what was tried, and its service.
const TIMER: &str = "firstlight-network.timer";
const SERVICE: &str = "firstlight-network.service";

/// The tools of networkd and of every system that the service runs: no file of ours may have to be there for it.
const NETWORKCTL: &str = "/usr/bin/networkctl";
const RM: &str = "/bin/rm";

/// What runs networkd, and how long it is waited for at the start of a machine: longer than systemd itself does.
const UNIT: &str = "systemd-networkd.service";
const STARTING: Duration = Duration::from_mins(2);

/// How often it is looked whether something has begun or ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A folder of networkd's in which some files are ours.
struct Folder {
    path: &'static str,
    prefix: &'static str,
}

impl Folder {
    fn file(&self, name: &str) -> PathBuf {
        Path::new(self.path).join(format!("{}{name}", self.prefix))
    }

    /// The names of what is ours in it, without what stands before them.
    fn names(&self, host: &Host) -> Result<BTreeSet<String>, HostError> {
        let folder = host.path(Path::new(self.path));
        self.names_in(&folder).map_err(|source| HostError::Read { path: folder.display().to_string().into(), source })
    }

    fn names_in(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries?.collect::<io::Result<Vec<_>>>()?,
        };
        let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
        let ours = names.filter_map(|name| Some(name.strip_prefix(self.prefix)?.to_owned()));
        // What a write that was cut off left behind is no file of networkd's.
        Ok(ours.filter(|name| name.ends_with(".network") || name.ends_with(".netdev")).collect())
    }

    fn write(&self, host: &Host, file: &NetworkFile) -> Result<(), HostError> {
        let path = self.file(&file.name);
        // networkd reads it as a user of its own, and nothing in it is a secret.
        let files = Files { mode: 0o644, group: None };
        let seen = host.contents(&path)?;
        let text = SecretText::from(file.text.as_str());
        if seen == text {
            return Ok(());
        }
        host.replace(&path, &seen, &text, Written { new: &files, secret: false }).map(drop)
    }

    fn remove(&self, host: &Host, name: &str) -> Result<(), HostError> {
        host.withdraw(&self.file(name)).map(drop)
    }
}

/// The files that are kept of the system below `root`, by their paths in it.
pub(super) fn kept(root: &Path) -> io::Result<Vec<PathBuf>> {
    let names = KEPT.names_in(&root.join(KEPT.path.trim_start_matches('/')))?;
    Ok(names.iter().map(|name| KEPT.file(name)).collect())
}

/// What makes a device, among these names.
fn devices(names: &BTreeSet<String>) -> BTreeSet<String> {
    names.iter().filter_map(|name| name.strip_suffix(".netdev")).map(str::to_owned).collect()
}

/// networkd on this machine, for as long as something is wanted of it.
#[derive(Debug)]
pub struct Networkd<'a> {
    host: &'a Host,
    manager: Manager,
}

impl<'a> Networkd<'a> {
    /// Connects to it; at the start of a machine it may come later than whoever asks.
    ///
    /// # Errors
    /// When something else runs this machine's network, or nothing that can be asked.
    pub async fn connect(host: &'a Host, systemd: &Systemd) -> Result<Self, NetworkdError> {
        let manager = systemd.connect().await.map_err(NetworkdError::NoBus)?;
        let networkd = Self { host, manager };
        let deadline = Instant::now() + STARTING;
        while !networkd.manager.is_on_bus("org.freedesktop.network1").await? {
            let other = networkd.manager.is_on_bus("org.freedesktop.NetworkManager").await?;
            if other || !networkd.is_starting().await? || Instant::now() >= deadline {
                return Err(NetworkdError::NotRunning { other: other.then_some("NetworkManager") });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(networkd)
    }

    /// Whether it is about to come.
    async fn is_starting(&self) -> Result<bool, NetworkdError> {
        let unit = self.manager.look(&unit(UNIT)).await?;
        Ok(unit.is_queued || unit.active == "activating")
    }

    /// Whether exactly these files are kept, and nothing else is being tried.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn keeps(&self, files: &[NetworkFile]) -> Result<bool, HostError> {
        let same = |file: &NetworkFile| {
            let kept = self.host.contents(&KEPT.file(&file.name))?;
            Ok(kept.expose() == file.text)
        };
        let names: BTreeSet<String> = files.iter().map(|file| file.name.clone()).collect();
        let all = files.iter().map(same).collect::<Result<Vec<_>, HostError>>()?;
        Ok(!self.is_trying()? && KEPT.names(self.host)? == names && all.into_iter().all(|same| same))
    }

    /// Where these files would be kept, and which of those that are there would go.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn would_write(&self, files: &[NetworkFile]) -> Result<(Vec<String>, Vec<String>), HostError> {
        let path = |name: &str| self.host.path(&KEPT.file(name)).display().to_string();
        let written = files.iter().map(|file| path(&file.name)).collect();
        let stale = stale(&KEPT.names(self.host)?, files);
        Ok((written, stale.iter().map(|name| path(name)).collect()))
    }

    /// Whether a network is being tried.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_trying(&self) -> Result<bool, HostError> {
        Ok(!TRIED.names(self.host)?.is_empty())
    }

    /// Tries these files for as long as `patience`: whatever becomes of this program, systemd takes them back then.
    ///
    /// # Errors
    /// When that is not possible; then nothing has changed.
    pub async fn try_out(&self, files: &[NetworkFile], patience: Duration) -> Result<(), NetworkdError> {
        if self.is_trying()? || self.is_timed().await? {
            self.take_back().await?;
        }
        self.check_managed(files).await?;
        let kept = KEPT.names(self.host)?;
        let unwanted =
            devices(&kept).into_iter().filter(|device| files.iter().all(|file| file.device() != Some(device)));
        let unwanted: Vec<NetworkFile> = unwanted.map(|device| NetworkFile::down(&device)).collect();
        let all: Vec<&NetworkFile> = files.iter().chain(&unwanted).collect();
        let made: Vec<&str> =
            files.iter().filter_map(NetworkFile::device).filter(|made| !devices(&kept).contains(*made)).collect();
        self.arm(&all, &made, patience).await?;
        let tried = async {
            for file in &all {
                TRIED.write(self.host, file)?;
            }
            self.delete(&self.changed(files)?).await;
            self.reload().await
        };
        if let Err(error) = tried.await {
            self.take_back().await?;
            return Err(error);
        }
        Ok(())
    }

    /// Sees that nobody else runs these interfaces: networkd would take addresses from them that it could not give back.
    async fn check_managed(&self, files: &[NetworkFile]) -> Result<(), NetworkdError> {
        let wanted = self.interfaces(files.iter().map(|file| file.text.as_str()));
        let there = self.host.network().interfaces.into_iter();
        for found in there.filter(|found| wanted.contains(&found.name) && !found.addresses.is_empty()) {
            let Ok(index) = if_nametoindex(found.name.as_str()) else { continue };
            if self.manager.is_link_unmanaged(index).await? {
                return Err(NetworkdError::Unmanaged { interface: found.name });
            }
        }
        Ok(())
    }

    /// The devices that are there, and would be others: networkd changes none.
    fn changed(&self, files: &[NetworkFile]) -> Result<Vec<String>, HostError> {
        let kept = KEPT.names(self.host)?;
        let mut changed = Vec::new();
        for file in files.iter().filter(|file| kept.contains(&file.name)) {
            let Some(device) = file.device() else { continue };
            if self.host.contents(&KEPT.file(&file.name))?.expose() != file.text {
                changed.push(device.to_owned());
            }
        }
        Ok(changed)
    }

    /// Has systemd take back what is about to be tried.
    async fn arm(&self, files: &[&NetworkFile], made: &[&str], patience: Duration) -> Result<(), SystemdError> {
        let paths = files.iter().map(|file| self.host.path(&TRIED.file(&file.name)).display().to_string());
        let remove = [RM, "-f", "--"].map(str::to_owned).into_iter().chain(paths).collect();
        let tool = |words: &[&str]| [NETWORKCTL].iter().chain(words).map(|word| (*word).to_owned()).collect();
        let mut lines = vec![Line { words: remove, may_fail: false }];
        lines.extend(made.iter().map(|device| Line { words: tool(&["delete", device]), may_fail: true }));
        lines.push(Line { words: tool(&["reload"]), may_fail: false });
        let interfaces = self.interfaces(files.iter().map(|file| file.text.as_str()));
        lines.extend(interfaces.iter().map(|name| Line { words: tool(&["reconfigure", name]), may_fail: true }));
        self.manager.run_after(TIMER, SERVICE, patience, &lines).await
    }

    /// Keeps what is being tried; nothing of the network is touched by that.
    ///
    /// # Errors
    /// When it was taken back before, or cannot be written.
    pub async fn keep(&self, files: &[NetworkFile]) -> Result<(), NetworkdError> {
        if !self.is_trying()? {
            return Err(NetworkdError::TooLate);
        }
        let before = KEPT.names(self.host)?;
        // Cut off anywhere from here on, systemd takes away what is tried, and what is kept is in force then.
        for file in files {
            KEPT.write(self.host, file)?;
        }
        let stale = stale(&before, files);
        for name in &stale {
            KEPT.remove(self.host, name)?;
        }
        self.disarm().await?;
        let was_taken_back = !self.is_trying()?;
        self.clear()?;
        if was_taken_back {
            self.reload().await?;
        }
        self.delete(&Vec::from_iter(devices(&stale))).await;
        Ok(())
    }

    /// Takes back what is being tried.
    ///
    /// # Errors
    /// When it cannot be taken back at once; systemd does so with the end of its time.
    pub async fn take_back(&self) -> Result<(), NetworkdError> {
        let tried = TRIED.names(self.host)?;
        let texts = tried.iter().map(|name| self.host.contents(&TRIED.file(name))).collect::<Result<Vec<_>, _>>()?;
        let interfaces = self.interfaces(texts.iter().map(SecretText::expose));
        let (tried, kept) = (devices(&tried), devices(&KEPT.names(self.host)?));
        self.clear()?;
        let made: Vec<String> = tried.difference(&kept).cloned().collect();
        self.delete(&made).await;
        self.reload().await?;
        self.tell_anew(&interfaces).await;
        self.disarm().await?;
        Ok(())
    }

    /// The interfaces of this machine that files are about.
    fn interfaces<'t>(&self, texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
        let there = self.host.network().interfaces;
        let wanted: Vec<_> = texts.filter_map(NetworkFile::matched).collect();
        let is_meant =
            |found: &super::Interface| wanted.iter().any(|wanted| wanted.is(&found.name, found.hardware.as_deref()));
        there.into_iter().filter(is_meant).map(|found| found.name).collect()
    }

    /// Has networkd begin anew with these: one that it gave up, because of a gateway that no kernel takes for example, it does
    /// not look at again for other files alone.
    async fn tell_anew(&self, interfaces: &BTreeSet<String>) {
        for interface in interfaces {
            if let Ok(index) = if_nametoindex(interface.as_str()) {
                // One that is gone meanwhile has nothing to begin with.
                let _ = self.manager.reconfigure_link(index).await;
            }
        }
    }

    fn clear(&self) -> Result<(), HostError> {
        TRIED.names(self.host)?.iter().try_for_each(|name| TRIED.remove(self.host, name))
    }

    /// Whether systemd will take back something.
    async fn is_timed(&self) -> Result<bool, SystemdError> {
        Ok(self.manager.look(&unit(TIMER)).await?.active == "active")
    }

    /// Has systemd take back nothing any more. What it has begun to take back it takes back first.
    async fn disarm(&self) -> Result<(), SystemdError> {
        self.manager.stop(TIMER).await?;
        let since = Instant::now();
        loop {
            let (timer, service) = (self.manager.look(&unit(TIMER)).await?, self.manager.look(&unit(SERVICE)).await?);
            let is_over = |unit: &super::Unit| !unit.is_queued && matches!(unit.active.as_str(), "inactive" | "failed");
            if is_over(&timer) && is_over(&service) {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                return Err(SystemdError::Late(PATIENCE.as_secs()));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Has networkd read its files, and do what they say.
    async fn reload(&self) -> Result<(), NetworkdError> {
        self.manager.reload_network().await.map_err(NetworkdError::Refused)
    }

    /// Deletes devices that nobody wants any more. One that cannot be deleted has no addresses any more either.
    async fn delete(&self, devices: &[String]) {
        for device in devices {
            let mut command = Command::new(NETWORKCTL);
            command.args(["delete", device]).stdin(Stdio::null()).kill_on_drop(true);
            let _ = tokio::time::timeout(PATIENCE, command.output()).await;
        }
    }
}

/// Those of these names that no file has.
fn stale(names: &BTreeSet<String>, files: &[NetworkFile]) -> BTreeSet<String> {
    names.iter().filter(|name| files.iter().all(|file| file.name != **name)).cloned().collect()
}

fn unit(name: &str) -> UnitName {
    UnitName::parse(name).expect("a sound name: it is used by every trial")
}
