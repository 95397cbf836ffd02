//! What a run without a terminal leaves to the wizards on this machine's terminals. None of it is needed by the setup.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{Change, Host, HostError};
use crate::values::{Invitation, SecretText};

/// The state file with which the consoles are for logging in; what starts wizards on them looks at it (`firstlight-console@.service`).
const CONSOLES: &str = "console-done";

/// The state file that stands while the answers that this machine was set up from are cleaned: the setup has ended well.
const CLEANING: &str = "cleaning";

/// What stands before the login, below the root; the package has a link to it where logins look.
const ISSUE: &str = "/run/firstlight/unattended.issue";

/// No more of it is read.
const MOST_BYTES: u64 = 1 << 20;

/// What lets somebody in over SSH, below the root; gone with the machine's memory (`firstlight-remote.service`).
const INVITATION: &str = "/run/firstlight/remote/invitation";

/// What was typed, in the folder that lasts from one process to the next.
const TYPED: &str = "typed.json";

/// What a run that failed has told, below the root; gone with the machine's memory.
const BEHIND: &str = "/run/firstlight/unattended.json";

impl Host {
    /// Whether the consoles are for logging in.
    #[must_use]
    pub fn has_done_consoles(&self) -> bool {
        self.state().join(CONSOLES).exists()
    }

    /// Whether a setup has ended well, and the power went before what it was given was clean.
    #[must_use]
    pub fn is_cleaning(&self) -> bool {
        self.state().join(CLEANING).exists()
    }

    /// Keeps that one has.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin_cleaning(&self) -> Result<(), HostError> {
        self.write_state(CLEANING, &SecretText::default(), 0)
    }

    /// Keeps that all of it is clean.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_cleaning(&self) -> Result<(), HostError> {
        self.change_state(CLEANING, |_| ((), Change::Remove))
    }

    /// Has the consoles be for logging in.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn be_done_with_consoles(&self) -> Result<(), HostError> {
        if self.has_done_consoles() { Ok(()) } else { self.write_state(CONSOLES, &SecretText::default(), 0) }
    }

    /// What a setup that has ended well leaves in the state directory for the consoles, by its names: another installation asks again.
    pub const DONE: [&str; 2] = [CONSOLES, CLEANING];

    /// Has these lines stand before the login on the consoles (agetty(8), `/etc/issue.d`).
    pub fn say_at_login(&self, lines: &[String]) {
        // In such a file a backslash means something else.
        let text: String = lines.iter().map(|line| line.replace('\\', "/") + "\n").collect();
        keep(&self.path(Path::new(ISSUE)), &text, 0o644);
    }

    /// How somebody comes to the setup from another computer, if they may.
    #[must_use]
    pub fn invitation(&self) -> Option<Invitation> {
        Invitation::read(&self.contents(Path::new(INVITATION)).ok()?)
    }

    /// Keeps a text for the wizards, or has them find none any more. Without it there is only less to tell.
    pub fn leave_behind(&self, text: Option<&str>) {
        let path = self.behind();
        let Some(text) = text else {
            let _is_gone = fs::remove_file(path);
            return;
        };
        keep(&path, text, 0o600);
    }

    /// The text, if there is one.
    #[must_use]
    pub fn left_behind(&self) -> Option<String> {
        let mut text = String::new();
        let read = File::open(self.behind()).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
        read.is_ok().then_some(text)
    }

    /// Keeps a text until the process that has taken the place of this one, which has crashed, reads it; or has it find none any
    /// more. Where nothing is kept from one to the next, neither is this.
    pub fn keep_typed(&self, text: Option<&str>) {
        let Some(path) = self.runtime.as_ref().map(|folder| folder.join(TYPED)) else { return };
        match text {
            Some(text) => keep(&path, text, 0o600),
            None => drop(fs::remove_file(path)),
        }
    }

    /// That text, if there is one.
    #[must_use]
    pub fn typed(&self) -> Option<String> {
        fs::read_to_string(self.runtime.as_ref()?.join(TYPED)).ok()
    }

    fn behind(&self) -> PathBuf {
        self.path(Path::new(BEHIND))
    }
}

/// Puts a file there, whole.
fn keep(path: &Path, text: &str, mode: u32) {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    let there = path.parent().map_or(Ok(()), fs::create_dir_all);
    let opened = there.and_then(|()| OpenOptions::new().write(true).create_new(true).mode(mode).open(&part));
    let _ = opened.and_then(|mut file| file.write_all(text.as_bytes())).and_then(|()| fs::rename(&part, path));
}
