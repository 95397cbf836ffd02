//! What only a rehearsal can fail of.

use jiff::Timestamp;

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
    world::{ClusterError, InMemory, Keeping},
};

/// Failures that only a rehearsal can see.
#[derive(Debug)]
pub(super) enum RehearsalError {
    DiskLow { free: u64, wanted: u64, path: String },
    Disk { path: String, source: std::io::Error },
    Volatile { path: String, held: InMemory },
    MemoryLow { free: u64, wanted: u64 },
    BeforeBuild { now: Timestamp, built: Timestamp },
    ClockOff { seconds: u64, behind: bool, keeping: Option<Keeping> },
    Denied { denied: Phrase },
    NotStarted { seconds: u64, source: ClusterError },
}

said! { RehearsalError:
    Self::DiskLow { free, wanted, path } => "rehearse-disk-low" { free, wanted, path },
    Self::Disk { path, source } => "rehearse-disk-unknown" { path } because theirs(source),
    Self::Volatile { path, held: InMemory { kind, place } } => "rehearse-disk-volatile" { path, kind, place },
    Self::MemoryLow { free, wanted } => "rehearse-memory-low" { free, wanted },
    Self::BeforeBuild { now, built } => "rehearse-before-build" { now: now.to_string(), built: built.to_string() },
    Self::ClockOff { seconds, behind: true, .. } => "rehearse-clock-behind" { off: in_words(*seconds) },
    Self::ClockOff { seconds, behind: false, .. } => "rehearse-clock-ahead" { off: in_words(*seconds) },
    Self::Denied { denied } => "rehearse-denied" { denied },
    Self::NotStarted { seconds, source } => "rehearse-not-started" { seconds } because Ours(source),
}

impl Failure for RehearsalError {
    fn id(&self) -> ErrorId {
        match self {
            Self::DiskLow { .. } | Self::Disk { .. } => ErrorId::DiskLow,
            Self::Volatile { .. } => ErrorId::StateVolatile,
            Self::MemoryLow { .. } => ErrorId::MemoryLow,
            Self::BeforeBuild { .. } | Self::ClockOff { .. } => ErrorId::ClockWrong,
            Self::Denied { .. } => ErrorId::KubernetesForbidden,
            Self::NotStarted { .. } => ErrorId::KubernetesUnreachable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        let Self::ClockOff { keeping: Some(keeping), .. } = self else { return None };
        match keeping {
            Keeping { synchronized: true, .. } => Some(phrase!("rehearse-clock-by-ntp-hint")),
            Keeping { ntp: true, .. } => Some(phrase!("rehearse-clock-no-server-hint")),
            _ => None,
        }
    }
}

/// How far two clocks are apart, no more exactly than helps.
fn in_words(seconds: u64) -> Phrase {
    match seconds {
        0..120 => phrase!("rehearse-seconds" { seconds }),
        120..7200 => phrase!("rehearse-minutes" { minutes: seconds / 60 }),
        7200..172_800 => phrase!("rehearse-hours" { hours: seconds / 3600 }),
        _ => phrase!("rehearse-days" { days: seconds / 86_400 }),
    }
}
