//! Events: the one that tells what something waits for.

use k8s_openapi::api::core::v1::Event;

/// Warnings that say nothing about what a pod waits for: many pods have them and run, or their state says it better.
const ASIDE: [&str; 8] = [
    "MissingClusterDNS",
    "DNSConfigForming",
    "FailedToRetrieveImagePullSecret",
    "Failed",
    "BackOff",
    "DeadlineExceeded",
    "BackoffLimitExceeded",
    "PodFailurePolicy",
];

/// What shows that the obstacles before it are out of the way.
const PROGRESS: [&str; 8] =
    ["SuccessfulCreate", "Scheduled", "SuccessfulAttachVolume", "Pulling", "Pulled", "Created", "Started", "Resumed"];

/// The newest warning, unless something has gone on since.
pub(super) fn obstacle(events: &[Event]) -> Option<&Event> {
    let tells = |event: &&Event| is_warning(event) && !is(event, &ASIDE);
    let warning = newest(events.iter().filter(tells))?;
    // Of one second are both: times are no finer. An obstacle that has gone comes to an end with the next event.
    let since = newest(events.iter().filter(|event| !is_warning(event) && is(event, &PROGRESS)));
    since.is_none_or(|since| second(since) <= second(warning)).then_some(warning)
}

/// The newest of these reasons, whatever has happened since.
pub(super) fn newest_of<'e>(events: &'e [Event], reasons: &[&str]) -> Option<&'e Event> {
    newest(events.iter().filter(|event| is(event, reasons)))
}

/// The newest event that shows progress.
pub(super) fn progress(events: &[Event]) -> Option<&Event> {
    newest_of(events, &PROGRESS)
}

pub(super) fn is(event: &Event, reasons: &[&str]) -> bool {
    event.reason.as_deref().is_some_and(|reason| reasons.contains(&reason))
}

fn is_warning(event: &Event) -> bool {
    event.type_.as_deref() == Some("Warning")
}

/// Of those of the same second the last.
fn newest<'e>(events: impl Iterator<Item = &'e Event>) -> Option<&'e Event> {
    events.max_by_key(|event| second(event))
}

/// When it happened last.
fn second(event: &Event) -> i64 {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let micro = series.or(event.event_time.as_ref()).map(|time| time.0.as_second());
    let times =
        [event.last_timestamp.as_ref(), event.first_timestamp.as_ref(), event.metadata.creation_timestamp.as_ref()];
    let whole = times.into_iter().flatten().next().map(|time| time.0.as_second());
    micro.into_iter().chain(whole).max().unwrap_or(i64::MIN)
}
