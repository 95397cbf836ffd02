//! The only way to carry a setup out; both faces use it.

mod certificate;
pub mod input;
mod network;
mod sign_in;
mod support_report;
pub mod unattended;

use std::sync::Arc;

pub use crate::steps::{Found, Offer, found, id as step};
pub use crate::values::disk::{Erase, Wanted};
pub use crate::world::{Interface, Lead, Leader, NetworkFacts, Places, Variables};
pub use certificate::Shown;
pub use input::NotBegun;
pub use network::NetworkTrial;
pub use sign_in::{Admission, Attempt};
pub use unattended::Supply;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, Draft, Given, Installation, PublicAnswers, SecretAnswers},
    document::Problem,
    engine::{self, Ending, Event, Events, Retry, StepInfo},
    error::Report,
    profile::Profile,
    steps::{self, By},
    values::{Invitation, SecretText, SetClock, SetProxy, Strength},
    words::{Phrase, phrase},
    world::{self, Host, Locked, Telling, Watcher, World, WorldError},
};

/// Pauses between attempts of a step that may be repeated; the profile says how many attempts.
const FIRST_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_mins(1);

/// A setup that can be rehearsed, described and started.
#[derive(Debug, Clone)]
pub struct Setup {
    profile: Arc<Profile>,
    world: Arc<World>,
    stop: CancellationToken,
}

/// What one step will do, for the review page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The step.
    pub info: StepInfo,
    /// What it will do, one sentence a line.
    pub lines: Vec<Phrase>,
}

/// A run under way.
#[derive(Debug)]
pub struct Running {
    /// Everything that happens; the last event is [`Event::Ended`].
    pub events: mpsc::UnboundedReceiver<Event>,
    /// Cancelled to stop it: it finishes what must not be cut first, and then sends [`Event::Ended`].
    pub(crate) stop: CancellationToken,
}

impl Running {
    /// The same, told to somebody else too; there is no more of it when that has heard what it can.
    fn told(self, mut telling: Telling) -> Self {
        let Self { mut events, stop } = self;
        let (sender, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                telling.tell(event.json_line());
                // Nobody listening here is no reason to tell nobody there.
                let _ = sender.send(event);
            }
            telling.end().await;
        });
        Self { events: heard, stop }
    }
}

impl Setup {
    /// The setup that a profile and the command line describe; `stop` ends every run of it, whoever listens to it.
    ///
    /// # Errors
    /// When a file that the profile names cannot be used.
    pub fn new(profile: Profile, places: Places, stop: CancellationToken) -> Result<Self, WorldError> {
        let world = World::new(&profile, places)?;
        Ok(Self { profile: Arc::new(profile), world: Arc::new(world), stop })
    }

    /// The profile that is set up.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Reads the secrets that a draft only names, so that [`Draft::finish`] can judge them.
    ///
    /// Gives the problem with each file or credential, tied to the answer that names it;
    /// that answer is taken out of the draft.
    pub fn read_secrets(&self, draft: &mut Draft) -> Vec<(Report, Problem)> {
        read_secrets(&self.world.host, draft)
    }

    /// What this machine's network looks like now.
    pub fn network(&self) -> NetworkFacts {
        self.world.host.network()
    }

    /// The same, and what the cloud says that it may run in; `None` where the profile has nobody ask it.
    pub fn network_in_cloud(&self) -> Option<impl Future<Output = NetworkFacts> + Send + use<>> {
        self.profile.endpoint.asks_cloud().then(|| self.network().in_cloud())
    }

    /// What the wizard on `terminal` has to do with who leads on this machine.
    pub fn lead(&self, terminal: &str) -> Lead {
        self.world.host.lead(terminal)
    }

    /// The keyboard layouts of this machine's console; none where it cannot change them.
    pub fn keyboard_layouts(&self) -> Vec<String> {
        self.world.keymaps.layouts()
    }

    /// Uses a keyboard layout on this console.
    ///
    /// # Errors
    /// Why that was not possible.
    pub async fn load_keyboard_layout(&self, layout: &str) -> Result<(), Phrase> {
        self.world.keymaps.load(layout).await
    }

    /// Has a password judged; `None` when nobody can.
    pub async fn judge(password: SecretText) -> Option<Strength> {
        world::judge(password).await
    }

    /// What the steps will do with these answers, printed from the plan itself.
    pub fn describe(&self, answers: &PublicAnswers) -> Vec<Description> {
        let described = steps::describe(&self.profile, answers).into_iter();
        described.map(|(info, lines)| Description { info, lines }).collect()
    }

    /// Runs the rehearsal alone: every check, no effects. Without answers it tries what does not need them.
    pub fn rehearse(&self, answers: Option<PublicAnswers>, certificate_password: Option<&SecretText>) -> Running {
        if let Some(password) = certificate_password {
            self.world.redactor.hide(password);
        }
        self.spawn(steps::rehearsal(&self.profile, answers, certificate_password), false)
    }

    /// Runs the rehearsal of the whole plan alone.
    pub fn rehearse_whole(&self, answers: Answers) -> Running {
        self.hide(&answers.secret);
        self.spawn(steps::whole_rehearsal(&self.profile, answers), false)
    }

    /// Starts the whole plan.
    pub fn start(&self, answers: Answers) -> Running {
        self.hide(&answers.secret);
        // What a run before it has left is out of date.
        self.world.host.leave_behind(None);
        let watcher = watcher(&answers);
        self.watched(self.spawn(steps::setup(&self.profile, answers), true), watcher)
    }

    fn watched(&self, running: Running, by: Option<Watcher>) -> Running {
        match by {
            Some(watcher) => running.told(self.world.tell(watcher)),
            None => running,
        }
    }

    /// How somebody comes to the setup from another computer, if they may.
    #[must_use]
    pub fn invitation(&self) -> Option<Invitation> {
        let invitation = self.world.host.invitation()?;
        self.world.redactor.hide(&invitation.password);
        Some(invitation)
    }

    /// Has the way out of this machine lead through a proxy, or through none any more.
    ///
    /// # Errors
    /// When that cannot be kept, or somebody has to sign in first.
    pub async fn use_proxy(&self, proxy: &SetProxy) -> Result<Phrase, Report> {
        steps::sign_in::not_refused(&self.profile, &self.world).await?;
        Ok(steps::use_proxy(proxy, &self.world).await?.summary().clone())
    }

    /// Sets this machine's clock.
    ///
    /// # Errors
    /// When that is not possible, or somebody has to sign in first.
    pub async fn set_clock(&self, by: SetClock) -> Result<Phrase, Report> {
        steps::sign_in::not_refused(&self.profile, &self.world).await?;
        Ok(steps::set_clock(&self.profile, by, &self.world).await?.summary().clone())
    }

    /// What the replacement of a value will do, and what will not work any more, one sentence a line.
    ///
    /// # Errors
    /// When there is no such value, or it is never replaced.
    pub fn rotation(&self, id: &str) -> Result<Vec<Phrase>, Report> {
        Ok(steps::rotation(&self.profile, id)?.1)
    }

    /// Starts the replacement of a value.
    ///
    /// # Errors
    /// As [`Self::rotation`].
    pub fn rotate(&self, id: &str) -> Result<Running, Report> {
        Ok(self.spawn(steps::rotation(&self.profile, id)?.0, true))
    }

    /// Starts what follows from where this machine is now; `rehearse` to say it alone.
    pub fn reconcile(&self, rehearse: bool) -> Running {
        self.spawn(steps::reconciliation(&self.profile, rehearse), !rehearse)
    }

    /// Whether this system was started from an image that can be installed.
    pub fn is_live(&self) -> bool {
        steps::is_installable(&self.world)
    }

    /// Starts to install the image that this system was started from; `rehearse` to say alone which disk, and what would
    /// become of what is on it.
    pub fn install(&self, wanted: Wanted, erase: Erase, rehearse: bool) -> Running {
        self.spawn(steps::installation(&self.profile, wanted, erase, By::Somebody, rehearse), !rehearse)
    }

    /// The disks of this machine, and what would become of what is on each.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn offers(&self) -> Result<Vec<Offer>, Report> {
        steps::offers(&self.world).await
    }

    /// Has this machine start again, once everything that runs on it has ended.
    ///
    /// # Errors
    /// When nobody here can do that.
    pub async fn restart_machine(&self) -> Result<(), Report> {
        let manager = self.world.systemd.connect().await?;
        Ok(manager.restart_machine().await?)
    }

    /// Starts to install the image that this system was started from, if the answers say so: the setup is for the next start,
    /// from the disk. A system that is installed leaves that aside. Where the answers are what this machine is given, what is
    /// installed already stays as it is: a machine that starts from its image over and over does not install over and over.
    pub fn install_first(&self, answers: &Answers, supply: Option<&Supply>, rehearse: bool) -> Option<Running> {
        let Installation { disk, erase } = answers.public.install.clone().filter(|_| self.is_live())?;
        self.hide(&answers.secret);
        let by = supply.map_or(By::Somebody, |supply| By::Supply(supply.told().cloned()));
        let steps = steps::installation(&self.profile, disk, erase, by, rehearse);
        Some(self.watched(self.spawn(steps, !rehearse), watcher(answers).filter(|_| !rehearse)))
    }

    /// Has the secret answers taken out of what is said from now on.
    fn hide(&self, secret: &SecretAnswers) {
        let code = secret.install_code.expose();
        self.world.redactor.hide_code(&secret.install_code);
        let code = SecretText::from(code);
        let password = SecretText::from(secret.password.expose());
        let more = secret.certificate_password.iter().chain(&secret.report_token).chain(secret.questions.values());
        let all = [&code, &password].into_iter().chain(more);
        all.for_each(|secret| self.world.redactor.hide(secret));
    }

    /// Runs steps; `alone` if this must be the only run on this machine.
    fn spawn(&self, steps: Vec<steps::Step>, alone: bool) -> Running {
        let (events, heard) = Events::channel(Arc::clone(&self.world.redactor));
        let stop = self.stop.child_token();
        let retry = Retry { attempts: self.profile.license.attempts, first: FIRST_PAUSE, longest: LONGEST_PAUSE };
        let (world, cancel) = (Arc::clone(&self.world), stop.clone());
        tokio::spawn(async move {
            match alone.then(|| be_alone(&world)).transpose() {
                Ok(_locked) => drop(Box::pin(engine::run(&steps, &world, retry, &events, &cancel)).await),
                Err(error) => refuse(&steps, &error, &events),
            }
        });
        Running { events: heard, stop }
    }
}

/// Who watches from afar.
fn watcher(answers: &Answers) -> Option<Watcher> {
    let token = answers.secret.report_token.clone();
    answers.public.report.clone().map(|url| Watcher { url, token })
}

/// Takes this machine for one run, and ends what one before it had begun to write.
fn be_alone(world: &World) -> Result<Locked, Report> {
    let locked = world.host.lock()?;
    world.journal.finish()?;
    Ok(locked)
}

/// Reads the secrets that a draft only names; what cannot be read is taken out, and told.
fn read_secrets(host: &Host, draft: &mut Draft) -> Vec<(Report, Problem)> {
    let mut unread = Vec::new();
    draft.given.retain(|_, given| {
        let read = match &given.value {
            Given::Text(_) => return true,
            Given::File(path) => host.read_secret(path),
            Given::Credential(name) => host.read_credential(name),
        };
        match read {
            Ok(text) => given.value = Given::Text(text),
            Err(error) => {
                let report = Report::from(error);
                let problem = Problem { hint: Some(report.hint.clone()), ..given.problem(&report.message) };
                unread.push((report, problem));
                return false;
            }
        }
        true
    });
    unread
}

/// A run that could not begin, told like one that failed in its first step.
fn refuse<S: engine::Step>(steps: &[S], report: &Report, events: &Events) {
    events.send(Event::Plan { steps: steps.iter().map(engine::Step::info).collect() });
    for (index, step) in steps.iter().enumerate() {
        let id = step.info().id;
        events.send(match index {
            0 => Event::StepFailed { id, failures: vec![report.clone()], elapsed_ms: 0 },
            _ => Event::StepNotRun { id, reason: phrase!("not-run-begun") },
        });
    }
    events.send(Event::Ended(Ending { because: Some(report.id), changed: false }));
}
