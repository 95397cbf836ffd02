//! A setup from answers that this machine is given, with nobody at its terminal: from where, and what is left to those who
//! come to its terminals afterwards.

use std::time::Duration;

use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use crate::{
    answers::{Answers, Draft, fields},
    document::{self, Problem},
    engine::{Ending, Event, StepId, StepInfo},
    error::{ErrorId, Report},
    setup::{Setup, input, input::NotBegun, read_secrets},
    words::{Phrase, Say, id, phrase},
};

use crate::world::Intent;
pub use crate::world::Supply;

/// How long they are read once more for somebody who waits in front of a failure.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands for a run that never got to its first step.
const FINDING: StepId = StepId::new("answers");

impl Setup {
    /// Where this machine is given answers, in the order in which they count.
    pub async fn supplies(&self) -> Vec<Supply> {
        self.world.supplies.look().await
    }

    /// The answers there; `None` where there are none for us after all.
    ///
    /// # Errors
    /// When they cannot be had, or every problem with them at once. [`Report::again`] says whether it may help to wait.
    pub async fn supplied(&self, supply: &Supply) -> Result<Option<Answers>, NotBegun> {
        let Some(text) = self.world.supplies.read(supply).await? else { return Ok(None) };
        let given = input::given(&text, supply.name(), &self.profile);
        let setup = self.clone();
        let finished = spawn_blocking(move || given.finish(&setup)).await;
        finished.map_err(|error| defect(&error))?.map(Some)
    }

    /// Whether the code in these answers is one that this machine was set up with, as far as its journal goes back.
    pub async fn is_set_up_from(&self, supply: &Supply) -> bool {
        let Ok(Some(answers)) = self.supplied(supply).await else { return false };
        let code = &answers.secret.install_code;
        let is_of = |intent: &Intent| intent.is_for(code) && intent.settled.is_some();
        self.world.journal.load().is_ok_and(|record| record.intents.iter().any(is_of))
    }

    /// Takes the secrets out of the answers that this machine was set up with, where they lie.
    ///
    /// # Errors
    /// Why they are still there.
    pub async fn scrub_supply(&self, supply: &Supply) -> Result<(), Report> {
        let note = format!(
            "{} was set up with these answers; what is secret was taken out.",
            self.world.host.appliance_id().as_str()
        );
        let paths = fields::secret_paths(&self.profile);
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let without = |text: &str| document::without(text, &paths, &note);
        Ok(self.world.supplies.scrub(supply, &note, without).await?)
    }

    /// As many of these answers as can be had, for somebody who is asked for the rest.
    pub async fn supplied_draft(&self) -> Draft {
        let reading = async {
            let supply = self.supplies().await.into_iter().next()?;
            self.world.supplies.read(&supply).await.ok()?
        };
        let Ok(Some(text)) = timeout(PATIENCE, reading).await else { return Draft::default() };
        let (mut draft, _told_already) = Draft::from_toml(text.expose(), &self.profile);
        let _unread = read_secrets(&self.world.host, &mut draft);
        draft
    }

    /// Whether the consoles of this machine are for logging in, because its setup has ended well once.
    pub fn has_done_consoles(&self) -> bool {
        self.world.host.has_done_consoles()
    }

    /// Has the consoles be for logging in from the next start of this machine on.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn be_done_with_consoles(&self) -> Result<(), Report> {
        Ok(self.world.host.be_done_with_consoles()?)
    }

    /// Has whoever comes to log in on a console read these lines, until the machine is switched off.
    pub fn say_at_login(&self, lines: &[String]) {
        self.world.host.say_at_login(lines);
    }

    /// Leaves a run that has failed to whoever opens the wizard on this machine until it is switched off.
    pub fn leave_behind(&self, events: Option<&[Event]>) {
        self.world.host.leave_behind(events.and_then(|events| serde_json::to_string(events).ok()).as_deref());
    }

    /// What such a run has left.
    pub fn left_behind(&self) -> Option<Vec<Event>> {
        self.world.host.left_behind().and_then(|text| serde_json::from_str(&text).ok())
    }
}

fn defect(error: &JoinError) -> Report {
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::Defect, phrase!("no-threads")) }
}

/// Why nothing was begun, told like a run that failed in its first step.
pub fn as_a_run(refusal: &NotBegun) -> Vec<Event> {
    let NotBegun { report, problems } = refusal;
    // There is no list of them on a page.
    let without_hint = |problem: &Problem| Problem { hint: None, ..problem.clone() }.phrase();
    let details: Vec<Phrase> = problems.iter().map(without_hint).collect();
    let message = if details.is_empty() {
        report.message.clone()
    } else {
        phrase!("with-details" { what: &report.message, details })
    };
    let report = Report { message, ..(**report).clone() };
    let (because, step) = (Some(report.id), StepInfo::new(FINDING, id!("step-answers")));
    vec![
        Event::Plan { steps: vec![step] },
        Event::StepStarted { id: FINDING },
        Event::StepFailed { id: FINDING, failures: vec![report], elapsed_ms: 0 },
        Event::Ended(Ending { because, changed: false }),
    ]
}

/// What is said where nobody sees the steps of a run themselves.
pub fn doing(title: &Phrase, step: usize, steps: usize) -> Phrase {
    phrase!("unattended-step" { title, step, steps })
}
