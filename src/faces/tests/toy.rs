//! A toy in place of the setup: it plays scripts, and keeps what it was asked for.

use std::{collections::VecDeque, path::PathBuf, sync::Mutex, time::Duration};

use tokio::{sync::mpsc::UnboundedSender, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    setup::{Erase, Offer},
    wizard::{
        Port,
        trial::{NetworkNews, NetworkWish},
    },
};

/// So many milliseconds after the one before, this happens.
pub(super) type Script = Vec<(u64, Event)>;

/// What there is to play, and what was asked for.
#[derive(Default)]
pub(super) struct Toy {
    pub(super) rehearsals: Mutex<VecDeque<Script>>,
    pub(super) runs: Mutex<VecDeque<Script>>,
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) codes: Mutex<Vec<String>>,
}

impl Toy {
    pub(super) fn new(rehearsals: Vec<Script>, runs: Vec<Script>) -> Self {
        Self { rehearsals: Mutex::new(rehearsals.into()), runs: Mutex::new(runs.into()), ..Self::default() }
    }

    /// The port to it that replies on `replies`.
    pub(super) const fn port(&self, replies: UnboundedSender<Reply>) -> ToyPort<'_> {
        ToyPort { toy: self, replies, rehearsal: None, run: None, judging: None }
    }

    fn asked(&self, what: String) {
        self.asked.lock().expect("no panic while held").push(what);
    }
}

pub(super) struct ToyPort<'a> {
    toy: &'a Toy,
    replies: UnboundedSender<Reply>,
    rehearsal: Option<JoinHandle<()>>,
    judging: Option<JoinHandle<()>>,
    run: Option<(CancellationToken, JoinHandle<()>)>,
}

impl ToyPort<'_> {
    fn tell(&self, reply: Reply) {
        self.replies.send(reply).expect("the wizard is there");
    }

    fn tell_after(&self, pause: u64, reply: Reply) -> JoinHandle<()> {
        let replies = self.replies.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            drop(replies.send(reply));
        })
    }

    fn wire(&self, wish: &NetworkWish) {
        let (asked, trial) = match wish {
            NetworkWish::Try(_) => ("try network", NetworkNews::Begun(30)),
            NetworkWish::Keep => ("keep network", NetworkNews::Kept),
            NetworkWish::TakeBack => ("take network back", NetworkNews::TakenBack),
        };
        self.toy.asked(asked.to_owned());
        drop(self.tell_after(0, Reply::NetworkTrial { trial }));
    }

    /// Goes on after its script until it is stopped, unless the script ends it.
    fn play(&self, scripts: &Mutex<VecDeque<Script>>, told: fn(Event) -> Reply) -> (CancellationToken, JoinHandle<()>) {
        let script = scripts.lock().expect("no panic while held").pop_front().unwrap_or_default();
        let (stop, replies) = (CancellationToken::new(), self.replies.clone());
        let stopped = stop.clone();
        let tell = move |event| drop(replies.send(told(event)));
        let playing = tokio::spawn(async move {
            for (pause, event) in script {
                let last = matches!(event, Event::Ended(_));
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(pause)) => tell(event),
                    () = stopped.cancelled() => break,
                }
                if last {
                    return;
                }
            }
            stopped.cancelled().await;
            // As the engine does: first what must not be cut, then the last event.
            tell(Event::Note { id: "redeem".into(), text: "keeping the grant".into() });
            tell(Event::StepStopped { id: "redeem".into(), elapsed_ms: 5 });
            tell(ended(ErrorId::Stopped, true));
        });
        (stop, playing)
    }
}

impl Port for ToyPort<'_> {
    fn ask(&mut self, request: Request) {
        match request {
            Request::Rehearse(answers, _) => {
                let with = answers.map_or(String::new(), |answers| format!(" for {}", answers.email));
                self.toy.asked(format!("rehearse{with}"));
                self.tell(Reply::Network { facts: NetworkFacts::default() });
                self.rehearsal = Some(self.play(&self.toy.rehearsals, |event| Reply::Rehearsal { event }).1);
            }
            Request::Describe(answers) => {
                self.toy.asked(format!("describe {}", answers.first_name));
                self.tell(Reply::Described { steps: description() });
            }
            Request::Judge(password) => {
                self.toy.asked("judge".to_owned());
                let strength = Some(Strength::judge(password.expose()));
                let judging = self.tell_after(150, Reply::Judged { strength });
                self.judging.replace(judging).iter().for_each(JoinHandle::abort);
            }
            Request::Lead | Request::TakeOver => self.tell(Reply::Leader { leader: Leader::Us }),
            Request::Admission => {
                self.toy.asked("who may".to_owned());
                self.tell(Reply::Admission { admission: Admission::Administrator { email: None, wait_seconds: 0 } });
            }
            Request::SignIn(password) => {
                let right = password.expose() == PASSWORD;
                self.toy.asked(format!("sign in {right}"));
                let attempt = if right { Attempt::Accepted } else { Attempt::Wrong { wait_seconds: 8 } };
                drop(self.tell_after(300, Reply::SignedIn { attempt }));
            }
            Request::UseProxy(_) => drop(self.tell_after(0, Reply::ProxyUsed { used: Ok("used".into()) })),
            Request::SetClock(by) => {
                self.toy.asked(format!("clock {by:?}"));
                drop(self.tell_after(0, Reply::ClockSet { set: Ok("set".into()) }));
            }
            Request::LoadLayout(layout) => {
                self.toy.asked(format!("layout {layout}"));
                drop(self.tell_after(0, Reply::LayoutLoaded { failure: None }));
            }
            Request::Disks => self.tell(Reply::Disks { disks: Ok(offers()) }),
            Request::Install { disk, erase } => {
                self.toy.asked(format!("install on {} {erase:?}", disk.display()));
                self.run = Some(self.play(&self.toy.runs, |event| Reply::Installation { event }));
            }
            Request::Keep(_typed) => {}
            Request::Restart => self.toy.asked("restart".to_owned()),
            Request::Network(wish) => self.wire(&wish),
            Request::Start(answers) => {
                self.toy.asked(format!("start {}", answers.public.email));
                self.toy.codes.lock().expect("it is whole").push(answers.secret.install_code.expose().to_owned());
                self.rehearsal.take().iter().for_each(JoinHandle::abort);
                self.run = Some(self.play(&self.toy.runs, |event| Reply::Run { event }));
            }
            Request::Stop => self.run.iter().for_each(|(stop, _)| stop.cancel()),
            Request::SaveReport { text, .. } => {
                assert!(!text.contains("horse"), "{text}");
                self.toy.asked(format!("report, {}", text.lines().next().unwrap_or("")));
                self.tell(Reply::Saved { saved: Ok("/var/lib/firstlight/report.txt".to_owned()) });
            }
        }
    }

    async fn wind_down(&mut self) {
        if let Some((stop, playing)) = self.run.take() {
            stop.cancel();
            playing.await.expect("no panic");
        }
    }
}

/// An empty disk, one of somebody's, an appliance's, and the stick that the system was started from.
pub(super) fn offers() -> Vec<Offer> {
    let offer = |name: &str, size: &str, becomes, erase, is_empty| Offer {
        name: name.to_owned(),
        path: PathBuf::from("/dev").join(name),
        about: phrase!("install-disk-known" { name, size, model: "Samsung SSD 870 S5Y1" }),
        becomes,
        erase,
        is_empty,
    };
    let part = |name: &str, kind: &str, label: &str| phrase!("install-part-named" { name, size: "63 GB", kind, label });
    let foreign = phrase!("offer-foreign" { content: part("sdb1", "xfs", "photos") });
    let kept = phrase!("offer-kept" { data: part("sda4", "ext4", "firstlight-data") });
    vec![
        offer("sda", "64 GB", kept, Some(Erase::Nothing), false),
        offer("sdb", "500 GB", foreign, Some(Erase::Foreign), false),
        offer("sdc", "8004 MB", phrase!("install-medium"), None, false),
        offer("nvme0n1", "1000 GB", phrase!("offer-empty"), Some(Erase::Nothing), true),
    ]
}
