//! What the operator says: a draft that may lack anything, and answers that cannot be wrong.

mod draft;
pub mod fields;
mod form;
mod row;

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use url::Url;

use crate::{
    profile::{AddressSource, EndpointAnswer, Profile},
    values::{
        Address, Email, InstallCode, Line, Password, SecretText, SetClock, SetProxy,
        disk::{Erase, Wanted},
        network::Network,
    },
    words::Phrase,
};

pub use draft::Draft;
pub use fields::{FieldId, Given, question_path};
pub use form::{schema, template};

/// Complete answers in two halves, so that whatever prints or records can only be given the public one.
#[derive(Debug)]
pub struct Answers {
    /// What may be shown.
    pub public: PublicAnswers,
    /// What may not.
    pub secret: SecretAnswers,
    /// From whom the address is, and what it is, as a sentence, where nobody has chosen one and this machine has found it out.
    pub found: Option<(AddressSource, Phrase)>,
}

impl Answers {
    /// The operator's own certificate, if there is one.
    pub fn certificate(&self) -> Option<OwnCertificate> {
        OwnCertificate::of(&self.public, self.secret.certificate_password.as_ref())
    }
}

/// The half that the review page, events and logs may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAnswers {
    /// The name the customer registered under; the license service's is used when there is none.
    pub tenant_name: Option<Line>,
    /// The administrator's first name.
    pub first_name: Line,
    /// The administrator's last name.
    pub last_name: Line,
    /// The administrator's e-mail address.
    pub email: Email,
    /// Where the appliance is reached, as it was answered.
    pub endpoint: Option<EndpointAnswer>,
    /// Where a certificate of the operator's own lies, if there is one.
    pub certificate: Option<CertificateFiles>,
    /// How this machine is to be wired to its network, if that is said.
    pub network: Option<Network>,
    /// Whether this install code is to be used although another one has set this machine up.
    pub change: bool,
    /// Where a live system is installed first, if it is to be.
    pub install: Option<Installation>,
    /// Where the run is told to who watches it from afar.
    pub report: Option<Url>,
    /// By what this machine's clock is set.
    pub clock: Option<SetClock>,
    /// The proxy on this machine's way out, if that is said. Its URL may have a password in it, and nobody is shown that.
    pub proxy: Option<SetProxy>,
    /// Those that become keys of the tenant's Secret as they are, by the contract's names of the keys.
    pub keys: BTreeMap<&'static str, String>,
    /// What may be shown of the answers to the profile's own questions, by their ids.
    questions: BTreeMap<String, Told>,
}

/// Where a live system is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The disk.
    pub disk: Wanted,
    /// What may go of what is on it.
    pub erase: Erase,
}

/// Where a certificate of the operator's own lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// It, those above it, and perhaps its key.
    pub file: PathBuf,
    /// Its key.
    pub key_file: Option<PathBuf>,
}

/// A certificate of the operator's own: where it lies, and what opens it.
#[derive(Debug, Clone)]
pub struct OwnCertificate {
    /// Where.
    pub files: CertificateFiles,
    /// What opens it.
    pub password: Option<SecretText>,
}

impl OwnCertificate {
    /// What the two halves of answers say of it.
    pub fn of(public: &PublicAnswers, password: Option<&SecretText>) -> Option<Self> {
        public.certificate.clone().map(|files| Self { files, password: password.cloned() })
    }
}

/// What may be shown of an answer to one of the profile's own questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// There is none.
    Nothing,
    /// The answer, with the type it has in Helm values.
    Shown(Value),
    /// There is one, and it is a secret.
    Secret,
}

impl PublicAnswers {
    /// The address that other texts are made of, if there is one.
    pub fn address(&self, profile: &Profile) -> Option<Address> {
        profile.endpoint.address(self.endpoint.as_ref())
    }

    /// What may be shown of the answer to the question with this id.
    pub fn told(&self, question: &str) -> &Told {
        self.questions.get(question).unwrap_or(&Told::Nothing)
    }
}

/// The half that is shown to nobody.
#[derive(Debug)]
pub struct SecretAnswers {
    /// The single-use install code.
    pub install_code: InstallCode,
    /// The administrator's password.
    pub password: Password,
    /// What opens the operator's own certificate.
    pub certificate_password: Option<SecretText>,
    /// What lets us in where the run is told.
    pub report_token: Option<SecretText>,
    /// The secret answers to the profile's own questions, by their ids.
    pub questions: BTreeMap<String, SecretText>,
}

#[cfg(test)]
mod tests;
