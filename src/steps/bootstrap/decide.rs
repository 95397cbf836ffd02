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
    /// It was given this chart and these values, and the Secrets said what they say now.
    pub(super) same: bool,
}

/// What to do before watching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) enum Decision {
    /// It has already run; `with_other_values` than are given now.
    Done { with_other_values: bool },
    /// It is running: watch it.
    Watch,
    /// Remove these Jobs of an earlier run, and install or upgrade.
    Install { remove: Vec<String> },
}

/// Looks at what is there; `ended`: the bootstrap was once seen to its end, all of its Jobs.
///
/// What has ended belongs to the product: it may have been upgraded since then with values of its own. What has not is an
/// interrupted run of ours, whose end counts only for what was asked for then.
pub(super) fn decide(jobs: &[Job], installed: Option<Installed>, ended: bool) -> Decision {
    let deployed = installed.is_some_and(|installed| installed.deployed);
    let same = installed.is_some_and(|installed| installed.same);
    let has = |stage: Stage| jobs.iter().any(|job| job.stage == stage);
    let is_of_now = ended || same;
    let fails = has(Stage::Failed) || (has(Stage::Missing) && !ended);
    if deployed && !fails && is_of_now {
        let runs = has(Stage::Active) || has(Stage::Gone);
        return if runs { Decision::Watch } else { Decision::Done { with_other_values: !same } };
    }
    let is_there = |job: &&Job| !matches!(job.stage, Stage::Missing | Stage::Gone);
    // Helm cannot change a Job, and makes each hook anew.
    let in_the_way = |job: &&Job| job.stage == Stage::Failed || job.hook || !same;
    let remove = jobs.iter().filter(is_there).filter(in_the_way).map(|job| job.name.clone()).collect();
    Decision::Install { remove }
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
        let release = |deployed, same| Some(Installed { deployed, same });
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
            (vec![active.clone()], release(true, false), true, Decision::Watch),
            (vec![failed.clone(), complete.clone()], release(true, true), true, install(&["b"])),
            (vec![failed, complete], release(true, false), true, install(&["b", "a"])),
            (vec![active], release(false, false), true, install(&["c"])),
        ] {
            assert_eq!(decide(&jobs, installed, ended), expected, "{jobs:?} {installed:?} {ended}");
        }
    }
}
