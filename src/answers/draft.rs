//! Answers in the making: each as it was given, in a file with every problem of its form; `finish` is the only way out.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    Answers, CertificateFiles, PublicAnswers, SecretAnswers, Told,
    fields::{self, FieldId, Given, Kind, Parsed, Row},
};
use crate::{
    document::{self, Placed, Problem, Section},
    profile::{Answer, Profile, QuestionKind, secret_keys},
    values::SecretText,
    words::phrase,
};

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
        secret.any(|given| matches!(given.value, Given::Text(_)))
    }

    /// Completes the draft.
    ///
    /// # Errors
    /// Every problem, in the order of the questions.
    pub fn finish(&self, profile: &Profile) -> Result<Answers, Vec<Problem>> {
        let (mut problems, mut lines, mut keys) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let (mut shown, mut hidden, mut files) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut certificate_password = None;
        let (mut code, mut email, mut password, mut endpoint, mut change) = (None, None, None, None, false);
        for row in fields::rows(profile) {
            let answer = row.read(self.given.get(&row.id));
            keys.extend(row.key.zip(answer.as_ref().ok().and_then(Parsed::shown)));
            let (_, id) = row.table_and_key();
            match answer {
                Err(problem) => problems.push(*problem),
                Ok(Parsed::Nothing) => {}
                Ok(Parsed::Code(given)) => code = Some(given),
                Ok(Parsed::Email(given)) => email = Some(given),
                Ok(Parsed::Password(given)) => password = Some(given),
                Ok(Parsed::Endpoint(given)) => endpoint = Some(given),
                Ok(Parsed::Flag(given)) => change = given,
                Ok(Parsed::File(path)) => drop(files.insert(row.id, path)),
                Ok(Parsed::Passphrase(given)) => certificate_password = Some(given),
                Ok(Parsed::Line(line)) => drop(lines.insert(row.id, line)),
                Ok(Parsed::Vendor(Answer::Public(value))) => drop(shown.insert(id.to_owned(), Told::Shown(value))),
                Ok(Parsed::Vendor(Answer::Secret(text))) => {
                    shown.insert(id.to_owned(), Told::Secret);
                    hidden.insert(id.to_owned(), text);
                }
            }
        }
        let certificate = self.certificate(files, &mut problems);
        let [tenant_name, first, last] =
            [FieldId::TenantName, FieldId::FirstName, FieldId::LastName].map(|id| lines.remove(&id));
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
            change,
            keys,
            questions: shown,
        };
        let secret = SecretAnswers { install_code, password, certificate_password, questions: hidden };
        Ok(Answers { public, secret, found: None })
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
}

fn answer(section: &mut Section<'_>, row: &Row<'_>) -> Option<Placed<Given>> {
    let (_, key) = row.table_and_key();
    let text = match row.kind {
        _ if row.may_be_named() => return named(section, key, &row.path),
        Kind::Flag => QuestionKind::Boolean.read(section, key)?,
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
