//! Everything that is typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

use crate::{
    answers::{self, Answers, Draft, SecretSource, question_path},
    document::Placed,
    field::{Field, Kind, Refusal},
    profile::{Profile, Question, QuestionKind},
    screen::text::sentence,
    values::{Hostname, Line, Rule, SecretText, Strength},
    words::{TextId, Words, id, phrase},
};

/// The longest e-mail address (RFC 5321, 4.5.3.1.3).
const EMAIL_LIMIT: usize = 254;

/// One field of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// The name under which the appliance is reached.
    Hostname,
    /// One of the vendor's own questions, by its index.
    Question(u8),
}

impl Input {
    /// Every field but the vendor's own, in the order of the pages.
    const COMMON: [Self; 8] = [
        Self::Code,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::TenantName,
        Self::Password,
        Self::Again,
        Self::Hostname,
    ];

    /// Every field, in the order of the pages.
    pub(crate) fn all(profile: &Profile) -> impl Iterator<Item = Self> {
        let questions = u8::try_from(profile.questions.len()).unwrap_or(u8::MAX);
        Self::COMMON.into_iter().chain((0..questions).map(Self::Question))
    }

    /// The vendor's question that it answers.
    pub(crate) fn question(self, profile: &Profile) -> Option<&Question> {
        match self {
            Self::Question(index) => profile.questions.get(usize::from(index)),
            _ => None,
        }
    }

    /// The id of what stands before the field; the vendor's own bring their label along.
    pub(crate) const fn label(self) -> TextId {
        match self {
            Self::Code => id!("label-code"),
            Self::FirstName => id!("label-first-name"),
            Self::LastName => id!("label-last-name"),
            Self::Email => id!("label-email"),
            Self::TenantName => id!("label-company"),
            Self::Password => id!("label-password"),
            Self::Again => id!("label-again"),
            Self::Hostname => id!("label-hostname"),
            Self::Question(_) => id!("label-answer"),
        }
    }

    /// The path of the answer that the field is for; the repetition is for none.
    pub(crate) fn path(self, profile: &Profile) -> Option<String> {
        let question = self.question(profile).map(|question| question_path(&question.id));
        question.or_else(|| self.common().map(|field| field.path().to_owned()))
    }

    const fn common(self) -> Option<answers::Field> {
        match self {
            Self::Code => Some(answers::Field::InstallCode),
            Self::FirstName => Some(answers::Field::FirstName),
            Self::LastName => Some(answers::Field::LastName),
            Self::Email => Some(answers::Field::Email),
            Self::TenantName => Some(answers::Field::TenantName),
            Self::Password => Some(answers::Field::Password),
            Self::Hostname => Some(answers::Field::Hostname),
            Self::Again | Self::Question(_) => None,
        }
    }
}

/// Every field of the wizard. What is secret in it is zeroed when it is dropped.
#[derive(Debug)]
pub(crate) struct Form(Vec<Field>);

impl Form {
    /// Empty fields.
    pub(crate) fn empty(profile: &Profile) -> Self {
        let password = profile.password.rules().into_iter().find_map(|rule| match rule {
            Rule::MaxLength(most) => Some(most),
            _ => None,
        });
        let fields = Input::all(profile).map(|input| match input {
            Input::Code => Field::code(&profile.license.code),
            Input::FirstName | Input::LastName | Input::TenantName => Field::new(Kind::Plain, Line::MAX),
            Input::Email => Field::new(Kind::Plain, EMAIL_LIMIT),
            Input::Password | Input::Again => Field::new(Kind::Masked, password.unwrap_or(Line::MAX)),
            Input::Hostname => Field::new(Kind::Plain, Hostname::MAX),
            Input::Question(_) => input.question(profile).map_or(Field::new(Kind::Plain, 0), question_field),
        });
        Self(fields.collect())
    }

    /// Fields filled from a draft, and what of it no field could take, with the reason.
    pub(crate) fn filled(profile: &Profile, draft: &Draft) -> (Self, Vec<(Input, Refusal)>) {
        let mut form = Self::empty(profile);
        let password = draft.password.as_ref().and_then(|password| match &password.value {
            SecretSource::Inline(text) => Some(text.expose()),
            SecretSource::File(_) | SecretSource::Credential(_) => None,
        });
        let refused = Input::all(profile).filter_map(|input| {
            let given = match input {
                Input::Code => draft.install_code.as_ref().map(|code| code.value.expose()),
                Input::FirstName => draft.first_name.as_ref().map(|name| name.value.as_str()),
                Input::LastName => draft.last_name.as_ref().map(|name| name.value.as_str()),
                Input::Email => draft.email.as_ref().map(|email| email.value.as_str()),
                Input::TenantName => draft.tenant_name.as_ref().map(|name| name.value.as_str()),
                Input::Password | Input::Again => password,
                Input::Hostname => draft.hostname.as_ref().map(|name| name.value.as_str()),
                Input::Question(_) => input.question(profile).and_then(|question| prefilled(question, draft)),
            };
            let refusal = form.field_mut(input).fill(given?).err()?;
            Some((input, refusal))
        });
        let refused = refused.collect();
        (form, refused)
    }

    /// The field.
    pub(crate) fn field(&self, input: Input) -> &Field {
        &self.0[place(input)]
    }

    /// The field, to type into.
    pub(crate) fn field_mut(&mut self, input: Input) -> &mut Field {
        &mut self.0[place(input)]
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
        let Some(path) = input.path(profile) else {
            return (!self.passwords_agree()).then(|| words.say(id!("password-differs")));
        };
        let problem = self.draft(profile).problem(profile, &path)?;
        let reason = match input.question(profile).map(|question| &question.kind) {
            // Whatever is wrong, there is a list to choose from.
            Some(QuestionKind::Choice(_) | QuestionKind::Boolean) => phrase!("answer-choose"),
            Some(_) => problem.message.about(phrase!("answer-itself")),
            None => problem.message.about(input.label()),
        };
        Some(sentence(&words.tell(&reason)))
    }

    /// Whether something is wrong with one field as it stands.
    pub(crate) fn is_wrong(&self, profile: &Profile, input: Input) -> bool {
        match input.path(profile) {
            Some(path) => self.draft(profile).problem(profile, &path).is_some(),
            None => !self.passwords_agree(),
        }
    }

    /// The first field that something is wrong with.
    pub(crate) fn first_problem(&self, profile: &Profile) -> Option<Input> {
        let problems = self.draft(profile).problems(profile);
        Input::all(profile).find(|input| match input.path(profile) {
            Some(path) => problems.iter().any(|problem| problem.field == path),
            None => !self.passwords_agree(),
        })
    }

    /// The complete answers, or the first field that something is wrong with.
    pub(crate) fn answers(&self, profile: &Profile) -> Result<Answers, Input> {
        match self.first_problem(profile) {
            Some(input) => Err(input),
            None => self.draft(profile).finish(profile).map_err(|_problems| Input::Code),
        }
    }

    /// Everything secret that was typed, in every form in which it could be written.
    pub(crate) fn secrets(&self, profile: &Profile) -> Vec<SecretText> {
        let code = self.field(Input::Code).text();
        let secret = Input::all(profile).filter(|input| input.question(profile).is_some_and(Question::is_secret));
        let texts = [Input::Password, Input::Again].into_iter().chain(secret);
        let texts = texts.map(|input| self.field(input).text().to_owned());
        let code = [code.to_owned(), profile.license.code.grouped(code), code.to_lowercase()];
        texts.chain(code).map(SecretText::new).filter(|text| !text.is_empty()).collect()
    }

    /// The install code for the review page, masked; empty while it is incomplete.
    pub(crate) fn masked_code(&self, profile: &Profile) -> String {
        let format = &profile.license.code;
        format.parse(self.field(Input::Code).text()).map(|code| code.masked(format)).unwrap_or_default()
    }

    fn draft(&self, profile: &Profile) -> Draft {
        let text = |input: Input| self.field(input).text().to_owned();
        let secret = |input: Input| SecretText::new(text(input));
        let placed =
            |input: Input| Some(Placed::unplaced(input.common().map_or("", answers::Field::path), text(input)));
        let questions = Input::all(profile).filter_map(|input| {
            let id = input.question(profile)?.id.clone();
            Some((id.clone(), Placed::unplaced(&question_path(&id), SecretSource::Inline(secret(input)))))
        });
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
            hostname: placed(Input::Hostname),
            questions: questions.collect(),
        }
    }
}

/// Where a field stands among all of them.
fn place(input: Input) -> usize {
    match input {
        Input::Question(index) => Input::COMMON.len() + usize::from(index),
        input => Input::COMMON.iter().position(|common| *common == input).unwrap_or_default(),
    }
}

fn question_field(question: &Question) -> Field {
    match &question.kind {
        QuestionKind::Text(rules) => Field::new(Kind::Plain, *rules.length.end()),
        QuestionKind::Secret(rules) => Field::new(Kind::Masked, *rules.length.end()),
        QuestionKind::Number(range) => Field::new(Kind::Digits, range.end().to_string().len()),
        QuestionKind::Choice(choices) => {
            Field::new(Kind::Plain, choices.iter().map(|choice| choice.value.chars().count()).max().unwrap_or_default())
        }
        QuestionKind::Boolean => Field::new(Kind::Plain, "false".len()),
    }
}

/// What an answers file says to a question, or else what the profile does.
fn prefilled<'a>(question: &'a Question, draft: &'a Draft) -> Option<&'a str> {
    match draft.questions.get(&question.id).map(|given| &given.value) {
        Some(SecretSource::Inline(text)) => Some(text.expose()),
        Some(SecretSource::File(_) | SecretSource::Credential(_)) => None,
        None => question.default.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn names_and_addresses_are_refused_in_the_chosen_language() {
        let (english, german) = (Words::new(Language::English), Words::new(Language::German));
        let profile = Profile::built_in();
        let invisible = "a\u{200b}b";
        let given = [(Input::LastName, ""), (Input::FirstName, invisible), (Input::Email, ""), (Input::Email, "kim")];
        for ((input, text), (said, gesagt)) in given.into_iter().zip([
            ("Last name is empty", "Nachname ist leer"),
            (
                "First name has an invisible or control character (U+200B) at position 2",
                "Vorname hat ein unsichtbares Zeichen oder Steuerzeichen (U+200B) an Stelle 2",
            ),
            ("The e-mail address is empty", "Die E-Mail-Adresse ist leer"),
            (
                "This is not an e-mail address of the form `name@example.com`",
                "Das ist keine E-Mail-Adresse der Form `name@example.com`",
            ),
        ]) {
            let mut form = Form::empty(&profile);
            form.field_mut(input).resume(text, 0);
            let told = [&english, &german].map(|words| form.problem(&profile, words, input));
            assert_eq!(told, [said, gesagt].map(|said| Some(said.to_owned())));
        }
    }
}
