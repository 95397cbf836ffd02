//! From pods and events to one sentence and one next action; pure.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Event, Pod};

use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};

/// What is seen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnosis {
    /// One sentence without a final period.
    pub(super) sentence: Phrase,
    /// The next action, when there is one that is better than waiting.
    pub(super) action: Option<Phrase>,
    /// No container runs and none can start, so that nothing is lost by starting anew.
    pub(super) cannot_start: bool,
}

impl Diagnosis {
    /// Something that is seen, and that waiting is the answer to.
    pub(super) fn seen(sentence: Phrase) -> Self {
        Self { sentence, action: None, cannot_start: false }
    }

    fn with(self, action: Phrase) -> Self {
        Self { action: Some(action), ..self }
    }
}

/// Explains what the pods of a Job are doing.
pub(super) fn of(pods: &[Pod], events: &[Event]) -> Diagnosis {
    let newest = pods.iter().max_by_key(|pod| pod.metadata.creation_timestamp.as_ref().map(|time| time.0));
    let Some(pod) = newest else { return without_pod(events) };
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let status = pod.status.as_ref();
    let containers = || {
        status.into_iter().flat_map(|status| {
            let init = status.init_container_statuses.as_deref().unwrap_or_default();
            init.iter().chain(status.container_statuses.as_deref().unwrap_or_default())
        })
    };
    if let Some(diagnosis) = containers().find_map(|container| of_container(name, container)) {
        let running =
            |container: &ContainerStatus| container.state.as_ref().is_some_and(|state| state.running.is_some());
        let cannot_start = diagnosis.cannot_start && !containers().any(running);
        return Diagnosis { cannot_start, ..diagnosis };
    }
    let conditions = status.and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let unscheduled =
        conditions.iter().find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    if let Some(condition) = unscheduled {
        let why = condition.message.as_deref().map(|why| Phrase::from(plain_text(why, 200)));
        let why = why.unwrap_or_else(|| phrase!("diagnosis-no-reason"));
        return Diagnosis::seen(phrase!("diagnosis-no-node" { pod: name, why }))
            .with(phrase!("diagnosis-no-node-hint"));
    }
    let phase = status.and_then(|status| status.phase.as_deref()).unwrap_or("Pending");
    Diagnosis::seen(phrase!("diagnosis-pod" { pod: name, phase: phase.to_lowercase() }))
}

fn without_pod(events: &[Event]) -> Diagnosis {
    let warning = events.iter().rev().find(|event| event.type_.as_deref() == Some("Warning"));
    match warning.and_then(|event| event.message.as_deref()) {
        Some(message) => Diagnosis::seen(phrase!("diagnosis-pod-refused" { why: plain_text(message, 200) }))
            .with(phrase!("diagnosis-pod-refused-hint")),
        None => Diagnosis::seen(phrase!("diagnosis-no-pod")),
    }
}

fn of_container(pod: &str, container: &ContainerStatus) -> Option<Diagnosis> {
    let state = container.state.as_ref()?;
    let name = &container.name;
    if let Some(waiting) = &state.waiting {
        let message = plain_text(waiting.message.as_deref().unwrap_or_default(), 300);
        return match waiting.reason.as_deref().unwrap_or_default() {
            "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
                // Only searched, never shown: a kubelet says the cause last, after much that is known.
                image(&container.image, waiting.message.as_deref().unwrap_or_default())
            }
            "CreateContainerConfigError" | "CreateContainerError" => Some(Diagnosis {
                sentence: phrase!("diagnosis-container-refused" { container: name, pod, why: message }),
                action: Some(phrase!("diagnosis-container-refused-hint")),
                cannot_start: true,
            }),
            "CrashLoopBackOff" => {
                Some(crashed(pod, name, container.last_state.as_ref().and_then(|last| last.terminated.as_ref())))
            }
            _ => None,
        };
    }
    let ended = state.terminated.as_ref().filter(|ended| ended.exit_code != 0)?;
    Some(crashed(pod, name, Some(ended)))
}

/// Why an image is not there: what the kubelet's message has in it, and then what is wrong and what helps.
type Cause = (&'static [&'static str], fn(&str) -> (Phrase, Phrase));

/// The first that fits counts, and the last fits always.
const IMAGE: [Cause; 5] = [
    (&["no such host", "lookup "], |registry| {
        (phrase!("diagnosis-image-no-name"), phrase!("diagnosis-image-no-name-hint" { registry }))
    }),
    (&["x509", "certificate"], |registry| {
        (phrase!("diagnosis-image-untrusted"), phrase!("diagnosis-image-untrusted-hint" { registry }))
    }),
    (&["401", "403", "denied", "unauthorized"], |registry| {
        (phrase!("diagnosis-image-denied"), phrase!("diagnosis-image-denied-hint" { registry }))
    }),
    (&["not found"], |_| (phrase!("diagnosis-image-unknown"), phrase!("diagnosis-image-unknown-hint"))),
    (&[""], |registry| {
        (phrase!("diagnosis-image-unreachable"), phrase!("diagnosis-image-unreachable-hint" { registry }))
    }),
];

fn image(image: &str, message: &str) -> Option<Diagnosis> {
    let registry = image.split('/').next().unwrap_or_default();
    let fits = |(parts, _): &&Cause| parts.iter().any(|part| message.contains(part));
    let (why, action) = IMAGE.iter().find(fits)?.1(registry);
    let sentence = phrase!("diagnosis-image" { image, why });
    Some(Diagnosis { sentence, action: Some(action), cannot_start: true })
}

fn crashed(pod: &str, container: &str, last: Option<&ContainerStateTerminated>) -> Diagnosis {
    let ended = match last {
        Some(last) => phrase!("diagnosis-ended-with" { container, status: last.exit_code }),
        None => phrase!("diagnosis-ended" { container }),
    };
    let said = last.and_then(|last| last.message.as_deref()).map(|said| plain_text(said, 300));
    let sentence = match said.filter(|said| !said.is_empty()) {
        Some(said) => phrase!("because-of" { message: ended, cause: said }),
        None => ended,
    };
    Diagnosis::seen(sentence).with(phrase!("diagnosis-ended-hint" { pod, container }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sentence(status: &Value) -> String {
        let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).expect("a Pod");
        of(&[pod], &[]).sentence.to_string()
    }

    fn waiting(reason: &str, message: &str) -> Value {
        let state = json!({"waiting": {"reason": reason, "message": message}});
        json!({"containerStatuses": [{"name": "c", "image": "r.example/x:1", "imageID": "", "ready": false, "restartCount": 0, "state": state}]})
    }

    #[test]
    fn what_is_seen_becomes_one_sentence() {
        for (status, expected) in [
            (json!({"phase": "Running"}), "pod `p` is running"),
            (
                json!({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]}),
                "pod `p` has no node: 0/1 nodes are available",
            ),
            (
                waiting("ImagePullBackOff", "dial tcp: lookup r.example: no such host"),
                "image `r.example/x:1` cannot be pulled: the registry's name does not resolve",
            ),
            (
                waiting("ImagePullBackOff", &format!("{}: lookup r.example: no such host", "again and ".repeat(60))),
                "image `r.example/x:1` cannot be pulled: the registry's name does not resolve",
            ),
            (
                waiting("ErrImagePull", "manifest unknown: not found"),
                "image `r.example/x:1` cannot be pulled: the registry does not have it",
            ),
            (
                waiting("CreateContainerConfigError", "secret \"x\" not found"),
                "container `c` of pod `p` cannot be created: secret \"x\" not found",
            ),
            (
                json!({"containerStatuses": [{"name": "c", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                    "state": {"terminated": {"exitCode": 3, "message": "tenant mismatch\n"}}}]}),
                "container `c` ended with status 3: tenant mismatch",
            ),
        ] {
            assert_eq!(sentence(&status), expected);
        }
    }

    #[test]
    fn without_a_pod_the_events_speak() {
        let event: Event = serde_json::from_value(json!({
            "metadata": {}, "involvedObject": {}, "type": "Warning", "message": "exceeded quota: pods",
        }))
        .expect("an Event");
        assert_eq!(of(&[], &[event]).sentence.to_string(), "no pod was created: exceeded quota: pods");
        assert_eq!(of(&[], &[]).sentence.to_string(), "no pod was created yet");
    }
}
