//! What the vendor writes: one TOML file that says what this appliance is.
//!
//! A setting stands once, beside the field that it becomes (see `setting.rs`): its reader,
//! `profile show`, the schema and the built-in profile follow from that.

mod answer;
mod brand;
mod cluster;
mod compare;
mod destination;
mod endpoint;
mod endpoint_target;
mod generate;
pub mod keys;
mod kinds;
mod license;
mod pki;
mod question;
mod reach;
mod ready;
mod reconcile;
mod required;
mod secrets;
mod service;
mod setting;
mod show;

use crate::{
    document::{self, Problem},
    values::PasswordRules,
};

pub use answer::{Answer, Choice, QuestionKind, TextRules};
pub use brand::Brand;
pub use cluster::{Bootstrap, Cluster, Machine};
pub use destination::{Data, Destination, Holder, ObjectName, Pem};
pub use endpoint::{AddressSource, Endpoint, EndpointAnswer, EndpointKind};
pub use endpoint_target::{EndpointPlace, EndpointTarget, EndpointText};
pub use generate::{Files, Generate, Rotation};
pub use kinds::value_keys;
pub use license::License;
pub use pki::Pki;
pub use question::{Question, Target, secret_keys};
pub use reach::Reach;
pub use ready::{Fields, Login, OwnText, Probe, ProbeKind, ProbeUrl, is_private};
pub use reconcile::{Dependent, Reconcile, WorkloadKind};
pub use required::{AnswerRules, Presence};
pub use secrets::{PasswordForm, SecretName, SecretSpec, Secrets};
pub use service::Service;

use compare::Others;
use setting::{Visit, described, object, optional_table, section, table, tables};

section! {
    /// A checked profile.
    pub struct Profile {
        /// How the appliance presents itself.
        pub brand: Brand = table("brand", Brand::visit),
        /// The license service.
        pub license: License = table("license", License::visit),
        /// The cluster that is set up.
        pub cluster: Cluster = table("cluster", Cluster::visit),
        /// What the machine must have free.
        pub machine: Machine = table("machine", Machine::visit),
        /// The rules for the administrator's password.
        pub password: PasswordRules = table("password", PasswordRules::visit),
        /// Which answers the chart cannot do without.
        pub answers: AnswerRules = table("answers", AnswerRules::visit),
        /// The two Secrets.
        pub secrets: Secrets = table("secrets", secrets::visit),
        /// The appliance's own authority (PKI): keys that are made once for each appliance, and what is signed with them.
        pub pki: Pki = pki::pki(secrets.as_ref(), cluster.as_ref()),
        /// Values that are made once for each appliance, and never replaced by a setup.
        pub generate: Vec<Generate> =
            generate::all(secrets.as_ref(), cluster.as_ref(), pki::values(pki.as_ref(), brand.as_ref(), cluster.as_ref())),
        /// Files of other programs in which values are kept.
        pub files: Files = table("files", Files::visit),
        /// The Helm bootstrap. Without this section, something else in the cluster waits for the Secrets.
        pub bootstrap: Option<Bootstrap> = optional_table("bootstrap", Bootstrap::visit),
        /// What the bootstrap will need from the network: tried in the rehearsal, before the install code is sent.
        pub reach: Vec<Reach> = tables("reach", Reach::visit),
        /// Where the appliance is reached.
        pub endpoint: Endpoint = endpoint::endpoint,
        /// What answers once the appliance is up, and what must not: asked for in the end, side by side.
        pub ready: Vec<Probe> = ready::probes(endpoint.as_ref()),
        /// Units of systemd on this machine that wait for what a setup makes, such as keys in files: once the bootstrap has run,
        /// each that is not active is started, whatever it failed of before, and waited for.
        pub services: Vec<Service> = service::all(),
        /// What follows when the appliance is reached elsewhere, or its certificate is another one: by `firstlight reconcile`, or by
        /// another setup.
        pub reconcile: Reconcile = table("reconcile", Reconcile::visit),
        /// Questions of your own: each has a page of its own and a key in `[answers]`.
        pub questions: Vec<Question> = compare::questions(Others {
            secrets: secrets.as_ref(),
            cluster: cluster.as_ref(),
            generate: generate.as_deref(),
            bootstrap: bootstrap.as_ref(),
            endpoint: endpoint.as_ref(),
            pki: pki.as_ref(),
        }),
        /// The text that it was read from; a recording of the wizard begins with it.
        pub source: String = |_: &mut Visit<'_, '_>| Some(String::new()),
    }
}

impl Profile {
    /// Parses a profile; what it leaves out has the built-in value.
    ///
    /// # Errors
    /// Every problem, with line and column.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        match document::read(text, |root| Self::visit(&mut Visit::Read(root))) {
            (Some(Some(profile)), problems) if problems.is_empty() => Ok(Self { source: text.to_owned(), ..profile }),
            (_, problems) => Err(problems),
        }
    }

    /// The built-in profile.
    ///
    /// # Panics
    /// Never: a test parses the built-in text.
    pub fn built_in() -> Self {
        // The file that a test holds to `built_in_text`: at every start there is nothing to put together.
        Self::parse(include_str!("../../assets/profiles/default.toml"))
            .expect("the built-in profile is sound: a test parses it")
    }
}

/// The profile that is built in, with every default and a comment on each; `firstlight profile show` prints it.
pub fn built_in_text() -> String {
    show::profile(&described(Profile::visit))
}

/// The JSON Schema of a profile; `firstlight profile schema` prints it.
pub fn schema() -> String {
    let mut schema = object(&described(Profile::visit));
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "Profile of an appliance for firstlight --profile".into();
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests;
