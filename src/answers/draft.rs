//! Answers in the making: one option a question; `finish` is the only way out.

use std::path::PathBuf;

use super::{Answers, PublicAnswers, SecretAnswers};
use crate::{
    document::{Placed, Problem},
    profile::Profile,
    values::{Line, SecretText},
};

/// The questions, by the path under which a file answers them.
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
        }
    }
}

/// Where the password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
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
    pub password: Option<Placed<PasswordSource>>,
}

impl Draft {
    /// The problem with one answer as it stands, if there is one: what a page shows under its field.
    #[must_use]
    pub fn problem(&self, profile: &Profile, field: Field) -> Option<Problem> {
        self.problems(profile).into_iter().find(|problem| problem.field == field.path())
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
            profile.license.code.parse(text.expose())
        });
        let tenant_name = match &self.tenant_name {
            Some(name) if !name.value.trim().is_empty() => {
                take(Some(name), Field::TenantName, &mut problems, |text| Line::parse(text))
            }
            _ => None,
        };
        let first = take(self.first_name.as_ref(), Field::FirstName, &mut problems, |text| Line::parse(text));
        let last = take(self.last_name.as_ref(), Field::LastName, &mut problems, |text| Line::parse(text));
        let email = take(self.email.as_ref(), Field::Email, &mut problems, |text| text.parse());
        let password = take(self.password.as_ref(), Field::Password, &mut problems, |source| match source {
            PasswordSource::Inline(text) => profile.password.parse(text).map_err(|broken| {
                let rules: Vec<String> = broken.iter().map(ToString::to_string).collect();
                format!("the password must have {}", rules.join(", "))
            }),
            PasswordSource::File(_) | PasswordSource::Credential(_) => Err("was not read".to_owned()),
        });
        match (code, first, last, email, password) {
            (Some(install_code), Some(first_name), Some(last_name), Some(email), Some(password))
                if problems.is_empty() =>
            {
                Ok(Answers {
                    public: PublicAnswers { tenant_name, first_name, last_name, email },
                    secret: SecretAnswers { install_code, password },
                })
            }
            _ => Err(problems),
        }
    }
}

/// Parses one answer, or adds the problem with it.
fn take<T, V, E: ToString>(
    answer: Option<&Placed<T>>,
    field: Field,
    problems: &mut Vec<Problem>,
    parse: impl FnOnce(&T) -> Result<V, E>,
) -> Option<V> {
    let Some(answer) = answer else {
        problems.push(Problem::missing(field.path().to_owned(), None, format!("add `{}`", field.path())));
        return None;
    };
    match parse(&answer.value) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(answer.problem(error.to_string()));
            None
        }
    }
}
