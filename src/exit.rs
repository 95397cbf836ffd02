//! Every exit code, one per remedy: the contract with scripts.

use crate::words::{TextId, Words, id};

/// How the program ended. The number is stable; see the table in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Everything that was asked for is in place.
    Done = 0,
    /// The command line could not be understood.
    Usage = 2,
    /// The answers need correcting.
    Answers = 10,
    /// The vendor's profile needs correcting.
    Profile = 11,
    /// The install code is not known: correct it.
    CodeUnknown = 20,
    /// The install code has expired: ask for a new one.
    CodeExpired = 21,
    /// The install code was already used: ask for a new one.
    CodeUsed = 22,
    /// The license service cannot answer now: try again later.
    LicenseUnavailable = 23,
    /// The network is in the way: DNS, proxy or TLS interception.
    Network = 24,
    /// Kubernetes cannot be reached.
    KubernetesUnreachable = 30,
    /// Kubernetes refused: permissions or admission.
    KubernetesRefused = 31,
    /// The cluster belongs to another tenant.
    OtherTenant = 32,
    /// The bootstrap failed; the message names the cause.
    BootstrapFailed = 40,
    /// The bootstrap did not become ready in time.
    BootstrapTimeout = 41,
    /// This machine lacks disk, memory or permissions.
    Machine = 50,
    /// This machine's clock is wrong.
    Clock = 51,
    /// A defect in firstlight itself.
    Defect = 70,
    /// Stopped by the operator or a signal; nothing is lost.
    Stopped = 130,
}

impl Exit {
    /// Every exit code, in ascending order.
    pub const ALL: [Self; 18] = [
        Self::Done,
        Self::Usage,
        Self::Answers,
        Self::Profile,
        Self::CodeUnknown,
        Self::CodeExpired,
        Self::CodeUsed,
        Self::LicenseUnavailable,
        Self::Network,
        Self::KubernetesUnreachable,
        Self::KubernetesRefused,
        Self::OtherTenant,
        Self::BootstrapFailed,
        Self::BootstrapTimeout,
        Self::Machine,
        Self::Clock,
        Self::Defect,
        Self::Stopped,
    ];

    /// The process exit status.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Finds an exit code by its number.
    #[must_use]
    pub fn find(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }

    /// The remedy in the language of `words`; the English one as in the README's table.
    #[must_use]
    pub fn remedy_in(self, words: &Words) -> String {
        words.say(self.remedy_words())
    }

    const fn remedy_words(self) -> TextId {
        match self {
            Self::Done => id!("exit-0"),
            Self::Usage => id!("exit-2"),
            Self::Answers => id!("exit-10"),
            Self::Profile => id!("exit-11"),
            Self::CodeUnknown => id!("exit-20"),
            Self::CodeExpired => id!("exit-21"),
            Self::CodeUsed => id!("exit-22"),
            Self::LicenseUnavailable => id!("exit-23"),
            Self::Network => id!("exit-24"),
            Self::KubernetesUnreachable => id!("exit-30"),
            Self::KubernetesRefused => id!("exit-31"),
            Self::OtherTenant => id!("exit-32"),
            Self::BootstrapFailed => id!("exit-40"),
            Self::BootstrapTimeout => id!("exit-41"),
            Self::Machine => id!("exit-50"),
            Self::Clock => id!("exit-51"),
            Self::Defect => id!("exit-70"),
            Self::Stopped => id!("exit-130"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_text_of_its_number() {
        for exit in Exit::ALL {
            assert_eq!(exit.remedy_words().as_str(), format!("exit-{}", exit.code()));
        }
    }

    #[test]
    fn codes_are_distinct_and_ascending() {
        assert!(Exit::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
