//! Secrets that are taken out of a file which this machine was given, where they lie.

use std::{
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use crate::{
    error::{ErrorId, Failure},
    values::SecretText,
    words::{Phrase, said},
};

/// Why secrets are still where they were.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ScrubError {
    /// They are not this machine's to change.
    Theirs { name: Phrase },
    /// The medium cannot be written.
    ReadOnly { name: Phrase },
    /// The file could not be written; some of it may have been.
    Failed { name: Phrase, source: io::Error },
}

said! { ScrubError:
    Self::Theirs { name } => "scrub-theirs" { name },
    Self::ReadOnly { name } => "scrub-read-only" { name },
    Self::Failed { name, source } => "scrub-failed" { name } because theirs(source),
}

impl Failure for ScrubError {
    fn id(&self) -> ErrorId {
        ErrorId::AnswersSource
    }
}

/// As many of these in a row are what [`overwrite`] has left of a file that it was cut off in, and nobody's answers.
const BLANK: &str = match std::str::from_utf8(&[b'\n'; 64]) {
    Ok(blank) => blank,
    Err(_) => unreachable!(),
};

/// Whether a part of a text was taken out, and its rest not yet.
pub fn is_torn(text: &str) -> bool {
    text.contains(BLANK)
}

/// Writes another text over what is in a file, at the very place on the medium, and the old one is gone from there first. What a
/// medium keeps of it by itself, as flash memory does, nobody can reach by its file system.
pub(super) fn overwrite(path: &Path, text: &SecretText) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(b'\n').take(length), &mut file)?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.expose().as_bytes())?;
    file.set_len(text.expose().len() as u64)?;
    file.sync_all()
}
