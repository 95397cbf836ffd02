//! What a setup does, one file a step: observe, decide (a pure function), act.
//!
//! A step is a structure of what it needs. It says what it will do from the profile and the public answers alone.

mod bootstrap;
mod clock;
mod found;
mod given;
mod identity;
mod install;
mod network;
pub mod objects;
mod proxy;
mod questions;
mod ready;
mod redeem;
mod rehearse;
mod restart;
mod rows;
mod scrub;
mod secrets;
mod services;
pub mod sign_in;
mod standing;

use std::sync::{Arc, OnceLock};

pub use found::{Found, found};
use given::Given;
pub use install::{By, Offer, installation, is_installable, offers};
pub use network::files as network_files;
use objects::Travelling;

use crate::{
    answers::{Answers, OwnCertificate, PublicAnswers},
    engine::{self, Failed, Notes, Outcome, StepInfo},
    error::Report,
    profile::Profile,
    values::{SecretText, SetClock, SetProxy, pki::Shown},
    words::{self, Phrase},
    world::World,
};

macro_rules! steps {
    (
        setup { $($(#[$doc:meta])* $step:ident in $file:ident is $ID:ident: $id:literal, $title:tt;)* }
        besides {
            $($(#[$its_doc:meta])* $other:ident in $its_file:ident is $ITS_ID:ident: $its_id:literal, $its_title:tt;)*
        }
    ) => {
        /// The stable ids of the steps.
        pub mod id {
            use crate::engine::StepId;

            $($(#[$doc])* pub const $ID: StepId = StepId::new($id);)*
            $($(#[$its_doc])* pub const $ITS_ID: StepId = StepId::new($its_id);)*
        }

        /// One step of a plan, with what it needs.
        #[derive(Debug)]
        pub enum Step {
            $($(#[$doc])* $step($file::$step),)*
            $($(#[$its_doc])* $other($its_file::$other),)*
        }

        impl engine::Step for Step {
            type World = World;

            fn info(&self) -> StepInfo {
                match self {
                    $(Self::$step(_) => StepInfo::new(id::$ID, words::id!($title)),)*
                    $(Self::$other(_) => StepInfo::new(id::$ITS_ID, words::id!($its_title)),)*
                }
            }

            async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
                match self {
                    $(Self::$step(step) => step.run(world, notes).await,)*
                    $(Self::$other(step) => step.run(world, notes).await,)*
                }
            }
        }

        /// The plan of a whole setup, in order. A step that has nothing to do is not in it.
        #[must_use]
        pub fn setup(profile: &Arc<Profile>, answers: Answers) -> Vec<Step> {
            let given = given(profile, answers);
            let steps = [$(Option::from($file::$step::of(&given)).map(Step::$step),)*];
            steps.into_iter().flatten().collect()
        }

        /// What each step of [`setup`] will do with these answers, one sentence a line: the review page prints this.
        #[must_use]
        pub fn describe(profile: &Profile, answers: &PublicAnswers) -> Vec<(StepInfo, Vec<Phrase>)> {
            let steps = [$((StepInfo::new(id::$ID, words::id!($title)), $file::$step::describe(profile, answers)),)*];
            steps.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
        }
    };
}

steps! {
    setup {
        /// Have the way out lead through a proxy.
        UseProxy in proxy is PROXY: "proxy", "step-proxy";
        /// Give this machine the network that the answers say.
        Network in network is NETWORK: "network", "step-network";
        /// Set the clock, if somebody wants that.
        SetClock in clock is CLOCK: "clock", "step-clock";
        /// Try everything that can fail, without effects.
        Rehearse in rehearse is REHEARSE: "rehearse", "step-rehearse";
        /// Make what this appliance alone has: keys, passwords, ids, texts with its address.
        Identity in identity is IDENTITY: "identity", "step-identity";
        /// Exchange the install code for a grant.
        Redeem in redeem is REDEEM: "redeem", "step-redeem";
        /// Write the Secrets.
        Secrets in secrets is SECRETS: "secrets", "step-secrets";
        /// Start the bootstrap and watch it to its end.
        Bootstrap in bootstrap is BOOTSTRAP: "bootstrap", "step-bootstrap";
        /// Start what on this machine waits for what was made.
        Services in services is SERVICES: "services", "step-services";
        /// Start again what reads the address or the certificate when it starts.
        Restart in restart is RESTART: "restart", "step-restart";
        /// Wait until the appliance answers.
        Ready in ready is READY: "ready", "step-ready";
        /// Remove what only the bootstrap needed.
        Scrub in scrub is SCRUB: "scrub", "step-scrub";
    }
    besides {
        /// Replace a value that may be replaced.
        Rotate in identity is ROTATE: "rotate", "step-rotate";
        /// Have what follows from the address follow it.
        Reconcile in identity is RECONCILE: "reconcile", "step-reconcile";
        /// Show a certificate of somebody's own.
        Import in identity is CERTIFICATE: "certificate", "step-certificate";
        /// Choose the disk to install on.
        Choose in install is INSTALL_DISK: "install-disk", "step-install-disk";
        /// Cut it into partitions.
        Partition in install is INSTALL_PARTITIONS: "install-partitions", "step-install-partitions";
        /// Unpack the system.
        System in install is INSTALL_SYSTEM: "install-system", "step-install-system";
        /// Have the disk start.
        Boot in install is INSTALL_BOOT: "install-boot", "step-install-boot";
    }
}

fn given(profile: &Arc<Profile>, answers: Answers) -> Arc<Given> {
    let password = Travelling::new(profile.secrets.admin_password, answers.secret.password.clone());
    Arc::new(Given { profile: Arc::clone(profile), answers, password, authority: OnceLock::new() })
}

/// The plan that replaces the value of an id, and what it says beforehand, one sentence a line.
///
/// # Errors
/// When the profile has no such value, or it is never replaced.
pub fn rotation(profile: &Arc<Profile>, id: &str) -> Result<(Vec<Step>, Vec<Phrase>), Report> {
    let rotate = identity::Rotate::asked(profile, id)?;
    let said = rotate.says();
    Ok((vec![Step::Rotate(rotate)], said))
}

/// The plan that has what follows from the address follow it; `rehearse` to say it alone.
#[must_use]
pub fn reconciliation(profile: &Arc<Profile>, rehearse: bool) -> Vec<Step> {
    let reconcile = Step::Reconcile(identity::Reconcile::new(profile, rehearse, None));
    let restart = restart::Restart::due(profile).filter(|_| !rehearse).map(Step::Restart);
    [reconcile].into_iter().chain(restart).collect()
}

/// The plan that puts a certificate of somebody's own in the place of the one that is shown; `rehearse` to say it alone.
#[must_use]
pub fn import(profile: &Arc<Profile>, own: OwnCertificate, rehearse: bool) -> Vec<Step> {
    let import = Step::Import(identity::Import::new(profile, own, rehearse));
    let restart = restart::Restart::due(profile).filter(|_| !rehearse).map(Step::Restart);
    [import].into_iter().chain(restart).collect()
}

/// What asks another authority for a certificate of the key that is there, as PEM.
///
/// # Errors
/// When there is none, or somebody has to sign in first.
pub async fn certificate_request(profile: &Profile, world: &World) -> Result<String, Failed> {
    identity::request(profile, world).await
}

/// Which certificate is shown, and that of the appliance's own authority.
///
/// # Errors
/// When neither is there, or somebody has to sign in first.
pub async fn certificates(profile: &Profile, world: &World) -> Result<[Option<Shown>; 2], Failed> {
    identity::shown(profile, world).await
}

/// Sets this machine's clock; says what it shows now.
///
/// # Errors
/// When that is not possible.
pub async fn set_clock(profile: &Arc<Profile>, by: SetClock, world: &World) -> Result<Outcome, Report> {
    clock::SetClock::new(profile, by).set(world).await
}

/// Has the way out of this machine lead through a proxy, or through none any more; says what was done.
///
/// # Errors
/// When that cannot be kept.
pub async fn use_proxy(proxy: &SetProxy, world: &World) -> Result<Outcome, Report> {
    proxy::set(proxy, world).await
}

/// The rehearsal of [`setup`] alone.
#[must_use]
pub fn whole_rehearsal(profile: &Arc<Profile>, answers: Answers) -> Vec<Step> {
    let proxy = proxy::UseProxy::rehearsal(profile, &answers.public).map(Step::UseProxy);
    let network = network::Network::rehearsal(profile, &answers.public).map(Step::Network);
    let rehearse = Step::Rehearse(rehearse::Rehearse::of(&given(profile, answers)));
    proxy.into_iter().chain(network).chain([rehearse]).collect()
}

/// The rehearsal while answers may be missing.
#[must_use]
pub fn rehearsal(
    profile: &Arc<Profile>,
    answers: Option<PublicAnswers>,
    certificate_password: Option<&SecretText>,
) -> Vec<Step> {
    vec![Step::Rehearse(rehearse::Rehearse::alone(profile, answers, certificate_password))]
}
