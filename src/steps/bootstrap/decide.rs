//! What is to be done about a release, from where its Jobs stand; pure.

/// Where one Job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It belongs to the release, and it is not there: not yet, or not any more.
    Missing,
    Active,
    Complete,
    Failed,
    /// It was active when it was seen last, and is gone.
    Gone,
}

/// One Job of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) stage: Stage,
    /// Helm runs it, and waits for it, in the midst of an installation or an upgrade.
    pub(super) hook: bool,
}

/// How Helm's newest run ended, by its own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Installed {
    /// It came to its end, and no other run of it is unfinished.
    pub(super) deployed: bool,
    /// It was given this chart and these values.
    pub(super) same: bool,
    /// And the Secrets said what they say now.
    pub(super) current: bool,
}

/// What to do before watching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) enum Decision {
    /// It has already run; `with_other_values` than are given now.
    Done { with_other_values: bool },
    /// It has already run, and something else has changed the release since then, which has not ended well: in these Jobs,
    /// as far as it has any. None of that is touched.
    Left { jobs: Vec<String> },
    /// It is running: watch it.
    Watch,
    /// Remove these Jobs of an earlier run, and install or upgrade.
    Install { remove: Vec<String> },
}

/// Looks at what is there; `ended`: the bootstrap was once seen to its end, all of its Jobs.
///
/// What has ended belongs to the product: it may have been upgraded since then with values of its own. What has not is an
/// interrupted run of ours, whose end counts only for what was asked for then, and what the Secrets said then.
pub(super) fn decide(jobs: &[Job], installed: Option<Installed>, ended: bool) -> Decision {
    let is = |told: fn(Installed) -> bool| installed.is_some_and(told);
    let (deployed, same, current) = (is(|of| of.deployed), is(|of| of.same), is(|of| of.same && of.current));
    let has = |stage: Stage| jobs.iter().any(|job| job.stage == stage);
    let names_of = |jobs: &mut dyn Iterator<Item = &Job>| jobs.map(|job| job.name.clone()).collect();
    let fails = has(Stage::Failed) || (has(Stage::Missing) && !ended);
    let runs = has(Stage::Active) || has(Stage::Gone);
    if installed.is_some() && ended && !same && (!deployed || fails || runs) {
        let unwell = |job: &&Job| !matches!(job.stage, Stage::Complete | Stage::Missing);
        return Decision::Left { jobs: names_of(&mut jobs.iter().filter(unwell)) };
    }
    if deployed && !fails && (ended || current) {
        return if runs { Decision::Watch } else { Decision::Done { with_other_values: !same } };
    }
    let is_there = |job: &&Job| !matches!(job.stage, Stage::Missing | Stage::Gone);
    // Helm cannot change a Job, and makes each hook anew.
    let in_the_way = |job: &&Job| job.stage == Stage::Failed || job.hook || !current;
    Decision::Install { remove: names_of(&mut jobs.iter().filter(is_there).filter(in_the_way)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions() {
        let job = |name: &str, stage| Job { name: name.to_owned(), stage, hook: false };
        let (complete, failed, active) = (job("a", Stage::Complete), job("b", Stage::Failed), job("c", Stage::Active));
        let (missing, hook) = (job("d", Stage::Missing), Job { hook: true, ..job("e", Stage::Active) });
        let install = |remove: &[&str]| Decision::Install { remove: remove.iter().map(ToString::to_string).collect() };
        let done = |with_other_values| Decision::Done { with_other_values };
        let left = |jobs: &[&str]| Decision::Left { jobs: jobs.iter().map(ToString::to_string).collect() };
        let release = |deployed, same| Some(Installed { deployed, same, current: same });
        // Of other Secrets.
        let outdated = |deployed| Some(Installed { deployed, same: true, current: false });
        for (jobs, installed, ended, expected) in [
            (vec![], None, false, install(&[])),
            // Whoever removed the release wants it anew.
            (vec![], None, true, install(&[])),
            (vec![complete.clone()], None, false, install(&["a"])),
            // A manifest without a Job.
            (vec![], release(true, true), false, done(false)),
            (vec![], release(true, false), false, install(&[])),
            (vec![complete.clone()], release(true, true), false, done(false)),
            (vec![complete.clone(), active.clone()], release(true, true), false, Decision::Watch),
            (vec![complete.clone(), failed.clone()], release(true, true), false, install(&["b"])),
            // One that is gone, and whose end nobody has seen, runs again.
            (vec![complete.clone(), missing.clone()], release(true, true), false, install(&[])),
            // An interrupted run: what it left is of use only as far as it is what is wanted now.
            (vec![complete.clone()], release(false, true), false, install(&[])),
            (vec![active.clone()], release(false, true), false, install(&[])),
            (vec![complete.clone(), active.clone()], release(false, false), false, install(&["a", "c"])),
            (vec![complete.clone()], release(true, false), false, install(&["a"])),
            (vec![active.clone()], release(true, false), false, install(&["c"])),
            (vec![failed.clone()], release(false, false), false, install(&["b"])),
            (vec![active.clone(), hook], release(false, true), false, install(&["e"])),
            // Once it has ended it is left alone, unless something is in trouble.
            (vec![missing], release(true, true), true, done(false)),
            (vec![complete.clone()], release(true, false), true, done(true)),
            (vec![active.clone()], release(true, true), true, Decision::Watch),
            (vec![failed.clone(), complete.clone()], release(true, true), true, install(&["b"])),
            // Secrets that are scrubbed, or a license that is changed, are no other values.
            (vec![complete.clone()], outdated(true), true, done(false)),
            (vec![complete.clone()], outdated(true), false, install(&["a"])),
            (vec![failed.clone(), complete.clone()], outdated(true), true, install(&["b", "a"])),
            // What somebody else has made of it since then is theirs.
            (vec![active.clone()], release(true, false), true, left(&["c"])),
            (vec![failed, complete.clone()], release(true, false), true, left(&["b"])),
            (vec![active], release(false, false), true, left(&["c"])),
            (vec![complete], release(false, false), true, left(&[])),
        ] {
            assert_eq!(decide(&jobs, installed, ended), expected, "{jobs:?} {installed:?} {ended}");
        }
    }
}
