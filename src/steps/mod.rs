//! What a setup does, one file a step: observe, decide (a pure function), act.

mod bootstrap;
mod diagnosis;
mod objects;
mod questions;
mod ready;
mod redeem;
mod rehearse;
mod secrets;

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::{
    answers::{Answers, PublicAnswers},
    engine::{self, Failed, Notes, Outcome, StepInfo},
    profile::Profile,
    values::SecretText,
    words::{self, Phrase, id, phrase},
    world::World,
};

/// The stable ids of the steps.
pub mod id {
    use crate::engine::StepId;

    /// Tries everything that can fail.
    pub const REHEARSE: StepId = StepId::new("rehearse");
    /// Sends the install code.
    pub const REDEEM: StepId = StepId::new("redeem");
    /// Writes the administrator into the cluster.
    pub const SECRETS: StepId = StepId::new("secrets");
    /// Starts the bootstrap.
    pub const BOOTSTRAP: StepId = StepId::new("bootstrap");
    /// Waits for the appliance.
    pub const READY: StepId = StepId::new("ready");
}

/// The steps there are. `identity` (before redeem) and `scrub` (at the end) will take their places here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Try everything that can fail, without effects.
    Rehearse,
    /// Exchange the install code for a grant.
    Redeem,
    /// Write both Secrets.
    Secrets,
    /// Start the bootstrap and watch it to its end.
    Bootstrap,
    /// Wait until the appliance answers.
    Ready,
}

/// The plan of a profile, in order. A step that has nothing to do is not in it.
#[must_use]
pub fn plan(profile: &Profile) -> Vec<Kind> {
    let mut plan = vec![Kind::Rehearse, Kind::Redeem, Kind::Secrets];
    if profile.bootstrap.is_some() {
        plan.push(Kind::Bootstrap);
    }
    if !profile.ready.is_empty() {
        plan.push(Kind::Ready);
    }
    plan
}

impl Kind {
    /// The stable id and the title.
    #[must_use]
    pub fn info(self) -> StepInfo {
        match self {
            Self::Rehearse => StepInfo::new(id::REHEARSE, words::english(id!("step-rehearse"))),
            Self::Redeem => StepInfo::new(id::REDEEM, words::english(id!("step-redeem"))),
            Self::Secrets => StepInfo::new(id::SECRETS, words::english(id!("step-secrets"))),
            Self::Bootstrap => StepInfo::new(id::BOOTSTRAP, words::english(id!("step-bootstrap"))),
            Self::Ready => StepInfo::new(id::READY, words::english(id!("step-ready"))),
        }
    }

    /// What the step will do with these answers, one sentence a line: the review page prints this.
    #[must_use]
    pub fn describe(self, profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
        match self {
            Self::Rehearse => vec![phrase!("will-rehearse")],
            Self::Redeem => {
                let service = profile.license.url.host_str().unwrap_or_default();
                vec![phrase!("will-redeem" { service })]
            }
            Self::Secrets => {
                let mut lines = vec![
                    phrase!("will-secrets" {
                        tenant: &profile.secrets.tenant.name,
                        license: &profile.secrets.license.name,
                        namespace: &profile.cluster.namespace,
                    }),
                    phrase!("will-administrator" {
                        name: format!("{} {}", answers.first_name, answers.last_name),
                        email: answers.email.to_string(),
                    }),
                ];
                lines.extend(questions::describe_keys(profile, answers));
                lines
            }
            Self::Bootstrap => {
                let installed = profile.bootstrap.iter().map(|bootstrap| {
                    let chart = bootstrap.chart.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    phrase!("will-install" { chart, release: &bootstrap.release })
                });
                installed.chain(questions::describe_values(profile, answers)).collect()
            }
            Self::Ready => profile.ready.iter().map(|probe| phrase!("will-wait" { name: probe.name() })).collect(),
        }
    }
}

/// One step of a whole setup, with the answers it works from.
#[derive(Debug, Clone)]
pub struct Step {
    kind: Kind,
    setting: Arc<Setting>,
}

/// What all steps of one setup share.
#[derive(Debug)]
pub struct Setting {
    /// What the vendor says.
    pub profile: Arc<Profile>,
    /// What the operator says.
    pub answers: Answers,
    /// Made at most once, because hashing takes a while.
    travelling: OnceCell<SecretText>,
}

impl Setting {
    /// The administrator's password as it travels, hashed anew; the same at every call.
    async fn travelling_password(&self) -> Result<&SecretText, argon2::password_hash::Error> {
        let hash = || async {
            let (form, password) = (self.profile.secrets.admin_password, self.answers.secret.password.clone());
            let hashing = tokio::task::spawn_blocking(move || objects::travelling_password(form, &password));
            hashing.await.unwrap_or(Err(argon2::password_hash::Error::Internal))
        };
        self.travelling.get_or_try_init(hash).await
    }
}

impl Step {
    /// The steps of a whole setup.
    #[must_use]
    pub fn all(profile: Arc<Profile>, answers: Answers) -> Vec<Self> {
        let kinds = plan(&profile);
        let setting = Arc::new(Setting { profile, answers, travelling: OnceCell::new() });
        kinds.into_iter().map(|kind| Self { kind, setting: Arc::clone(&setting) }).collect()
    }
}

impl engine::Step for Step {
    type World = World;

    fn info(&self) -> StepInfo {
        self.kind.info()
    }

    async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        let setting = &*self.setting;
        match self.kind {
            Kind::Rehearse => {
                let hashing = Arc::clone(&self.setting);
                // While this and the next step wait for others; a failure is for the step that needs it.
                tokio::spawn(async move { hashing.travelling_password().await.is_ok() });
                rehearse::run(&setting.profile, Some(&setting.answers.public), world, notes).await
            }
            Kind::Redeem => redeem::run(setting, world, notes).await,
            Kind::Secrets => secrets::run(setting, world, notes).await,
            Kind::Bootstrap => bootstrap::run(setting, world, notes).await,
            Kind::Ready => ready::run(&setting.profile, world, notes).await,
        }
    }
}

/// The rehearsal alone, which can do without answers.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// What the vendor says.
    pub profile: Arc<Profile>,
    /// What the operator says, when it is known already.
    pub answers: Option<PublicAnswers>,
}

impl engine::Step for Rehearsal {
    type World = World;

    fn info(&self) -> StepInfo {
        Kind::Rehearse.info()
    }

    async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        rehearse::run(&self.profile, self.answers.as_ref(), world, notes).await
    }
}
