//! Why Helm was of no use, told from the little that it says.

use std::{io, time::Duration};

use crate::{
    error::{ErrorId, Failure},
    words::{Phrase, phrase, said},
    world::host::Denied,
};

/// What installs or upgrades a release.
pub(super) const UPGRADE: &str = "upgrade --install";
/// The same without effects: rendered, and compared with what the API server knows (Helm 3.13 or later).
pub(super) const TRY: &str = "upgrade --install --dry-run=server";
/// As much of it as Helm does for a release that an interrupted run left `pending-*`.
pub(super) const TRY_INTERRUPTED: &str = "template --is-upgrade --validate --dry-run=server";
/// Rendered as for an installation, and no more.
pub(super) const RENDER: &str = "template --dry-run=server";

/// Why Helm was of no use.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum HelmError {
    /// There is no such command where it was searched.
    Missing { searched: String },
    /// The command, or the chart, may be there, and this user may not get at it.
    Denied { what: ErrorId, why: Denied },
    /// The chart that should be at this path cannot be read.
    Chart { path: String, reason: Phrase },
    /// It could not be run.
    Run(io::Error),
    /// The subcommand gave up, or refused in a rehearsal: the end of what it wrote to standard error, and the dotted
    /// paths of the values given to it that it names.
    Refused { action: &'static str, said: String, values: Vec<String> },
    /// The chart makes its own namespace in a hook.
    NamespaceInHook { namespace: String },
    /// The subcommand did not end within the limit.
    Stuck { action: &'static str, limit: Duration },
    /// One that an earlier run started did not end within the limit.
    Busy { limit: Duration },
}

said! { HelmError:
    Self::Missing { searched } => "helm-missing" { searched },
    Self::Denied { why, .. } => (why),
    Self::Chart { path, reason } => "helm-chart-unreadable" { path, reason },
    Self::Run(error) => "helm-not-run" because theirs(error),
    Self::Refused { action, said, .. } => "helm-failed" { action, said: complained(said) },
    Self::NamespaceInHook { namespace } => "helm-namespace-in-hook" { namespace },
    Self::Stuck { action, limit } => "helm-stuck" { action, seconds: limit.as_secs() },
    Self::Busy { limit } => "helm-busy" { seconds: limit.as_secs() },
}

fn complained(said: &str) -> Phrase {
    if said.is_empty() { phrase!("helm-said-nothing") } else { said.into() }
}

impl Failure for HelmError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Missing { .. } | Self::Run(_) => ErrorId::HelmMissing,
            Self::Denied { what, .. } => *what,
            Self::Busy { .. } => ErrorId::AlreadyRunning,
            Self::Chart { .. } => ErrorId::ChartUnreadable,
            Self::Refused { said, .. } if is_without_server(said) => ErrorId::KubernetesUnreachable,
            Self::Refused { action: UPGRADE, .. } | Self::Stuck { action: UPGRADE, .. } => ErrorId::BootstrapFailed,
            Self::Refused { said, .. } => refusal_id(said),
            Self::NamespaceInHook { .. } => ErrorId::ChartRefused,
            // In a rehearsal nothing was begun that could have failed: Helm waits for the API server.
            Self::Stuck { .. } => ErrorId::KubernetesUnreachable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Denied { why, .. } => Some(why.hint()),
            Self::Busy { .. } => Some(phrase!("helm-busy-hint")),
            Self::NamespaceInHook { .. } => Some(phrase!("helm-namespace-in-hook-hint")),
            Self::Refused { said, .. } if is_without_server(said) => None,
            Self::Refused { action: UPGRADE, .. } => Some(phrase!("helm-failed-hint")),
            Self::Refused { said, .. } if is_too_old(said) => Some(phrase!("helm-too-old-hint")),
            _ => None,
        }
    }
}

/// Whether Helm's complaint names the value at this dotted path: as a JSON pointer, or before Helm 3.18 with dots.
pub(super) fn names(said: &str, path: &str) -> bool {
    said.contains(&format!("'/{}'", path.replace('.', "/"))) || said.contains(&format!("- {path}: "))
}

/// Whether it is the API server that does not answer, in the words of Helm and of apimachinery (`NewTimeoutError`,
/// `NewGenericServerResponse`): nothing about the chart.
fn is_without_server(said: &str) -> bool {
    let words = [
        "cluster unreachable",
        "the server was unable to return a response in the time allotted",
        "the server is currently unable to handle the request",
        "request did not complete within requested timeout",
    ];
    let said = said.to_lowercase();
    words.iter().any(|words| said.contains(words))
}

/// Helm tells everything with one exit status: what is not about the chart is told apart by client-go's words.
fn refusal_id(said: &str) -> ErrorId {
    if said.contains(" is forbidden: User ") {
        ErrorId::KubernetesForbidden
    } else if is_too_old(said) {
        ErrorId::HelmMissing
    } else {
        ErrorId::ChartRefused
    }
}

/// Before 3.13 Helm had one kind of dry run, and takes no other.
fn is_too_old(said: &str) -> bool {
    said.contains("invalid argument \"server\"")
}

/// What Helm says at its end: the lines from `Error:` on, or else the last one; empty when it says nothing.
pub(super) fn complaint(said: &str) -> &str {
    let said = said.trim();
    match said.rfind("Error: ") {
        Some(start) => &said[start + "Error: ".len()..],
        None => said.lines().next_back().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints() {
        for (said, expected) in [
            ("", ""),
            ("warning: old\nno such host\n", "no such host"),
            ("warning: old\nError: values do not fit\n- at '/x': no\n", "values do not fit\n- at '/x': no"),
        ] {
            assert_eq!(complaint(said), expected);
        }
        let silent = HelmError::Refused { action: UPGRADE, said: complaint("\n").to_owned(), values: vec![] };
        assert_eq!(silent.to_string(), "`helm upgrade --install` failed: it said nothing");
    }

    #[test]
    fn refusals_that_are_not_about_the_chart() {
        for (said, tried, upgraded) in [
            ("values don't meet the specifications of the schema(s)", ErrorId::ChartRefused, ErrorId::BootstrapFailed),
            (
                "no matches for kind \"Route\" in version \"v1\"\nensure CRDs are installed first",
                ErrorId::ChartRefused,
                ErrorId::BootstrapFailed,
            ),
            (
                "query: failed to query with labels: secrets is forbidden: User \"u\" cannot",
                ErrorId::KubernetesForbidden,
                ErrorId::BootstrapFailed,
            ),
            (
                "kubernetes cluster unreachable: Get \"https://127.0.0.1:1\"",
                ErrorId::KubernetesUnreachable,
                ErrorId::KubernetesUnreachable,
            ),
            (
                "Unable to continue with install: could not get information about the resource ServiceAccount \"b\": the \
                 server was unable to return a response in the time allotted, but may still be processing the request",
                ErrorId::KubernetesUnreachable,
                ErrorId::KubernetesUnreachable,
            ),
            (
                "the server is currently unable to handle the request (get serviceaccounts b)",
                ErrorId::KubernetesUnreachable,
                ErrorId::KubernetesUnreachable,
            ),
            ("timed out waiting for the condition", ErrorId::ChartRefused, ErrorId::BootstrapFailed),
            (
                "invalid argument \"server\" for \"--dry-run\" flag: strconv.ParseBool",
                ErrorId::HelmMissing,
                ErrorId::BootstrapFailed,
            ),
        ] {
            for (action, expected) in [(TRY, tried), (UPGRADE, upgraded)] {
                let refused = HelmError::Refused { action, said: said.to_owned(), values: Vec::new() };
                assert_eq!(refused.id(), expected, "{action}: {said}");
            }
        }
    }

    #[test]
    fn the_values_that_a_complaint_names() {
        for (said, path, expected) in [
            ("- at '/ingress/host': got string", "ingress.host", true),
            ("bootstrap: - ingress.host: Does not match", "ingress.host", true),
            ("- at '/ingress/host/inner': got string", "ingress.host", false),
            ("- at '/another': got string", "ingress.host", false),
        ] {
            assert_eq!(names(said, path), expected, "{said}");
        }
    }

    #[test]
    fn a_helm_that_hangs_has_begun_nothing_in_a_rehearsal() {
        for (action, expected) in [(TRY, ErrorId::KubernetesUnreachable), (UPGRADE, ErrorId::BootstrapFailed)] {
            assert_eq!(HelmError::Stuck { action, limit: Duration::from_secs(1) }.id(), expected);
        }
    }
}
