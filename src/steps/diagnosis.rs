//! From pods and events to one sentence and one next action; pure.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};

use crate::values::plain_text;

/// What is seen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnosis {
    /// One sentence without a final period.
    pub(super) sentence: String,
    /// The next action, when there is one that is better than waiting.
    pub(super) action: Option<String>,
    /// No container runs and none can start, so that nothing is lost by starting anew.
    pub(super) cannot_start: bool,
}

impl Diagnosis {
    /// Something that is seen, and that waiting is the answer to.
    pub(super) fn seen(sentence: String) -> Self {
        Self { sentence, action: None, cannot_start: false }
    }

    fn with(self, action: String) -> Self {
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
        let why = plain_text(condition.message.as_deref().unwrap_or("no reason given"), 200);
        let action = "see `kubectl get nodes`: a node must be Ready and have room; then run again".to_owned();
        return Diagnosis::seen(format!("pod `{name}` has no node: {why}")).with(action);
    }
    let phase = status.and_then(|status| status.phase.as_deref()).unwrap_or("Pending");
    Diagnosis::seen(format!("pod `{name}` is {}", phase.to_lowercase()))
}

fn without_pod(events: &[Event]) -> Diagnosis {
    let warning = events.iter().rev().find(|event| event.type_.as_deref() == Some("Warning"));
    match warning.and_then(|event| event.message.as_deref()) {
        Some(message) => Diagnosis::seen(format!("no pod was created: {}", plain_text(message, 200)))
            .with("correct what the message names (quota, admission, service account), then run again".to_owned()),
        None => Diagnosis::seen("no pod was created yet".to_owned()),
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
                Some(image(&container.image, waiting.message.as_deref().unwrap_or_default()))
            }
            "CreateContainerConfigError" | "CreateContainerError" => Some(Diagnosis {
                sentence: format!("container `{name}` of pod `{pod}` cannot be created: {message}"),
                action: Some("correct what the message names in the chart or the Secrets, then run again".to_owned()),
                cannot_start: true,
            }),
            "CrashLoopBackOff" => {
                let last = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
                let said = last.and_then(|last| last.message.as_deref()).map(|said| plain_text(said, 300));
                Some(crashed(pod, name, last.map(|last| last.exit_code), said))
            }
            _ => None,
        };
    }
    let ended = state.terminated.as_ref().filter(|ended| ended.exit_code != 0)?;
    Some(crashed(pod, name, Some(ended.exit_code), ended.message.as_deref().map(|said| plain_text(said, 300))))
}

fn image(image: &str, message: &str) -> Diagnosis {
    let host = image.split('/').next().unwrap_or_default();
    let (why, action) = if message.contains("no such host") || message.contains("lookup ") {
        (
            "the registry's name does not resolve",
            format!("correct this machine's DNS so that `{host}` resolves, then run again"),
        )
    } else if message.contains("x509") || message.contains("certificate") {
        (
            "the registry's certificate is not trusted",
            format!("add the authority of `{host}` to the container runtime's trust store, then run again"),
        )
    } else if message.contains("401")
        || message.contains("403")
        || message.contains("denied")
        || message.contains("unauthorized")
    {
        ("the registry refuses access", format!("check the credentials for `{host}`, then run again"))
    } else if message.contains("not found") {
        ("the registry does not have it", "check the image's name and tag in the chart, then run again".to_owned())
    } else {
        ("the registry cannot be reached", format!("check that this machine reaches `{host}`, then run again"))
    };
    Diagnosis { sentence: format!("image `{image}` cannot be pulled: {why}"), action: Some(action), cannot_start: true }
}

fn crashed(pod: &str, container: &str, code: Option<i32>, said: Option<String>) -> Diagnosis {
    let code = code.map(|code| format!(" with status {code}")).unwrap_or_default();
    let said = said.filter(|said| !said.is_empty()).map(|said| format!(": {said}")).unwrap_or_default();
    Diagnosis::seen(format!("container `{container}` ended{code}{said}"))
        .with(format!("see `kubectl logs {pod} -c {container}`, correct the cause, then run again"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sentence(status: &Value) -> String {
        let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).expect("a Pod");
        of(&[pod], &[]).sentence
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
        assert_eq!(of(&[], &[event]).sentence, "no pod was created: exceeded quota: pods");
        assert_eq!(of(&[], &[]).sentence, "no pod was created yet");
    }
}
