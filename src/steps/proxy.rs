//! The proxy on this machine's way out, as somebody has named it; before anything is asked of the network.

use std::sync::Arc;

use super::{given::Given, sign_in};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure, Report},
    profile::Profile,
    values::{Authority, ProxyCa, SetProxy},
    words::{Phrase, phrase, said},
    world::{HostError, World},
};

/// The file that has it for later cannot be read or written.
#[derive(Debug)]
struct Unkept(HostError);

said! { Unkept: Self(source) => "proxy-unkept" because Ours(source) }

impl Failure for Unkept {
    fn id(&self) -> ErrorId {
        ErrorId::FileUnusable
    }

    fn hint(&self) -> Option<Phrase> {
        self.0.hint()
    }
}

/// Has the way out lead through a proxy, or through none any more.
#[derive(Debug)]
pub struct UseProxy {
    profile: Arc<Profile>,
    proxy: SetProxy,
    /// To go this way alone, and keep nothing of it.
    rehearse: bool,
}

impl UseProxy {
    pub(super) fn of(given: &Given) -> Option<Self> {
        Self::new(&given.profile, &given.answers.public, false)
    }

    pub(super) fn rehearsal(profile: &Arc<Profile>, answers: &PublicAnswers) -> Option<Self> {
        Self::new(profile, answers, true)
    }

    fn new(profile: &Arc<Profile>, answers: &PublicAnswers, rehearse: bool) -> Option<Self> {
        let proxy = answers.proxy.clone()?;
        Some(Self { profile: Arc::clone(profile), proxy, rehearse })
    }

    pub(super) fn describe(_profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        answers.proxy.iter().flat_map(will).collect()
    }

    pub(super) async fn run(&self, world: &World, _notes: &Notes) -> Result<Outcome, Failed> {
        if self.rehearse {
            world.use_proxy(&self.proxy).await;
            if let Some(ca) = self.proxy.ca() {
                world.use_proxy_ca(ca).await?;
            }
            return Ok(Outcome::Unchanged(will(&self.proxy).into()));
        }
        sign_in::not_refused(&self.profile, world).await?;
        Ok(set(&self.proxy, world).await?)
    }
}

fn will(proxy: &SetProxy) -> Vec<Phrase> {
    let way = proxy.values().map(|_| match proxy.shown() {
        Some(proxy) => phrase!("will-use-proxy" { proxy }),
        None => phrase!("will-use-no-proxy"),
    });
    let ca = proxy.ca().map(|ca| match ca {
        ProxyCa::Shown(wanted) => phrase!("will-trust-shown" { fingerprint: wanted.to_string() }),
        ProxyCa::File(path) => phrase!("will-trust-file" { path: path.display().to_string() }),
        ProxyCa::Nobody => phrase!("will-trust-nobody"),
    });
    way.into_iter().chain(ca).collect()
}

/// Goes this way from now on, and has what is started later go it.
pub(super) async fn set(proxy: &SetProxy, world: &World) -> Result<Outcome, Report> {
    let mut changed = world.keep_proxy(proxy).map_err(Unkept)?;
    world.use_proxy(proxy).await;
    let way = proxy.values().map(|_| match proxy.shown() {
        Some(proxy) => phrase!("proxy-used" { proxy }),
        None => phrase!("proxy-unused"),
    });
    let mut said: Vec<Phrase> = way.into_iter().collect();
    if let Some(ca) = proxy.ca() {
        // By the way that was just named, where it is only seen there.
        let found = world.use_proxy_ca(ca).await?;
        changed |= world.keep_proxy_ca(found.as_ref()).await?;
        said.push(match found.map(|found| found.authority()) {
            Some(Authority { name, sha256 }) => phrase!("proxy-ca-trusted" { name, fingerprint: sha256.to_string() }),
            None => phrase!("proxy-ca-nobody"),
        });
    }
    let said = Phrase::from(said);
    Ok(if changed { Outcome::Changed(said) } else { Outcome::Unchanged(said) })
}
