//! What is to be done about a unit, by how systemd tells it: a pure function.

use std::time::Duration;

use crate::world::Unit;

/// How long a unit has to be active until that is believed: one that crashes over and over is active for a moment each time,
/// and one of `Type=simple` as soon as its program was begun.
const STEADY: Duration = Duration::from_secs(2);

/// What the sub-states of a unit have in them that has failed and will be started again by systemd; newer versions have several.
const AGAIN: &str = "auto-restart";

/// What is to be done about a unit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing: it is active, or was begun here and has done what it is for.
    Leave,
    /// It is on its way.
    Wait,
    /// It is to be started.
    Start,
    /// Waiting changes nothing.
    GiveUp(Wrong),
}

/// Why a unit will not become active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is no such unit.
    Missing,
    /// Somebody has locked it.
    Masked,
    /// Its file cannot be used.
    Unreadable,
    /// A condition in its file does not hold.
    Unmet,
    /// What it needs did not start.
    Unbegun,
    /// Its program ended with this status.
    Status(i32),
    /// Its program was ended by this signal.
    Signal(i32),
    /// It has failed otherwise, as systemd calls it.
    Failed(String),
    /// It has ended, and was to stay.
    Ended,
}

/// Why a unit cannot be started at all.
pub(super) fn unusable(unit: &Unit) -> Option<Wrong> {
    match unit.load.as_str() {
        // What was active before its file was lost stays so.
        _ if is_active(unit) => None,
        "not-found" => Some(Wrong::Missing),
        "masked" => Some(Wrong::Masked),
        "bad-setting" | "error" => Some(Wrong::Unreadable),
        _ => None,
    }
}

fn is_active(unit: &Unit) -> bool {
    matches!(unit.active.as_str(), "active" | "reloading" | "refreshing")
}

/// How long a unit is waited for in all that has so long to become active.
pub(super) fn patience(unit: &Unit, timeout: Duration) -> Duration {
    if is_active(unit) { timeout + STEADY } else { timeout }
}

/// What is to be done about a unit; `before` is how it was when this run has started it.
pub(super) fn decide(unit: &Unit, before: Option<&Unit>) -> Decision {
    match (unit.active.as_str(), before) {
        // With something to be done with it still, it is the run of before, which a restart has not come to yet.
        _ if is_active(unit) => {
            if unit.active_for >= STEADY && !unit.is_queued {
                Decision::Leave
            } else {
                Decision::Wait
            }
        }
        (_, None) if let Some(wrong) = unusable(unit) => Decision::GiveUp(wrong),
        // It crashes, and would be started again in a while.
        (_, None) if unit.sub.contains(AGAIN) => Decision::Start,
        (_, Some(_)) if unit.sub.contains(AGAIN) => Decision::Wait,
        ("activating" | "maintenance", None) => Decision::Wait,
        (_, None) => Decision::Start,
        ("failed", Some(_)) if !unit.is_queued => Decision::GiveUp(failed(unit)),
        ("inactive", Some(before)) if !unit.is_queued => ended(unit, before),
        (_, Some(_)) => Decision::Wait,
    }
}

fn failed(unit: &Unit) -> Wrong {
    match unit.result.as_str() {
        "exit-code" if unit.status != 0 => Wrong::Status(unit.status),
        "signal" | "core-dump" if unit.status != 0 => Wrong::Signal(unit.status),
        result => Wrong::Failed(result.to_owned()),
    }
}

/// What it means that a unit is not active any more, without having failed.
fn ended(unit: &Unit, before: &Unit) -> Decision {
    let has_run = unit.invocation != before.invocation;
    match (has_run, unit.kind.as_str(), unit.result.as_str()) {
        (true, "oneshot", "success") => Decision::Leave,
        (true, ..) => Decision::GiveUp(Wrong::Ended),
        (false, ..) if unit.is_unmet => Decision::GiveUp(Wrong::Unmet),
        (false, ..) => Decision::GiveUp(Wrong::Unbegun),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service of `Type=simple` in a state, with a sub-state and a result.
    fn unit(state: &str) -> Unit {
        let mut words = state.split(' ').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        let (active, sub, result) = (next(), next(), next());
        let load = "loaded".to_owned();
        Unit { load, active, sub, result, kind: "simple".to_owned(), active_for: STEADY, ..Unit::default() }
    }

    fn begun() -> Unit {
        Unit { invocation: vec![1], ..unit("failed failed exit-code") }
    }

    fn ran(state: &str) -> Unit {
        Unit { invocation: vec![2], ..unit(state) }
    }

    #[test]
    fn before_anything_was_done() {
        let wrong = |load: &str| Unit { load: load.to_owned(), ..unit("inactive dead") };
        for (unit, decision) in [
            (unit("active running success"), Decision::Leave),
            (unit("active exited success"), Decision::Leave),
            (unit("reloading reload success"), Decision::Leave),
            (Unit { load: "not-found".to_owned(), ..unit("active running") }, Decision::Leave),
            (Unit { active_for: STEADY / 2, ..unit("active running success") }, Decision::Wait),
            (Unit { is_queued: true, ..unit("active running success") }, Decision::Wait),
            (unit("activating start success"), Decision::Wait),
            (unit("activating auto-restart exit-code"), Decision::Start),
            (unit("activating auto-restart-queued exit-code"), Decision::Start),
            (unit("deactivating stop-sigterm success"), Decision::Start),
            (unit("inactive dead success"), Decision::Start),
            (unit("failed failed start-limit-hit"), Decision::Start),
            (Unit { is_unmet: true, ..unit("inactive dead success") }, Decision::Start),
            (wrong("not-found"), Decision::GiveUp(Wrong::Missing)),
            (wrong("masked"), Decision::GiveUp(Wrong::Masked)),
            (wrong("bad-setting"), Decision::GiveUp(Wrong::Unreadable)),
            (wrong("error"), Decision::GiveUp(Wrong::Unreadable)),
        ] {
            assert_eq!(decide(&unit, None), decision, "{unit:?}");
        }
    }

    #[test]
    fn once_it_was_started() {
        let oneshot = |unit: Unit| Unit { kind: "oneshot".to_owned(), ..unit };
        let queued = |unit: Unit| Unit { is_queued: true, ..unit };
        let with = |status: i32, unit: Unit| Unit { status, ..unit };
        let failed = |result: &str| Wrong::Failed(result.to_owned());
        for (unit, decision) in [
            (ran("active running success"), Decision::Leave),
            (Unit { active_for: STEADY / 2, ..ran("active running success") }, Decision::Wait),
            (queued(unit("active exited success")), Decision::Wait),
            (queued(begun()), Decision::Wait),
            (queued(unit("inactive dead success")), Decision::Wait),
            (ran("activating start success"), Decision::Wait),
            (ran("activating auto-restart exit-code"), Decision::Wait),
            (ran("failed failed-before-auto-restart exit-code"), Decision::Wait),
            (ran("deactivating stop-post success"), Decision::Wait),
            (oneshot(ran("inactive dead success")), Decision::Leave),
            (oneshot(ran("active exited success")), Decision::Leave),
            (ran("inactive dead success"), Decision::GiveUp(Wrong::Ended)),
            (oneshot(Unit { invocation: vec![1], ..unit("inactive dead success") }), Decision::GiveUp(Wrong::Unbegun)),
            (
                oneshot(Unit { invocation: vec![1], is_unmet: true, ..unit("inactive dead success") }),
                Decision::GiveUp(Wrong::Unmet),
            ),
            (with(203, ran("failed failed exit-code")), Decision::GiveUp(Wrong::Status(203))),
            (with(0, ran("failed failed exit-code")), Decision::GiveUp(failed("exit-code"))),
            (with(9, ran("failed failed signal")), Decision::GiveUp(Wrong::Signal(9))),
            (with(11, ran("failed failed core-dump")), Decision::GiveUp(Wrong::Signal(11))),
            (with(1, ran("failed failed timeout")), Decision::GiveUp(failed("timeout"))),
            (with(1, ran("failed failed start-limit-hit")), Decision::GiveUp(failed("start-limit-hit"))),
        ] {
            assert_eq!(decide(&unit, Some(&begun())), decision, "{unit:?}");
        }
    }
}
