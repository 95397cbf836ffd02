//! Answers in the making: each as it was given; `finish` is the only way out.

use std::collections::BTreeMap;

use super::{
    Answers, PublicAnswers, SecretAnswers, Told,
    fields::{self, FieldId, Given, Parsed},
};
use crate::{
    document::{Placed, Problem},
    profile::{Answer, Profile},
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
        let (mut problems, mut lines, mut keys) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let (mut shown, mut hidden) = (BTreeMap::new(), BTreeMap::new());
        let (mut code, mut email, mut password, mut hostname) = (None, None, None, None);
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
                Ok(Parsed::Hostname(given)) => hostname = Some(given),
                Ok(Parsed::Line(line)) => drop(lines.insert(row.id, line)),
                Ok(Parsed::Vendor(Answer::Public(value))) => drop(shown.insert(id.to_owned(), Told::Shown(value))),
                Ok(Parsed::Vendor(Answer::Secret(text))) => {
                    shown.insert(id.to_owned(), Told::Secret);
                    hidden.insert(id.to_owned(), text);
                }
            }
        }
        let [tenant_name, first, last] =
            [FieldId::TenantName, FieldId::FirstName, FieldId::LastName].map(|id| lines.remove(&id));
        match (code, first, last, email, password) {
            (Some(install_code), Some(first_name), Some(last_name), Some(email), Some(password))
                if problems.is_empty() =>
            {
                Ok(Answers {
                    public: PublicAnswers {
                        tenant_name,
                        first_name,
                        last_name,
                        email,
                        hostname,
                        keys,
                        questions: shown,
                    },
                    secret: SecretAnswers { install_code, password, questions: hidden },
                })
            }
            _ => Err(problems),
        }
    }
}
