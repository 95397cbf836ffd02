//! How every failure is named and told: a stable id, one sentence, its causes and a remedy.
//!
//! An error's `Display` never repeats its source; [`causes`] walks the chain
//! for those who print it. The catalogue behind `firstlight explain` is here,
//! so that screen, log, JSON Lines and exit code cannot drift apart.

use std::error::Error;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::exit::Exit;

/// Declares the catalogue of error ids once: variant, id, exit code, meaning, remedy.
macro_rules! catalogue {
    ($($variant:ident, $id:literal, $exit:ident, $meaning:literal, $remedy:literal;)*) => {
        /// The stable id of a failure: the same on screen, in logs, in JSON Lines and in `explain`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorId {
            $(#[doc = $meaning] $variant,)*
        }

        impl ErrorId {
            /// Every id, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The id as people and scripts see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The exit code of a run that ends with this failure.
            #[must_use]
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)* }
            }

            /// What the failure means, in one or two sentences.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

catalogue! {
    Usage, "usage", Usage,
        "The command line could not be understood.",
        "Run `firstlight --help` and correct the command.";
    AnswersUnreadable, "answers-unreadable", Answers,
        "The answers file, or a file it names, could not be read.",
        "Check the path and that the user running firstlight may read it.";
    AnswersExposed, "answers-exposed", Answers,
        "A file that holds a secret can be read by other users.",
        "Run `chmod 600 FILE` (and `chown` it to the user running firstlight), or move the password to a file of its own with `password-file`.";
    AnswersInvalid, "answers-invalid", Answers,
        "One or more answers are missing or wrong; each is listed with its line and column.",
        "Correct the listed answers. `firstlight answers check FILE` repeats the check without side effects.";
    ProfileUnreadable, "profile-unreadable", Profile,
        "The profile could not be read.",
        "Check the path given with `--profile` and its permissions.";
    ProfileInvalid, "profile-invalid", Profile,
        "One or more settings of the profile are missing or wrong; each is listed with its line and column.",
        "Correct the listed settings. `firstlight profile check FILE` repeats the check.";
    ProfileFile, "profile-file", Profile,
        "A file that the profile names (a CA, a key) is missing or is not what it should be.",
        "Put the file where the profile says, or correct the profile.";
    ChartUnreadable, "chart-unreadable", Profile,
        "The bootstrap chart named by the profile cannot be read.",
        "Check `bootstrap.chart` in the profile: it names a chart folder or a packaged chart (`.tgz`).";
    OtherService, "other-service", Profile,
        "This install code was redeemed with another license service than the one the profile names. It was not sent, and the grant is kept in the journal.",
        "Correct `license.url` in the profile to go on with the grant that is kept, or enter a code of the service that the profile names.";
    ChartRefused, "chart-refused", Profile,
        "Helm tried the bootstrap without effects, and refused the chart or its values.",
        "Correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again. The code was not sent.";
    CodeUnknown, "code-unknown", CodeUnknown,
        "The license service does not know this install code: it was mistyped, or it was revoked when a newer one was issued.",
        "Compare the code with the e-mail it came in, and correct it. If a newer e-mail exists, use the code in that one.";
    CodeExpired, "code-expired", CodeExpired,
        "The install code was correct once, but its time is over.",
        "Ask the vendor to reissue the install code for this tenant, then run again with the new one.";
    CodeUsed, "code-used", CodeUsed,
        "The install code has already been used, by this appliance or by another.",
        "Ask the vendor to reissue the install code for this tenant; quote the appliance id shown with the error.";
    LicenseUnavailable, "license-unavailable", LicenseUnavailable,
        "The license service cannot answer now: it is down, overloaded, or did not answer in time.",
        "Run again later: the code is kept, and sending it again is safe.";
    LicenseAnswer, "license-answer", LicenseUnavailable,
        "Something answered in the license service's place, or the service's answer is not one this version understands.",
        "Look for a captive portal or proxy between this machine and the service. If there is none, tell the vendor; sending the code again later is safe.";
    NameResolution, "name-resolution", Network,
        "The license service's host name does not resolve.",
        "Correct the DNS servers of this machine, or ask the network's administrator; then run again.";
    TlsUntrusted, "tls-untrusted", Network,
        "The certificate presented for the license service was issued by an authority this machine does not trust, as TLS-inspecting proxies do.",
        "Ask the network's administrator to exempt the license service from inspection, or add the named authority to the system's trust store or to `license.ca-file`.";
    TlsFailed, "tls-failed", Network,
        "The TLS connection to the license service could not be made.",
        "Check for proxies or firewalls that interfere with TLS between this machine and the license service.";
    KubernetesUnreachable, "kubernetes-unreachable", KubernetesUnreachable,
        "The Kubernetes API server did not answer within the time the profile allows.",
        "Check that Kubernetes runs on this machine (for k3s: `systemctl status k3s`) and that the kubeconfig names its address. The code was not sent.";
    KubeconfigInvalid, "kubeconfig-invalid", KubernetesUnreachable,
        "The kubeconfig cannot be read or used.",
        "Correct the path with `--kubeconfig` or in the profile, or let Kubernetes write the file again.";
    KubernetesForbidden, "kubernetes-forbidden", KubernetesRefused,
        "The kubeconfig's user lacks permissions that the set-up needs; each is listed.",
        "Use the cluster's administrator kubeconfig, or grant the listed permissions.";
    KubernetesRefused, "kubernetes-refused", KubernetesRefused,
        "The API server refused a request: admission, quota, or invalid credentials.",
        "Read the reason it gave; correct the policy or the kubeconfig's credentials, and run again.";
    NamespaceTerminating, "namespace-terminating", KubernetesRefused,
        "The namespace is being deleted, so nothing can be created in it.",
        "Wait until `kubectl get namespace` no longer lists it (or clear what holds it up), then run again.";
    FieldConflict, "field-conflict", KubernetesRefused,
        "Another program manages a field that firstlight has to write; the manager is named.",
        "Stop that program from managing the object, or let it give the named fields up, and run again. Do not delete a Secret that holds a tenant.";
    NotPersisted, "not-persisted", KubernetesRefused,
        "An object read back from the cluster differs from what was written.",
        "Look for an admission webhook or controller that changes Secrets in the namespace. The grant is kept in the journal; run again when it is fixed.";
    OtherTenant, "other-tenant", OtherTenant,
        "The cluster already belongs to another tenant than the one the code was issued for. Nothing was overwritten, and the grant is kept in the journal.",
        "Use a code issued for the tenant that the cluster belongs to, or reinstall the cluster if it is to change hands; the kept grant is used then, without a new code.";
    HelmMissing, "helm-missing", Machine,
        "The bootstrap needs the `helm` command, and it was not found.",
        "Install `helm` into the PATH of firstlight, or point `bootstrap.helm` in the profile at it.";
    BootstrapFailed, "bootstrap-failed", BootstrapFailed,
        "The bootstrap failed; the sentence names what was seen in the cluster.",
        "Follow the hint given with the error, then run again: what is already in place is kept.";
    BootstrapTimeout, "bootstrap-timeout", BootstrapTimeout,
        "The bootstrap did not finish in the time that the profile allows; it may still be running.",
        "Run again to go on waiting, or follow the hint given with the error.";
    NotReady, "not-ready", BootstrapTimeout,
        "The bootstrap finished, but the appliance did not become ready in time.",
        "Run again to go on waiting; the message names what did not answer.";
    DiskLow, "disk-low", Machine,
        "There is too little free disk space.",
        "Free the amount named, or attach a larger disk, and run again. The code was not sent.";
    MemoryLow, "memory-low", Machine,
        "There is too little free memory.",
        "Give the machine the amount named and run again.";
    StateUnwritable, "state-unwritable", Machine,
        "The state directory cannot be written, and without it a power cut could lose the code.",
        "Free disk space or correct the permissions of the directory named, and run again. A code that was not sent stays good.";
    JournalUnreadable, "journal-unreadable", Machine,
        "The journal of an earlier run exists but cannot be read.",
        "Keep the file: it may hold the only copy of a grant. Send it to the vendor's support, or update firstlight.";
    AlreadyRunning, "already-running", Machine,
        "Another firstlight is working on this machine.",
        "Wait for it to end, or go to the console where it runs.";
    ClockWrong, "clock-wrong", Clock,
        "This machine's clock is wrong, so certificates and tokens would be misjudged.",
        "Set the clock (`timedatectl set-time`, or fix NTP) and run again.";
    Defect, "defect", Defect,
        "Something happened that the program's authors believed impossible.",
        "Send the report to the vendor's support. Nothing is lost: running again is safe.";
    Stopped, "stopped", Stopped,
        "The run was stopped by the operator or by a signal.",
        "Run again when it suits: nothing is lost, and what is in place is kept.";
}

impl ErrorId {
    /// Finds an id by its text.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.as_str() == text)
    }
}

/// An error that knows its id and, where it can say more than the catalogue, its remedy.
pub trait Failure: Error {
    /// The stable id.
    fn id(&self) -> ErrorId;

    /// A remedy for this very failure; the catalogue's is used when there is none.
    fn hint(&self) -> Option<String> {
        None
    }

    /// The failure as plain data, for events, screens and logs.
    fn report(&self) -> Report
    where
        Self: Sized + 'static,
    {
        Report {
            id: self.id(),
            message: self.to_string(),
            causes: causes(self),
            hint: self.hint().unwrap_or_else(|| self.id().remedy().to_owned()),
        }
    }
}

/// A failure as data: what the faces print. Holds no secret, because no error type may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The stable id.
    #[serde(serialize_with = "id_text", deserialize_with = "id_of_text")]
    pub id: ErrorId,
    /// What happened and where, as one sentence without a final period.
    pub message: String,
    /// The chain of causes, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: String,
}

impl Report {
    /// The exit code of a run that ends with this failure.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.id.exit()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn id_text<S: serde::Serializer>(id: &ErrorId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

fn id_of_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ErrorId, D::Error> {
    let text = String::deserialize(deserializer)?;
    ErrorId::find(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no error id of this version")))
}

/// The texts of an error's sources, outermost first, without repetitions.
///
/// Some libraries print their source as part of their own text; a cause that
/// the line before it already says is left out.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said = error.to_string();
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = crate::values::plain_text(&cause.to_string(), 400);
        if !said.contains(&text) {
            causes.push(text.clone());
            said = text;
        }
        next = cause.source();
    }
    causes
}

/// Finds an error of type `E` among the sources, also behind `std::io::Error`, which hides what it carries.
#[must_use]
pub fn find_source<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<E>() {
            return Some(found);
        }
        let carried = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = carried.and_then(|carried| find_source::<E>(carried as &(dyn Error + 'static))) {
            return Some(found);
        }
        next = current.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let named = ErrorId::ALL.iter().any(|id| id.exit() == exit);
            assert!(named || exit == Exit::Done, "{exit:?} is reached by no id");
        }
    }

    #[test]
    fn a_cause_that_was_already_said_is_not_repeated() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot read: gone")]
        struct Outer(#[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("gone")]
        struct Inner(#[source] Innermost);
        #[derive(Debug, thiserror::Error)]
        #[error("the disk is away")]
        struct Innermost;

        assert_eq!(causes(&Outer(Inner(Innermost))), ["the disk is away"]);
    }
}
