//! What is asked, in one table: the questions of every setup, and as rows of the same shape the vendor's own.
//!
//! Files, pages, the template, the schema and the tenant's Secret are folds over it. A new question is a row here, and
//! stands on the page that asks it.

use std::borrow::Cow;

pub use super::row::{FieldId, Given};
pub(crate) use super::row::{Kind, Parsed, Row};
use crate::{
    profile::{Endpoint, EndpointKind, Presence, Profile, Question, keys},
    values::{PasswordRules, SetClock, network::NetworkField},
    words::{Phrase, Say, TextId, id},
};

/// The path of the install code, which failures are about.
pub const INSTALL_CODE: &str = "install-code";

/// The path of the disk that a live system is installed on.
pub const INSTALL_DISK: &str = "install.disk";

/// The path of the file with a certificate of the operator's own.
pub const CERTIFICATE: &str = "certificate.file";
/// That of the file with its key.
pub const CERTIFICATE_KEY: &str = "certificate.key-file";
/// That of what opens them.
pub const CERTIFICATE_PASSWORD: &str = "certificate.password";

/// That of the address where a run is told.
const REPORT: &str = "report.url";
/// That of what lets us in there.
const REPORT_TOKEN: &str = "report.token";

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

/// The paths under which a file may have a secret itself, by the keys that are left when it is taken out.
pub fn secret_paths(profile: &Profile) -> Vec<String> {
    rows(profile).into_iter().filter(Row::is_secret).map(|row| row.path.into_owned()).collect()
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
    let mut table = vec![
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
    ];
    table.extend(NetworkField::ALL.iter().map(|field| network(*field)));
    table.extend(installation());
    table.extend(besides());
    table
}

/// What only a file says.
fn besides() -> [Row<'static>; 6] {
    [
        Row {
            optional: true,
            about: "The HTTP proxy on this machine's way to the license service, or `none` for none any more. It is used before anything is \
                    asked of the network, and kept for later (`/etc/firstlight/environment`). What is no letter or digit in a user or \
                    password is written as `%` and two digits. Optional."
                .into(),
            ..row_of(FieldId::Proxy, "proxy.url", id!("label-proxy"), Kind::Proxy, "http://proxy.acme.example:3128")
        },
        Row {
            optional: true,
            about: "What is asked without it, with commas between: names and all below them, addresses, networks.".into(),
            ..row_of(
                FieldId::ProxyExceptions,
                "proxy.exceptions",
                id!("label-proxy-exceptions"),
                Kind::Exceptions,
                "acme.example, 192.0.2.0/24",
            )
        },
        Row {
            optional: true,
            about: "The authority of who opens TLS on that way and signs anew, where somebody does: the SHA-256 fingerprint of its \
                    certificate, as the network's administrator tells it, or the path of a file that has it (PEM). This machine trusts it \
                    from then on, in its system's own store too; with `none` it does so no more. Optional."
                .into(),
            ..row_of(FieldId::ProxyCa, "proxy.ca", id!("label-proxy-ca"), Kind::ProxyCa, "/media/acme-ca.pem")
        },
        Row {
            optional: true,
            about: "Where a run is told to who watches it from afar: its events as JSON Lines (`--output json`) are posted there. \
                    The run never waits for that. Optional."
                .into(),
            ..row_of(FieldId::Report, REPORT, id!("label-report"), Kind::Page, "https://watch.example.com/runs")
        },
        Row {
            optional: true,
            about: "What is sent along as bearer token, over https alone.".into(),
            ..row_of(FieldId::ReportToken, REPORT_TOKEN, id!("label-report-token"), Kind::Passphrase, "/run/secrets/watch")
        },
        Row {
            optional: true,
            about: "By what this machine's clock is set if it is wrong, before anything is judged by it: license-service, or ntp. Optional."
                .into(),
            ..row_of(FieldId::Clock, "clock.set", id!("label-clock"), Kind::Clock, SetClock::NAMES[0])
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

/// What is said of the network.
fn network<'p>(field: NetworkField) -> Row<'p> {
    let (example, about) = match field {
        NetworkField::Interface => (
            "eth0",
            "The network of this machine, where systemd-networkd runs it; without this table it stays as it is. It is tried \
             before anything else is, stays if the machine reaches with it what it did, and is taken back otherwise. The \
             interface, by its name or its hardware address; the only one where it is left out.",
        ),
        NetworkField::Vlan => ("5", "The id of a VLAN over it."),
        NetworkField::Bond => {
            ("eth1, eth2", "Several interfaces that work as one, which `interface` then gives a name to.")
        }
        NetworkField::BondMode => (
            "active-backup",
            "How they do: active-backup unless it is said, or 802.3ad (LACP), balance-tlb, balance-alb, balance-xor, \
             balance-rr, broadcast.",
        ),
        NetworkField::Addresses => (
            "192.0.2.7/24, 2001:db8::7/64",
            "The machine's own addresses, each with the length of its network's prefix. Without any it asks for one (DHCP, \
             IPv6 router advertisements).",
        ),
        NetworkField::Gateways => ("192.0.2.1, fe80::1", "At most one for IPv4 and one for IPv6."),
        NetworkField::NameServers => {
            ("192.0.2.53", "The DNS servers, in the place of those that the network names (with systemd-resolved).")
        }
        NetworkField::Search => ("acme.example", ""),
        NetworkField::TimeServers => ("time.acme.example", "The NTP servers, for systemd-timesyncd."),
    };
    Row {
        optional: true,
        about: about.into(),
        ..row_of(FieldId::Network(field), field.path(), network_label(field), Kind::Network(field), example)
    }
}

/// What stands before a field about the network.
pub(crate) const fn network_label(field: NetworkField) -> TextId {
    match field {
        NetworkField::Interface => id!("label-network-interface"),
        NetworkField::Vlan => id!("label-network-vlan"),
        NetworkField::Bond => id!("label-network-bond"),
        NetworkField::BondMode => id!("label-network-bond-mode"),
        NetworkField::Addresses => id!("label-network-addresses"),
        NetworkField::Gateways => id!("label-network-gateways"),
        NetworkField::NameServers => id!("label-network-name-servers"),
        NetworkField::Search => id!("label-network-search"),
        NetworkField::TimeServers => id!("label-network-time-servers"),
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

/// Where a live system is installed first.
fn installation() -> [Row<'static>; 2] {
    [
        Row {
            optional: true,
            about: "Where this system was started from an appliance's image: put that on a disk first, and end; the setup is for \
                    the next start, from the disk. A system that is installed leaves this section aside. `only`: the only disk \
                    that fits; or its path, such as /dev/disk/by-id/… An appliance's data that are on it are kept."
                .into(),
            ..row_of(FieldId::InstallDisk, INSTALL_DISK, id!("label-install-disk"), Kind::Disk, "only")
        },
        Row {
            optional: true,
            about: "What else may go of what is on that disk: `foreign`, what is no appliance's; or `everything`, also the data \
                    of one. Otherwise nothing does, and the run ends with exit code 10."
                .into(),
            ..row_of(FieldId::InstallErase, "install.erase", id!("label-install-erase"), Kind::Erase, "foreign")
        },
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
