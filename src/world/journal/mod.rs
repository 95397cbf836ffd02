//! The journal: intents and grants, durable before they are needed.
//!
//! An intent stays for good: its key gets the same grant again, and nothing of it is a secret. An answer stays until
//! the cluster's copy has survived: a datastore may take back what it acknowledged when the power goes. The file is
//! replaced as a whole, and room for the answer is reserved before the code is sent, so that a disk that fills up in
//! between cannot lose a grant. What the disk refuses all the same is held in memory for the rest of the process.

mod intent;
mod wire;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use intent::Intent;
use wire::{IntentWire, MOST_OF_AN_ANSWER, VERSION, Wire};

use crate::{
    error::{ErrorId, Failure, Report},
    values::{Grant, Misread, Redactor, SecretText},
    words::{Phrase, ours, said, theirs},
    world::{Host, HostError, host::Objection},
};

const FILE: &str = "journal.json";

/// The journal of this machine.
#[derive(Debug)]
pub struct Journal {
    host: Arc<Host>,
    redactor: Arc<Redactor>,
    /// What the disk has refused to take, and why.
    unwritten: Mutex<Option<(Record, Report)>>,
}

/// What the journal says.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Codes that were, or may have been, sent.
    pub intents: Vec<Intent>,
}

/// Why the journal is of no use.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum JournalError {
    /// The file is there and cannot be read.
    Unreadable { path: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// It cannot be written.
    Host(HostError),
}

said! { JournalError:
    Self::Unreadable { path, source } => "machine-journal-unreadable" { path }
        because of(&**source, &[ours::<Newer>, ours::<Misread>, ours::<Objection>, theirs::<io::Error>]),
    Self::Host(error) => (error),
}

/// A version of the journal that this program does not know.
#[derive(Debug)]
struct Newer(u32);

said! { Newer:
    Self(version) => "machine-journal-newer" { version: version.to_string() },
}

impl Failure for JournalError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Unreadable { .. } => ErrorId::JournalUnreadable,
            Self::Host(error) => error.id(),
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Unreadable { path, source } => source.downcast_ref::<Objection>()?.hint(path),
            Self::Host(error) => error.hint(),
        }
    }
}

/// What we have against a file is a cause of its own.
fn told(error: io::Error) -> Box<dyn std::error::Error + Send + Sync> {
    error.downcast::<Objection>().map_or_else(Into::into, Into::into)
}

/// Why it cannot be read.
type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// What a journal says.
pub(super) fn read(text: &str) -> Result<Record, Unreadable> {
    record_of(serde_json::from_str(text).map_err(|error| Misread::from(&error))?)
}

fn record_of(wire: Wire) -> Result<Record, Unreadable> {
    if !(1..=VERSION).contains(&wire.version) {
        return Err(Newer(wire.version).into());
    }
    let intents = wire.intents.into_iter().map(Intent::try_from).collect::<Result<_, _>>();
    Ok(Record { intents: intents.map_err(|error| Misread::from(&error))? })
}

impl Journal {
    pub(super) fn new(host: Arc<Host>, redactor: Arc<Redactor>) -> Self {
        Self { host, redactor, unwritten: Mutex::new(None) }
    }

    /// Reads what earlier runs left; an empty record when there is none.
    ///
    /// # Errors
    /// When there is one and it cannot be understood: it may hold the only copy
    /// of a grant, so it is neither ignored nor replaced.
    pub fn load(&self) -> Result<Record, JournalError> {
        let mut record = self.load_written()?;
        for held in self.unwritten().iter().flat_map(|(record, _)| &record.intents) {
            match record.intents.iter_mut().find(|intent| intent.key == held.key && intent.service == held.service) {
                Some(intent) => intent.clone_from(held),
                None => record.intents.push(held.clone()),
            }
        }
        Ok(record)
    }

    fn load_written(&self) -> Result<Record, JournalError> {
        let record = match self.left()? {
            Some(wire) => record_of(wire),
            None => match self.host.read_state(FILE).map_err(|error| self.unreadable(told(error)))? {
                Some(text) => read(text.expose()),
                None => return Ok(Record::default()),
            },
        };
        let record = record.map_err(|why| self.unreadable(why))?;
        self.hide(&record);
        Ok(record)
    }

    /// The journal as it was to be when the power went, if all of it was on the disk: an answer in it may be nowhere else.
    fn left(&self) -> Result<Option<Wire>, JournalError> {
        let text = self.host.left_of_state(FILE).map_err(|error| self.unreadable(told(error)))?;
        Ok(text.and_then(|text| serde_json::from_str(text.expose()).ok()))
    }

    fn unreadable(&self, source: Unreadable) -> JournalError {
        JournalError::Unreadable { path: self.host.state().join(FILE).display().to_string(), source }
    }

    /// Ends a write that a power cut has interrupted: the next one goes to the same place.
    ///
    /// # Errors
    /// When it cannot be looked for, or not be ended.
    pub fn finish(&self) -> Result<(), JournalError> {
        if self.left()?.is_none() { Ok(()) } else { self.host.finish_state(FILE).map_err(JournalError::Host) }
    }

    /// Makes `record` durable before a code is sent, and reserves the room for the answer.
    ///
    /// # Errors
    /// When the disk refuses; then the old record is still there.
    pub fn store_intent(&self, record: &Record) -> Result<(), JournalError> {
        self.write(record, MOST_OF_AN_ANSWER)
    }

    /// Makes `record` durable; after [`Journal::store_intent`] a full disk cannot prevent it.
    ///
    /// # Errors
    /// When the disk refuses all the same. Then this process goes on with the new record, and [`Self::refused`] tells why.
    pub fn store(&self, record: &Record) -> Result<(), Report> {
        let report = match self.write(record, 0) {
            Ok(()) => return Ok(()),
            Err(error) => Report::from(error),
        };
        *self.unwritten() = Some((record.clone(), report.clone()));
        Err(report)
    }

    /// Why the disk does not have what this process knows, if it has not.
    pub fn refused(&self) -> Option<Report> {
        self.unwritten().as_ref().map(|(_, report)| report.clone())
    }

    fn unwritten(&self) -> MutexGuard<'_, Option<(Record, Report)>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whatever was granted goes through the journal before anything else is done with it.
    fn hide(&self, record: &Record) {
        let answers = record.intents.iter().flat_map(|intent| intent.answer.iter().chain(&intent.unread));
        answers.flat_map(Grant::secrets_in).for_each(|secret| self.redactor.hide(&secret));
    }

    fn write(&self, record: &Record, reserve: u64) -> Result<(), JournalError> {
        self.hide(record);
        let wire = Wire { version: VERSION, intents: record.intents.iter().map(IntentWire::from).collect() };
        let text = serde_json::to_string(&wire).map(SecretText::new);
        let text = text.map_err(|error| JournalError::Unreadable {
            path: FILE.to_owned(),
            source: Misread::from(&error).into(),
        })?;
        // The file holds everything, not the new answer alone.
        let reserve = if reserve == 0 { 0 } else { reserve + text.expose().len() as u64 };
        self.host.write_state(FILE, &text, reserve).map_err(JournalError::Host)?;
        *self.unwritten() = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
