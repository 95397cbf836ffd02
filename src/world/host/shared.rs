//! Files of other programs on this machine in which some values are ours.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::Path,
};

use nix::unistd::Group;
use rustix::fs::{Access, access};

use super::{Host, HostError, unwritable};
use crate::{
    point::Point,
    profile::Files,
    values::{Assignments, SecretText},
    world::files::Opened,
};

impl Host {
    /// The variables that are assigned in a file; none when it does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn assignments(&self, path: &Path) -> Result<Assignments, HostError> {
        match Opened::at(&self.path(path)) {
            Ok(opened) => Ok(Assignments::new(opened.text()?)),
            Err(HostError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(Assignments::default())
            }
            Err(error) => Err(error),
        }
    }

    /// Assigns variables in a file, so that after a power cut either the old or the new text is there, whole. The file keeps
    /// its owner and mode; a new one gets those of `files`.
    ///
    /// # Errors
    /// When a part of it failed; then the old text is still there.
    pub fn assign(&self, path: &Path, assigned: &[(&str, &SecretText)], files: &Files) -> Result<(), HostError> {
        let text = self.assignments(path)?.with(assigned);
        let path = self.path(path);
        replace(&path, &text, files).map_err(|error| unwritable(&path, error))
    }

    /// Whether [`Self::assign`] can write a file. Writes nothing.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_assignable(&self, path: &Path, files: &Files) -> Result<(), HostError> {
        let path = self.path(path);
        let new = !path.exists();
        let folder = super::state::existing(path.parent().unwrap_or(Path::new("/")));
        let writable = access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from);
        let group = files.group.as_deref().filter(|_| new).map(group).transpose();
        writable.and(group.map(drop)).map_err(|error| unwritable(&path, error))
    }

    /// Whether there is a file, or a folder with something in it.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn has_data(&self, path: &Path) -> Result<bool, HostError> {
        let path = self.path(path);
        let looked = match fs::metadata(&path) {
            Ok(found) if found.is_dir() => fs::read_dir(&path).map(|mut entries| entries.next().is_some()),
            Ok(_file) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        };
        looked.map_err(|source| HostError::Read { path: path.display().to_string().into(), source })
    }
}

fn replace(path: &Path, text: &SecretText, files: &Files) -> io::Result<()> {
    // A link leads to the file that is meant.
    let path = &fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    super::state::make_folders(folder, 0o755)?;
    let mut next = path.clone().into_os_string();
    next.push(".firstlight");
    let (owner, group, mode) = match fs::metadata(path) {
        Ok(there) => (Some(there.uid()), Some(there.gid()), there.permissions().mode() & 0o7777),
        Err(_not_there) => (None, files.group.as_deref().map(group).transpose()?, files.mode),
    };
    // What an interrupted write left behind may have another mode by now.
    let _ = fs::remove_file(&next);
    Point::FileCreate.pass();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next)?;
    file.write_all(text.expose().as_bytes())?;
    fchown(&file, owner, group)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    Point::FileFilled.pass();
    file.sync_all()?;
    Point::FileWritten.pass();
    fs::rename(&next, path)?;
    Point::FileRenamed.pass();
    File::open(folder)?.sync_all()?;
    Point::FileDurable.pass();
    Ok(())
}

/// The id of a group of this machine.
fn group(name: &str) -> io::Result<u32> {
    let found = Group::from_name(name).map_err(io::Error::from)?;
    found.map(|group| group.gid.as_raw()).ok_or_else(|| super::Objection::NoGroup(name.to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_a_link_leads_to_it() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let files = Files { mode: 0o640, group: None };
        let path = Path::new("/etc/new/hub.env");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
        host.assign(path, &[("KEY", &"one".into())], &files).expect("written");
        let there = root.path().join("etc/new/hub.env");
        assert_eq!((mode(&there), fs::read_to_string(&there).expect("read")), (0o640, "KEY=one\n".to_owned()));
        fs::set_permissions(&there, Permissions::from_mode(0o600)).expect("a mode");
        std::os::unix::fs::symlink(&there, root.path().join("etc/link.env")).expect("a link");
        host.assign(Path::new("/etc/link.env"), &[("MORE", &"two".into())], &files).expect("written");
        assert_eq!(
            (mode(&there), fs::read_to_string(&there).expect("read")),
            (0o600, "KEY=one\nMORE=two\n".to_owned())
        );
        assert_eq!(fs::read_dir(there.parent().expect("a folder")).expect("read").count(), 1, "nothing is left behind");
    }

    #[test]
    fn data() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        fs::create_dir(root.path().join("empty")).expect("a folder");
        fs::create_dir(root.path().join("full")).expect("a folder");
        fs::write(root.path().join("full/file"), "").expect("written");
        let has = |path: &str| host.has_data(Path::new(path)).expect("looked at");
        assert_eq!(["/none", "/empty", "/full", "/full/file"].map(has), [false, false, true, true]);
    }
}
