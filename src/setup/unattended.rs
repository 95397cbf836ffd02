//! A setup from answers that this machine is given, with nobody at its terminal: from where, and what is left to those who
//! come to its terminals afterwards.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use crate::{
    answers::{Answers, Draft, FieldId, Given, fields},
    document::{self, Placed, Problem},
    engine::{Ending, Event, StepId, StepInfo},
    error::{ErrorId, Report},
    exit::Exit,
    setup::{Running, Setup, input, input::NotBegun, read_secrets},
    values::{InstallCode, SecretText},
    words::{Phrase, Say, id, phrase},
};

pub use crate::world::Supply;
use crate::world::{Intent, is_torn};

/// What came of taking secrets out of answers.
#[derive(Debug)]
pub struct Scrubbed {
    /// Where the answers are.
    pub name: Phrase,
    /// Why the secrets are still there.
    pub left: Option<Phrase>,
}

/// What came of looking at several.
struct Cleaned {
    scrubbed: Vec<Scrubbed>,
    /// Whether each could be looked at.
    is_whole: bool,
}

/// How long they are read once more for somebody who waits in front of a failure.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long they are cleaned at the end of a setup, before that is told.
const LAST: Duration = Duration::from_secs(30);

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
        match self.world.supplies.read(supply).await {
            Ok(Some(text)) => self.is_of_this_machine(&text),
            _ => false,
        }
    }

    /// Nothing else of them need be sound: what will not do is mended at a console, and the code and the passwords are still there.
    fn is_of_this_machine(&self, answers: &SecretText) -> bool {
        let code = match self.draft_of(answers).given.get(&FieldId::InstallCode) {
            Some(Placed { value: Given::Text(code), .. }) => self.profile.license.code.parse(code.expose()),
            _ => return false,
        };
        let is_of = |code: &InstallCode, intent: &Intent| intent.is_for(code) && intent.settled.is_some();
        let (Ok(code), Ok(record)) = (code, self.world.journal.load()) else { return false };
        record.intents.iter().any(|intent| is_of(&code, intent))
    }

    /// Starts the whole plan for somebody at a terminal. Where this machine was given the same code in answers that lie on it, what
    /// is secret is taken out of them at the end; why it is still there stands before the logins.
    pub fn start_by_hand(&self, answers: Answers) -> Running {
        let Running { mut events, stop } = self.start(answers);
        let (sender, heard) = mpsc::unbounded_channel();
        let setup = self.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if matches!(&event, Event::Ended(ending) if ending.exit() == Exit::Done) {
                    // Whoever has seen the end may switch the machine off.
                    setup.clean_by_hand().await;
                }
                // Where nobody listens any more, the rest is done all the same.
                let _ = sender.send(event);
            }
        });
        Running { events: heard, stop }
    }

    async fn clean_by_hand(&self) {
        let here = timeout(LAST, self.supplies_here()).await.unwrap_or_default();
        if here.is_empty() {
            return;
        }
        let failed = |supply: &Supply| phrase!("scrub-failed" { name: supply.name() });
        let _kept = self.world.host.begin_cleaning();
        let left: Vec<Phrase> = match timeout(LAST, self.scrub_ours(&here, false)).await {
            Ok(Cleaned { scrubbed, .. }) => {
                let _ended = self.world.host.end_cleaning();
                scrubbed.into_iter().filter_map(|scrubbed| scrubbed.left).collect()
            }
            // The next start of the machine goes on with it.
            Err(_elapsed) => here.iter().map(failed).collect(),
        };
        if !left.is_empty() {
            self.say_at_login(&left.iter().map(Phrase::to_string).collect::<Vec<_>>());
        }
    }

    /// Ends a setup without a terminal that has ended well: takes the secrets out of what this machine was set up from, and only then
    /// has the consoles be for logging in. Gives what came of both; where the power goes in between, [`Self::is_cleaning`], and what
    /// it was is not `known` any more.
    pub async fn clean(&self, known: Option<&Supply>) -> (Vec<Scrubbed>, Result<(), Report>) {
        let is_cut = known.is_none();
        // Without it only a cut is told worse.
        let _kept = self.world.host.begin_cleaning();
        let mut scrubbed = Vec::new();
        if let Some(supply) = known {
            scrubbed.push(Scrubbed { name: supply.name(), left: self.scrub(supply, false).await.err() });
        }
        let others: Vec<Supply> =
            self.supplies_here().await.into_iter().filter(|supply| Some(supply) != known).collect();
        let cleaned = self.scrub_ours(&others, is_cut).await;
        scrubbed.extend(cleaned.scrubbed);
        let consoles = self.world.host.be_done_with_consoles().map_err(Report::from);
        // A medium that comes later is looked for until then.
        if !is_cut || !others.is_empty() && cleaned.is_whole {
            let _ended = self.world.host.end_cleaning();
        }
        (scrubbed, consoles)
    }

    /// Whether the power went while that was done.
    pub fn is_cleaning(&self) -> bool {
        self.world.host.is_cleaning()
    }

    async fn supplies_here(&self) -> Vec<Supply> {
        self.supplies().await.into_iter().filter(Supply::is_here).collect()
    }

    /// Takes the secrets out of those that this machine was set up from; `is_cut` where it was begun once already.
    async fn scrub_ours(&self, supplies: &[Supply], is_cut: bool) -> Cleaned {
        let mut cleaned = Cleaned { scrubbed: Vec::new(), is_whole: true };
        for supply in supplies {
            let Ok(Some(text)) = self.world.supplies.read(supply).await else {
                cleaned.is_whole = false;
                continue;
            };
            if is_cut && is_torn(text.expose()) || self.is_of_this_machine(&text) {
                let left = self.scrub(supply, is_cut).await.err();
                cleaned.scrubbed.push(Scrubbed { name: supply.name(), left });
            }
        }
        cleaned
    }

    /// Takes the secrets out of answers, where they lie.
    async fn scrub(&self, supply: &Supply, is_cut: bool) -> Result<(), Phrase> {
        let note = format!(
            "{} was set up with these answers; what is secret was taken out.",
            self.world.host.appliance_id().as_str()
        );
        let paths = fields::secret_paths(&self.profile);
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let without = |text: &str| {
            if is_cut && is_torn(text) { Some(format!("# {note}\n")) } else { document::without(text, &paths, &note) }
        };
        let scrubbed = self.world.supplies.scrub(supply, &note, without).await.map_err(Report::from);
        scrubbed.map_err(|report| report.causes.into_iter().fold(report.message, because))
    }

    /// As many of these answers as can be had, for somebody who is asked for the rest.
    pub async fn supplied_draft(&self) -> Draft {
        let reading = async {
            let supply = self.supplies().await.into_iter().next()?;
            self.world.supplies.read(&supply).await.ok()?
        };
        timeout(PATIENCE, reading).await.ok().flatten().map(|text| self.draft_of(&text)).unwrap_or_default()
    }

    fn draft_of(&self, text: &SecretText) -> Draft {
        let (mut draft, _told_elsewhere) = Draft::from_toml(text.expose(), &self.profile);
        let _unread = read_secrets(&self.world.host, &mut draft);
        draft
    }

    /// Whether the consoles of this machine are for logging in, because its setup has ended well once.
    pub fn has_done_consoles(&self) -> bool {
        self.world.host.has_done_consoles()
    }

    /// Keeps what was typed for who types here after a crash; without anything, none of it is there any more.
    pub fn keep_typed(&self, typed: &[(FieldId, String)]) {
        let text = serde_json::to_string(typed).ok().filter(|_| !typed.is_empty());
        self.world.host.keep_typed(text.as_deref());
    }

    /// What was typed here before a crash.
    pub fn typed(&self) -> Draft {
        let typed = self.world.host.typed().and_then(|text| serde_json::from_str::<Vec<(FieldId, String)>>(&text).ok());
        let given = |(id, text): (FieldId, String)| (id, Placed::unplaced("", Given::Text(SecretText::new(text))));
        Draft { given: typed.unwrap_or_default().into_iter().map(given).collect() }
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

/// A message with what has caused it.
pub fn because(message: Phrase, cause: Phrase) -> Phrase {
    phrase!("because-of" { message, cause })
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
