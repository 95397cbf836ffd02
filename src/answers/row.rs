//! One question: what it is called, what an answer to it is, and which texts are one.

use std::{borrow::Cow, path::PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    document::{Placed, Problem},
    profile::{Answer, EndpointAnswer, EndpointKind, Question, QuestionKind, secret_keys},
    values::{
        CodeFormat, Email, InstallCode, Line, Password, PasswordRules, ProxyCa, SecretText, SetClock, SetProxy,
        disk::{Erase, Wanted},
        network::{NetworkField, NetworkSetting},
    },
    words::{Phrase, Say, phrase},
};

/// What is asked, in the order of an answers file. A recording names fields so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldId {
    /// The install code.
    #[serde(rename = "code")]
    InstallCode,
    /// The tenant's name.
    TenantName,
    /// The administrator's first name.
    FirstName,
    /// The administrator's last name.
    LastName,
    /// The administrator's e-mail address.
    Email,
    /// The administrator's password.
    Password,
    /// Where the appliance is reached.
    #[serde(alias = "hostname")]
    Endpoint,
    /// The file with a certificate of the operator's own.
    Certificate,
    /// The file with its key.
    CertificateKey,
    /// What opens them.
    CertificatePassword,
    /// Whether the install code is to be used although another one has set this machine up. No page asks it.
    Change,
    /// One thing that is said of the network. It is no field of a setup's: the wizard's page about the network tries it at once.
    Network(NetworkField),
    /// The disk that a live system is installed on first. No page asks it.
    InstallDisk,
    /// What may go of what is on that disk. No page asks it.
    InstallErase,
    /// Where a run is told to who watches it from afar. No page asks it.
    Report,
    /// What lets us in there.
    ReportToken,
    /// By what this machine's clock is set. No page asks it so.
    Clock,
    /// The proxy on this machine's way out. It is no field of a setup's: the page about it has the proxy used at once.
    Proxy,
    /// What is asked without it.
    ProxyExceptions,
    /// Who signs for what stands on the way.
    ProxyCa,
    /// One of the vendor's own questions, by its index.
    Question(u8),
}

/// What an answer is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'p> {
    Code(&'p CodeFormat),
    Line,
    Email,
    /// A host name or a URL.
    Endpoint(EndpointKind),
    /// `true` or `false`.
    Flag,
    /// A disk of this machine.
    Disk,
    /// What may go of what is on it.
    Erase,
    /// A file of this machine.
    File,
    /// A page on a web server.
    Page,
    /// By what a clock is set.
    Clock,
    /// A proxy: `http(s)://[USER:PASSWORD@]HOST[:PORT]`.
    Proxy,
    /// What is asked without one, as `NO_PROXY` has it.
    Exceptions,
    /// An authority, by its fingerprint or in a file.
    ProxyCa,
    Password(&'p PasswordRules),
    /// A password of somebody else's choice.
    Passphrase,
    /// What is said of the network.
    Network(NetworkField),
    /// What the vendor says.
    Vendor(&'p Question),
}

/// One question.
#[derive(Debug)]
pub(crate) struct Row<'p> {
    /// Which it is.
    pub id: FieldId,
    /// The dotted path in an answers file, also the stable id in problems.
    pub path: Cow<'static, str>,
    /// What stands before the field.
    pub label: Phrase,
    /// What an answer is.
    pub kind: Kind<'p>,
    /// Whether it may stay without an answer.
    pub optional: bool,
    /// Whether this machine may find it out when there is no answer.
    pub found: bool,
    /// The answer when there is none.
    pub default: Option<&'p str>,
    /// Whether the profile has it asked at all.
    pub asked: bool,
    /// The key of the tenant's Secret that the answer becomes as it is, by its name in the contract.
    pub key: Option<&'static str>,
    /// What the answers template and the schema say of it.
    pub about: Cow<'static, str>,
    /// What the answers template has as an answer.
    pub example: Cow<'static, str>,
}

/// An answer that its row takes.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// None, where none is needed.
    Nothing,
    Code(InstallCode),
    Line(Line),
    Email(Email),
    Endpoint(EndpointAnswer),
    Flag(bool),
    Disk(Wanted),
    Erase(Erase),
    File(PathBuf),
    Page(Url),
    Clock(SetClock),
    Proxy(SecretText),
    Password(Password),
    Passphrase(SecretText),
    Network(NetworkSetting),
    Vendor(Answer),
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// As it is: typed, or in an answers file. It may be a secret.
    Text(SecretText),
    /// A secret: the one line of a file.
    File(PathBuf),
    /// A secret: a systemd credential (systemd.exec(5), `LoadCredential=`).
    Credential(String),
}

impl Given {
    /// Whether it says anything.
    pub(super) fn is_something(&self) -> bool {
        !matches!(self, Self::Text(text) if text.expose().trim().is_empty())
    }
}

impl Parsed {
    /// The answer as it may be shown: in its canonical form.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Self::Line(line) => Some(line.to_string()),
            Self::Email(email) => Some(email.to_string()),
            Self::Endpoint(endpoint) => Some(endpoint.to_string()),
            Self::File(path) => Some(path.display().to_string()),
            Self::Nothing
            | Self::Code(_)
            | Self::Flag(_)
            | Self::Disk(_)
            | Self::Erase(_)
            | Self::Page(_)
            | Self::Clock(_)
            | Self::Proxy(_)
            | Self::Password(_)
            | Self::Passphrase(_)
            | Self::Network(_)
            | Self::Vendor(_) => None,
        }
    }
}

impl Row<'_> {
    /// The table of an answers file that has the key, and the key; the first is empty for the file itself.
    pub(super) fn table_and_key(&self) -> (&str, &str) {
        self.path.split_once('.').unwrap_or(("", &self.path))
    }

    /// The keys under which a file may answer it: the answer itself, or else where the secret lies.
    pub(super) fn keys(&self) -> Vec<String> {
        let (_, key) = self.table_and_key();
        if self.may_be_named() { secret_keys(key).into() } else { vec![key.to_owned()] }
    }

    /// Whether nobody may see the answer.
    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Code(_)) || self.may_be_named()
    }

    /// Whether a file may name where the secret lies, in place of the secret.
    pub(crate) const fn may_be_named(&self) -> bool {
        let Kind::Vendor(question) = self.kind else {
            return matches!(self.kind, Kind::Password(_) | Kind::Passphrase);
        };
        matches!(question.kind, QuestionKind::Secret(_))
    }

    /// The answer that a text is.
    ///
    /// # Errors
    /// Why it will not do. The reason leaves open what it is about.
    pub(crate) fn parse(&self, text: &SecretText) -> Result<Parsed, Phrase> {
        let shown = text.expose();
        let is_empty = shown.trim().is_empty();
        if is_empty && self.optional {
            return Ok(Parsed::Nothing);
        }
        match self.kind {
            Kind::Code(format) => format.parse(shown).map(Parsed::Code).map_err(|error| error.phrase()),
            Kind::Line => Line::parse(shown).map(Parsed::Line),
            Kind::Email => shown.parse().map(Parsed::Email),
            Kind::Endpoint(kind) => kind.parse(shown).map(Parsed::Endpoint),
            Kind::Flag => Ok(Parsed::Flag(shown.trim() == "true")),
            Kind::Disk => shown.parse().map(Parsed::Disk),
            Kind::Erase => shown.parse().map(Parsed::Erase),
            Kind::Page => page(shown).map(Parsed::Page),
            Kind::Clock => SetClock::named(shown).map(Parsed::Clock),
            // Part of what the proxy is, and read with that.
            Kind::Exceptions => Ok(Parsed::Nothing),
            Kind::ProxyCa => shown.parse::<ProxyCa>().map(|_sound| Parsed::Nothing),
            Kind::Proxy => SetProxy::check(shown).map(|()| Parsed::Proxy(text.clone())),
            Kind::File => Line::parse(shown).map(|path| Parsed::File(PathBuf::from(path.as_str()))),
            Kind::Passphrase => Ok(Parsed::Passphrase(text.clone())),
            Kind::Password(rules) => {
                text.check_seen()?;
                rules.parse(text).map(Parsed::Password).map_err(|broken| {
                    let rules: Vec<Phrase> = broken.iter().map(Say::phrase).collect();
                    phrase!("password-must-have" { rules })
                })
            }
            Kind::Network(field) => NetworkSetting::parse(field, shown).map(Parsed::Network),
            Kind::Vendor(_) if is_empty => Err(phrase!("value-empty" { what: Phrase::OPEN })),
            Kind::Vendor(question) => question.kind.parse(text).map(Parsed::Vendor),
        }
    }

    /// The answer that was given.
    ///
    /// # Errors
    /// The problem with it, or that there is none.
    pub(super) fn read(&self, given: Option<&Placed<Given>>) -> Result<Parsed, Box<Problem>> {
        if !self.asked {
            return Ok(Parsed::Nothing);
        }
        let Some(given) = given else {
            return match self.default {
                Some(default) => self.parse(&default.into()).map_err(|_unsound| self.missing().into()),
                None if self.optional => Ok(Parsed::Nothing),
                None => Err(self.missing().into()),
            };
        };
        match &given.value {
            Given::Text(text) => self.parse(text),
            Given::File(_) | Given::Credential(_) => Err(phrase!("answer-unread")),
        }
        .map_err(|reason| Box::new(given.problem(reason)))
    }

    fn missing(&self) -> Problem {
        let path = self.path.as_ref();
        let hint = match self.kind {
            Kind::Vendor(question) => phrase!("answer-add-form" { path, form: question.form() }),
            _ => phrase!("answer-add" { path }),
        };
        Problem::missing(path.to_owned(), None, hint)
    }

    /// Whether it is answered from a list, and not typed.
    pub(crate) const fn is_picked(&self) -> bool {
        matches!(self.kind, Kind::Vendor(Question { kind: QuestionKind::Choice(_) | QuestionKind::Boolean, .. }))
    }
}

/// The address of a page, with TLS or without.
fn page(text: &str) -> Result<Url, Phrase> {
    let url = text.trim().parse::<Url>().ok();
    let url = url.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| phrase!("answer-page-form"))
}
