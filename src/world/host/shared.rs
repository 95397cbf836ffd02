//! Files of other programs on this machine in which some values are ours.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use nix::unistd::Group;
use rustix::fs::{Access, access};

use super::{Host, HostError, Objection, unwritable};
use crate::{
    point::Point,
    profile::Files,
    values::{Assignments, SecretText},
    world::files::{Opened, is_no_file},
};

/// What is to be known of a file that is written.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// What one that is made is like.
    pub new: &'a Files,
    /// Whether there is something in it that nobody may see.
    pub secret: bool,
}

impl Host {
    /// The variables that are assigned in a file; none when it does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn assignments(&self, path: &Path) -> Result<Assignments, HostError> {
        self.contents(path).map(Assignments::new)
    }

    /// What is in a file; nothing when it does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn contents(&self, path: &Path) -> Result<SecretText, HostError> {
        let unreadable = |path: &Path, source| HostError::Read { path: path.display().to_string().into(), source };
        let there = self.within(path).map_err(|error| unreadable(path, error))?;
        if is_no_file(&there) {
            return Err(unreadable(&there, Objection::NoFile.into()));
        }
        match Opened::at(&there) {
            Ok(opened) => opened.text(),
            Err(HostError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(SecretText::default())
            }
            Err(error) => Err(error),
        }
    }

    /// Sees that nobody but its owner may read or write a file, if it is there.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn close_to_others(&self, path: &Path) -> Result<(), HostError> {
        let there = self.within(path).map_err(|error| unwritable(&self.path(path), error))?;
        let closed = fs::metadata(&there).and_then(|found| {
            let (mode, closed) = (found.permissions().mode() & 0o777, found.permissions().mode() & 0o700);
            if mode == closed { Ok(()) } else { fs::set_permissions(&there, fs::Permissions::from_mode(closed)) }
        });
        match closed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&there, error)),
            _ => Ok(()),
        }
    }

    /// Assigns variables in a file that is still as it was `seen`, so that after a power cut either the old or the new text
    /// is there, whole. The file keeps its owner and mode; a new one gets those of `files`. Gives whether it was as it was
    /// seen.
    ///
    /// # Errors
    /// When a part of it failed; then the old text is still there.
    pub fn assign(
        &self,
        path: &Path,
        seen: &Assignments,
        assigned: &[(&str, &SecretText)],
        files: Written<'_>,
    ) -> Result<bool, HostError> {
        self.check_assignable(path, files)?;
        if self.assignments(path)? != *seen {
            return Ok(false);
        }
        let unclosed = || unwritable(&self.path(path), io::Error::from(Objection::Unclosed));
        let text = seen.with(assigned).ok_or_else(unclosed)?;
        self.written(path, &text, files).map(|()| true)
    }

    /// Replaces what is in a file that is still as it was `seen`, as [`Self::assign`] does.
    ///
    /// # Errors
    /// When a part of it failed; then the old text is still there.
    pub fn replace(
        &self,
        path: &Path,
        seen: &SecretText,
        text: &SecretText,
        files: Written<'_>,
    ) -> Result<bool, HostError> {
        self.check_replaceable(path, files)?;
        if self.contents(path)? != *seen {
            return Ok(false);
        }
        self.written(path, text, files).map(|()| true)
    }

    /// Takes a file away; gives whether it was there.
    ///
    /// # Errors
    /// When it cannot be taken away.
    pub fn withdraw(&self, path: &Path) -> Result<bool, HostError> {
        let removed = self.within(path).and_then(|there| {
            match fs::remove_file(&there) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                removed => removed?,
            }
            File::open(there.parent().unwrap_or(Path::new("/")))?.sync_all()?;
            Point::FileDurable.pass();
            Ok(true)
        });
        removed.map_err(|error| unwritable(&self.path(path), error))
    }

    fn written(&self, path: &Path, text: &SecretText, files: Written<'_>) -> Result<(), HostError> {
        let replaced = self.within(path).and_then(|there| replace(&there, text, files.new));
        replaced.map_err(|error| unwritable(&self.path(path), error))
    }

    /// Whether [`Self::assign`] can write a file. Writes nothing.
    ///
    /// # Errors
    /// When it cannot, or everybody could do something with a secret in it.
    pub fn check_assignable(&self, path: &Path, files: Written<'_>) -> Result<(), HostError> {
        if !self.assignments(path)?.ends() {
            return Err(unwritable(&self.path(path), io::Error::from(Objection::Unclosed)));
        }
        self.check_replaceable(path, files)
    }

    /// Whether [`Self::replace`] can write a file. Writes nothing.
    ///
    /// # Errors
    /// When it cannot, or everybody could do something with a secret in it.
    pub fn check_replaceable(&self, path: &Path, files: Written<'_>) -> Result<(), HostError> {
        self.contents(path)?;
        let check = || {
            let there = self.within(path)?;
            match fs::metadata(&there) {
                Ok(found) if files.secret && found.permissions().mode() & 0o007 != 0 => {
                    return Err(Objection::Open { mode: found.permissions().mode() & 0o777 }.into());
                }
                // Who replaces a file cuts its other names off.
                Ok(found) if found.nlink() > 1 => return Err(Objection::SeveralNames.into()),
                Ok(_found) => {}
                Err(_not_there) => drop(files.new.group.as_deref().map(group).transpose()?),
            }
            let folder = super::state::existing(there.parent().unwrap_or(Path::new("/")));
            access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from)
        };
        check().map_err(|error| unwritable(&self.path(path), error))
    }

    /// Where a file is to which links may lead; below the root, if there is one.
    fn within(&self, path: &Path) -> io::Result<PathBuf> {
        let below = self.path(path);
        let there = match fs::canonicalize(&below) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(&below).is_err() => below,
            Err(error) => return Err(error),
        };
        let Some(root) = &self.root else { return Ok(there) };
        // Of one that is not there yet, the folder that is.
        let is_within = fs::canonicalize(super::state::existing(&there))?.starts_with(fs::canonicalize(root)?);
        if is_within { Ok(there) } else { Err(Objection::Outside.into()) }
    }

    /// Whether there is a file, or a folder with something in it; what every ext4 file system has is nothing.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn has_data(&self, path: &Path) -> Result<bool, HostError> {
        let path = self.path(path);
        let is_data = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != "lost+found");
        let looked = match fs::metadata(&path) {
            Ok(found) if found.is_dir() => fs::read_dir(&path).map(|mut entries| entries.any(is_data)),
            Ok(_file) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        };
        looked.map_err(|source| HostError::Read { path: path.display().to_string().into(), source })
    }
}

fn replace(path: &Path, text: &SecretText, files: &Files) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    super::state::make_folders(folder, 0o755)?;
    let mut next = path.to_owned().into_os_string();
    next.push(".firstlight");
    // What an interrupted write left behind may have another mode by now.
    let _ = fs::remove_file(&next);
    let written = write(path, Path::new(&next), text, files);
    // Nothing of it stays where it is not wanted.
    written.inspect_err(|_failed| fs::remove_file(&next).unwrap_or_default())?;
    Point::FileRenamed.pass();
    File::open(folder)?.sync_all()?;
    Point::FileDurable.pass();
    Ok(())
}

/// Writes a text beside a file, and puts it in its place.
fn write(path: &Path, next: &Path, text: &SecretText, files: &Files) -> io::Result<()> {
    let (owner, group, mode) = match fs::metadata(path) {
        Ok(there) => (Some(there.uid()), Some(there.gid()), there.permissions().mode() & 0o7777),
        Err(_not_there) => (None, files.group.as_deref().map(group).transpose()?, files.mode),
    };
    Point::FileCreate.pass();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(next)?;
    file.write_all(text.expose().as_bytes())?;
    fchown(&file, owner, group)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    Point::FileFilled.pass();
    file.sync_all()?;
    Point::FileWritten.pass();
    fs::rename(next, path)
}

/// The id of a group of this machine.
fn group(name: &str) -> io::Result<u32> {
    let found = Group::from_name(name).map_err(io::Error::from)?;
    found.map(|group| group.gid.as_raw()).ok_or_else(|| Objection::NoGroup(name.to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;

    fn host() -> (tempfile::TempDir, Host, Files) {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        (root, host, Files { mode: 0o640, group: None })
    }

    fn assign(host: &Host, path: &str, name: &str, files: &Files) -> Result<bool, String> {
        let seen = host.assignments(Path::new(path)).map_err(|error| error.to_string())?;
        let files = Written { new: files, secret: true };
        let assigned = host.assign(Path::new(path), &seen, &[(name, &"new".into())], files);
        assigned.map_err(|error| Report::from(error).causes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_link_leads_to_it() {
        let (root, host, files) = host();
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
        assert_eq!(assign(&host, "/etc/new/hub.env", "KEY", &files), Ok(true));
        let there = root.path().join("etc/new/hub.env");
        assert_eq!((mode(&there), fs::read_to_string(&there).expect("read")), (0o640, "KEY=new\n".to_owned()));
        fs::set_permissions(&there, Permissions::from_mode(0o600)).expect("a mode");
        std::os::unix::fs::symlink("new/hub.env", root.path().join("etc/link.env")).expect("a link");
        assert_eq!(assign(&host, "/etc/link.env", "MORE", &files), Ok(true));
        assert_eq!(
            (mode(&there), fs::read_to_string(&there).expect("read")),
            (0o600, "KEY=new\nMORE=new\n".to_owned())
        );
        assert_eq!(fs::read_dir(there.parent().expect("a folder")).expect("read").count(), 1, "nothing is left behind");
    }

    /// Somebody else wrote it after it was looked at.
    #[test]
    fn what_has_changed_since_is_not_written_over() {
        let (root, host, files) = host();
        let path = Path::new("/hub.env");
        let seen = host.assignments(path).expect("none");
        fs::write(root.path().join("hub.env"), "KEY=theirs\n").expect("written");
        fs::set_permissions(root.path().join("hub.env"), Permissions::from_mode(0o600)).expect("a mode");
        let files = Written { new: &files, secret: true };
        let assigned = host.assign(path, &seen, &[("KEY", &"new".into())], files);
        assert!(matches!(assigned, Ok(false)), "{assigned:?}");
        assert_eq!(fs::read_to_string(root.path().join("hub.env")).expect("read"), "KEY=theirs\n");
    }

    #[test]
    fn what_is_no_place_for_a_secret() {
        let (root, host, files) = host();
        let outside = tempfile::tempdir().expect("a temporary directory");
        let make = |path: &Path, text: &str, mode| {
            fs::write(path, text).expect("written");
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
        };
        make(&root.path().join("open.env"), "A=1\n", 0o644);
        make(&root.path().join("two.env"), "A=1\n", 0o600);
        fs::hard_link(root.path().join("two.env"), root.path().join("other.env")).expect("another name");
        make(&root.path().join("unclosed.env"), "A=\"1\n", 0o600);
        make(&outside.path().join("hub.env"), "A=1\n", 0o600);
        std::os::unix::fs::symlink(outside.path().join("hub.env"), root.path().join("out.env")).expect("a link");
        let fifo = root.path().join("fifo.env");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .expect("a pipe");
        for (path, said) in [
            ("/open.env", "everybody"),
            ("/two.env", "other names"),
            ("/unclosed.env", "does not end"),
            ("/out.env", "out.env"),
            ("/fifo.env", "fifo.env"),
        ] {
            let refused = assign(&host, path, "KEY", &files).expect_err(path);
            assert!(refused.contains(said), "{path}: {refused}");
        }
        assert_eq!(fs::read_to_string(outside.path().join("hub.env")).expect("read"), "A=1\n");
        std::os::unix::fs::symlink(outside.path(), root.path().join("linked")).expect("a link");
        assert!(assign(&host, "/linked/new/hub.env", "KEY", &files).is_err());
        assert_eq!(fs::read_dir(outside.path()).expect("read").count(), 1, "nothing is written there");
        // What everybody may know may stand where everybody can read it.
        let open = Written { new: &files, secret: false };
        let seen = host.assignments(Path::new("/open.env")).expect("read");
        let assigned = host.assign(Path::new("/open.env"), &seen, &[("URL", &"http://a".into())], open);
        assert!(matches!(assigned, Ok(true)), "{assigned:?}");
        // A folder in the place of the file: what was written beside it is gone.
        let closed = Files { group: Some("nobody-has-this-group".to_owned()), ..files };
        assert!(assign(&host, "/new.env", "KEY", &closed).is_err());
        assert!(!root.path().join("new.env.firstlight").exists());
    }

    #[test]
    fn data() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        fs::create_dir(root.path().join("empty")).expect("a folder");
        fs::create_dir(root.path().join("full")).expect("a folder");
        fs::write(root.path().join("full/file"), "").expect("written");
        fs::create_dir_all(root.path().join("disk/lost+found")).expect("a folder");
        let has = |path: &str| host.has_data(Path::new(path)).expect("looked at");
        assert_eq!(["/none", "/empty", "/disk", "/full", "/full/file"].map(has), [false, false, false, true, true]);
    }
}
