//! Answers in the making: each as it was given, in a file with every problem of its form; `finish` is the only way out.

use std::{collections::BTreeMap, path::PathBuf};

use url::Url;

use super::{
    Answers, CertificateFiles, Installation, PublicAnswers, SecretAnswers, Told,
    fields::{self, FieldId, Given, Kind, Parsed, Row},
};
use crate::{
    document::{self, Placed, Problem, Section},
    profile::{Answer, Profile, QuestionKind, secret_keys},
    values::{
        SecretText, SetProxy,
        disk::{Erase, Wanted},
        network::{Network, NetworkField, NetworkSetting},
    },
    words::phrase,
};

/// What is a line of text.
const LINES: [FieldId; 3] = [FieldId::TenantName, FieldId::FirstName, FieldId::LastName];
/// What somebody else has chosen to let us in, or has it within.
const PASSPHRASES: [FieldId; 3] = [FieldId::CertificatePassword, FieldId::ReportToken, FieldId::Proxy];

/// What was said so far. The texts are as they were given; nothing is decided yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What was given for each question. [`Draft::finish`] needs it as text.
    pub given: BTreeMap<FieldId, Placed<Given>>,
}

impl Draft {
    /// Reads the text of an answers file: what could be read, and every problem with its form.
    ///
    /// The profile says which questions there are; what is missing or will not do is for
    /// [`Draft::finish`] to say.
    pub fn from_toml(text: &str, profile: &Profile) -> (Self, Vec<Problem>) {
        let (draft, problems) = document::read(text, |root| {
            let mut given = BTreeMap::new();
            for rows in fields::tables(profile) {
                let (name, _) = rows[0].table_and_key();
                let mut table = (!name.is_empty()).then(|| root.section(name));
                for row in &rows {
                    let answer = answer(table.as_mut().unwrap_or(root), row);
                    given.extend(answer.map(|answer| (row.id, answer)));
                }
                if let Some(table) = table {
                    table.finish();
                }
            }
            Self { given }
        });
        (draft.unwrap_or_default(), problems)
    }

    /// Whether the file itself holds a secret, so that nobody else may read it.
    pub fn holds_secret(&self, profile: &Profile) -> bool {
        let rows = fields::rows(profile);
        let mut secret = rows.iter().filter(|row| row.is_secret()).filter_map(|row| self.given.get(&row.id));
        let has_login = |given: &Placed<Given>| matches!(&given.value, Given::Text(url) if url.expose().contains('@'));
        secret.any(|given| matches!(given.value, Given::Text(_)))
            || self.given.get(&FieldId::Proxy).is_some_and(has_login)
    }

    /// Completes the draft.
    ///
    /// # Errors
    /// Every problem, in the order of the questions.
    pub fn finish(&self, profile: &Profile) -> Result<Answers, Vec<Problem>> {
        let (mut problems, mut lines, mut keys, mut report) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), None);
        let (mut shown, mut hidden, mut files, mut clock) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), None);
        let (mut passphrases, mut network, mut disk, mut erase) = (BTreeMap::new(), Vec::new(), None, None);
        let (mut code, mut email, mut password, mut endpoint, mut change) = (None, None, None, None, false);
        for row in fields::rows(profile) {
            let answer = row.read(self.given.get(&row.id));
            keys.extend(row.key.zip(answer.as_ref().ok().and_then(Parsed::shown)));
            let id = || row.table_and_key().1.to_owned();
            match answer {
                Err(problem) => problems.push(*problem),
                Ok(Parsed::Nothing) => {}
                Ok(Parsed::Code(given)) => code = Some(given),
                Ok(Parsed::Email(given)) => email = Some(given),
                Ok(Parsed::Password(given)) => password = Some(given),
                Ok(Parsed::Endpoint(given)) => endpoint = Some(given),
                Ok(Parsed::Flag(given)) => change = given,
                Ok(Parsed::Disk(given)) => disk = Some(given),
                Ok(Parsed::Erase(given)) => erase = Some(given),
                Ok(Parsed::File(path)) => drop(files.insert(row.id, path)),
                Ok(Parsed::Network(setting)) => network.push(setting),
                Ok(Parsed::Page(given)) => report = Some(given),
                Ok(Parsed::Clock(given)) => clock = Some(given),
                Ok(Parsed::Passphrase(given) | Parsed::Proxy(given)) => drop(passphrases.insert(row.id, given)),
                Ok(Parsed::Line(line)) => drop(lines.insert(row.id, line)),
                Ok(Parsed::Vendor(Answer::Public(value))) => drop(shown.insert(id(), Told::Shown(value))),
                Ok(Parsed::Vendor(Answer::Secret(text))) => drop(hidden.insert(id(), text)),
            }
        }
        shown.extend(hidden.keys().map(|id: &String| (id.clone(), Told::Secret)));
        let certificate = self.certificate(files, &mut problems);
        let network = self.network(network, &mut problems);
        let install = self.installation(disk, erase, &mut problems);
        let [certificate_password, report_token, proxy] = PASSPHRASES.map(|id| passphrases.remove(&id));
        problems.extend(self.report_problem(report.as_ref(), report_token.as_ref()));
        problems.extend(self.exceptions_alone().filter(|_| proxy.is_none()));
        let [tenant_name, first, last] = LINES.map(|id| lines.remove(&id));
        let given = (code, first, last, email, password, problems.is_empty());
        let (Some(install_code), Some(first_name), Some(last_name), Some(email), Some(password), true) = given else {
            return Err(problems);
        };
        let public = PublicAnswers {
            tenant_name,
            first_name,
            last_name,
            email,
            endpoint,
            certificate,
            network,
            change,
            install,
            report,
            clock,
            proxy: self.proxy(proxy.as_ref()),
            keys,
            questions: shown,
        };
        let secret = SecretAnswers { install_code, password, certificate_password, report_token, questions: hidden };
        Ok(Answers { public, secret, found: None })
    }

    /// What is on the way out, of which each part was sound when its row was read.
    fn proxy(&self, url: Option<&SecretText>) -> Option<SetProxy> {
        let said = |id| match self.given.get(&id).map(|given| &given.value) {
            Some(Given::Text(text)) => text.expose(),
            _ => "",
        };
        let (exceptions, ca) = (said(FieldId::ProxyExceptions), said(FieldId::ProxyCa).parse().ok());
        SetProxy::new(url.map(SecretText::expose).unwrap_or_default(), exceptions, ca).ok()
    }

    /// The network; what does not fit together is a problem.
    fn network(&self, settings: Vec<NetworkSetting>, problems: &mut Vec<Problem>) -> Option<Network> {
        if settings.is_empty() {
            return None;
        }
        let about = |field: NetworkField| self.given.get(&FieldId::Network(field));
        let unplaced = |field: NetworkField| Placed::unplaced(field.path(), ());
        let placed = |field| about(field).map_or_else(|| unplaced(field), |given| given.clone().map(drop));
        Network::of(settings)
            .map_err(|wrong| problems.extend(wrong.into_iter().map(|(field, reason)| placed(field).problem(reason))))
            .ok()
    }

    /// Whether what is said of the network is something, and sound.
    pub(crate) fn has_network(&self, profile: &Profile) -> bool {
        let rows = fields::rows(profile).into_iter().filter(|row| matches!(row.id, FieldId::Network(_)));
        let read = rows.map(|row| {
            row.read(self.given.get(&row.id)).map(|parsed| match parsed {
                Parsed::Network(setting) => Some(setting),
                _ => None,
            })
        });
        let settings: Result<Vec<_>, _> = read.filter_map(Result::transpose).collect();
        settings.is_ok_and(|settings| !settings.is_empty() && Network::of(settings).is_ok())
    }

    /// Where a live system is installed; what may go of a disk that is not named is a problem.
    fn installation(
        &self,
        disk: Option<Wanted>,
        erase: Option<Erase>,
        problems: &mut Vec<Problem>,
    ) -> Option<Installation> {
        if disk.is_none() && erase.is_some() {
            let said = self.given.get(&FieldId::InstallErase);
            problems.extend(said.map(|given| given.problem(phrase!("answer-without-disk"))));
        }
        disk.map(|disk| Installation { disk, erase: erase.unwrap_or_default() })
    }

    /// The operator's own certificate; what is said of one that is not given is a problem.
    fn certificate(
        &self,
        mut files: BTreeMap<FieldId, PathBuf>,
        problems: &mut Vec<Problem>,
    ) -> Option<CertificateFiles> {
        let key_file = files.remove(&FieldId::CertificateKey);
        let file = files.remove(&FieldId::Certificate);
        if file.is_none() {
            let said = [FieldId::CertificateKey, FieldId::CertificatePassword].into_iter();
            let said = said.filter_map(|id| self.given.get(&id)).filter(|given| given.value.is_something());
            problems.extend(said.map(|given| given.problem(phrase!("answer-without-certificate"))));
        }
        file.map(|file| CertificateFiles { file, key_file })
    }

    /// What is said of exceptions, where there is no proxy.
    fn exceptions_alone(&self) -> Option<Problem> {
        let given = self.given.get(&FieldId::ProxyExceptions).filter(|given| given.value.is_something())?;
        Some(given.problem(phrase!("answer-exceptions-alone")))
    }

    /// What is wrong with the token for who watches a run: it goes over TLS, to somebody who is named.
    fn report_problem(&self, report: Option<&Url>, token: Option<&SecretText>) -> Option<Problem> {
        let given = self.given.get(&FieldId::ReportToken).filter(|_| token.is_some())?;
        match report.map(Url::scheme) {
            Some("https") => None,
            Some(_) => Some(given.problem(phrase!("answer-token-without-tls"))),
            None => Some(given.problem(phrase!("answer-token-alone"))),
        }
    }
}

fn answer(section: &mut Section<'_>, row: &Row<'_>) -> Option<Placed<Given>> {
    let (_, key) = row.table_and_key();
    let text = match row.kind {
        _ if row.may_be_named() => return named(section, key, &row.path),
        Kind::Flag => QuestionKind::Boolean.read(section, key)?,
        Kind::Network(NetworkField::Vlan) => section.number(key)?.map(|id| id.to_string()),
        Kind::Network(field) if field.is_list() => section.list(key)?.map(|all| all.join(", ")),
        Kind::Vendor(question) => question.kind.read(section, key)?,
        _ => section.text(key)?,
    };
    Some(text.map(|text| Given::Text(SecretText::new(text))))
}

/// A secret under `key`, or what names it under `key-file` or `key-credential`.
fn named(section: &mut Section<'_>, key: &str, field: &str) -> Option<Placed<Given>> {
    let [key, file, credential] = &secret_keys(key);
    let given = [
        section.text(key).map(|text| text.map(|text| Given::Text(SecretText::new(text)))),
        section.text(file).map(|text| text.map(|text| Given::File(PathBuf::from(text)))),
        section.text(credential).map(|text| text.map(Given::Credential)),
    ];
    let mut given = given.into_iter().flatten().map(|given| Placed { field: field.to_owned(), ..given });
    let first = given.next();
    for other in given {
        section.report(other.problem(phrase!("answer-twice" { key, file, credential })));
    }
    first
}
