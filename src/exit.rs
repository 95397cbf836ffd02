//! Every exit code, one per remedy: the contract with scripts.

use crate::words::{TextId, id};

/// Declares the codes once: variant, number, the text of the remedy, what it says to readers of the code.
macro_rules! exits {
    ($($variant:ident = $code:literal, $remedy:tt, $doc:literal;)*) => {
        /// How the program ended. The number is stable; see the table in the README.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Exit {
            $(#[doc = $doc] $variant = $code,)*
        }

        impl Exit {
            /// Every exit code, in ascending order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The remedy; the English one as in the README's table.
            pub const fn remedy(self) -> TextId {
                match self { $(Self::$variant => id!($remedy),)* }
            }
        }
    };
}

exits! {
    Done = 0, "exit-0", "Everything that was asked for is in place.";
    Usage = 2, "exit-2", "The command line could not be understood.";
    Answers = 10, "exit-10", "The answers need correcting.";
    Profile = 11, "exit-11", "The vendor's profile needs correcting.";
    CodeUnknown = 20, "exit-20", "The install code is not known: correct it.";
    CodeExpired = 21, "exit-21", "The install code has expired: ask for a new one.";
    CodeUsed = 22, "exit-22", "The install code was already used: ask for a new one.";
    LicenseUnavailable = 23, "exit-23", "The license service cannot answer now: try again later.";
    Network = 24, "exit-24", "The network is in the way: DNS, proxy or TLS interception.";
    LicenseRefused = 25, "exit-25", "The license service refused for a reason of its own: ask the vendor.";
    KubernetesUnreachable = 30, "exit-30", "Kubernetes cannot be reached.";
    KubernetesRefused = 31, "exit-31", "Kubernetes refused: permissions or admission.";
    OtherTenant = 32, "exit-32", "The cluster belongs to another tenant.";
    OtherCode = 33, "exit-33", "This machine was set up with another install code.";
    Identity = 34, "exit-34", "A key of this machine's own is lost, or its copies contradict each other.";
    BootstrapFailed = 40, "exit-40", "The bootstrap failed; the message names the cause.";
    BootstrapTimeout = 41, "exit-41", "The bootstrap did not become ready in time.";
    Machine = 50, "exit-50", "This machine lacks disk, memory or permissions.";
    Clock = 51, "exit-51", "This machine's clock is wrong.";
    Defect = 70, "exit-70", "A defect in firstlight itself.";
    Stopped = 130, "exit-130", "Stopped by the operator or a signal; nothing is lost.";
}

impl Exit {
    /// The process exit status.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Finds an exit code by its number.
    pub fn find(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|exit| exit.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_text_of_its_number() {
        for exit in Exit::ALL {
            assert_eq!(exit.remedy().as_str(), format!("exit-{}", exit.code()));
        }
    }

    #[test]
    fn codes_are_distinct_and_ascending() {
        assert!(Exit::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
