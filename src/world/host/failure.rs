//! Why the machine refused.

use std::{fs, io, path::Path, time::Duration};

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, ours, phrase, said, theirs},
};

/// Why the machine refused.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum HostError {
    /// A file could not be read.
    Read { path: Phrase, source: io::Error },
    /// A file with a secret in it that others may read, or that belongs to somebody else: who that is, and what mends it.
    Exposed { path: String, who: Phrase, hint: Phrase },
    /// A file that should be a secret, and is not that alone.
    Unfit { path: Phrase, why: Phrase },
    /// A file of the state directory could not be written.
    Write { path: String, source: io::Error },
    /// A tool of the system failed.
    Tool { tool: String, why: String },
    /// Another firstlight holds the lock file at this path, and so the state directory.
    Locked { path: String },
}

said! { HostError:
    Self::Read { path, source } => "machine-unreadable" { path } because of(carried(source), &[ours::<Objection>, theirs::<io::Error>]),
    Self::Exposed { path, who, .. } => "machine-exposed" { path, who },
    Self::Unfit { path, why } => "machine-secret-unfit" { path, why },
    Self::Write { path, source } => "machine-unwritable" { path } because of(carried(source), &[ours::<Objection>, theirs::<io::Error>]),
    Self::Tool { tool, why } => "machine-tool" { tool, why },
    Self::Locked { path } => "machine-locked" { path },
}

/// What is there perhaps, behind a folder that may not be entered, or in a file that may not be read.
#[derive(Debug)]
pub struct Denied {
    path: String,
    closed: String,
    source: io::Error,
}

said! { Denied: Self { path, closed, source } => "machine-denied" { path, closed } because theirs(source) }

impl Denied {
    /// Why `path` could not be reached, if that is because this user may not.
    pub(in crate::world) fn of(path: &Path, source: io::Error) -> Result<Self, io::Error> {
        if source.kind() != io::ErrorKind::PermissionDenied {
            return Err(source);
        }
        let is_hidden = |path: &&Path| {
            fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        };
        let closed = path.ancestors().filter(is_hidden).last().and_then(Path::parent).unwrap_or(path);
        Ok(Self { path: path.display().to_string(), closed: closed.display().to_string(), source })
    }

    /// What to do about it.
    pub(in crate::world) fn hint(&self) -> Phrase {
        phrase!("machine-denied-hint" { closed: &self.closed })
    }
}

/// What an error of the system carries, or itself.
fn carried(error: &io::Error) -> &(dyn std::error::Error + 'static) {
    error.get_ref().map_or(error, |carried| carried)
}

/// What we have against a file, and not the system; carried by [`io::Error`] like the system's own reasons.
#[derive(Debug)]
pub(in crate::world) enum Objection {
    TooLong,
    NoUtf8,
    NoFile,
    NoCredentials,
    NoCredentialName,
    /// Whose it is, and who we are.
    Owner {
        owner: u32,
        user: u32,
    },
    /// A link in the place of the file of this name.
    Link(String),
    /// A link or a file in the place of a folder.
    NoFolder,
    /// No group of this machine is called so.
    NoGroup(String),
    /// Everybody may do something with it.
    Open {
        mode: u32,
    },
    /// It has other names.
    SeveralNames,
    /// A quotation mark in it is not closed.
    Unclosed,
    /// A link leads out of the root.
    Outside,
}

impl Objection {
    /// What to do about it, where it is about a file or folder of ours.
    pub(in crate::world) fn hint(&self, path: &str) -> Option<Phrase> {
        Some(match self {
            Self::Owner { user, .. } => phrase!("machine-state-owner-hint" { path, user: user.to_string() }),
            Self::Link(name) => {
                let path = Path::new(path).with_file_name(name).display().to_string();
                phrase!("machine-link-hint" { path })
            }
            Self::NoFolder => phrase!("machine-link-hint" { path }),
            _ => return None,
        })
    }
}

impl From<Objection> for io::Error {
    fn from(objection: Objection) -> Self {
        Self::other(objection)
    }
}

said! { Objection:
    Self::TooLong => "machine-too-long",
    Self::NoUtf8 => "machine-no-utf8",
    Self::NoFile => "machine-no-file",
    Self::NoCredentials => "machine-no-credentials",
    Self::NoCredentialName => "machine-no-credential-name",
    Self::Owner { owner, user } => "machine-state-owner" { owner: owner.to_string(), user: user.to_string() },
    Self::Link(name) => "machine-link" { name },
    Self::NoFolder => "machine-no-folder",
    Self::NoGroup(name) => "machine-no-group" { name },
    Self::Open { mode } => "machine-open" { mode: format!("{mode:04o}") },
    Self::SeveralNames => "machine-several-names",
    Self::Unclosed => "machine-unclosed",
    Self::Outside => "machine-outside",
}

impl Failure for HostError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Read { .. } => ErrorId::AnswersUnreadable,
            Self::Exposed { .. } => ErrorId::AnswersExposed,
            Self::Unfit { .. } => ErrorId::AnswersInvalid,
            Self::Write { .. } => ErrorId::StateUnwritable,
            Self::Tool { .. } => ErrorId::FileUnusable,
            Self::Locked { .. } => ErrorId::AlreadyRunning,
        }
    }

    fn again(&self) -> Option<Duration> {
        matches!(self, Self::Locked { .. }).then_some(Duration::ZERO)
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Exposed { hint, .. } => Some(hint.clone()),
            Self::Tool { tool, .. } => Some(phrase!("machine-tool-hint" { tool })),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some(phrase!("machine-full-hint"))
            }
            Self::Read { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                Some(phrase!("machine-no-utf8-hint"))
            }
            Self::Write { path, source } => source.get_ref()?.downcast_ref::<Objection>()?.hint(path),
            _ => None,
        }
    }
}
