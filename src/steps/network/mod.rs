//! Gives this machine the network that the answers say, before anything else is tried: for a while, and then for good if it
//! reaches with it what it did before.

mod decide;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use decide::{Lack, Reach, fitted, is_good, lack};

use super::{given::Given, sign_in};
use crate::{
    answers::PublicAnswers,
    engine::{Failed, Notes, Outcome},
    error::{ErrorId, Failure, Report},
    profile::Profile,
    values::network::{self, NetworkFile},
    words::{Phrase, phrase, said},
    world::{NetworkFacts, Networkd, TRIAL, World, answers},
};

/// How long a network has to show what it is worth; the rest of the trial is for what decides about it.
const PROBATION: Duration = Duration::from_secs(24);

/// How long the license service is asked in one go.
const PATIENCE: Duration = Duration::from_secs(4);

/// How often it is looked how far the machine comes.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Gives this machine another network.
#[derive(Debug)]
pub struct Network {
    profile: Arc<Profile>,
    wanted: network::Network,
    /// To say alone what would be done.
    rehearse: bool,
}

/// A network was tried, and taken back.
#[derive(Debug)]
struct TakenBack {
    interface: String,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Lack(Lack),
    /// The license service answered before; why it did not any more, if that is known.
    License {
        host: String,
        report: Option<Box<Report>>,
    },
}

said! { TakenBack:
    Self { interface, why: Why::Lack(Lack::Link) } => "network-taken-back-link" { interface },
    Self { interface, why: Why::Lack(Lack::Address) } => "network-taken-back-address" { interface },
    Self { interface, why: Why::Lack(Lack::Gateway) } => "network-taken-back-gateway" { interface },
    Self { interface, why: Why::Lack(Lack::Answer) } => "network-taken-back-answer" { interface },
    Self { why: Why::License { host, report: None }, .. } => "network-taken-back-license-late" { host },
    Self { why: Why::License { host, report: Some(report) }, .. } =>
        "network-taken-back-license" { host, why: report.message.clone() },
}

impl Failure for TakenBack {
    fn id(&self) -> ErrorId {
        ErrorId::NetworkTakenBack
    }
}

/// The files of networkd's for a network over interfaces that this machine has.
///
/// # Errors
/// When it does not have them.
pub fn files(wanted: &network::Network, facts: &NetworkFacts) -> Result<Vec<NetworkFile>, Report> {
    Ok(fitted(wanted, facts)?.files())
}

impl Network {
    pub(super) fn of(given: &Arc<Given>) -> Option<Self> {
        let wanted = given.answers.public.network.clone();
        wanted.map(|wanted| Self { profile: Arc::clone(&given.profile), wanted, rehearse: false })
    }

    /// The same, to say alone what would be done.
    pub(super) fn rehearsal(profile: &Arc<Profile>, answers: &PublicAnswers) -> Option<Self> {
        answers.network.clone().map(|wanted| Self { profile: Arc::clone(profile), wanted, rehearse: true })
    }

    pub(super) fn describe(_profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        answers
            .network
            .iter()
            .map(|wanted| phrase!("will-network" { network: said(wanted), seconds: TRIAL.as_secs() }))
            .collect()
    }

    pub(super) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        sign_in::not_refused(&self.profile, world).await?;
        let wanted = fitted(&self.wanted, &world.host.network())?;
        let files = wanted.files();
        let networkd = Networkd::connect(&world.host, &world.systemd).await?;
        if networkd.keeps(&files)? {
            return Ok(Outcome::Unchanged(phrase!("network-kept" { network: said(&wanted) })));
        }
        if self.rehearse {
            return Ok(Outcome::Unchanged(would_write(&networkd, &files)?));
        }
        let before = Reach { license: reached(world).await.is_ok(), lacks: None };
        let _hold = notes.hold(phrase!("network-hold"), TRIAL).await;
        let since = Instant::now();
        notes.note(phrase!("network-trying" { network: said(&wanted) }));
        networkd.try_out(&files, TRIAL).await?;
        let why = loop {
            let (now, why) = look(&wanted, &before, world).await;
            if is_good(&before, &now) {
                networkd.keep(&files).await?;
                return Ok(Outcome::Changed(phrase!("network-changed" { network: said(&wanted) })));
            }
            if since.elapsed() >= PROBATION {
                break why;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        };
        networkd.take_back().await?;
        let interface = wanted.carrier().map(|carrier| carrier.to_string()).unwrap_or_default();
        Err(TakenBack { interface, why }.into())
    }
}

/// How far the machine comes with a network, and what is wrong with it if that is not far enough.
async fn look(wanted: &network::Network, before: &Reach, world: &World) -> (Reach, Why) {
    let facts = world.host.network();
    let mut lacks = lack(wanted, &facts);
    if lacks.is_none() {
        let carrier = wanted.carrier().map(|carrier| carrier.to_string());
        let gateways = facts.default_routes.iter().filter(|(_, on)| carrier.as_ref() == Some(on)).map(|(to, _)| *to);
        for gateway in gateways {
            lacks = lacks.or((!answers(gateway).await).then_some(Lack::Answer));
        }
    }
    // A gateway that lets nobody speak to itself leads on all the same.
    let is_worth_it = before.license || !matches!(lacks, Some(Lack::Link | Lack::Address));
    let license = if is_worth_it { reached(world).await } else { Err(None) };
    let reach = Reach { license: license.is_ok(), lacks };
    let host = world.license.host();
    let why = lacks.map_or_else(|| Why::License { host, report: license.err().flatten() }, Why::Lack);
    (reach, why)
}

/// Whether the license service answers, or why not.
async fn reached(world: &World) -> Result<(), Option<Box<Report>>> {
    // A connection of before would tell of the network of before.
    world.look_anew().await;
    let contact = timeout(PATIENCE, world.license.contact()).await.map_err(|_late| None)?;
    contact.map(drop).map_err(|error| Some(Box::new(error.into())))
}

fn would_write(networkd: &Networkd<'_>, files: &[NetworkFile]) -> Result<Phrase, Failed> {
    let (written, removed) = networkd.would_write(files)?;
    let listed = |paths: Vec<String>| paths.into_iter().map(|path| format!("`{path}`").into()).collect::<Vec<Phrase>>();
    let written = phrase!("network-would-write" { files: listed(written) });
    Ok(if removed.is_empty() {
        written
    } else {
        written.then(phrase!("network-would-remove" { files: listed(removed) }))
    })
}

/// A network in words.
fn said(wanted: &network::Network) -> Phrase {
    let interface =
        wanted.carrier().map_or_else(|| phrase!("network-only-interface"), |carrier| carrier.to_string().into());
    let addresses: Vec<Phrase> = wanted.addresses().iter().map(|own| own.to_string().into()).collect();
    match (addresses.is_empty(), wanted.gateways().is_empty()) {
        (true, _) => phrase!("network-said-automatic" { interface }),
        (false, true) => phrase!("network-said-fixed" { interface, addresses }),
        (false, false) => {
            let gateways: Vec<Phrase> = wanted.gateways().iter().map(|gateway| gateway.to_string().into()).collect();
            phrase!("network-said-fixed-gateway" { interface, addresses, gateways })
        }
    }
}
