//! What a container tells: why it cannot start, or how it ended.

use k8s_openapi::api::core::v1::{Container as Spec, ContainerStateTerminated, ContainerStatus, Event, Pod};

use super::{
    diagnosis::{Diagnosis, MOST, Output, Role, cause_last},
    events::newest_of,
    image::image,
    output::last_words,
};
use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};

/// One container of a pod, and the events about the pod.
#[derive(Clone, Copy)]
pub(super) struct Container<'a> {
    pub(super) pod: &'a Pod,
    pub(super) status: &'a ContainerStatus,
    pub(super) is_init: bool,
    pub(super) events: &'a [Event],
}

/// What is said of a container that waits, from its message.
type Waits = fn(&Container<'_>, reason: &str, message: &str) -> Option<Diagnosis>;

/// Kubernetes' reasons for waiting. Those that only the pod's events explain are not here.
const WAITING: [(&[&str], Waits); 4] = [
    (
        &[
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed",
        ],
        |container, reason, message| Some(container.without_image(reason, message)),
    ),
    (&["CrashLoopBackOff"], |container, _, _| container.ended_before()),
    (&["RunContainerError", "PreStartHookError", "PostStartHookError"], |container, _, message| {
        Some(container.unstarted(message))
    }),
    (&["CreateContainerConfigError", "CreateContainerError", "PreCreateHookError"], |container, _, message| {
        let (container, pod) = (container.name(), container.pod_name());
        let why = cause_last(message);
        let sentence = phrase!("diagnosis-container-refused" { container, pod, why });
        Some(Diagnosis::stuck(sentence, phrase!("diagnosis-container-refused-hint")))
    }),
];

/// What is said of a container that has ended.
type Ends = fn(&Container<'_>, &ContainerStateTerminated) -> Diagnosis;

/// Kubernetes' reasons for an end that the status alone does not tell.
const ENDED: [(&[&str], Ends); 3] = [
    (&["OOMKilled"], |container, _| container.out_of_memory()),
    (&["StartError", "ContainerCannotRun"], |container, ended| {
        container.unstarted(ended.message.as_deref().unwrap_or_default())
    }),
    // The kubelet, or the container runtime, does not know any more what it ran.
    (&["ContainerStatusUnknown", "Unknown"], |container, _| {
        Diagnosis::seen(phrase!("diagnosis-lost" { container: container.name() })).with(phrase!("diagnosis-lost-hint"))
    }),
];

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// What a kubelet writes down when it ends a container itself, and why it does.
const KILLING: [&str; 1] = ["Killing"];
const WHY_KILLED: [&str; 2] = ["Unhealthy", "FailedPostStartHook"];

impl Container<'_> {
    /// What is wrong with it, if something is.
    pub(super) fn fault(&self) -> Option<Diagnosis> {
        let state = self.status.state.as_ref();
        if let Some(waiting) = state.and_then(|state| state.waiting.as_ref()) {
            let reason = waiting.reason.as_deref().unwrap_or_default();
            let (_, told) = WAITING.iter().find(|(reasons, _)| reasons.contains(&reason))?;
            return told(self, reason, waiting.message.as_deref().unwrap_or_default());
        }
        self.ended(state?.terminated.as_ref()?, false)
    }

    pub(super) fn runs(&self) -> bool {
        self.status.state.as_ref().is_some_and(|state| state.running.is_some())
    }

    /// What it writes while it runs.
    pub(super) fn running_output(&self) -> Option<Output> {
        self.runs().then(|| self.output(false, Role::Running))
    }

    /// With its sort, for a sentence.
    pub(super) fn name(&self) -> Phrase {
        let name = &self.status.name;
        if self.is_init {
            phrase!("diagnosis-init-container" { name })
        } else {
            phrase!("diagnosis-container" { name })
        }
    }

    fn pod_name(&self) -> &str {
        self.pod.metadata.name.as_deref().unwrap_or_default()
    }

    fn output(&self, previous: bool, role: Role) -> Output {
        let (pod, container) = (path_of(self.pod), self.status.name.clone());
        Output { pod, container, restarts: self.status.restart_count, previous, role }
    }

    fn without_image(&self, reason: &str, message: &str) -> Diagnosis {
        let told = |event: &Event| event.message.clone().unwrap_or_default();
        let failed = self.events.iter().filter(|event| event.reason.as_deref() == Some("Failed")).map(told);
        let messages: Vec<String> = [message.to_owned()].into_iter().chain(failed).collect();
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        let secret = newest_of(self.events, &["FailedToRetrieveImagePullSecret"]).map(told);
        let secret = secret.map(|secret| plain_text(&secret, MOST));
        image(&self.status.image, reason, &messages, secret.as_deref())
    }

    /// How it ended before it was started again.
    pub(super) fn ended_before(&self) -> Option<Diagnosis> {
        self.ended(self.status.last_state.as_ref()?.terminated.as_ref()?, true)
    }

    fn ended(&self, ended: &ContainerStateTerminated, previous: bool) -> Option<Diagnosis> {
        let signal = signal_of(ended);
        // What is deleted is ended so, whatever it was doing.
        let deleted = self.pod.metadata.deletion_timestamp.is_some() && matches!(signal, Some(SIGKILL | SIGTERM));
        if ended.exit_code == 0 || deleted {
            return None;
        }
        let reason = ended.reason.as_deref().unwrap_or_default();
        if let Some((_, told)) = ENDED.iter().find(|(reasons, _)| reasons.contains(&reason)) {
            return Some(told(self, ended).written_by(Some(self.output(previous, Role::Record))));
        }
        let (container, pod, status) = (self.name(), self.pod_name(), ended.exit_code);
        let sentence = phrase!("diagnosis-ended-with" { container, status, meaning: meaning(status, signal) });
        let words = said(ended).or_else(|| signal.and_then(|_| self.why_killed()));
        let role = if words.is_some() { Role::Record } else { Role::Cause };
        let sentence = match words {
            Some(cause) => phrase!("because-of" { message: sentence, cause }),
            None => sentence,
        };
        let namespace = self.pod.metadata.namespace.as_deref().unwrap_or_default();
        let hint = phrase!("diagnosis-ended-hint" { namespace, pod, container: &self.status.name });
        Some(Diagnosis::seen(sentence).with(hint).written_by(Some(self.output(previous, role))))
    }

    /// What a kubelet says that has ended it, as for a probe that it does not pass.
    fn why_killed(&self) -> Option<String> {
        newest_of(self.events, &KILLING)?;
        let why = newest_of(self.events, &WHY_KILLED)?;
        Some(plain_text(why.message.as_deref()?, MOST))
    }

    fn unstarted(&self, message: &str) -> Diagnosis {
        let sentence = phrase!("diagnosis-unstarted" { container: self.name(), why: cause_last(message) });
        Diagnosis::stuck(sentence, phrase!("diagnosis-unstarted-hint"))
    }

    fn out_of_memory(&self) -> Diagnosis {
        let container = self.name();
        let spec = self.pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers));
        let spec = spec.into_iter().find(|spec: &&Spec| spec.name == self.status.name);
        let limits = |spec: &Spec| spec.resources.as_ref()?.limits.as_ref()?.get("memory").cloned();
        let sentence = match spec.map(limits) {
            Some(None) => phrase!("diagnosis-machine-memory" { container }),
            Some(Some(limit)) => {
                let limit = phrase!("diagnosis-limit" { limit: plain_text(&limit.0, 40) });
                phrase!("diagnosis-out-of-memory" { container, limit })
            }
            None => phrase!("diagnosis-out-of-memory" { container, limit: Phrase::nothing() }),
        };
        Diagnosis::seen(sentence).with(phrase!("diagnosis-memory-hint"))
    }
}

/// What a program left as its last words. They may also be the end of its output.
fn said(ended: &ContainerStateTerminated) -> Option<String> {
    let message = ended.message.as_deref()?;
    let whole = plain_text(message, MOST + 1);
    if whole.chars().count() <= MOST {
        return (!whole.is_empty()).then_some(whole);
    }
    last_words(&message.lines().map(str::to_owned).collect::<Vec<_>>())
}

fn signal_of(ended: &ContainerStateTerminated) -> Option<i32> {
    let by_status = || (129..=128 + 64).contains(&ended.exit_code).then(|| ended.exit_code - 128);
    ended.signal.filter(|signal| *signal > 0).or_else(by_status)
}

/// What a status says by custom.
fn meaning(status: i32, signal: Option<i32>) -> Phrase {
    match (signal, status) {
        (Some(SIGKILL), _) => phrase!("diagnosis-killed"),
        (Some(SIGTERM), _) => phrase!("diagnosis-told-to-end"),
        (Some(signal), _) => phrase!("diagnosis-signal" { signal }),
        (None, 126) => phrase!("diagnosis-not-executable"),
        (None, 127) => phrase!("diagnosis-no-command"),
        (None, _) => Phrase::nothing(),
    }
}

/// Where a pod is, as a path (see [`crate::world::Jobs`]): a Job of a release may be in another namespace.
pub(in crate::steps::bootstrap) fn path_of(pod: &Pod) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    pod.metadata.namespace.as_ref().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}
