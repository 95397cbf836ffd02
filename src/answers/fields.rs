//! What is asked, in one table: the questions of every setup, and as rows of the same shape the vendor's own.
//!
//! Files, pages, the template, the schema and the tenant's Secret are folds over it. A new question is a row here, and
//! stands on the page that asks it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    document::{Placed, Problem},
    profile::{
        Answer, Endpoint, EndpointAnswer, EndpointKind, Presence, Profile, Question, QuestionKind, keys, secret_keys,
    },
    values::{CodeFormat, Email, InstallCode, Line, Password, PasswordRules, SecretText},
    words::{Phrase, Say, id, phrase},
};

/// The path of the install code, which failures are about.
pub const INSTALL_CODE: &str = "install-code";

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
    /// Whether the install code is to be used although another one has set this machine up. No page asks it.
    Change,
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
    Password(&'p PasswordRules),
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
    pub example: &'static str,
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
    Password(Password),
    Vendor(Answer),
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// As it is: typed, or in an answers file. It may be a secret.
    Text(SecretText),
    /// A secret: the one line of a file.
    File(std::path::PathBuf),
    /// A secret: a systemd credential (systemd.exec(5), `LoadCredential=`).
    Credential(String),
}

/// The questions that are asked, table by table of an answers file.
pub(super) fn tables(profile: &Profile) -> Vec<Vec<Row<'_>>> {
    let mut tables: Vec<Vec<Row<'_>>> = Vec::new();
    for row in rows(profile).into_iter().filter(|row| row.asked) {
        match tables.last_mut() {
            Some(last) if last[0].table_and_key().0 == row.table_and_key().0 => last.push(row),
            _ => tables.push(vec![row]),
        }
    }
    tables
}

/// Every question, asked or not.
pub(crate) fn rows(profile: &Profile) -> Vec<Row<'_>> {
    let vendors = (0..=u8::MAX).zip(&profile.questions).map(|(index, question)| vendors(index, question));
    table(profile).into_iter().chain(vendors).collect()
}

/// The row of one question; none for a question that the profile does not have.
pub(crate) fn row(profile: &Profile, id: FieldId) -> Option<Row<'_>> {
    match id {
        FieldId::Question(index) => profile.questions.get(usize::from(index)).map(|question| vendors(index, question)),
        id => table(profile).into_iter().find(|row| row.id == id),
    }
}

/// The table: the questions of every setup.
fn table(profile: &Profile) -> [Row<'_>; 8] {
    let (code, password) = (Kind::Code(&profile.license.code), Kind::Password(&profile.password));
    let tenant_name = profile.answers.tenant_name;
    let company = match tenant_name {
        Presence::Optional => id!("label-company"),
        Presence::Required => id!("review-company"),
    };
    [
        Row {
            about: "The code from the vendor's e-mail; separators and case do not matter. Single use.".into(),
            ..row_of(FieldId::InstallCode, INSTALL_CODE, id!("label-code"), code, "K7QP-M2RX")
        },
        Row {
            optional: tenant_name == Presence::Optional,
            key: Some(keys::TENANT_NAME),
            about: match tenant_name {
                Presence::Optional => "The name you registered under. Optional: the license service knows it.".into(),
                Presence::Required => "The name you registered under.".into(),
            },
            ..row_of(FieldId::TenantName, "tenant.name", company, Kind::Line, "Acme Managed Services")
        },
        Row {
            key: Some(keys::FIRST_NAME),
            about: "The first person who may log in.".into(),
            ..row_of(FieldId::FirstName, "administrator.first-name", id!("label-first-name"), Kind::Line, "Kim")
        },
        Row {
            key: Some(keys::LAST_NAME),
            ..row_of(FieldId::LastName, "administrator.last-name", id!("label-last-name"), Kind::Line, "Admin")
        },
        Row {
            key: Some(keys::EMAIL),
            ..row_of(FieldId::Email, "administrator.email", id!("label-email"), Kind::Email, "kim@acme.example")
        },
        Row {
            about: about_password(&profile.password).into(),
            ..row_of(FieldId::Password, "administrator.password", id!("label-password"), password, "/run/secrets/admin")
        },
        endpoint(&profile.endpoint),
        Row {
            optional: true,
            about: "Use this install code although this machine was set up with another one, as with a reissued code \
                    over old data, or for another edition. Otherwise that ends with exit code 33, and the code is not sent."
                .into(),
            ..row_of(FieldId::Change, "license.change", id!("label-change"), Kind::Flag, "true")
        },
    ]
}

fn endpoint(endpoint: &Endpoint) -> Row<'_> {
    let (label, what, example) = match endpoint.kind {
        EndpointKind::Hostname => {
            (id!("label-hostname"), "The name under which the appliance is reached.", "appliance.example.com")
        }
        EndpointKind::Url => (
            id!("label-url"),
            "The address under which the appliance is reached: scheme, name or IP address, and port.",
            "https://appliance.example.com",
        ),
    };
    let optional = if endpoint.optional { " Optional." } else { "" };
    let found = if endpoint.is_found() { " This machine finds it out where it is left out." } else { "" };
    Row {
        optional: endpoint.optional,
        asked: endpoint.ask,
        about: format!("{what}{found}{optional}").into(),
        found: endpoint.is_found(),
        ..row_of(FieldId::Endpoint, endpoint_path(endpoint.kind), label, Kind::Endpoint(endpoint.kind), example)
    }
}

fn vendors(index: u8, question: &Question) -> Row<'_> {
    let (id, path, label) = (FieldId::Question(index), question_path(&question.id), question.label.as_str());
    Row {
        optional: question.optional,
        default: question.default.as_deref(),
        ..row_of(id, path, label, Kind::Vendor(question), "")
    }
}

/// A row for the file alone, of an answer that cannot be left out.
fn row_of<'p>(
    id: FieldId,
    path: impl Into<Cow<'static, str>>,
    label: impl Into<Phrase>,
    kind: Kind<'p>,
    example: &'static str,
) -> Row<'p> {
    let (path, label) = (path.into(), label.into());
    Row {
        id,
        path,
        label,
        kind,
        optional: false,
        found: false,
        default: None,
        asked: true,
        key: None,
        about: "".into(),
        example,
    }
}

/// Where a file may have the password, and the rules for it.
fn about_password(rules: &PasswordRules) -> String {
    let rules = Phrase::from(rules.rules().iter().map(Say::phrase).collect::<Vec<_>>());
    format!(
        "One of: password = \"…\" here, password-file = \"/path\" (its one line), password-credential = \"NAME\" \
         (systemd, LoadCredential=). It must have {rules}."
    )
}

/// The path under which a file says where the appliance is reached.
pub const fn endpoint_path(kind: EndpointKind) -> &'static str {
    match kind {
        EndpointKind::Hostname => "endpoint.hostname",
        EndpointKind::Url => "endpoint.url",
    }
}

/// The path under which a file answers one of the profile's own questions.
pub fn question_path(id: &str) -> String {
    format!("answers.{id}")
}

impl Parsed {
    /// The answer as it may be shown: in its canonical form.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Self::Line(line) => Some(line.to_string()),
            Self::Email(email) => Some(email.to_string()),
            Self::Endpoint(endpoint) => Some(endpoint.to_string()),
            Self::Nothing | Self::Code(_) | Self::Flag(_) | Self::Password(_) | Self::Vendor(_) => None,
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
        matches!(self.kind, Kind::Password(_) | Kind::Vendor(Question { kind: QuestionKind::Secret(_), .. }))
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
            Kind::Password(rules) => {
                text.check_seen()?;
                rules.parse(text).map(Parsed::Password).map_err(|broken| {
                    let rules: Vec<Phrase> = broken.iter().map(Say::phrase).collect();
                    phrase!("password-must-have" { rules })
                })
            }
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
