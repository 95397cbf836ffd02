//! What somebody has set on a machine beside its setup, and what another system on it has to have too: its network, its way out,
//! and the layout of its keyboard.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    super::{Anchor, keymap, networkd, proxy, proxy_ca},
    InstallError, Installer,
};

/// The files of the system below `root`, by their paths in it. What is in one list is of one system, never of two.
fn files(root: &Path) -> Result<[Vec<PathBuf>; 3], InstallError> {
    let network = networkd::kept(root).map_err(|source| InstallError::Read { path: root.to_owned(), source })?;
    let there = |path: &str| Some(PathBuf::from(path)).filter(|path| below(root, path).is_file());
    let way = [proxy::KEPT, proxy_ca::KEPT].into_iter().filter_map(there);
    // What the system's programs read is made of these when it starts.
    let anchors = Anchor::Proxy.paths().filter(|path| below(root, path).is_file());
    Ok([network, way.chain(anchors).collect(), there(keymap::KEPT.0).into_iter().collect()])
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn remove(root: &Path, files: &[PathBuf]) -> Result<(), InstallError> {
    for path in files.iter().map(|path| below(root, path)) {
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(InstallError::Write { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is set on a system: its files, as lists of which each is of one system.
#[derive(Debug)]
pub struct Settings {
    root: PathBuf,
    files: [Vec<PathBuf>; 3],
}

impl Settings {
    /// What is set on the system below `root`, and lies in none of these folders: what is kept is carried by that.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn of(root: &Path, kept: &[PathBuf]) -> Result<Self, InstallError> {
        let is_carried = |path: &PathBuf| !kept.iter().any(|folder| path.starts_with(folder));
        let files = files(root)?.map(|list| list.into_iter().filter(is_carried).collect());
        Ok(Self { root: root.to_owned(), files })
    }

    /// Leaves out what is as another system has it.
    #[must_use]
    pub fn unlike(mut self, other: &Path) -> Self {
        let Self { root, files } = &mut self;
        for list in files {
            let is_same = |path: &PathBuf| fs::read(below(root, path)).ok() == fs::read(below(other, path)).ok();
            if list.iter().all(is_same) {
                list.clear();
            }
        }
        self
    }

    /// Takes all of it away.
    ///
    /// # Errors
    /// When something of it stays.
    pub fn remove(&self) -> Result<(), InstallError> {
        self.files.iter().try_for_each(|files| remove(&self.root, files))
    }
}

impl Installer {
    /// Sets it on the system below `to`, in the place of what is set there. What is not set there stays as it is.
    ///
    /// # Errors
    /// When something cannot be read or written.
    pub async fn carry(&self, settings: &Settings, to: &Path) -> Result<(), InstallError> {
        for (new, old) in settings.files.iter().zip(&files(to)?) {
            if new.is_empty() {
                continue;
            }
            remove(to, old)?;
            for path in new {
                let there = below(to, path);
                let folder = there.parent().unwrap_or(to);
                fs::create_dir_all(folder).map_err(|source| InstallError::Write { path: folder.to_owned(), source })?;
                self.copy_whole(&below(&settings.root, path), &there).await?;
            }
        }
        Ok(())
    }

    /// What is set on the system that runs.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn settings(&self, kept: &[PathBuf]) -> Result<Settings, InstallError> {
        Settings::of(&self.host.path(Path::new("/")), kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: &str = "etc/systemd/network/10-firstlight-eth0.network";
    const WAY: &str = "etc/firstlight/environment";
    const KEYBOARD: &str = "etc/vconsole.conf";
    const CA: [&str; 2] = ["etc/firstlight/proxy-ca.pem", "usr/local/share/ca-certificates/firstlight-proxy-ca.crt"];

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).and_then(|()| fs::write(path, text)).expect("written");
        }
        root
    }

    fn names(settings: &Settings) -> Vec<String> {
        settings.files.iter().flatten().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn what_lies_in_a_folder_that_is_kept_stays_with_that() {
        let root = system(&[(NETWORK, "a"), (WAY, "b"), (KEYBOARD, "c")]);
        let kept = |folders: &[&str]| -> Vec<String> {
            let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            names(&Settings::of(root.path(), &folders).expect("settings"))
        };
        let all = [NETWORK, WAY, KEYBOARD].map(|name| format!("/{name}"));
        assert_eq!(kept(&["/var/lib/firstlight", "/etc/first"]), all);
        assert_eq!(kept(&["/etc/firstlight", "/etc/systemd"]), all[2..]);
        Settings::of(root.path(), &["/etc/firstlight".into()]).expect("settings").remove().expect("removed");
        assert!(root.path().join(WAY).exists() && !root.path().join(NETWORK).exists());
    }

    #[test]
    fn what_is_as_the_image_has_it_was_set_by_nobody() {
        let (image, live) = (
            system(&[(WAY, "image's"), (KEYBOARD, "image's")]),
            system(&[(WAY, "image's"), (KEYBOARD, "mine"), (NETWORK, "mine")]),
        );
        let set = Settings::of(live.path(), &[]).expect("settings").unlike(image.path());
        assert_eq!(names(&set), [NETWORK, KEYBOARD].map(|name| format!("/{name}")));
        let live = system(&[(WAY, "image's"), (CA[0], "mine"), (CA[1], "mine")]);
        let set = Settings::of(live.path(), &[]).expect("settings").unlike(image.path());
        assert_eq!(names(&set), [WAY, CA[0], CA[1]].map(|name| format!("/{name}")), "of one system, never of two");
    }
}
