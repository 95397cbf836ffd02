//! The one way between the model and everything that acts: a [`Request`] out, [`Reply`]s in.
//!
//! [`Works`] is the real one. A new effect is a variant of each of the two, an arm of [`Works::ask`], and the page that asks.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{Duration, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, PublicAnswers},
    engine::Event,
    error::Report,
    setup::{Admission, Attempt, Description, Lead, Leader, NetworkFacts, Running, Setup},
    values::{SecretText, Strength, plain_text},
    words::{Phrase, phrase},
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
    /// Use this keyboard layout.
    LoadLayout(String),
    /// Carry the setup out; checks under way are put aside, because the run makes them itself.
    Start(Box<Answers>),
    /// Ask the run to stop.
    Stop,
    /// Save a report for support; none of `secrets` may be in it.
    SaveReport {
        /// The report.
        text: String,
        /// What is still held.
        secrets: Vec<SecretText>,
    },
}

/// What comes of it. In JSON it is what stands in a recording, so nothing of it is an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// What the network looked like when the checks began.
    Network {
        /// It.
        facts: NetworkFacts,
    },
    /// What the steps will do, for the review page.
    Described {
        /// Each of them.
        steps: Vec<Description>,
    },
    /// The verdict on the password, if there is one. It is never written: it says what the password is like.
    Judged {
        /// It.
        #[serde(skip)]
        strength: Option<Strength>,
    },
    /// Who leads.
    Leader {
        /// They.
        leader: Leader,
    },
    /// The run did not begin, because of who leads.
    NotBegun {
        /// They.
        leader: Leader,
    },
    /// Who may go on.
    Admission {
        /// They.
        admission: Admission,
    },
    /// What came of signing in.
    SignedIn {
        /// It.
        attempt: Attempt,
    },
    /// A keyboard layout is in use, or not.
    LayoutLoaded {
        /// Why not.
        failure: Option<Phrase>,
    },
    /// The rehearsal goes on.
    Rehearsal {
        /// What happened.
        event: Event,
    },
    /// The rehearsal broke off without its last event.
    RehearsalLost,
    /// The run goes on.
    Run {
        /// What happened.
        event: Event,
    },
    /// The run broke off without its last event.
    RunLost,
    /// A report was saved, and lies there; or it could not be.
    Saved {
        /// Where, or why not.
        saved: Result<String, Report>,
    },
}

impl Reply {
    /// What it is, for those who look into a recording.
    pub(crate) fn name(&self) -> Phrase {
        match self {
            Self::Network { .. } => phrase!("replay-network"),
            Self::Described { .. } => phrase!("replay-described"),
            Self::Judged { .. } => phrase!("replay-judged"),
            Self::Leader { .. } | Self::NotBegun { .. } => phrase!("replay-leader"),
            Self::Admission { .. } => phrase!("replay-admission"),
            Self::SignedIn { .. } => phrase!("replay-signed-in"),
            Self::LayoutLoaded { .. } => phrase!("replay-layout"),
            Self::Rehearsal { event } => phrase!("replay-rehearsal" { event: event_name(event) }),
            Self::RehearsalLost => phrase!("replay-rehearsal" { event: phrase!("replay-broken-off") }),
            Self::Run { event } => phrase!("replay-run" { event: event_name(event) }),
            Self::RunLost => phrase!("replay-run" { event: phrase!("replay-broken-off") }),
            Self::Saved { .. } => phrase!("replay-saved"),
        }
    }
}

fn event_name(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap_or_default();
    let part = |name: &str| plain_text(json[name].as_str().unwrap_or_default(), 60);
    format!("{} {}", part("type"), part("id")).trim_end().to_owned()
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
    lead: Arc<Leading>,
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
        tokio::spawn(watch_lead(Arc::downgrade(&lead), replies.clone()));
        Self { setup, replies, rehearsal: None, run: None, judging: None, lead }
    }

    fn tell(&self, reply: Reply) {
        tell(&self.replies, reply);
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

    fn put_the_rehearsal_aside(&mut self) {
        if let Some(rehearsal) = self.rehearsal.take() {
            rehearsal.following.abort();
            rehearsal.stop.cancel();
        }
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
                self.rehearsal = Some(self.follow(rehearsal, |event| Reply::Rehearsal { event }, Reply::RehearsalLost));
            }
            Request::Describe(answers) => self.tell(Reply::Described { steps: self.setup.describe(&answers) }),
            Request::Judge(password) => {
                let replies = self.replies.clone();
                let judging = tokio::spawn(async move {
                    sleep(JUDGE_AFTER).await;
                    tell(&replies, Reply::Judged { strength: Setup::judge(password).await });
                });
                if let Some(before) = self.judging.replace(judging) {
                    before.abort();
                }
            }
            Request::Lead => self.tell(Reply::Leader { leader: self.lead.ask(Lead::claim) }),
            Request::TakeOver => self.tell(Reply::Leader { leader: self.lead.ask(Lead::take_over) }),
            Request::Admission => {
                let (setup, replies) = (self.setup.clone(), self.replies.clone());
                tokio::spawn(async move { tell(&replies, Reply::Admission { admission: setup.admission().await }) });
            }
            Request::SignIn(password) => {
                let (setup, replies) = (self.setup.clone(), self.replies.clone());
                tokio::spawn(async move { tell(&replies, Reply::SignedIn { attempt: setup.sign_in(password).await }) });
            }
            Request::LoadLayout(layout) => {
                let (setup, replies) = (self.setup.clone(), self.replies.clone());
                tokio::spawn(async move {
                    let failure = setup.load_keyboard_layout(&layout).await.err();
                    tell(&replies, Reply::LayoutLoaded { failure });
                });
            }
            Request::Start(answers) => {
                self.put_the_rehearsal_aside();
                let leader = self.lead.ask(Lead::begin);
                if leader != Leader::Us {
                    return self.tell(Reply::NotBegun { leader });
                }
                let run = self.setup.start(*answers);
                let UnderWay { stop, following } = self.follow(run, |event| Reply::Run { event }, Reply::RunLost);
                let lead = Arc::clone(&self.lead);
                let following = tokio::spawn(async move {
                    let _ = following.await;
                    lead.ask(|lead| lead.is_busy(false));
                });
                self.run = Some(UnderWay { stop, following });
            }
            Request::Stop => self.run.iter().for_each(|run| run.stop.cancel()),
            Request::SaveReport { text, secrets } => {
                self.tell(Reply::Saved { saved: self.setup.save_report(&text, &secrets) });
            }
        }
    }

    async fn wind_down(&mut self) {
        if let Some(judging) = self.judging.take() {
            judging.abort();
            // Its copy of the password is zeroed then.
            let _ = judging.await;
        }
        for under_way in [&self.rehearsal, &self.run].into_iter().flatten() {
            under_way.stop.cancel();
        }
        if let Some(run) = self.run.take() {
            let _ = run.following.await;
        }
    }
}

/// Tells whenever somebody else leads, for as long as the wizard is there.
async fn watch_lead(lead: Weak<Leading>, replies: UnboundedSender<Reply>) {
    let mut told = Leader::Nobody;
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
