//! How every failure is named and told: a stable id, one sentence, its causes and a remedy.
//!
//! An error's `Display` never repeats its source; [`causes`] walks the chain
//! for those who print it. The catalogue behind `firstlight explain` is here, and its
//! texts are in the words, so that screen, log, JSON Lines and exit code cannot drift apart.

use std::{error::Error, io, iter, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    exit::Exit,
    words::{Cause, Phrase, Say, TextId, id},
};

/// Declares the catalogue of error ids once: variant, id, exit code. Its texts are in the words, by the id.
macro_rules! catalogue {
    ($($variant:ident, $id:tt, $exit:ident;)*) => {
        /// The stable id of a failure: the same on screen, in logs, in JSON Lines and in `explain`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorId {
            $(#[doc = concat!("`", $id, "`; `error-", $id, "-meaning` in `assets/words` says what it means.")]
            #[serde(rename = $id)]
            $variant,)*
        }

        impl ErrorId {
            /// Every id, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The id as people and scripts see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The exit code of a run that ends with this failure.
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)* }
            }

            /// What the failure means, in one or two sentences.
            pub const fn meaning(self) -> TextId {
                match self { $(Self::$variant => id!("error-" $id "-meaning"),)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> TextId {
                match self { $(Self::$variant => id!("error-" $id "-remedy"),)* }
            }
        }
    };
}

catalogue! {
    Usage, "usage", Usage;
    AnswersUnreadable, "answers-unreadable", Answers;
    AnswersExposed, "answers-exposed", Answers;
    AnswersInvalid, "answers-invalid", Answers;
    AnswersSource, "answers-source", Answers;
    CertificateUnfit, "certificate-unfit", Answers;
    ProfileUnreadable, "profile-unreadable", Profile;
    ProfileInvalid, "profile-invalid", Profile;
    ProfileFile, "profile-file", Profile;
    LicenseUrl, "license-url", Profile;
    ChartUnreadable, "chart-unreadable", Profile;
    OtherService, "other-service", Profile;
    ChartRefused, "chart-refused", Profile;
    CodeUnknown, "code-unknown", CodeUnknown;
    CodeExpired, "code-expired", CodeExpired;
    CodeUsed, "code-used", CodeUsed;
    CodeSuperseded, "code-superseded", CodeUsed;
    LicenseUnavailable, "license-unavailable", LicenseUnavailable;
    LicenseRefused, "license-refused", LicenseRefused;
    LicenseAnswer, "license-answer", LicenseUnavailable;
    GrantUnusable, "grant-unusable", LicenseRefused;
    NameResolution, "name-resolution", Network;
    LicenseBlocked, "license-blocked", Network;
    Proxy, "proxy", Network;
    TlsUntrusted, "tls-untrusted", Network;
    TlsFailed, "tls-failed", Network;
    Unreachable, "unreachable", Network;
    NetworkTakenBack, "network-taken-back", Network;
    NetworkInterface, "network-interface", Answers;
    NetworkUnmanaged, "network-unmanaged", Machine;
    KubernetesUnreachable, "kubernetes-unreachable", KubernetesUnreachable;
    KubeconfigInvalid, "kubeconfig-invalid", KubernetesUnreachable;
    KubernetesForbidden, "kubernetes-forbidden", KubernetesRefused;
    KubernetesRefused, "kubernetes-refused", KubernetesRefused;
    NamespaceTerminating, "namespace-terminating", KubernetesRefused;
    FieldConflict, "field-conflict", KubernetesRefused;
    NotPersisted, "not-persisted", KubernetesRefused;
    OtherTenant, "other-tenant", OtherTenant;
    OtherCode, "other-code", OtherCode;
    CopiesDiffer, "copies-differ", Identity;
    ValueMalformed, "value-malformed", Identity;
    KeyLost, "key-lost", Identity;
    CertificateFaulty, "certificate-faulty", Identity;
    FileUnusable, "file-unusable", Machine;
    NotLive, "not-live", Usage;
    DiskUnfit, "disk-unfit", Machine;
    DiskOccupied, "disk-occupied", Answers;
    InstallFailed, "install-failed", Machine;
    HelmMissing, "helm-missing", Machine;
    BootstrapFailed, "bootstrap-failed", BootstrapFailed;
    BootstrapTimeout, "bootstrap-timeout", BootstrapTimeout;
    NotReady, "not-ready", BootstrapTimeout;
    LoginRefused, "login-refused", BootstrapFailed;
    ServiceUnusable, "service-unusable", Profile;
    ServiceFailed, "service-failed", BootstrapFailed;
    ServiceTimeout, "service-timeout", BootstrapTimeout;
    SystemdUnusable, "systemd-unusable", Machine;
    DiskLow, "disk-low", Machine;
    MemoryLow, "memory-low", Machine;
    ThreadsLow, "threads-low", Machine;
    StateUnwritable, "state-unwritable", Machine;
    StateVolatile, "state-volatile", Machine;
    JournalUnreadable, "journal-unreadable", Machine;
    AlreadyRunning, "already-running", Machine;
    SignInNeeded, "sign-in-needed", Machine;
    ClockWrong, "clock-wrong", Clock;
    Defect, "defect", Defect;
    Stopped, "stopped", Stopped;
}

impl ErrorId {
    /// Finds an id by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.as_str() == text)
    }
}

/// An error that knows its id and, where it can say more than the catalogue, its remedy.
pub trait Failure: Say {
    /// The stable id.
    fn id(&self) -> ErrorId;

    /// A remedy for this very failure; the catalogue's is used when there is none.
    fn hint(&self) -> Option<Phrase> {
        None
    }

    /// The dotted path of the answer that would mend it, such as `install-code`.
    fn about(&self) -> Option<String> {
        None
    }

    /// The last lines of what failed, for support.
    fn log(&self) -> Vec<Phrase> {
        Vec::new()
    }

    /// The pause after which trying again by itself is sensible; `None` when that would change nothing.
    ///
    /// It is safe in any case, because every step looks before it acts.
    fn again(&self) -> Option<Duration> {
        None
    }
}

/// A failure as data: what the faces print. Holds no secret, because no error type may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The stable id.
    pub id: ErrorId,
    /// What happened and where, as one sentence without a final period.
    pub message: Phrase,
    /// The chain of causes, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Phrase>,
    /// What to do next.
    pub hint: Phrase,
    /// The dotted path of the answer that would mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What the program that failed wrote last, line by line, for support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<Phrase>,
    /// The pause after which trying again by itself is sensible, if it is.
    #[serde(skip)]
    pub again: Option<Duration>,
}

impl<F: Failure> From<F> for Report {
    fn from(failure: F) -> Self {
        let report = Self::new(failure.id(), failure.phrase());
        let hint = failure.hint().unwrap_or(report.hint);
        let (about, log, again) = (failure.about(), failure.log(), failure.again());
        Self { causes: causes(&failure), hint, about, log, again, ..report }
    }
}

impl Report {
    /// A failure without causes, and with the catalogue's remedy.
    pub fn new(id: ErrorId, message: Phrase) -> Self {
        Self { id, message, causes: Vec::new(), hint: id.remedy().into(), about: None, log: Vec::new(), again: None }
    }

    /// The exit code of a run that ends with this failure.
    pub const fn exit(&self) -> Exit {
        self.id.exit()
    }

    /// The same for those who need no other language.
    #[must_use]
    pub fn in_english(&self) -> Self {
        self.with(&Phrase::in_english)
    }

    /// The same with all that it says changed.
    #[must_use]
    pub fn with(&self, change: &impl Fn(&Phrase) -> Phrase) -> Self {
        let [causes, log] = [&self.causes, &self.log].map(|all| all.iter().map(change).collect());
        Self { message: change(&self.message), causes, hint: change(&self.hint), log, ..self.clone() }
    }
}

/// What led to an error, outermost first, without repetitions.
///
/// Some libraries print their source as part of their own text; a cause that
/// the line before it already says is left out.
pub fn causes(error: &impl Say) -> Vec<Phrase> {
    let mut said = error.to_string();
    let chain = iter::successors(error.because(), |cause| cause.next());
    let news = chain.filter_map(|cause| {
        let text = crate::values::plain_text(&cause.error().to_string(), 400);
        if said.contains(&text) {
            return None;
        }
        said.clone_from(&text);
        Some(match cause {
            Cause::Ours(error) => error.phrase(),
            Cause::Theirs(_) => text.into(),
        })
    });
    news.collect()
}

/// Finds an error of type `E` among the sources, also behind `std::io::Error`, which hides what it carries.
pub fn find_source<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source()).find_map(|error| {
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error.downcast_ref::<E>().or_else(|| find_source::<E>(carried?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{phrase, said};

    #[test]
    fn ids_are_distinct_kebab_case() {
        for (index, id) in ErrorId::ALL.iter().enumerate() {
            let text = id.as_str();
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{text}");
            assert!(ErrorId::ALL[..index].iter().all(|other| other.as_str() != text), "{text} twice");
            assert_eq!(ErrorId::find(text), Some(*id));
        }
    }

    #[test]
    fn every_exit_code_but_done_has_an_id() {
        for exit in Exit::ALL {
            let named = ErrorId::ALL.iter().any(|id| id.exit() == *exit);
            assert!(named || *exit == Exit::Done, "{exit:?} is reached by no id");
        }
    }

    /// Down to the first one of a library, also past one that was already said.
    #[test]
    fn causes_of_ours_are_told_in_every_language() {
        #[derive(Debug)]
        struct Outer(Inner);
        said! { Outer: Self(inner) => "machine-locked" { path: "p" } because Ours(inner) }
        #[derive(Debug)]
        struct Inner(Innermost);
        said! { Inner: Self(innermost) => "machine-locked" { path: "p" } because Ours(innermost) }
        #[derive(Debug)]
        struct Innermost(std::fmt::Error);
        said! { Innermost: Self(error) => "machine-too-long" because theirs(error) }

        let error = Outer(Inner(Innermost(std::fmt::Error)));
        let library = std::fmt::Error.to_string().into();
        assert_eq!(causes(&error), [phrase!("machine-too-long"), library]);
        assert!(find_source::<std::fmt::Error>(&error).is_some(), "it is one chain");
    }
}
