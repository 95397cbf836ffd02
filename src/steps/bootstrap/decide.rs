//! What is to be done about a release, from where its Jobs stand; pure.

/// Where one Job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Active,
    Complete,
    Failed,
}

/// One Job of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) stage: Stage,
}

/// What to do before watching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steps) enum Decision {
    /// It has already run.
    Done,
    /// It is running: watch it.
    Watch,
    /// Remove these Jobs of an earlier run, and install or upgrade.
    Install { failed: Vec<String> },
}

/// Looks at what is there; `interrupted`: so is a run of Helm's that did not come to its end.
pub(super) fn decide(jobs: &[Job], interrupted: bool) -> Decision {
    let of = |stage: Stage| jobs.iter().filter(move |job| job.stage == stage);
    let failed: Vec<String> = of(Stage::Failed).map(|job| job.name.clone()).collect();
    if jobs.is_empty() || interrupted || !failed.is_empty() {
        return Decision::Install { failed };
    }
    if of(Stage::Active).next().is_some() { Decision::Watch } else { Decision::Done }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions() {
        let job = |name: &str, stage| Job { name: name.to_owned(), stage };
        let (complete, failed, active) = (job("a", Stage::Complete), job("b", Stage::Failed), job("c", Stage::Active));
        let install = |failed: &[&str]| Decision::Install { failed: failed.iter().map(ToString::to_string).collect() };
        for (jobs, interrupted, expected) in [
            (vec![], false, install(&[])),
            (vec![complete.clone()], false, Decision::Done),
            (vec![complete.clone()], true, install(&[])),
            (vec![complete.clone(), active.clone()], false, Decision::Watch),
            (vec![active], true, install(&[])),
            (vec![complete, failed], false, install(&["b"])),
        ] {
            assert_eq!(decide(&jobs, interrupted), expected);
        }
    }
}
