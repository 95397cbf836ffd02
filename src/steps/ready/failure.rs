//! What is not ready in the end, and what helps.

use crate::{
    error::{ErrorId, Failure},
    steps::bootstrap::Diagnosis,
    words::{Phrase, phrase, said},
    world::ProbeError,
};

/// Something is not in time as it should be.
#[derive(Debug)]
pub(super) struct NotReady {
    pub(super) name: Phrase,
    /// Whether it must not be reachable.
    pub(super) is_absent: bool,
    pub(super) url: String,
    pub(super) seconds: u64,
    pub(super) source: ProbeError,
    /// What is seen of the appliance's own pods.
    pub(super) seen: Option<Diagnosis>,
}

said! { NotReady:
    Self { name, is_absent: true, url, seconds, source, .. } =>
        "ready-not-absent" { name, seconds, url } because Ours(source),
    Self { name, url, seconds, source, seen: None, .. } => "ready-not" { name, seconds, url } because Ours(source),
    Self { name, url, seconds, source, seen: Some(seen), .. } =>
        "ready-not-seen" { name, seconds, url, seen: &seen.sentence } because Ours(source),
}

impl Failure for NotReady {
    fn id(&self) -> ErrorId {
        ErrorId::NotReady
    }

    fn hint(&self) -> Option<Phrase> {
        let seen = || self.seen.as_ref()?.action.clone();
        let absent = || self.is_absent.then(|| phrase!("ready-not-absent-hint"));
        self.source.hint().or_else(seen).or_else(absent)
    }

    fn log(&self) -> Vec<Phrase> {
        self.seen.iter().flat_map(|seen| &seen.log).map(Phrase::from).collect()
    }
}

/// Everything is up, but the administrator cannot sign in.
#[derive(Debug)]
pub(super) struct LoginRefused {
    pub(super) name: Phrase,
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) seconds: u64,
}

said! { LoginRefused:
    Self { name, url, status, seconds } => "ready-login-refused" { name, url, status: status.to_string(), seconds },
}

impl Failure for LoginRefused {
    fn id(&self) -> ErrorId {
        ErrorId::LoginRefused
    }
}
