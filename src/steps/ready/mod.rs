//! Waits until everything is as the profile says: what must answer answers, then what must not does not, and in the end
//! the administrator can sign in.

mod failure;
mod login;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::Instant;

use failure::{LoginRefused, NotReady};

use super::{
    bootstrap::{Bystander, Diagnosis},
    given::Given,
    identity::{fact_of, own_authorities},
};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::Report,
    profile::{Probe, ProbeKind, Profile, is_private},
    values::{Address, Authority, Fact, Request, pki::Certificate},
    words::{Phrase, Say, phrase},
    world::{ProbeError, World},
};

/// How often an address is asked.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The longest pause between two logins, which becomes longer with each: some appliances lock an account for a while
/// that was refused often.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long an address has for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A probe with the answers that stand in it.
#[derive(Debug)]
struct Asked {
    probe: Probe,
    url: url::Url,
    headers: Vec<(String, String)>,
}

/// Why a probe is not made: which it is.
#[derive(Debug)]
enum Unasked {
    /// It needs the appliance's own address, and that is not known.
    Nameless(Phrase),
    /// The password would leave this machine without TLS.
    Exposed(Phrase),
}

impl Asked {
    fn of(probe: &Probe, own: Option<&Address>) -> Result<Self, Unasked> {
        let name = || probe.name();
        let parts = probe.url.of(own).zip(probe.headers(own));
        let (url, headers) = parts.ok_or_else(|| Unasked::Nameless(name()))?;
        if matches!(probe.kind, ProbeKind::Login(_)) && !is_private(&url, probe.connect_to) {
            return Err(Unasked::Exposed(name()));
        }
        Ok(Self { probe: probe.clone(), url, headers })
    }

    /// Only while it is asked there is a password in it.
    fn request(&self, given: &Given) -> Request {
        let (url, headers) = (self.url.clone(), self.headers.clone());
        let content = match &self.probe.kind {
            ProbeKind::Login(fields) => {
                Some(fields.content(&given.answers.public.email, &given.answers.secret.password))
            }
            ProbeKind::Present | ProbeKind::Absent => None,
        };
        let Probe { method, connect_to, wanted, .. } = &self.probe;
        let (method, connect_to, reads_body) = (*method, *connect_to, wanted.body.is_some());
        Request { method, url, connect_to, headers, bearer: None, content, patience: PATIENCE, reads_body }
    }

    /// Asks once; gives who of the profile's authorities signs for it.
    async fn ask(&self, given: &Given, own: &[Certificate], world: &World) -> Result<Option<Authority>, ProbeError> {
        let is_absent = self.probe.kind == ProbeKind::Absent;
        let (response, authority) = match world.prober.ask(&self.request(given), own).await {
            Err(error) if is_absent && error.is_silence() => return Ok(None),
            answered => answered?,
        };
        self.probe.wanted.check(&response).map_err(ProbeError::Mismatch)?;
        Ok(authority.filter(|_| !is_absent))
    }

    fn missing(&self, source: ProbeError, seconds: u64, seen: Option<Diagnosis>) -> Report {
        let (name, url) = (self.probe.name(), self.url.to_string());
        if self.is_login()
            && let Some(status) = login::refused_with(&source)
        {
            return LoginRefused { name, url, status, seconds }.into();
        }
        // What has a remedy of its own is explained.
        let seen = seen.filter(|_| self.is_explained_by_pods(&source));
        NotReady { name, is_absent: self.probe.kind == ProbeKind::Absent, url, seconds, source, seen }.into()
    }

    const fn is_login(&self) -> bool {
        matches!(self.probe.kind, ProbeKind::Login(_))
    }

    fn is_explained_by_pods(&self, source: &ProbeError) -> bool {
        self.probe.kind != ProbeKind::Absent && source.hint().is_none()
    }
}

/// Waits for the appliance.
#[derive(Debug)]
pub struct Ready {
    given: Arc<Given>,
    asked: Vec<Asked>,
    unasked: Vec<Unasked>,
}

/// What a run has seen so far.
struct Waiting<'a> {
    given: &'a Given,
    world: &'a World,
    notes: &'a Notes,
    bystander: Option<Bystander>,
    own: Vec<Certificate>,
    told: Vec<Fact>,
}

impl Ready {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let profile = &given.profile;
        let own = given.answers.public.address(profile);
        let (mut asked, mut unasked) = (Vec::new(), Vec::new());
        for probe in &profile.ready {
            match Asked::of(probe, own.as_ref()) {
                Ok(probe) => asked.push(probe),
                Err(why) => unasked.push(why),
            }
        }
        (!profile.ready.is_empty()).then_some(Self { given: Arc::clone(given), asked, unasked })
    }

    pub(super) fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        let own = answers.address(profile);
        let line = |probe: &Probe| {
            let name = probe.name();
            match Asked::of(probe, own.as_ref()).map(|asked| asked.probe.kind) {
                Ok(ProbeKind::Present) => phrase!("will-wait" { name }),
                Ok(ProbeKind::Absent) => phrase!("will-look-for-absence" { name }),
                Ok(ProbeKind::Login(_)) => phrase!("will-sign-in" { name, email: answers.email.to_string() }),
                Err(Unasked::Nameless(name)) => phrase!("will-not-wait" { name }),
                Err(Unasked::Exposed(name)) => phrase!("will-not-sign-in" { name }),
            }
        };
        profile.ready.iter().map(line).collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let release = self.given.profile.bootstrap.as_ref().map(|bootstrap| bootstrap.release.as_str());
        let bystander = release.map(Bystander::of);
        let mut own = own_authorities(&self.given.profile, world).await?;
        let address = self.given.answers.public.address(&self.given.profile);
        // That one has been told already.
        let told = own.first().and_then(|own| fact_of(own, &self.given.profile, address.as_ref()));
        let told = told.into_iter().collect();
        own.extend(self.given.authority.get().cloned());
        let mut waiting = Waiting { given: &self.given, world, notes, bystander, own, told };
        let mut exposed = Vec::new();
        for unasked in &self.unasked {
            match unasked {
                Unasked::Nameless(name) => notes.note(phrase!("ready-nameless" { name })),
                Unasked::Exposed(name) => exposed.push(name.clone()),
            }
        }
        let present = self.of_kind(|asked| asked.probe.kind == ProbeKind::Present);
        let absent = self.of_kind(|asked| asked.probe.kind == ProbeKind::Absent);
        let logins = self.of_kind(Asked::is_login);
        let mut said = Vec::new();
        waiting.wait_for(present.clone()).await?;
        waiting.wait_for(absent.clone()).await?;
        let own = logins.is_empty() || login::has_own_password(&self.given, world).await?;
        for login in logins.iter().filter(|_| own) {
            waiting.wait_for(vec![login]).await?;
        }
        if !present.is_empty() {
            said.push(phrase!("ready-all" { names: names(&present) }));
        }
        if !absent.is_empty() {
            said.push(phrase!("ready-absent" { absent: names(&absent) }));
        }
        if !logins.is_empty() && own {
            said.push(phrase!("ready-signed-in" { names: names(&logins) }));
        } else if !logins.is_empty() {
            said.push(phrase!("ready-not-signed-in" { names: names(&logins) }));
        }
        if !exposed.is_empty() {
            said.push(phrase!("ready-exposed" { names: exposed }));
        }
        let summary = said.into_iter().reduce(|before, next| phrase!("ready-and-then" { before, next }));
        Ok(Outcome::Unchanged(summary.unwrap_or_else(|| phrase!("ready-none"))))
    }

    fn of_kind(&self, is_meant: impl Fn(&Asked) -> bool) -> Vec<&Asked> {
        self.asked.iter().filter(|asked| is_meant(asked)).collect()
    }
}

fn names(asked: &[&Asked]) -> Vec<Phrase> {
    asked.iter().map(|asked| asked.probe.name()).collect()
}

impl Waiting<'_> {
    /// Asks all of them side by side until each is as it should be; tells all that are not, as soon as one is overdue.
    async fn wait_for(&mut self, mut missing: Vec<&Asked>) -> Result<(), Failed> {
        let (started, mut pause) = (Instant::now(), ASK_AGAIN);
        loop {
            let mut still = Vec::new();
            let answers = join_all(missing.iter().map(|asked| asked.ask(self.given, &self.own, self.world))).await;
            for (asked, answer) in missing.into_iter().zip(answers) {
                match answer {
                    Ok(authority) => self.is_ready(asked, authority),
                    Err(source) => still.push((asked, source)),
                }
            }
            let waited = started.elapsed();
            let Some(left) = still.iter().map(|(asked, _)| asked.probe.timeout.saturating_sub(waited)).min() else {
                return Ok(());
            };
            let (seen, seconds) = (self.look(&still).await, waited.as_secs());
            if left.is_zero() {
                still.sort_by_key(|(asked, _)| asked.probe.timeout > waited);
                let missing = still.into_iter().map(|(asked, source)| asked.missing(source, seconds, seen.clone()));
                return Err(Failed(missing.collect()));
            }
            self.tell(&still, seen, seconds);
            missing = still.into_iter().map(|(asked, _)| asked).collect();
            tokio::time::sleep(pause.min(left)).await;
            if missing.iter().any(|asked| asked.is_login()) {
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }

    fn is_ready(&mut self, asked: &Asked, authority: Option<Authority>) {
        let Some(authority) = authority else { return };
        let fact = Fact::Authority { url: asked.url.to_string(), authority };
        if !self.told.iter().any(|known| fact.repeats(known)) {
            self.notes.fact(fact.clone());
            self.told.push(fact);
        }
    }

    /// What is seen of the appliance's own pods, where that explains something.
    async fn look(&mut self, still: &[(&Asked, ProbeError)]) -> Option<Diagnosis> {
        let explains = still.iter().any(|(asked, source)| asked.is_explained_by_pods(source));
        self.bystander.as_mut().filter(|_| explains)?.look(self.world).await
    }

    /// Says everything that is missing, and why.
    fn tell(&self, still: &[(&Asked, ProbeError)], seen: Option<Diagnosis>, seconds: u64) {
        let Some(((first, source), others)) = still.split_first() else { return };
        let why = others.iter().fold(
            source.phrase(),
            |before, (asked, source)| phrase!("ready-missing-too" { before, name: asked.probe.name(), why: source.phrase() }),
        );
        let name = first.probe.name();
        self.notes.note(match seen {
            Some(seen) => phrase!("ready-waiting-seen" { name, why, seen: seen.sentence, seconds }),
            None => phrase!("ready-waiting" { name, why, seconds }),
        });
    }
}
