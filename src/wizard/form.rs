//! Everything that is typed, and what is wrong with it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    answers::{
        Answers, Draft, FieldId, Given,
        fields::{self, Row},
    },
    document::Placed,
    field::{Field, FieldKind, Refusal},
    profile::{Profile, Question, QuestionKind},
    screen::text::sentence,
    values::{Line, PasswordRules, ProxyCa, Scheme, SecretText, SetClock, SetProxy, Strength},
    words::{Phrase, Words, phrase},
};

/// The longest e-mail address (RFC 5321, 4.5.3.1.3).
const EMAIL_LIMIT: usize = 254;

/// One field of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Input {
    /// The password once more.
    Again,
    /// The answer to a question.
    #[serde(untagged)]
    Answer(FieldId),
}

impl Input {
    /// Every field.
    pub(crate) fn all(profile: &Profile) -> impl Iterator<Item = Self> {
        // The network is no part of a setup here: it is tried on its own page.
        let asked = fields::rows(profile).into_iter().filter(|row| !matches!(row.kind, fields::Kind::Network(_)));
        asked.flat_map(|row| {
            let again = matches!(row.kind, fields::Kind::Password(_)).then_some(Self::Again);
            [Self::Answer(row.id)].into_iter().chain(again)
        })
    }

    /// The question whose answer it is; the repetition is none.
    pub(crate) const fn answered(self) -> Option<FieldId> {
        match self {
            Self::Answer(id) => Some(id),
            Self::Again => None,
        }
    }

    /// The row of the question whose answer it is.
    pub(crate) fn row(self, profile: &Profile) -> Option<Row<'_>> {
        fields::row(profile, self.answered()?)
    }

    /// The vendor's question that it answers.
    pub(crate) fn question(self, profile: &Profile) -> Option<&Question> {
        match self {
            Self::Answer(FieldId::Question(index)) => profile.questions.get(usize::from(index)),
            _ => None,
        }
    }

    /// What stands before the field on its page; a page of the vendor's own has the question as its title.
    pub(crate) fn label(self, profile: &Profile) -> Phrase {
        match self {
            Self::Again => phrase!("label-again"),
            Self::Answer(FieldId::Question(_)) => phrase!("label-answer"),
            Self::Answer(_) => self.name(profile),
        }
    }

    /// What it is called where several are listed.
    pub(crate) fn name(self, profile: &Profile) -> Phrase {
        self.row(profile).map_or_else(|| phrase!("label-again"), |row| row.label)
    }

    /// The path of the answer that the field is for; the repetition is for none.
    pub(crate) fn path(self, profile: &Profile) -> Option<String> {
        self.row(profile).map(|row| row.path.into_owned())
    }
}

/// Every field of the wizard. What is secret in it is zeroed when it is dropped.
#[derive(Debug)]
pub(crate) struct Form {
    profile: Arc<Profile>,
    fields: Vec<(Input, Field)>,
    /// What was given of the network: it is no field here, and part of the setup all the same.
    network: Vec<(FieldId, Placed<Given>)>,
    changed: bool,
}

impl Form {
    /// Empty fields.
    pub(crate) fn empty(profile: Arc<Profile>) -> Self {
        let like = |input: Input| fields::row(&profile, input.answered().unwrap_or(FieldId::Password));
        let fields = Input::all(&profile).filter_map(|input| Some((input, text_box(&like(input)?)))).collect();
        Self { profile, fields, network: Vec::new(), changed: false }
    }

    /// Fields filled from a draft, and what of it no field could take, with the reason.
    pub(crate) fn filled(profile: Arc<Profile>, draft: &Draft) -> (Self, Vec<(Input, Refusal)>) {
        let mut form = Self::empty(profile);
        // What is wrong with it was told, and no page of the setup could mend it.
        let is_sound = draft.has_network(&form.profile);
        let network = draft.given.iter().filter(|(id, _)| is_sound && matches!(id, FieldId::Network(_)));
        form.network = network.map(|(id, given)| (*id, given.clone())).collect();
        let mut refused = Vec::new();
        for (input, field) in &mut form.fields {
            let id = input.answered().unwrap_or(FieldId::Password);
            let row = fields::row(&form.profile, id);
            let given = match draft.given.get(&id).map(|given| &given.value) {
                Some(Given::Text(text)) => Some(text.expose()),
                Some(Given::File(_) | Given::Credential(_)) => None,
                None => row.as_ref().and_then(|row| row.default),
            };
            refused.extend(given.and_then(|given| field.fill(given).err()).map(|refusal| (*input, refusal)));
        }
        (form, refused)
    }

    /// The field.
    pub(crate) fn field(&self, input: Input) -> &Field {
        &self.fields[self.place(input)].1
    }

    /// The field, to type into.
    pub(crate) fn field_mut(&mut self, input: Input) -> &mut Field {
        let place = self.place(input);
        self.changed = true;
        &mut self.fields[place].1
    }

    /// Whether something may have been changed since [`Self::is_run`].
    pub(crate) const fn has_changed(&self) -> bool {
        self.changed
    }

    /// A run begins with what is typed.
    pub(super) const fn is_run(&mut self) {
        self.changed = false;
    }

    /// Uses this install code although another one has set the machine up: said of the code as it stands.
    pub(crate) fn use_code(&mut self) {
        self.field_mut(Input::Answer(FieldId::Change)).resume("true", 0);
    }

    /// The network was mended, and what was given of it is none of the setup's any more.
    pub(super) fn forget_network(&mut self) {
        self.network.clear();
    }

    /// Another proxy is used meanwhile, and what was given of it is none of the setup's any more.
    pub(super) fn forget_proxy(&mut self) {
        for (input, field) in &mut self.fields {
            if matches!(input.answered(), Some(FieldId::Proxy | FieldId::ProxyExceptions | FieldId::ProxyCa)) {
                field.clear();
            }
        }
    }

    /// The text of an answer.
    fn text(&self, id: FieldId) -> &str {
        self.field(Input::Answer(id)).text()
    }

    /// Where a field stands among all of them.
    fn place(&self, input: Input) -> usize {
        self.fields.iter().position(|(other, _)| *other == input).unwrap_or_default()
    }

    /// Whether the appliance is reached in a way in which it shows a certificate, as far as that was answered.
    pub(crate) fn may_have_tls(&self) -> bool {
        let (endpoint, text) = (&self.profile.endpoint, self.text(FieldId::Endpoint));
        let address = endpoint.address(endpoint.kind.parse(text).ok().as_ref());
        address.is_none_or(|address| address.scheme() == Scheme::Https)
    }

    /// Whether a certificate of the operator's own is given.
    pub(crate) fn has_certificate(&self) -> bool {
        self.has(Input::Answer(FieldId::Certificate))
    }

    /// Whether something is said of a certificate that is not given.
    fn lacks_certificate(&self, input: Input) -> bool {
        let belongs =
            matches!(input, Input::Answer(FieldId::CertificateKey | FieldId::CertificatePassword)) && self.has(input);
        belongs && !self.has_certificate()
    }

    fn has(&self, input: Input) -> bool {
        !self.field(input).text().trim().is_empty()
    }

    /// Whether the password was typed the same twice.
    pub(crate) fn passwords_agree(&self) -> bool {
        self.text(FieldId::Password) == self.field(Input::Again).text()
    }

    /// The password to be judged, with what is known of its owner.
    pub(crate) fn password_to_judge(&self) -> SecretText {
        let about = [FieldId::FirstName, FieldId::LastName, FieldId::Email, FieldId::TenantName];
        let mut about = about.map(|id| self.text(id)).to_vec();
        about.push(self.profile.brand.name.as_str());
        Strength::encode(self.text(FieldId::Password), &about)
    }

    /// What is wrong with one field as it stands, as a sentence.
    pub(crate) fn problem(&self, words: &Words, input: Input) -> Option<String> {
        let reason = self.reason(input)?;
        Some(sentence(&words.say(&match input.row(&self.profile) {
            // Whatever is wrong, there is a list to choose from.
            Some(row) if row.is_picked() => phrase!("answer-choose"),
            Some(Row { kind: fields::Kind::Vendor(_), .. }) => reason.about(phrase!("answer-itself")),
            Some(row) => reason.about(row.label),
            None => reason,
        })))
    }

    /// Whether something is wrong with one field as it stands.
    pub(crate) fn is_wrong(&self, input: Input) -> bool {
        self.reason(input).is_some()
    }

    /// Why one field will not do as it stands. No other is looked at, but the password for its repetition.
    fn reason(&self, input: Input) -> Option<Phrase> {
        match input.row(&self.profile) {
            Some(row) if row.asked && self.lacks_certificate(input) => Some(phrase!("certificate-file-first")),
            Some(row) => row.asked.then(|| row.parse(&self.field(input).text().into()).err()).flatten(),
            None => (!self.passwords_agree()).then(|| phrase!("password-differs")),
        }
    }

    /// The first field that something is wrong with.
    pub(crate) fn first_problem(&self) -> Option<Input> {
        Input::all(&self.profile).find(|input| self.is_wrong(*input))
    }

    /// The complete answers, or the first field that something is wrong with.
    pub(crate) fn answers(&self) -> Result<Answers, Input> {
        match self.first_problem() {
            Some(input) => Err(input),
            None => self.draft().finish(&self.profile).map_err(|_problems| Input::Answer(FieldId::InstallCode)),
        }
    }

    /// What was typed on the pages of a setup and is no secret.
    pub(crate) fn typed(&self) -> Vec<(FieldId, String)> {
        use FieldId::{Certificate, CertificateKey, Email, Endpoint, FirstName, LastName, Question, TenantName};
        let may_be_kept = |row: &Row<'_>| {
            let page =
                [TenantName, FirstName, LastName, Email, Endpoint, Certificate, CertificateKey].contains(&row.id);
            (page || matches!(row.id, Question(_))) && !row.is_secret()
        };
        let kept = fields::rows(&self.profile).into_iter().filter(may_be_kept).map(|row| row.id);
        kept.map(|id| (id, self.text(id).to_owned())).filter(|(_, text)| !text.is_empty()).collect()
    }

    /// Everything secret that was typed, in every form in which it could be written.
    pub(crate) fn secrets(&self) -> Vec<SecretText> {
        let code = self.text(FieldId::InstallCode);
        let holds = |row: Row<'_>| row.may_be_named() || row.id == FieldId::Proxy;
        let named = |input: &Input| input.row(&self.profile).is_none_or(holds);
        let texts = Input::all(&self.profile).filter(named).map(|input| self.field(input).text().to_owned());
        let code = [code.to_owned(), self.profile.license.code.grouped(code), code.to_lowercase()];
        texts.chain(code).map(SecretText::new).filter(|text| !text.is_empty()).collect()
    }

    /// The install code for the review page, masked; empty while it is incomplete.
    pub(crate) fn masked_code(&self) -> String {
        let format = &self.profile.license.code;
        format.parse(self.text(FieldId::InstallCode)).map(|code| code.masked(format)).unwrap_or_default()
    }

    fn draft(&self) -> Draft {
        let answered = Input::all(&self.profile).filter_map(|input| input.row(&self.profile));
        let given = answered.map(|row| {
            let text = Given::Text(self.text(row.id).into());
            (row.id, Placed::unplaced(&row.path, text))
        });
        Draft { given: given.chain(self.network.iter().cloned()).collect() }
    }
}

/// The field that takes what answers a question.
fn text_box(row: &Row<'_>) -> Field {
    match row.kind {
        fields::Kind::Code(format) => Field::code(format),
        fields::Kind::Line
        | fields::Kind::File
        | fields::Kind::Page
        | fields::Kind::Disk
        | fields::Kind::Network(_) => Field::new(FieldKind::Plain, Line::MAX),
        fields::Kind::Email => Field::new(FieldKind::Plain, EMAIL_LIMIT),
        fields::Kind::Endpoint(kind) => Field::new(FieldKind::Plain, kind.longest()),
        // It may have a password in it.
        fields::Kind::Proxy => Field::new(FieldKind::Masked, SetProxy::LONGEST),
        fields::Kind::Exceptions => Field::new(FieldKind::Plain, SetProxy::LONGEST),
        fields::Kind::ProxyCa => Field::new(FieldKind::Plain, ProxyCa::LONGEST),
        fields::Kind::Clock => Field::new(FieldKind::Plain, SetClock::NAMES[0].len()),
        fields::Kind::Flag => Field::new(FieldKind::Plain, "false".len()),
        fields::Kind::Erase => Field::new(FieldKind::Plain, "everything".len()),
        fields::Kind::Password(_) | fields::Kind::Passphrase => {
            Field::new(FieldKind::Masked, PasswordRules::MAX_LENGTH)
        }
        fields::Kind::Vendor(question) => match &question.kind {
            QuestionKind::Text(rules) => Field::new(FieldKind::Plain, *rules.length.end()),
            QuestionKind::Secret(rules) => Field::new(FieldKind::Masked, *rules.length.end()),
            QuestionKind::Number(range) => Field::new(FieldKind::Digits, range.end().to_string().len()),
            QuestionKind::Choice(choices) => {
                let longest = choices.iter().map(|choice| choice.value.chars().count()).max();
                Field::new(FieldKind::Plain, longest.unwrap_or_default())
            }
            QuestionKind::Boolean => Field::new(FieldKind::Plain, "false".len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn names_and_addresses_are_refused_in_the_chosen_language() {
        let (english, german) = (Words::new(Language::English), Words::new(Language::German));
        let invisible = "a\u{200b}b";
        let given = [
            (Input::Answer(FieldId::LastName), ""),
            (Input::Answer(FieldId::FirstName), invisible),
            (Input::Answer(FieldId::Email), ""),
            (Input::Answer(FieldId::Email), "kim"),
        ];
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
            let mut form = Form::empty(Arc::new(Profile::built_in()));
            form.field_mut(input).resume(text, 0);
            let told = [&english, &german].map(|words| form.problem(words, input));
            assert_eq!(told, [said, gesagt].map(|said| Some(said.to_owned())));
        }
    }
}
