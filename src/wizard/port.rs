//! The one way between the model and everything that acts: a [`Request`] out, [`Reply`]s in.
//!
//! [`Works`] is the real one. A new effect is a variant of each of the two, an arm of [`Works::ask`], and the page that asks.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{Duration, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

pub(crate) use super::reply::Reply;

use crate::{
    answers::{Answers, FieldId, PublicAnswers},
    engine::Event,
    setup::{Erase, Lead, Leader, Running, Setup, Wanted},
    values::{SecretText, SetClock, SetProxy},
    wizard::trial::{NetworkWish, Trials},
};

/// How long typing must pause before a password is judged.
const JUDGE_AFTER: Duration = Duration::from_millis(150);

/// How often it is looked who leads.
const LOOK_WHO_LEADS: Duration = Duration::from_millis(500);

/// What the wizard wants done.
#[derive(Debug)]
pub(crate) enum Request {
    /// Make the checks, with the answers if there are all of them, and with what opens a certificate of the operator's own.
    Rehearse(Option<Box<PublicAnswers>>, Option<SecretText>),
    /// Say what the steps will do with these answers.
    Describe(Box<PublicAnswers>),
    /// Judge the password; a judgement under way is out of date.
    Judge(SecretText),
    /// Lead from now on, if no other terminal does.
    Lead,
    /// Lead in the place of the terminal that does.
    TakeOver,
    /// Say who may go on.
    Admission,
    /// Sign in with this password.
    SignIn(SecretText),
    /// Set this machine's clock.
    SetClock(SetClock),
    /// Have the way out of this machine lead through this proxy.
    UseProxy(SetProxy),
    /// Use this keyboard layout.
    LoadLayout(String),
    /// Say which disks there are, and what would become of what is on each.
    Disks,
    /// Put the image on this disk; so much may go of what is on it.
    Install {
        /// The disk's device.
        disk: PathBuf,
        /// What may go.
        erase: Erase,
    },
    /// Have the machine start again.
    Restart,
    /// Try another network, keep it, or take it back.
    Network(NetworkWish),
    /// Carry the setup out; checks under way are put aside, because the run makes them itself.
    Start(Box<Answers>),
    /// Ask the run to stop.
    Stop,
    /// Keep what was typed and is no secret, for who types here after a crash.
    Keep(Vec<(FieldId, String)>),
    /// Save a report for support; none of `secrets` may be in it.
    SaveReport {
        /// The report.
        text: String,
        /// What is still held.
        secrets: Vec<SecretText>,
    },
}

/// Everything that acts, as the wizard knows it. Its replies come in on a channel that it was given.
pub(crate) trait Port {
    /// Does what is asked for, or begins to; what is known at once is told at once.
    fn ask(&mut self, request: Request);

    /// Ends what is under way, and waits for what must not be cut in two.
    async fn wind_down(&mut self);
}

/// A setup at work, and what is under way of it.
pub(crate) struct Works {
    setup: Setup,
    replies: UnboundedSender<Reply>,
    rehearsal: Option<UnderWay>,
    run: Option<UnderWay>,
    judging: Option<JoinHandle<()>>,
    /// The clock that is being set.
    setting: Option<JoinHandle<()>>,
    lead: Arc<Leading>,
    trials: Trials,
}

/// This wizard's part in who leads.
struct Leading(Mutex<Lead>);

impl Leading {
    fn ask<T>(&self, of: impl FnOnce(&mut Lead) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A rehearsal or a run.
struct UnderWay {
    stop: CancellationToken,
    /// Ends after the last event.
    following: JoinHandle<()>,
}

impl Works {
    /// The port to `setup` of the wizard on `terminal`, which replies to `replies`.
    pub(crate) fn new(setup: Setup, terminal: &str, replies: UnboundedSender<Reply>) -> Self {
        let lead = Arc::new(Leading(Mutex::new(setup.lead(terminal))));
        tokio::spawn(watch_lead(Arc::downgrade(&lead), setup.clone(), replies.clone()));
        let told = replies.clone();
        let trials = Trials::new(setup.clone(), move |trial| tell(&told, Reply::NetworkTrial { trial }));
        Self { setup, replies, rehearsal: None, run: None, judging: None, setting: None, lead, trials }
    }

    fn tell(&self, reply: Reply) {
        tell(&self.replies, reply);
    }

    /// Tells what comes of something that takes a while.
    fn later<F: Future<Output = Reply> + Send + 'static>(&self, work: impl FnOnce(Setup) -> F) -> JoinHandle<()> {
        let (working, replies) = (work(self.setup.clone()), self.replies.clone());
        tokio::spawn(async move { tell(&replies, working.await) })
    }

    /// Tells every event of a run as a reply.
    fn follow(&self, running: Running, told: fn(Event) -> Reply, lost: Reply) -> UnderWay {
        let Running { events, stop } = running;
        UnderWay { stop, following: tokio::spawn(follow(events, self.replies.clone(), told, lost)) }
    }

    /// Tells the network once more when the cloud has said something, or it is clear that none does.
    fn ask_cloud(&self) {
        let Some(asked) = self.setup.network_in_cloud() else { return };
        let replies = self.replies.clone();
        tokio::spawn(async move { tell(&replies, Reply::Network { facts: asked.await }) });
    }

    /// Tells every event of a run as a reply; until the last no other terminal takes over.
    fn run(&mut self, running: Running, told: fn(Event) -> Reply, lost: Reply) {
        let UnderWay { stop, following } = self.follow(running, told, lost);
        let lead = Arc::clone(&self.lead);
        let following = tokio::spawn(async move {
            let _ = following.await;
            lead.ask(|lead| lead.is_busy(false));
        });
        self.run = Some(UnderWay { stop, following });
    }

    fn install(&mut self, disk: PathBuf, erase: Erase) {
        let leader = self.lead.ask(Lead::begin);
        if leader != Leader::Us {
            return self.tell(Reply::NotInstalled { leader });
        }
        let run = self.setup.install(Wanted::At(disk), erase, false);
        self.run(run, |event| Reply::Installation { event }, Reply::InstallationLost);
    }

    fn restart(&self) {
        let (setup, replies) = (self.setup.clone(), self.replies.clone());
        tokio::spawn(async move {
            if let Err(report) = setup.restart_machine().await {
                tell(&replies, Reply::NotRestarted { reason: report.message });
            }
        });
    }

    /// Tells whether the network can be changed here.
    fn ask_for_networkd(&self) {
        let (setup, replies) = (self.setup.clone(), self.replies.clone());
        tokio::spawn(async move {
            let failure = setup.look_for_networkd().await.err().map(Box::new);
            tell(&replies, Reply::Networkd { failure });
        });
    }

    fn put_the_rehearsal_aside(&mut self) {
        if let Some(rehearsal) = self.rehearsal.take() {
            rehearsal.following.abort();
            rehearsal.stop.cancel();
        }
    }

    fn judge(&mut self, password: SecretText) {
        let replies = self.replies.clone();
        let judging = tokio::spawn(async move {
            sleep(JUDGE_AFTER).await;
            tell(&replies, Reply::Judged { strength: Setup::judge(password).await });
        });
        if let Some(before) = self.judging.replace(judging) {
            before.abort();
        }
    }

    fn use_proxy(&self, proxy: SetProxy) {
        self.later(move |setup| async move { Reply::ProxyUsed { used: setup.use_proxy(&proxy).await } });
    }
}

impl Port for Works {
    fn ask(&mut self, request: Request) {
        match request {
            Request::Rehearse(answers, certificate_password) => {
                self.put_the_rehearsal_aside();
                let rehearsal = self.setup.rehearse(answers.map(|answers| *answers), certificate_password.as_ref());
                self.tell(Reply::Network { facts: self.setup.network() });
                self.ask_cloud();
                self.ask_for_networkd();
                self.rehearsal = Some(self.follow(rehearsal, |event| Reply::Rehearsal { event }, Reply::RehearsalLost));
            }
            Request::Describe(answers) => self.tell(Reply::Described { steps: self.setup.describe(&answers) }),
            Request::Judge(password) => self.judge(password),
            Request::Lead => self.tell(Reply::Leader { leader: self.lead.ask(Lead::claim) }),
            Request::TakeOver => self.tell(Reply::Leader { leader: self.lead.ask(Lead::take_over) }),
            Request::Admission => {
                self.later(|setup| async move { Reply::Admission { admission: setup.admission().await } });
            }
            Request::SignIn(password) => {
                self.later(|setup| async move { Reply::SignedIn { attempt: setup.sign_in(password).await } });
            }
            Request::SetClock(by) => {
                let setting =
                    self.later(move |setup| async move { Reply::ClockSet { set: setup.set_clock(by).await } });
                self.setting = Some(setting);
            }
            Request::UseProxy(proxy) => self.use_proxy(proxy),
            Request::LoadLayout(layout) => {
                self.later(move |setup| async move {
                    Reply::LayoutLoaded { failure: setup.load_keyboard_layout(&layout).await.err() }
                });
            }
            Request::Network(wish) => self.trials.ask(wish),
            Request::Start(answers) => {
                self.put_the_rehearsal_aside();
                let leader = self.lead.ask(Lead::begin);
                if leader != Leader::Us {
                    return self.tell(Reply::NotBegun { leader });
                }
                self.run(self.setup.start_by_hand(*answers), |event| Reply::Run { event }, Reply::RunLost);
            }
            Request::Disks => {
                let (setup, replies) = (self.setup.clone(), self.replies.clone());
                tokio::spawn(async move { tell(&replies, Reply::Disks { disks: setup.offers().await }) });
            }
            Request::Install { disk, erase } => self.install(disk, erase),
            Request::Restart => self.restart(),
            Request::Stop => self.run.iter().for_each(|run| run.stop.cancel()),
            Request::Keep(typed) => self.setup.keep_typed(&typed),
            Request::SaveReport { text, secrets } => {
                self.tell(Reply::Saved { saved: self.setup.save_report(&text, &secrets) });
            }
        }
    }

    async fn wind_down(&mut self) {
        self.setup.keep_typed(&[]);
        if let Some(judging) = self.judging.take() {
            judging.abort();
            // Its copy of the password is zeroed then.
            let _ = judging.await;
        }
        // NTP is off in the middle of it.
        if let Some(setting) = self.setting.take() {
            let _ = setting.await;
        }
        self.trials.wind_down().await;
        for under_way in [&self.rehearsal, &self.run].into_iter().flatten() {
            under_way.stop.cancel();
        }
        if let Some(run) = self.run.take() {
            let _ = run.following.await;
        }
    }
}

/// Tells whenever somebody else leads, or may come from another computer, for as long as the wizard is there.
async fn watch_lead(lead: Weak<Leading>, setup: Setup, replies: UnboundedSender<Reply>) {
    let (mut told, mut left, mut invited) = (Leader::Nobody, Vec::new(), None);
    let mut ticks = interval(LOOK_WHO_LEADS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(leading) = lead.upgrade() else { return };
        let leader = leading.ask(Lead::look);
        if leader != told {
            told = leader.clone();
            tell(&replies, Reply::Leader { leader });
        }
        let invitation = setup.invitation();
        if invitation != invited {
            invited.clone_from(&invitation);
            tell(&replies, Reply::Invited { invitation });
        }
        // What failed is told when nobody is at it any more, and once.
        let now = if told == Leader::Nobody { setup.left_behind() } else { None };
        if let Some(events) = now.filter(|events| *events != left) {
            left.clone_from(&events);
            tell(&replies, Reply::LeftBehind { events, draft: setup.supplied_draft().await });
        }
    }
}

async fn follow(
    mut events: UnboundedReceiver<Event>,
    replies: UnboundedSender<Reply>,
    told: fn(Event) -> Reply,
    lost: Reply,
) {
    while let Some(event) = events.recv().await {
        let ended = matches!(event, Event::Ended(_));
        tell(&replies, told(event));
        if ended {
            return;
        }
    }
    tell(&replies, lost);
}

/// Nobody listens any more when the wizard was left meanwhile.
fn tell(replies: &UnboundedSender<Reply>, reply: Reply) {
    let _ = replies.send(reply);
}
