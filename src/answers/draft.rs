//! Answers in the making: one option a question; `finish` is the only way out.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use super::{Answers, PublicAnswers, SecretAnswers};
use crate::{
    document::{Placed, Problem},
    profile::{Answer, AnswerError, Profile, Question},
    values::{Email, Hostname, Line, SecretText},
    words::{Phrase, Say, phrase},
};

/// The questions of every setup, by the path under which a file answers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `install-code`
    InstallCode,
    /// `tenant.name`
    TenantName,
    /// `administrator.first-name`
    FirstName,
    /// `administrator.last-name`
    LastName,
    /// `administrator.email`
    Email,
    /// `administrator.password`
    Password,
    /// `endpoint.hostname`
    Hostname,
}

impl Field {
    /// The dotted path in an answers file, also the stable id in problems.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::InstallCode => "install-code",
            Self::TenantName => "tenant.name",
            Self::FirstName => "administrator.first-name",
            Self::LastName => "administrator.last-name",
            Self::Email => "administrator.email",
            Self::Password => "administrator.password",
            Self::Hostname => "endpoint.hostname",
        }
    }
}

/// The path under which a file answers one of the profile's own questions.
#[must_use]
pub fn question_path(id: &str) -> String {
    format!("answers.{id}")
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// Given as it is: typed, or in an answers file that others cannot read.
    Inline(SecretText),
    /// The first line of a file.
    File(PathBuf),
    /// A systemd credential (systemd.exec(5), `LoadCredential=`).
    Credential(String),
}

/// What was said so far. The texts are as they were given; nothing is decided yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The install code as typed.
    pub install_code: Option<Placed<SecretText>>,
    /// The tenant's name.
    pub tenant_name: Option<Placed<String>>,
    /// The administrator's first name.
    pub first_name: Option<Placed<String>>,
    /// The administrator's last name.
    pub last_name: Option<Placed<String>>,
    /// The administrator's e-mail address.
    pub email: Option<Placed<String>>,
    /// The administrator's password. [`Draft::finish`] needs it inline.
    pub password: Option<Placed<SecretSource>>,
    /// The name under which the appliance is reached.
    pub hostname: Option<Placed<String>>,
    /// The answers to the profile's own questions by their ids, secret or not.
    pub questions: BTreeMap<String, Placed<SecretSource>>,
}

impl Draft {
    /// The problem with one answer as it stands, if there is one: what a page shows under its field.
    #[must_use]
    pub fn problem(&self, profile: &Profile, path: &str) -> Option<Problem> {
        self.problems(profile).into_iter().find(|problem| problem.field == path)
    }

    /// Every problem that keeps this draft from being complete.
    #[must_use]
    pub fn problems(&self, profile: &Profile) -> Vec<Problem> {
        self.finish(profile).err().unwrap_or_default()
    }

    /// Completes the draft.
    ///
    /// # Errors
    /// Every problem, in the order of the questions.
    pub fn finish(&self, profile: &Profile) -> Result<Answers, Vec<Problem>> {
        let mut problems = Vec::new();
        let code = take(self.install_code.as_ref(), Field::InstallCode, &mut problems, |text| {
            profile.license.code.parse(text.expose()).map_err(|error| error.phrase())
        });
        let tenant_name = match &self.tenant_name {
            Some(name) if !name.value.trim().is_empty() => {
                take(Some(name), Field::TenantName, &mut problems, |text| line(text))
            }
            _ => None,
        };
        let first = take(self.first_name.as_ref(), Field::FirstName, &mut problems, |text| line(text));
        let last = take(self.last_name.as_ref(), Field::LastName, &mut problems, |text| line(text));
        let email = take(self.email.as_ref(), Field::Email, &mut problems, |text| {
            text.parse::<Email>().map_err(|error| error.phrase())
        });
        let password = take(self.password.as_ref(), Field::Password, &mut problems, |source| match source {
            SecretSource::Inline(text) => profile.password.parse(text).map_err(|broken| {
                let rules: Vec<Phrase> = broken.iter().map(Say::phrase).collect();
                phrase!("password-must-have" { rules })
            }),
            SecretSource::File(_) | SecretSource::Credential(_) => Err(unread()),
        });
        let hostname = self.hostname(profile, &mut problems);
        let (shown, hidden) = self.answered(profile, &mut problems);
        match (code, first, last, email, password) {
            (Some(install_code), Some(first_name), Some(last_name), Some(email), Some(password))
                if problems.is_empty() =>
            {
                Ok(Answers {
                    public: PublicAnswers { tenant_name, first_name, last_name, email, hostname, questions: shown },
                    secret: SecretAnswers { install_code, password, questions: hidden },
                })
            }
            _ => Err(problems),
        }
    }

    fn hostname(&self, profile: &Profile, problems: &mut Vec<Problem>) -> Option<Hostname> {
        let given = self.hostname.as_ref().filter(|name| !(profile.endpoint.optional && name.value.trim().is_empty()));
        if !profile.endpoint.ask || (profile.endpoint.optional && given.is_none()) {
            return None;
        }
        take(given, Field::Hostname, problems, |text| text.parse::<Hostname>().map_err(|error| error.phrase()))
    }

    /// The answers to the profile's own questions: what may be shown, and the secrets.
    fn answered(
        &self,
        profile: &Profile,
        problems: &mut Vec<Problem>,
    ) -> (BTreeMap<String, Option<Value>>, BTreeMap<String, SecretText>) {
        let (mut shown, mut hidden) = (BTreeMap::new(), BTreeMap::new());
        for question in &profile.questions {
            match self.answer(question) {
                Ok(Some(Answer::Public(value))) => drop(shown.insert(question.id.clone(), Some(value))),
                Ok(Some(Answer::Secret(text))) => {
                    shown.insert(question.id.clone(), None);
                    hidden.insert(question.id.clone(), text);
                }
                Ok(None) => {}
                Err(problem) => problems.push(*problem),
            }
        }
        (shown, hidden)
    }

    /// The answer to one question; `None` when it may stay without one, and has none.
    fn answer(&self, question: &Question) -> Result<Option<Answer>, Box<Problem>> {
        let path = question_path(&question.id);
        let given = self.questions.get(&question.id);
        let missing = || {
            let hint = phrase!("answer-add-form" { path: &path, form: question.form() });
            Problem::missing(path.clone(), None, hint)
        };
        let problem = |message: Phrase| Box::new(given.map_or_else(missing, |given| given.problem(message)));
        let text = match (given.map(|given| &given.value), &question.default) {
            (Some(SecretSource::Inline(text)), _) => text.clone(),
            (Some(SecretSource::File(_) | SecretSource::Credential(_)), _) => return Err(problem(unread())),
            (None, Some(default)) => default.as_str().into(),
            (None, None) => SecretText::default(),
        };
        if text.expose().trim().is_empty() {
            return if question.optional { Ok(None) } else { Err(problem(AnswerError::Empty.phrase())) };
        }
        question.kind.parse(&text).map(Some).map_err(|error| problem(error.phrase()))
    }
}

/// Said of a secret in a file that was not read.
fn unread() -> Phrase {
    phrase!("answer-unread")
}

fn line(text: &str) -> Result<Line, Phrase> {
    Line::parse(text).map_err(|error| error.phrase())
}

/// Parses one answer, or adds the problem with it.
fn take<T, V>(
    answer: Option<&Placed<T>>,
    field: Field,
    problems: &mut Vec<Problem>,
    parse: impl FnOnce(&T) -> Result<V, Phrase>,
) -> Option<V> {
    let Some(answer) = answer else {
        let hint = phrase!("answer-add" { path: field.path() });
        problems.push(Problem::missing(field.path().to_owned(), None, hint));
        return None;
    };
    match parse(&answer.value) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(answer.problem(error));
            None
        }
    }
}
