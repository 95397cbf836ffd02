//! What is asked, in one table: the questions of every setup, and as rows of the same shape the vendor's own.
//!
//! Files, pages, the template, the schema and the tenant's Secret are folds over it. A new question is a row here, and
//! stands on the page that asks it.

use std::borrow::Cow;

pub use super::row::{FieldId, Given};
pub(crate) use super::row::{Kind, Parsed, Row};
use crate::{
    profile::{Endpoint, EndpointKind, Presence, Profile, Question, keys},
    values::PasswordRules,
    words::{Phrase, Say, id},
};

/// The path of the install code, which failures are about.
pub const INSTALL_CODE: &str = "install-code";

/// The path of the file with a certificate of the operator's own.
pub const CERTIFICATE: &str = "certificate.file";
/// That of the file with its key.
pub const CERTIFICATE_KEY: &str = "certificate.key-file";
/// That of what opens them.
pub const CERTIFICATE_PASSWORD: &str = "certificate.password";

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
fn table(profile: &Profile) -> Vec<Row<'_>> {
    let (code, password) = (Kind::Code(&profile.license.code), Kind::Password(&profile.password));
    let tenant_name = profile.answers.tenant_name;
    let company = match tenant_name {
        Presence::Optional => id!("label-company"),
        Presence::Required => id!("review-company"),
    };
    let source = profile.brand.code_source.as_ref().map_or("the vendor's e-mail", |source| source.as_str());
    let [file, key, passphrase] = certificate(profile);
    vec![
        Row {
            about: format!("The code from {source}; separators and case do not matter. Single use.").into(),
            ..row_of(FieldId::InstallCode, INSTALL_CODE, id!("label-code"), code, profile.license.code.example())
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
        file,
        key,
        passphrase,
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

/// A certificate of the operator's own, where the appliance shows one.
fn certificate(profile: &Profile) -> [Row<'_>; 3] {
    let row = |id, path, label, kind, example, about: &'static str| Row {
        optional: true,
        asked: profile.pki.leaf.is_some(),
        about: about.into(),
        ..row_of(id, path, label, kind, example)
    };
    [
        row(
            FieldId::Certificate,
            CERTIFICATE,
            id!("label-certificate"),
            Kind::File,
            "/run/media/chain.pem",
            "A certificate of your own for this address, in place of one that the appliance's own authority signs: a file \
             with it and those above it, as PEM or PKCS #12. Optional.",
        ),
        row(
            FieldId::CertificateKey,
            CERTIFICATE_KEY,
            id!("label-certificate-key"),
            Kind::File,
            "/run/media/key.pem",
            "Its key as PEM, where that is not in the same file. Nobody else may read it unless it is encrypted.",
        ),
        row(
            FieldId::CertificatePassword,
            CERTIFICATE_PASSWORD,
            id!("label-certificate-password"),
            Kind::Passphrase,
            "/run/secrets/certificate",
            "What opens them, where they are encrypted: password = \"…\" here, password-file = \"/path\" (its one line), \
             password-credential = \"NAME\" (systemd, LoadCredential=).",
        ),
    ]
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
fn row_of(
    id: FieldId,
    path: impl Into<Cow<'static, str>>,
    label: impl Into<Phrase>,
    kind: Kind<'_>,
    example: impl Into<Cow<'static, str>>,
) -> Row<'_> {
    let (path, label, example) = (path.into(), label.into(), example.into());
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
