//! That a code is about to be sent, and what came of it.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    values::{ApplianceId, Grant, GrantError, InstallCode, Received},
    world::Moment,
};

/// How long the cluster's copy of an answer must have been in use, in one boot, before ours is dropped.
const SURVIVED_AFTER: Duration = Duration::from_mins(10);

/// So many answers to one code are kept beside the first, while none of them can be read.
const MOST_UNREAD: usize = 3;

/// That a code is about to be sent.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The idempotency key that goes with this code, now and after any power cut.
    pub key: Uuid,
    /// Recognises the code without keeping it.
    pub(super) fingerprint: String,
    /// Under which id it was sent. The machine's own may change: it rests on the host name where there is no machine-id.
    pub appliance_id: ApplianceId,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// To which license service; `None` in the journal of an older version, which did not say.
    pub service: Option<String>,
    /// What came with the license service's 200, until the cluster's copy has survived.
    pub answer: Option<Received>,
    /// What came besides and cannot be read: something in the service's place may have sent the one or the other.
    pub(super) unread: Vec<Received>,
    /// When the cluster was last seen to have what was granted.
    pub settled: Option<Moment>,
    /// The service has no use for the code, and so nothing was spent.
    pub refused: bool,
    /// The answer was refused because the cluster belongs to another tenant, or another code is to be used: it is kept for
    /// its own code, and is in the way of no other.
    pub set_aside: bool,
}

impl Intent {
    /// An intent to send `code` to `service` for the first time.
    #[must_use]
    pub fn new(code: &InstallCode, appliance_id: &ApplianceId, service: &str, at: Timestamp) -> Self {
        let key = Uuid::new_v4();
        Self {
            key,
            fingerprint: code.fingerprint(key.as_bytes()),
            appliance_id: appliance_id.clone(),
            at,
            service: Some(service.to_owned()),
            answer: None,
            unread: Vec::new(),
            settled: None,
            refused: false,
            set_aside: false,
        }
    }

    /// The same code, with the same key, sent to `service` now: it may be the same service under another address,
    /// and what that granted is granted to its key again.
    #[must_use]
    pub fn sent_to(&self, service: &str, at: Timestamp) -> Self {
        let (answer, unread, settled, refused, set_aside) = (None, Vec::new(), None, false, false);
        Self { service: Some(service.to_owned()), at, answer, unread, settled, refused, set_aside, ..self.clone() }
    }

    /// What was granted, if it was answered with a grant that this version can use.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        // What an older version could not read may be the grant, and stand behind something else.
        self.answer.iter().chain(&self.unread).find_map(|received| Grant::of(received).ok())
    }

    /// Why what came is no grant, if anything came; of several what a later version may read.
    #[must_use]
    pub fn unread(&self) -> Option<GrantError> {
        let all = self.answer.iter().chain(&self.unread);
        all.filter_map(|received| Grant::of(received).err()).max_by_key(GrantError::may_be_read_later)
    }

    /// Takes an answer in. A grant stands in the place of all that came before; what cannot be read stands beside it.
    pub fn answered(&mut self, received: Received) {
        if Grant::of(&received).is_ok() {
            self.unread.clear();
        } else if self.answer.is_some() {
            let is_known = self.answer.iter().chain(&self.unread).any(|known| *known == received);
            if !is_known {
                self.unread.truncate(MOST_UNREAD - 1);
                self.unread.push(received);
            }
            return;
        }
        // What became of an answer before it says nothing of this one.
        (self.answer, self.settled, self.set_aside) = (Some(received), None, false);
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
        self.fingerprint == code.fingerprint(self.key.as_bytes())
    }
}
