//! The journal: intents and grants, durable before they are needed.
//!
//! An intent stays for good: its key gets the same grant again, and nothing of it is a secret. An answer stays until
//! the cluster's copy has survived: a datastore may take back what it acknowledged when the power goes. The file is
//! replaced as a whole, and room for the answer is reserved before the code is sent, so that a disk that fills up in
//! between cannot lose a grant. What the disk refuses all the same is held in memory for the rest of the process.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::{ErrorId, Failure, Report},
    values::{ApplianceId, Grant, InstallCode, Misread, Redactor, SecretText},
    words::{Phrase, ours, said, theirs},
    world::{Host, HostError, Moment},
};

const FILE: &str = "journal.json";

/// From 2 on an intent names its license service, from 3 on it says what became of it.
const VERSION: u32 = 3;

/// How long the cluster's copy of an answer must have been in use, in one boot, before ours is dropped.
const SURVIVED_AFTER: Duration = Duration::from_mins(10);

/// A grant is at most 64 KiB; JSON may double what is quoted.
const RESERVE: u64 = 160 * 1024;

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

/// That a code is about to be sent.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The idempotency key that goes with this code, now and after any power cut.
    pub key: Uuid,
    /// Recognises the code without keeping it. Not a protection: the space of codes is small.
    fingerprint: String,
    /// Under which id it was sent. The machine's own may change: it rests on the host name where there is no machine-id.
    pub appliance_id: ApplianceId,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// To which license service; `None` in the journal of an older version, which did not say.
    pub service: Option<String>,
    /// The license service's answer as it came, until the cluster's copy has survived.
    pub answer: Option<SecretText>,
    /// When the cluster was last seen to have what was granted.
    pub settled: Option<Moment>,
    /// The service has no use for the code, and so nothing was spent.
    pub refused: bool,
    /// The answer was refused because the cluster belongs to another tenant: it is kept for
    /// its own code, or for a cluster of its own tenant, and never taken by default.
    pub set_aside: bool,
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
        because of(&**source, &[ours::<Newer>, ours::<Misread>, theirs::<io::Error>]),
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
        if let Self::Host(error) = self { error.hint() } else { None }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    version: u32,
    intents: Vec<IntentWire>,
}

#[derive(Serialize, Deserialize)]
struct IntentWire {
    key: Uuid,
    fingerprint: String,
    appliance_id: ApplianceId,
    at: Timestamp,
    #[serde(default)]
    service: Option<String>,
    answer: Option<Zeroizing<String>>,
    #[serde(default)]
    settled: Option<Moment>,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    set_aside: bool,
}

impl From<IntentWire> for Intent {
    fn from(wire: IntentWire) -> Self {
        let IntentWire { key, fingerprint, appliance_id, at, service, answer, settled, refused, set_aside } = wire;
        let answer = answer.map(|answer| SecretText::from(answer.as_str()));
        Self { key, fingerprint, appliance_id, at, service, answer, settled, refused, set_aside }
    }
}

impl From<&Intent> for IntentWire {
    fn from(intent: &Intent) -> Self {
        let Intent { key, fingerprint, appliance_id, at, service, answer, settled, refused, set_aside } =
            intent.clone();
        let answer = answer.map(|answer| Zeroizing::new(answer.expose().to_owned()));
        Self { key, fingerprint, appliance_id, at, service, answer, settled, refused, set_aside }
    }
}

impl Intent {
    /// An intent to send `code` to `service` for the first time.
    #[must_use]
    pub fn new(code: &InstallCode, appliance_id: &ApplianceId, service: &str, at: Timestamp) -> Self {
        let key = Uuid::new_v4();
        Self {
            key,
            fingerprint: fingerprint(key, code),
            appliance_id: appliance_id.clone(),
            at,
            service: Some(service.to_owned()),
            answer: None,
            settled: None,
            refused: false,
            set_aside: false,
        }
    }

    /// The same code, with the same key, sent to `service` now: it may be the same service under another address,
    /// and what that granted is granted to its key again.
    #[must_use]
    pub fn sent_to(&self, service: &str, at: Timestamp) -> Self {
        let (answer, settled, refused, set_aside) = (None, None, false, false);
        Self { service: Some(service.to_owned()), at, answer, settled, refused, set_aside, ..self.clone() }
    }

    /// What was granted, if it was answered with a grant that this version can use.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        Grant::parse(self.answer.as_ref()?.expose()).ok()
    }

    /// Whether what was granted has outlived a power cut that could have taken the cluster's copy back: in a later boot
    /// it is still there, or the bootstrap has run on it for a while. `Durable` in the contract.
    #[must_use]
    pub fn has_survived(&self, now: &Moment, has_run: bool) -> bool {
        let since = |settled: &Moment| now.since(settled);
        self.settled.as_ref().is_some_and(|settled| since(settled).is_none_or(|time| has_run && time >= SURVIVED_AFTER))
    }

    /// Whether this intent is about a code of `service`; that of an older version may be about any.
    #[must_use]
    pub fn is_with(&self, service: &str) -> bool {
        self.service.as_deref().is_none_or(|known| known == service)
    }

    /// Whether this intent is about `code`.
    #[must_use]
    pub fn is_for(&self, code: &InstallCode) -> bool {
        self.fingerprint == fingerprint(self.key, code)
    }
}

fn fingerprint(key: Uuid, code: &InstallCode) -> String {
    let digest = Sha256::new().chain_update(key.as_bytes()).chain_update(code.expose().as_bytes()).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// What a journal says.
pub(super) fn read(text: &str) -> Result<Record, Box<dyn std::error::Error + Send + Sync>> {
    let wire: Wire = serde_json::from_str(text).map_err(|error| Misread::from(&error))?;
    if !(1..=VERSION).contains(&wire.version) {
        return Err(Newer(wire.version).into());
    }
    Ok(Record { intents: wire.intents.into_iter().map(Intent::from).collect() })
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
        let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| JournalError::Unreadable {
            path: self.host.state().join(FILE).display().to_string(),
            source,
        };
        let Some(text) = self.host.read_state(FILE).map_err(|error| unreadable(error.into()))? else {
            return Ok(Record::default());
        };
        let record = read(text.expose()).map_err(unreadable)?;
        self.hide(&record);
        Ok(record)
    }

    /// Makes `record` durable before a code is sent, and reserves the room for the answer.
    ///
    /// # Errors
    /// When the disk refuses; then the old record is still there.
    pub fn store_intent(&self, record: &Record) -> Result<(), JournalError> {
        self.write(record, RESERVE)
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
        let answers = record.intents.iter().filter_map(|intent| intent.answer.as_ref());
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
