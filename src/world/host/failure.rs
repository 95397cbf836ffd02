//! Why the machine refused.

use std::io;

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, ours, phrase, said},
};

/// Why the machine refused.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum HostError {
    /// A file could not be read.
    Read { path: Phrase, source: io::Error },
    /// A file with a secret in it that others may read, or that belongs to somebody else: who that is, and the command
    /// that mends it.
    Exposed { path: String, who: Phrase, command: String },
    /// A file that should be a secret, and is not that alone.
    Unfit { path: Phrase, why: Phrase },
    /// A file of the state directory could not be written.
    Write { path: String, source: io::Error },
    /// Another firstlight holds the lock file at this path, and so the state directory.
    Locked { path: String },
}

said! { HostError:
    Self::Read { path, source } => "machine-unreadable" { path } because of(carried(source), &[ours::<Objection>]),
    Self::Exposed { path, who, .. } => "machine-exposed" { path, who },
    Self::Unfit { path, why } => "machine-secret-unfit" { path, why },
    Self::Write { path, source } => "machine-unwritable" { path } because Theirs(source),
    Self::Locked { path } => "machine-locked" { path },
}

/// What an error of the system carries, or itself.
fn carried(error: &io::Error) -> &(dyn std::error::Error + 'static) {
    error.get_ref().map_or(error, |carried| carried)
}

/// What we have against a file, and not the system; carried by [`io::Error`] like the system's own reasons.
#[derive(Debug)]
pub(in crate::world) enum Objection {
    TooLong,
    NoCredentials,
    NoCredentialName,
}

said! { Objection:
    Self::TooLong => "machine-too-long",
    Self::NoCredentials => "machine-no-credentials",
    Self::NoCredentialName => "machine-no-credential-name",
}

impl Failure for HostError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Read { .. } => ErrorId::AnswersUnreadable,
            Self::Exposed { .. } => ErrorId::AnswersExposed,
            Self::Unfit { .. } => ErrorId::AnswersInvalid,
            Self::Write { .. } => ErrorId::StateUnwritable,
            Self::Locked { .. } => ErrorId::AlreadyRunning,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Exposed { command, .. } => Some(phrase!("machine-exposed-hint" { command })),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some(phrase!("machine-full-hint"))
            }
            _ => None,
        }
    }
}
