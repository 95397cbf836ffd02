//! What a pod tells: why it has no place, what it waits for, who ended it, and what its containers say.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod, PodCondition, PodStatus};

use super::{
    container::Container,
    diagnosis::{Diagnosis, MOST, cause_last},
    events::{is, obstacle, progress},
};
use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};

/// What something is known by, and what helps then.
type Help = (&'static [&'static str], fn() -> Phrase);

/// What helps against an obstacle, by the reasons of its event.
const OBSTACLES: [Help; 2] = [
    (&["FailedMount", "FailedAttachVolume", "FailedMapVolume"], || phrase!("diagnosis-volume-hint")),
    (&["FailedCreatePodSandBox", "NetworkNotReady", "FailedPodSandBoxStatus", "NodeNotReady"], || {
        phrase!("diagnosis-sandbox-hint")
    }),
];

/// What can be in the way of a pod that runs.
const WHILE_RUNNING: [&str; 2] = ["NodeNotReady", "Unhealthy"];

/// A scheduler gives one reason for all that it finds, and a sentence: what it has in it, and what helps.
const UNSCHEDULED: [Help; 4] = [
    (&["persistentvolumeclaim", "PersistentVolumeClaim"], || phrase!("diagnosis-claim-hint")),
    (&["Insufficient ", "Too many pods"], || phrase!("diagnosis-room-hint")),
    (&["untolerated taint"], || phrase!("diagnosis-taint-hint")),
    (&["node affinity/selector", "node selector"], || phrase!("diagnosis-selector-hint")),
];

/// Says what a pod is doing, or why it is not.
pub(super) fn of_pod(pod: &Pod, events: &[Event]) -> Diagnosis {
    let none = PodStatus::default();
    let status = pod.status.as_ref().unwrap_or(&none);
    let containers = containers(pod, status, events);
    let fault = || containers.iter().find_map(Container::fault);
    if let Some(diagnosis) = ended_by_kubernetes(pod, status).or_else(fault) {
        let cannot_start = diagnosis.cannot_start && !containers.iter().any(Container::runs);
        return Diagnosis { cannot_start, ..diagnosis };
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return Diagnosis::seen(phrase!("diagnosis-pod-deleted" { pod: name(pod) })).gone();
    }
    unscheduled(pod, status).unwrap_or_else(|| waits_or_runs(pod, status, &containers, events))
}

fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

fn namespace(pod: &Pod) -> &str {
    pod.metadata.namespace.as_deref().unwrap_or_default()
}

/// Those that go before come first.
fn containers<'a>(pod: &'a Pod, status: &'a PodStatus, events: &'a [Event]) -> Vec<Container<'a>> {
    let of = |statuses: &'a Option<Vec<ContainerStatus>>, is_init| {
        let statuses = statuses.as_deref().unwrap_or_default().iter();
        statuses.map(move |status| Container { pod, status, is_init, events })
    };
    of(&status.init_container_statuses, true).chain(of(&status.container_statuses, false)).collect()
}

fn condition<'a>(status: &'a PodStatus, kind: &str, value: &str) -> Option<&'a PodCondition> {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    conditions.iter().find(|condition| condition.type_ == kind && condition.status == value)
}

/// What Kubernetes says of a pod that it refused or ended itself.
fn ended_by_kubernetes(pod: &Pod, status: &PodStatus) -> Option<Diagnosis> {
    let name = name(pod);
    let why = |message: &Option<String>| plain_text(message.as_deref().unwrap_or_default(), MOST);
    if let Some(reason) = status.reason.as_deref() {
        let why = why(&status.message);
        let (sentence, action) = if let Some(resource) = reason.strip_prefix("OutOf") {
            let resource = plain_text(resource, 40);
            (phrase!("diagnosis-no-room" { pod: name, resource }), phrase!("diagnosis-room-hint"))
        } else {
            match reason {
                "Evicted" => (phrase!("diagnosis-evicted" { pod: name, why }), phrase!("diagnosis-room-hint")),
                "DeadlineExceeded" => {
                    let hint = phrase!("diagnosis-deadline-hint" { namespace: namespace(pod), pod: name });
                    (phrase!("diagnosis-deadline" { pod: name }), hint)
                }
                other => ended(pod, other, &why),
            }
        };
        return Some(Diagnosis::seen(sentence).with(action));
    }
    let taken = condition(status, "DisruptionTarget", "True")?;
    let (sentence, action) = ended(pod, taken.reason.as_deref().unwrap_or_default(), &why(&taken.message));
    Some(Diagnosis::seen(sentence).with(action))
}

/// In Kubernetes' own words, and what to do.
fn ended(pod: &Pod, reason: &str, why: &str) -> (Phrase, Phrase) {
    let (namespace, pod, reason) = (namespace(pod), name(pod), plain_text(reason, 80));
    (phrase!("diagnosis-pod-ended" { pod, reason, why }), phrase!("diagnosis-pod-ended-hint" { namespace, pod }))
}

fn unscheduled(pod: &Pod, status: &PodStatus) -> Option<Diagnosis> {
    let condition = condition(status, "PodScheduled", "False")?;
    let name = name(pod);
    if condition.reason.as_deref() == Some("SchedulingGated") {
        let gated = phrase!("diagnosis-gated" { pod: name });
        return Some(Diagnosis::stuck(gated, phrase!("diagnosis-gated-hint")));
    }
    let message = condition.message.as_deref().unwrap_or_default();
    let hint = UNSCHEDULED.iter().find(|(parts, _)| parts.iter().any(|part| message.contains(part)));
    let hint = hint.map_or_else(|| phrase!("diagnosis-no-node-hint"), |(_, hint)| hint());
    let why = if message.is_empty() { phrase!("diagnosis-no-reason") } else { plain_text(message, MOST).into() };
    Some(Diagnosis::stuck(phrase!("diagnosis-no-node" { pod: name, why }), hint))
}

fn waits_or_runs(pod: &Pod, status: &PodStatus, containers: &[Container<'_>], events: &[Event]) -> Diagnosis {
    let name = name(pod);
    let running = containers.iter().find(|container| container.runs());
    let phase = status.phase.as_deref().unwrap_or("Pending");
    let seen = match running {
        Some(init) if init.is_init && phase == "Pending" => {
            phrase!("diagnosis-initializing" { pod: name, container: init.name() })
        }
        None if phase == "Pending" && progress(events).is_some_and(|event| is(event, &["Pulling"])) => {
            phrase!("diagnosis-pulling" { pod: name })
        }
        _ => phrase!("diagnosis-pod" { pod: name, phase: phase.to_lowercase() }),
    };
    let seen = Diagnosis::seen(seen).written_by(running.and_then(Container::running_output));
    if let Some(before) = running.and_then(Container::ended_before) {
        return seen.after(before);
    }
    let in_the_way = obstacle(events).filter(|event| running.is_none() || is(event, &WHILE_RUNNING));
    let Some(event) = in_the_way.filter(|_| matches!(phase, "Pending" | "Running")) else { return seen };
    let why = cause_last(event.message.as_deref().unwrap_or_default());
    if running.is_some() {
        let sentence = phrase!("because-of" { message: seen.sentence, cause: why });
        return Diagnosis { sentence, ..seen };
    }
    let reason = plain_text(event.reason.as_deref().unwrap_or_default(), 80);
    let hint = OBSTACLES.iter().find(|(reasons, _)| is(event, reasons));
    let hint = hint.map_or_else(|| phrase!("diagnosis-obstacle-hint"), |(_, hint)| hint());
    Diagnosis::stuck(phrase!("diagnosis-obstacle" { pod: name, reason, why }), hint)
}
