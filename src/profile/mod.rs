//! What the vendor writes: one TOML file that says what this appliance is.

pub mod keys;
mod question;
mod read;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::Value;
use url::Url;

use crate::{
    document::Problem,
    values::{CodeFormat, Line, PasswordRules, Rgb},
    words::{Phrase, phrase},
};

pub use question::{
    Answer, AnswerError, Choice, Endpoint, MOST_QUESTIONS, Question, QuestionKind, SecretName, Target, TextRules,
};

/// The profile that is built in, with every default and a comment on each.
pub const DEFAULT: &str = include_str!("../../assets/profiles/default.toml");

/// The JSON Schema of a profile; `firstlight profile schema` prints it.
pub const SCHEMA: &str = include_str!("../../assets/profile.schema.json");

/// A checked profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// How the appliance presents itself.
    pub brand: Brand,
    /// The license service.
    pub license: License,
    /// The cluster that is set up.
    pub cluster: Cluster,
    /// What the machine must have free.
    pub machine: Machine,
    /// The rules for the administrator's password.
    pub password: PasswordRules,
    /// The two Secrets.
    pub secrets: Secrets,
    /// The Helm bootstrap; `None` when something else in the cluster waits for the Secrets.
    pub bootstrap: Option<Bootstrap>,
    /// What answers once the appliance is up.
    pub ready: Vec<Probe>,
    /// Where the appliance is reached.
    pub endpoint: Endpoint,
    /// The vendor's own questions, in the order of their pages.
    pub questions: Vec<Question>,
    /// The text that it was read from; a recording of the wizard begins with it.
    pub source: String,
}

/// Section `[brand]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The appliance's name.
    pub name: Line,
    /// Where the install code is found, to complete "your install code is in …"; `None` leaves it to the words of the
    /// language, because one text would stand in sentences of every language.
    pub code_source: Option<Line>,
    /// Whom to ask for help; `None` leaves it to the words as well.
    pub support: Option<Line>,
    /// The brand's colour, used where the console has it.
    pub accent: Option<Rgb>,
    /// The name drawn in characters, line by line; shown on the first page where it fits.
    pub wordmark: Vec<String>,
    /// What to do once the appliance is set up.
    pub next_steps: Vec<Line>,
}

/// Section `[license]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Base address; `/register` is appended. Always `https`.
    pub url: Url,
    /// Authorities trusted besides the system's roots (PEM).
    pub ca_file: Option<PathBuf>,
    /// The public key that signs license tokens (PEM); verified when given.
    pub token_key_file: Option<PathBuf>,
    /// For each request.
    pub timeout: Duration,
    /// The most attempts while the service cannot answer.
    pub attempts: u32,
    /// How far this machine's clock may be off.
    pub clock_skew: Duration,
    /// What install codes look like.
    pub code: CodeFormat,
}

impl License {
    /// Which service this is: its address, however it ends.
    #[must_use]
    pub fn service(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

/// Section `[cluster]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The kubeconfig of an administrator.
    pub kubeconfig: PathBuf,
    /// Created when it is missing.
    pub namespace: String,
    /// How long the API server may take to start.
    pub start_timeout: Duration,
}

/// Section `[machine]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Free space under the state directory, in MiB.
    pub disk_mib: u64,
    /// Available memory, in MiB.
    pub memory_mib: u64,
}

/// Section `[secrets]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The initial tenant.
    pub tenant: SecretSpec,
    /// The license seed.
    pub license: SecretSpec,
    /// How the administrator's password travels.
    pub admin_password: PasswordForm,
}

/// One Secret: its name, and other names for its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSpec {
    /// The object's name.
    pub name: String,
    /// From the contract's key to the key the chart reads; what is not named keeps its name.
    pub keys: BTreeMap<String, String>,
}

impl SecretSpec {
    /// The key under which the chart reads `key`.
    #[must_use]
    pub fn key<'a>(&'a self, key: &'a str) -> &'a str {
        self.keys.get(key).map_or(key, String::as_str)
    }
}

/// How the administrator's password travels in the tenant Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// As an Argon2id PHC string.
    Argon2id,
    /// As it is, because the chart cannot take a hash.
    Plaintext,
}

/// Section `[bootstrap]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// A chart folder or a packaged chart.
    pub chart: PathBuf,
    /// The release's name.
    pub release: String,
    /// How long the bootstrap may take.
    pub timeout: Duration,
    /// The `helm` command; searched in the `PATH` when `None`.
    pub helm: Option<PathBuf>,
    /// Helm values by dotted path: strings, whole numbers and booleans.
    pub values: BTreeMap<String, Value>,
}

/// One entry of `[[ready]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// For people; [`Probe::name`] says something where there is none.
    pub name: Option<Line>,
    /// Must answer with a status below 400.
    pub url: Url,
    /// How long it may take until it does.
    pub timeout: Duration,
}

impl Probe {
    /// What answers there, for people.
    #[must_use]
    pub fn name(&self) -> Phrase {
        self.name.as_ref().map_or_else(|| phrase!("ready-appliance"), |name| name.as_str().into())
    }
}

impl Profile {
    /// Parses a profile; what it leaves out has the built-in value.
    ///
    /// # Errors
    /// Every problem, with line and column.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        read::profile(text)
    }

    /// The question with this id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The built-in profile.
    ///
    /// # Panics
    /// Never: a test parses the built-in text.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(DEFAULT).expect("the built-in profile is sound: a test parses it")
    }
}

#[cfg(test)]
mod tests;
