//! Why an installation could not go on.

use std::{io, path::PathBuf};

use crate::{
    error::{ErrorId, Failure},
    values::{Misread, disk},
    words::{Phrase, said},
};

/// Why an installation could not go on.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum InstallError {
    /// The image lacks a program.
    Missing { program: &'static str, searched: String },
    /// A program could not be started.
    Run { program: &'static str, source: io::Error },
    /// A program failed, and wrote this last.
    Failed { program: &'static str, said: Vec<String> },
    /// lsblk(8) prints something else than it does.
    Unlisted(Misread),
    /// A partition is not there, although it was made.
    NotMade { label: &'static str, disk: PathBuf },
    /// What is on a partition cannot be mounted.
    Mount { device: PathBuf, source: io::Error },
    /// It cannot be seen to that everything is on the disk.
    Sync { device: PathBuf, source: io::Error },
    /// A file of the image cannot be read.
    Read { path: PathBuf, source: io::Error },
    /// A file of the new system cannot be written.
    Write { path: PathBuf, source: io::Error },
}

said! { InstallError:
    Self::Missing { program, searched } => "install-tool-missing" { program: *program, searched },
    Self::Run { program, source } => "install-tool-not-run" { program: *program } because theirs(source),
    Self::Failed { program, said } => "install-tool-failed" {
        program: *program,
        said: said.last().cloned().unwrap_or_default(),
    },
    Self::Unlisted(misread) => "install-unlisted" because Ours(misread),
    Self::NotMade { label, disk } => "install-not-made" { label: *label, disk: disk::name(disk) },
    Self::Mount { device, source } => "install-not-mounted" { disk: disk::name(device) } because theirs(source),
    Self::Sync { device, source } => "install-not-synced" { disk: disk::name(device) } because theirs(source),
    Self::Read { path, source } => "machine-unreadable" { path: path.display().to_string() } because theirs(source),
    Self::Write { path, source } => "machine-unwritable" { path: path.display().to_string() } because theirs(source),
}

impl Failure for InstallError {
    fn id(&self) -> ErrorId {
        ErrorId::InstallFailed
    }

    fn log(&self) -> Vec<Phrase> {
        match self {
            Self::Failed { said, .. } => said.iter().cloned().map(Phrase::from).collect(),
            _ => Vec::new(),
        }
    }
}
