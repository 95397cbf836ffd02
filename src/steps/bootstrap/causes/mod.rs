//! From a Job, its pods and their events to one sentence and one next action; pure.

mod container;
mod diagnosis;
mod events;
mod image;
mod output;
mod pod;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use k8s_openapi::api::{
    batch::v1::{Job, JobCondition},
    core::v1::{Event, Pod},
};

pub(super) use container::path_of;
pub(in crate::steps) use diagnosis::Diagnosis;
pub(super) use diagnosis::{Output, Role};

use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};
use diagnosis::MOST;
use output::{error_in, last_words};

/// What there is to be judged.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Newest first; see [`newest_first`].
    pub(super) pods: Vec<Pod>,
    /// The Job itself, where no pod can tell.
    pub(super) job: Option<Job>,
    pub(super) events_of_job: Vec<Event>,
    /// The events about the newest pod.
    pub(super) events_of_pod: Vec<Event>,
}

/// The pods by their age; those that are being deleted come after all others.
pub(super) fn newest_first(pods: &mut [Pod]) {
    pods.sort_by_key(|pod| {
        let metadata = &pod.metadata;
        (metadata.deletion_timestamp.is_some(), Reverse(metadata.creation_timestamp.as_ref().map(|time| time.0)))
    });
}

/// Whether a pod runs as it should, or has run.
pub(super) fn is_well(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    let is_ready = conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True");
    is_ready || status.and_then(|status| status.phase.as_deref()) == Some("Succeeded")
}

/// The one that tells most of pods that have nothing to do with each other: one that waiting does not mend.
pub(super) fn worst(pods: Vec<Pod>) -> Option<Pod> {
    let mends_itself = |pod: &Pod| pod::of_pod(pod, &[]).action.is_none();
    // Of those alike the first.
    pods.into_iter().min_by_key(mends_itself)
}

/// Explains what a Job and its pods are doing.
pub(super) fn of(evidence: &Evidence) -> Diagnosis {
    let Some((newest, older)) = evidence.pods.split_first() else { return without_pod(evidence) };
    let seen = pod::of_pod(newest, &evidence.events_of_pod);
    if seen.action.is_some() {
        return seen;
    }
    // A try that has just begun knows nothing; the one before it may know why there had to be another.
    let before = older.iter().map(|pod| pod::of_pod(pod, &[])).find(|before| before.action.is_some());
    let Some(before) = before else { return seen };
    seen.after(before)
}

fn without_pod(evidence: &Evidence) -> Diagnosis {
    let is_suspended = |job: &Job| job.spec.as_ref().and_then(|spec| spec.suspend) == Some(true);
    if evidence.job.as_ref().is_some_and(is_suspended) {
        return Diagnosis::stuck(phrase!("diagnosis-suspended"), phrase!("diagnosis-suspended-hint"));
    }
    match events::obstacle(&evidence.events_of_job).and_then(|event| event.message.as_deref()) {
        Some(message) => {
            let why = plain_text(message, MOST);
            Diagnosis::stuck(phrase!("diagnosis-pod-refused" { why }), phrase!("diagnosis-pod-refused-hint"))
        }
        None => Diagnosis::seen(phrase!("diagnosis-no-pod")).gone(),
    }
}

/// Adds the lines that the container wrote of which the diagnosis speaks.
pub(super) fn with_output(seen: Diagnosis, lines: &[String]) -> Diagnosis {
    let sentence = seen.sentence.clone();
    let sentence = match seen.output.as_ref().map(|output| output.role) {
        Some(Role::Cause) => last_words(lines).map(|cause| phrase!("because-of" { message: sentence, cause })),
        Some(Role::Running) => error_in(lines).map(|said| phrase!("diagnosis-log-says" { seen: sentence, said })),
        Some(Role::Record) | None => None,
    };
    let log = lines.iter().map(|line| plain_text(line, MOST)).collect();
    Diagnosis { sentence: sentence.unwrap_or_else(|| seen.sentence.clone()), log, ..seen }
}

/// What was seen of a Job that has failed, with what it says of that itself, and a next action in any case.
pub(super) fn at_the_end(seen: Diagnosis, job: &Job) -> Diagnosis {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    let namespace = job.metadata.namespace.as_deref().unwrap_or_default();
    let action = seen.action.clone().unwrap_or_else(|| phrase!("diagnosis-job-hint" { namespace, job: name }));
    let seen = Diagnosis { action: Some(action), ..seen };
    match end_of(job) {
        // Nothing but the end is known when nobody has looked before.
        Some(end) if seen.gone => Diagnosis { sentence: end, ..seen },
        Some(end) => seen.ending(end),
        None => seen,
    }
}

/// Why a Job itself says that it has failed, if that is not said by its pods.
fn end_of(job: &Job) -> Option<Phrase> {
    let spec = job.spec.as_ref()?;
    let conditions = job.status.as_ref()?.conditions.as_deref()?;
    let failed = |condition: &&JobCondition| condition.type_ == "Failed" && condition.status == "True";
    let failed = conditions.iter().find(failed)?;
    match failed.reason.as_deref().unwrap_or_default() {
        "DeadlineExceeded" => {
            let seconds = spec.active_deadline_seconds?;
            Some(phrase!("diagnosis-job-deadline" { seconds }))
        }
        // Without a limit it is six.
        "BackoffLimitExceeded" => match spec.backoff_limit.unwrap_or(6) {
            0 => None,
            retries => Some(phrase!("diagnosis-job-back-off" { retries })),
        },
        // That is the end of a container.
        "PodFailurePolicy" => None,
        _ => Some(phrase!("diagnosis-job-end" { why: plain_text(failed.message.as_deref()?, MOST) })),
    }
}
