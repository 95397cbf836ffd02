//! A run as it is watched: its timeline, and the time that passes between its events.

use std::time::Duration;

use crate::{
    engine::{CheckId, CheckRow, CheckState, Ending, Event, RowState, Timeline},
    error::{ErrorId, Report},
    exit::Exit,
    profile::Profile,
    screen::text::seconds,
    wizard::form::Input,
    words::{Words, id, phrase},
};

/// The pause before a step is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// What is left of it.
    pub(crate) left: Duration,
    /// The number of the attempt to come.
    pub(crate) attempt: u32,
    /// Why the last attempt failed.
    pub(crate) because: Vec<Report>,
}

/// A rehearsal or a run, from the moment it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The fold of its events.
    pub(crate) timeline: Timeline,
    /// Why it failed; kept while it is made again.
    pub(crate) failures: Vec<Report>,
    /// The pause that is waited out, if any.
    pub(crate) pause: Option<Pause>,
    /// How long the current step has been running.
    pub(crate) step_time: Duration,
    running: bool,
    put_aside: bool,
    /// The checks of the run before, shown until this one has made them again.
    before: Vec<CheckRow>,
}

impl Watch {
    /// A run that begins now; what the run before it found stays until it is found anew.
    pub(crate) fn begin(&mut self) {
        let before = self.checks().into_iter().cloned().collect();
        *self = Self { before, failures: std::mem::take(&mut self.failures), running: true, ..Self::default() };
    }

    /// Forgets a run that was put aside for another.
    pub(crate) fn put_aside(&mut self) {
        self.running = false;
        self.put_aside = true;
    }

    /// Whether it was put aside for another.
    pub(crate) const fn is_put_aside(&self) -> bool {
        self.put_aside
    }

    /// Whether it has passed, and was not put aside for another since.
    pub(crate) fn has_passed(&self) -> bool {
        self.ended() == Some(Exit::Done) && !self.put_aside
    }

    /// Whether this run has found out what a check finds, or why that is not tried.
    pub(crate) fn has_settled(&self, id: &CheckId) -> bool {
        let mut checks = self.timeline.rows.iter().flat_map(|row| &row.checks);
        checks.any(|check| check.id == *id && check.state != CheckState::Waiting)
    }

    /// Whether its last event is still to come.
    pub(crate) const fn is_running(&self) -> bool {
        self.running
    }

    /// Takes an event in.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::StepStarted { .. } => {
                self.step_time = Duration::ZERO;
                self.pause = None;
            }
            Event::Retry { attempt, pause_ms, failures, .. } => {
                let left = Duration::from_millis(*pause_ms);
                self.pause = Some(Pause { left, attempt: *attempt, because: failures.clone() });
            }
            _ => {}
        }
        self.timeline.apply(event);
        if matches!(event, Event::Ended(_)) {
            self.running = false;
            self.pause = None;
            self.before.clear();
            self.failures = self.timeline.failures().to_vec();
        }
    }

    /// Lets time pass.
    pub(crate) fn tick(&mut self, elapsed: Duration) {
        if self.running {
            self.step_time += elapsed;
            if let Some(pause) = &mut self.pause {
                pause.left = pause.left.saturating_sub(elapsed);
            }
        }
    }

    /// The run broke off without its last event: a defect, and told like any failure.
    pub(crate) fn lost(&mut self) {
        if !self.running {
            return;
        }
        let report = Report::new(ErrorId::Defect, phrase!("broken-off"));
        for row in &mut self.timeline.rows {
            match row.state {
                RowState::Running | RowState::Retrying(_) => row.state = RowState::Failed(vec![report.clone()]),
                RowState::Waiting => row.state = RowState::NotRun(phrase!("not-run-broken")),
                _ => {}
            }
        }
        self.apply(&Event::Ended(Ending { because: Some(ErrorId::Defect), changed: true }));
        self.failures = vec![report];
    }

    /// The one answer that can mend what the run failed of.
    pub(crate) fn answer_to_correct(&self, profile: &Profile) -> Option<Input> {
        let about = self.failures.first()?.about.as_ref()?;
        Input::all(profile).find(|input| input.path(profile).as_ref() == Some(about))
    }

    /// Whether it failed because another install code has set this machine up.
    pub(crate) fn wants_other_code(&self) -> bool {
        !self.running && self.failures.first().is_some_and(|report| report.id == ErrorId::OtherCode)
    }

    /// Whether it failed because the setup had finished before, and nobody has signed in.
    pub(crate) fn wants_sign_in(&self) -> bool {
        !self.running && self.failures.iter().any(|report| report.id == ErrorId::SignInNeeded)
    }

    /// How it ended, once it has.
    pub(crate) fn ended(&self) -> Option<Exit> {
        self.timeline.ended.map(Ending::exit)
    }

    /// Whether something has failed, be everything done or not.
    pub(crate) fn has_failed(&self) -> bool {
        !self.failures.is_empty() || self.checks().iter().any(|check| check.state == CheckState::Failed)
    }

    /// Every check: as it stands in this run, or else as the run before left it.
    pub(crate) fn checks(&self) -> Vec<&CheckRow> {
        let now = || self.timeline.rows.iter().flat_map(|row| &row.checks);
        let known = self.before.iter().map(|old| now().find(|check| check.id == old.id).unwrap_or(old));
        let new = now().filter(|check| self.before.iter().all(|old| old.id != check.id));
        known.chain(new).collect()
    }

    /// Where a rehearsal stands, in one line; `again_in` is the pause before it is made again.
    pub(crate) fn status(&self, again_in: Option<Duration>, words: &Words) -> String {
        let checks = self.checks();
        let count = |state| checks.iter().filter(|check| check.state == state).count();
        let (passed, failed, total) = (count(CheckState::Passed), count(CheckState::Failed), checks.len());
        let again =
            again_in.map_or_else(String::new, |pause| words.say(phrase!("checks-again-key" { pause: seconds(pause) })));
        if !self.running && self.ended() == Some(Exit::Done) {
            // What is left for the run itself, such as a dry run in a namespace that is still to be made.
            let left = total - passed;
            return if left == 0 {
                words.say(phrase!("checks-all-passed" { passed }))
            } else {
                words.say(phrase!("checks-some-left" { passed, left }))
            };
        }
        if total == 0 {
            return match self.failures.first() {
                Some(report) => words.say(phrase!("checks-not-made" { id: report.id.as_str() })) + &again,
                None => words.say(id!("checks-starting")),
            };
        }
        if self.running {
            // How many there are is only known when all of them have been made.
            return words.say(phrase!("checks-so-far" { passed, failed })) + &self.under_way(&checks, words);
        }
        words.say(phrase!("checks-passed" { passed, total, failed })) + &again
    }

    /// What a rehearsal is waiting for.
    fn under_way(&self, checks: &[&CheckRow], words: &Words) -> String {
        if let Some(pause) = &self.pause {
            return words.say(phrase!("checks-again" { pause: seconds(pause.left) }));
        }
        match checks.iter().find(|check| check.state == CheckState::Waiting) {
            // The details are for the review page, which has the room.
            Some(check) => format!("; {}: {}", check.id, words.say(check.text.brief())),
            None if self.failures.is_empty() => String::new(),
            None => words.say(id!("checks-again-now")),
        }
    }
}
