//! The state directory: ours alone, opened once for each use, and nothing in it is reached by a link.

use std::{
    fs::{File, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FallocateFlags, FlockOperation, Mode, OFlags, fallocate, flock, openat, renameat, unlinkat},
    io::{Errno, retry_on_intr},
    process::geteuid,
};

use super::failure::Objection;
use crate::{point::Point, values::SecretText};

/// The open directory. What is judged is what is used, whatever its path means by then.
#[derive(Debug)]
pub(super) struct StateDir(File);

impl StateDir {
    /// Opens it.
    ///
    /// # Errors
    /// When it is not there, is a link, or belongs to somebody else.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let folder = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(CWD, path, folder, Mode::empty()).map_err(|errno| match errno {
            Errno::NOTDIR | Errno::LOOP => Objection::NoFolder.into(),
            errno => io::Error::from(errno),
        })?;
        ours(opened.into()).map(Self)
    }

    /// Opens it, made before where it is missing, for nobody but us.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        make_folders(path, 0o700)?;
        let Self(folder) = Self::open(path)?;
        // An older or hand-made one may be wider than ours.
        if folder.metadata()?.permissions().mode() & 0o7777 != 0o700 {
            folder.set_permissions(Permissions::from_mode(0o700))?;
        }
        Ok(Self(folder))
    }

    /// Reads a file; `None` when there is none.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<SecretText>> {
        let mut file = match self.file(name, OFlags::RDONLY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        let text = SecretText::new(text);
        read.map(|_length| Some(text))
    }

    /// What a write that was cut off left, if that is text.
    pub(super) fn left(&self, name: &str) -> io::Result<Option<SecretText>> {
        match self.read(&next(name)) {
            // A part of it is on the disk, and whatever was there before; or something else stands there.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::IsADirectory) => Ok(None),
            read => read,
        }
    }

    /// Ends a write that was cut off.
    ///
    /// What it left may be whole in memory alone, and a sync that failed there is not repeated by another one: only bytes
    /// that were written again are. As they are the same, a power cut on the way leaves them as they were.
    pub(super) fn finish(&self, name: &str) -> io::Result<()> {
        self.left(name)?.map_or(Ok(()), |whole| self.write(name, &whole, 0))
    }

    /// Opens a file for writing, 0600 from the start, keeping what is in it.
    pub(super) fn open_private(&self, name: &str) -> io::Result<File> {
        let file = self.file(name, OFlags::WRONLY | OFlags::CREATE)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }

    /// Waits until no other process is at its files, and keeps the others waiting until this goes.
    pub(super) fn lock(&self) -> io::Result<()> {
        Ok(retry_on_intr(|| flock(&self.0, FlockOperation::LockExclusive))?)
    }

    /// Removes a file, and what a write that was cut off left of it.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        for name in [name, &next(name)] {
            match unlinkat(&self.0, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        self.0.sync_all()
    }

    /// Replaces a file; see [`super::Host::write_state`].
    pub(super) fn write(&self, name: &str, content: &SecretText, reserve: u64) -> io::Result<()> {
        let (next, spare) = (next(name), format!("{name}.spare"));
        Point::FileCreate.pass();
        let mut file = self.open_private(&next)?;
        file.write_all(content.expose().as_bytes())?;
        file.set_len(content.expose().len() as u64)?;
        Point::FileFilled.pass();
        file.sync_all()?;
        Point::FileWritten.pass();
        if reserve > 0 {
            let reserved = self.open_private(&spare).and_then(|spare| allocate(&spare, reserve));
            // It is not written then, and must not look as if only the power had failed.
            reserved.inspect_err(|_full| unlinkat(&self.0, &next, AtFlags::empty()).unwrap_or_default())?;
        }
        // Nobody who may not write it can have put another one there: the folder is ours.
        let old = self.file(name, OFlags::WRONLY).ok();
        renameat(&self.0, &next, &self.0, name)?;
        Point::FileRenamed.pass();
        if reserve > 0 {
            renameat(&self.0, &spare, &self.0, &next)?;
        }
        self.0.sync_all()?;
        Point::FileDurable.pass();
        // On a full copy-on-write disk overwriting can fail; the new content is what counts.
        let _ = old.map(wipe);
        Ok(())
    }

    fn file(&self, name: &str, how: OFlags) -> io::Result<File> {
        let how = how | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&self.0, name, how, Mode::RUSR | Mode::WUSR).map_err(|errno| match errno {
            Errno::LOOP => Objection::Link(name.to_owned()).into(),
            errno => io::Error::from(errno),
        })?;
        ours(opened.into())
    }
}

/// The name of a file while it is written.
fn next(name: &str) -> String {
    format!("{name}.next")
}

/// Refuses what belongs to somebody else, who could read it, plant it or take it away.
fn ours(file: File) -> io::Result<File> {
    let (owner, user) = (file.metadata()?.uid(), geteuid().as_raw());
    if owner == user { Ok(file) } else { Err(Objection::Owner { owner, user }.into()) }
}

/// A folder may not exist yet; its nearest ancestor that does is on the same file system.
pub(super) fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"))
}

/// Makes a folder of this mode, and those above it that are missing, which are for everybody; each is there after a power
/// cut.
pub(super) fn make_folders(path: &Path, mode: u32) -> io::Result<()> {
    let there = existing(path).to_owned();
    let missing: Vec<PathBuf> = path.ancestors().take_while(|path| *path != there).map(Path::to_owned).collect();
    for folder in missing.iter().rev() {
        let mode = if folder == path { mode } else { 0o755 };
        match std::fs::DirBuilder::new().mode(mode).create(folder) {
            // Whatever mask we were started with.
            Ok(()) => File::open(folder)?.set_permissions(Permissions::from_mode(mode))?,
            // A link that leads nowhere, or somebody was faster: opening it tells.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        File::open(folder.parent().unwrap_or(Path::new("/")))?.sync_all()?;
    }
    Ok(())
}

/// Gives a file blocks of its own, so that writing into it cannot meet a full disk.
///
/// They are for this process: after a power cut they are reserved anew, and need not be durable.
fn allocate(mut file: &File, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => Ok(()),
        // Not every file system can; writing zeros takes the blocks as well, once they are on the disk.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            io::copy(&mut io::repeat(0).take(bytes), &mut file)?;
            file.sync_all()
        }
        Err(errno) => Err(errno.into()),
    }
}

/// Overwrites a file: what a file system keeps of it afterwards is beyond us.
fn wipe(mut file: File) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.write_all(&vec![0; length])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    #[test]
    fn folders_above_it_are_for_everybody_and_it_is_for_us() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let state = root.path().join("var/lib/firstlight");
        StateDir::make(&state).expect("made");
        assert_eq!(
            [root.path().join("var"), root.path().join("var/lib"), state.clone()].map(|path| mode(&path)),
            [0o755, 0o755, 0o700]
        );
        fs::set_permissions(&state, Permissions::from_mode(0o777)).expect("a mode");
        fs::write(state.join("f"), "older").expect("written");
        let made = StateDir::make(&state).expect("it is there");
        made.open_private("f").expect("opened");
        assert_eq!((mode(&state), mode(&state.join("f"))), (0o700, 0o600), "both were wider");
        assert_eq!(made.read("f").expect("read"), Some("older".into()));
    }

    /// Whoever could write there before us must not choose what we write or read.
    #[test]
    fn links_are_not_followed() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let (state, victim) = (root.path().join("state"), root.path().join("victim"));
        fs::write(&victim, "theirs").expect("written");
        let objection = |error: &io::Error| error.get_ref().map(ToString::to_string);
        let made = StateDir::make(&state).expect("made");
        for name in ["f", "f.next", "f.spare"] {
            let _ = fs::remove_file(state.join(name));
            symlink(&victim, state.join(name)).expect("a link");
            let written = made.write("f", &"ours".into(), 16);
            // What is replaced is the link itself.
            let link = || Some(Objection::Link(name.to_owned()).to_string());
            assert_eq!(written.err().as_ref().map(objection), (name != "f").then(link));
            assert_eq!(fs::read_to_string(&victim).expect("read"), "theirs", "{name}");
            let _ = fs::remove_file(state.join(name));
        }
        let _ = fs::remove_file(state.join("f"));
        symlink(&victim, state.join("f")).expect("a link");
        assert_eq!(
            made.read("f").err().as_ref().and_then(objection),
            Some(Objection::Link("f".to_owned()).to_string())
        );
        for other in ["link", "file", "nowhere"] {
            let path = root.path().join(other);
            match other {
                "link" => symlink(&state, &path),
                "file" => fs::write(&path, ""),
                _ => symlink(root.path().join("none"), &path),
            }
            .expect("made");
            let refused = StateDir::make(&path).expect_err(other);
            assert_eq!(objection(&refused), Some(Objection::NoFolder.to_string()), "{other}");
        }
    }

    #[test]
    fn what_was_replaced_is_overwritten() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let made = StateDir::make(&root.path().join("state")).expect("made");
        made.write("f", &"a secret".into(), 0).expect("written");
        let mut old = made.file("f", OFlags::RDONLY).expect("opened");
        made.write("f", &"nothing".into(), 0).expect("written");
        let mut bytes = Vec::new();
        old.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes, [0; 8]);
    }
}
