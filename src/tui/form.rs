//! Everything that is typed, and what is wrong with it.

use crate::{
    answers::{self, Answers, Draft, SecretSource},
    document::Placed,
    profile::Profile,
    tui::{
        notice,
        widgets::{Field, Kind, Refusal, sentence},
    },
    values::{Line, Rule, SecretText, Strength},
    words::Words,
};

/// The longest e-mail address (RFC 5321, 4.5.3.1.3).
const EMAIL_LIMIT: usize = 254;

/// One field of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// The install code.
    Code,
    /// The administrator's first name.
    FirstName,
    /// The administrator's last name.
    LastName,
    /// The administrator's e-mail address.
    Email,
    /// The tenant's name, which may stay empty.
    TenantName,
    /// The administrator's password.
    Password,
    /// The password once more.
    Again,
}

impl Input {
    /// Every field, in the order of the pages.
    pub(crate) const ALL: [Self; 7] =
        [Self::Code, Self::FirstName, Self::LastName, Self::Email, Self::TenantName, Self::Password, Self::Again];

    /// The id of what stands before the field.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Code => "label-code",
            Self::FirstName => "label-first-name",
            Self::LastName => "label-last-name",
            Self::Email => "label-email",
            Self::TenantName => "label-company",
            Self::Password => "label-password",
            Self::Again => "label-again",
        }
    }

    /// The answer that the field is for; the repetition is for none.
    const fn answer(self) -> Option<answers::Field> {
        match self {
            Self::Code => Some(answers::Field::InstallCode),
            Self::FirstName => Some(answers::Field::FirstName),
            Self::LastName => Some(answers::Field::LastName),
            Self::Email => Some(answers::Field::Email),
            Self::TenantName => Some(answers::Field::TenantName),
            Self::Password => Some(answers::Field::Password),
            Self::Again => None,
        }
    }
}

/// Every field of the wizard. What is secret in it is zeroed when it is dropped.
#[derive(Debug)]
pub(crate) struct Form([Field; Input::ALL.len()]);

impl Form {
    /// Empty fields.
    pub(crate) fn empty(profile: &Profile) -> Self {
        let password = profile.password.rules().into_iter().find_map(|rule| match rule {
            Rule::MaxLength(most) => Some(most),
            _ => None,
        });
        Self(Input::ALL.map(|input| match input {
            Input::Code => Field::code(&profile.license.code),
            Input::FirstName | Input::LastName | Input::TenantName => Field::new(Kind::Plain, Line::MAX),
            Input::Email => Field::new(Kind::Plain, EMAIL_LIMIT),
            Input::Password | Input::Again => Field::new(Kind::Masked, password.unwrap_or(Line::MAX)),
        }))
    }

    /// Fields filled from a draft, and what of it no field could take, with the reason.
    pub(crate) fn filled(profile: &Profile, draft: &Draft) -> (Self, Vec<(Input, Refusal)>) {
        let mut form = Self::empty(profile);
        let password = draft.password.as_ref().and_then(|password| match &password.value {
            SecretSource::Inline(text) => Some(text.expose()),
            SecretSource::File(_) | SecretSource::Credential(_) => None,
        });
        let refused = Input::ALL.into_iter().filter_map(|input| {
            let given = match input {
                Input::Code => draft.install_code.as_ref().map(|code| code.value.expose()),
                Input::FirstName => draft.first_name.as_ref().map(|name| name.value.as_str()),
                Input::LastName => draft.last_name.as_ref().map(|name| name.value.as_str()),
                Input::Email => draft.email.as_ref().map(|email| email.value.as_str()),
                Input::TenantName => draft.tenant_name.as_ref().map(|name| name.value.as_str()),
                Input::Password | Input::Again => password,
            };
            let refusal = form.field_mut(input).fill(given?).err()?;
            Some((input, refusal))
        });
        let refused = refused.collect();
        (form, refused)
    }

    /// The field.
    pub(crate) const fn field(&self, input: Input) -> &Field {
        &self.0[input as usize]
    }

    /// The field, to type into.
    pub(crate) const fn field_mut(&mut self, input: Input) -> &mut Field {
        &mut self.0[input as usize]
    }

    /// Whether the password was typed the same twice.
    pub(crate) fn passwords_agree(&self) -> bool {
        self.field(Input::Password).text() == self.field(Input::Again).text()
    }

    /// The question how strong the password is, with what is known of its owner.
    pub(crate) fn strength_question(&self, profile: &Profile) -> SecretText {
        let about = [Input::FirstName, Input::LastName, Input::Email, Input::TenantName];
        let mut about = about.map(|input| self.field(input).text()).to_vec();
        about.push(profile.brand.name.as_str());
        Strength::question(self.field(Input::Password).text(), &about)
    }

    /// What is wrong with one field as it stands, as a sentence.
    pub(crate) fn problem(&self, profile: &Profile, words: &Words, input: Input) -> Option<String> {
        let Some(field) = input.answer() else {
            return (!self.passwords_agree()).then(|| words.say("password-differs"));
        };
        match input {
            Input::Code => {
                let error = profile.license.code.parse(self.field(input).text()).err()?;
                return Some(sentence("", &notice::code_error(words, &error)));
            }
            Input::Password => {
                let broken = profile.password.broken(self.field(input).text());
                return (!broken.is_empty()).then(|| notice::broken(words, &broken));
            }
            _ => {}
        }
        let problem = self.draft().problem(profile, field.path())?;
        Some(sentence(&words.say(input.label()), &problem.message))
    }

    /// Whether something is wrong with one field as it stands.
    pub(crate) fn is_wrong(&self, profile: &Profile, input: Input) -> bool {
        match input.answer() {
            Some(field) => self.draft().problem(profile, field.path()).is_some(),
            None => !self.passwords_agree(),
        }
    }

    /// The first field that something is wrong with.
    pub(crate) fn first_problem(&self, profile: &Profile) -> Option<Input> {
        Input::ALL.into_iter().find(|input| self.is_wrong(profile, *input))
    }

    /// The complete answers, or the first field that something is wrong with.
    pub(crate) fn answers(&self, profile: &Profile) -> Result<Answers, Input> {
        match self.first_problem(profile) {
            Some(input) => Err(input),
            None => self.draft().finish(profile).map_err(|_problems| Input::Code),
        }
    }

    /// Everything secret that was typed, in every form in which it could be written.
    pub(crate) fn secrets(&self, profile: &Profile) -> Vec<SecretText> {
        let code = self.field(Input::Code).text();
        let texts = [Input::Password, Input::Again].map(|input| self.field(input).text().to_owned());
        let code = [code.to_owned(), profile.license.code.grouped(code), code.to_lowercase()];
        texts.into_iter().chain(code).map(SecretText::new).filter(|text| !text.is_empty()).collect()
    }

    /// The install code for the review page, masked; empty while it is incomplete.
    pub(crate) fn masked_code(&self, profile: &Profile) -> String {
        let format = &profile.license.code;
        format.parse(self.field(Input::Code).text()).map(|code| code.masked(format)).unwrap_or_default()
    }

    fn draft(&self) -> Draft {
        let text = |input: Input| self.field(input).text().to_owned();
        let secret = |input: Input| SecretText::new(text(input));
        let placed =
            |input: Input| Some(Placed::unplaced(input.answer().map_or("", answers::Field::path), text(input)));
        Draft {
            install_code: Some(Placed::unplaced(answers::Field::InstallCode.path(), secret(Input::Code))),
            tenant_name: placed(Input::TenantName),
            first_name: placed(Input::FirstName),
            last_name: placed(Input::LastName),
            email: placed(Input::Email),
            password: Some(Placed::unplaced(
                answers::Field::Password.path(),
                SecretSource::Inline(secret(Input::Password)),
            )),
            ..Draft::default()
        }
    }
}
