//! Answers in the making: each as it was given; `finish` is the only way out.

use std::collections::BTreeMap;

use super::{
    Answers, PublicAnswers, SecretAnswers, Told,
    fields::{self, FieldId, Given, Parsed},
};
use crate::{
    document::{Placed, Problem},
    profile::{Answer, Profile},
    values::SecretText,
};

/// What was said so far. The texts are as they were given; nothing is decided yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What was given for each question. [`Draft::finish`] needs it as text.
    pub given: BTreeMap<FieldId, Placed<Given>>,
}

impl Draft {
    /// Completes the draft.
    ///
    /// # Errors
    /// Every problem, in the order of the questions.
    pub fn finish(&self, profile: &Profile) -> Result<Answers, Vec<Problem>> {
        let (mut problems, mut parsed, mut keys) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for row in fields::rows(profile) {
            match row.read(self.given.get(&row.id)) {
                Ok(answer) => {
                    keys.extend(row.key.zip(answer.shown()));
                    parsed.insert(row.id, answer);
                }
                Err(problem) => problems.push(*problem),
            }
        }
        let mut take = |id| parsed.remove(&id).unwrap_or(Parsed::Nothing);
        let (code, tenant, password) = (take(FieldId::InstallCode), take(FieldId::TenantName), take(FieldId::Password));
        let (first, last, email) = (take(FieldId::FirstName), take(FieldId::LastName), take(FieldId::Email));
        let hostname = if let Parsed::Hostname(name) = take(FieldId::Hostname) { Some(name) } else { None };
        let tenant_name = if let Parsed::Line(name) = tenant { Some(name) } else { None };
        let (shown, hidden) = told(profile, parsed);
        match (code, first, last, email, password) {
            (
                Parsed::Code(install_code),
                Parsed::Line(first_name),
                Parsed::Line(last_name),
                Parsed::Email(email),
                Parsed::Password(password),
            ) if problems.is_empty() => Ok(Answers {
                public: PublicAnswers { tenant_name, first_name, last_name, email, hostname, keys, questions: shown },
                secret: SecretAnswers { install_code, password, questions: hidden },
            }),
            _ => Err(problems),
        }
    }
}

/// The answers to the profile's own questions by their ids: what may be shown of each, and the secrets.
fn told(
    profile: &Profile,
    mut parsed: BTreeMap<FieldId, Parsed>,
) -> (BTreeMap<String, Told>, BTreeMap<String, SecretText>) {
    let (mut shown, mut hidden) = (BTreeMap::new(), BTreeMap::new());
    for (index, question) in (0..=u8::MAX).zip(&profile.questions) {
        let told = match parsed.remove(&FieldId::Question(index)) {
            Some(Parsed::Vendor(Answer::Public(value))) => Told::Shown(value),
            Some(Parsed::Vendor(Answer::Secret(text))) => {
                hidden.insert(question.id.clone(), text);
                Told::Secret
            }
            _ => Told::Nothing,
        };
        shown.insert(question.id.clone(), told);
    }
    (shown, hidden)
}
