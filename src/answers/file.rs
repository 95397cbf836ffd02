//! The answers file: TOML to a draft, with every problem of its form.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Draft, Field, SecretSource, question_path};
use crate::{
    document::{self, Placed, Problem, Section},
    profile::{Profile, Question, QuestionKind},
    values::SecretText,
    words::phrase,
};

impl Draft {
    /// Reads the text of an answers file: what could be read, and every problem with its form.
    ///
    /// The profile says which questions there are; what is missing or will not do is for
    /// [`Draft::finish`] to say.
    #[must_use]
    pub fn from_toml(text: &str, profile: &Profile) -> (Self, Vec<Problem>) {
        let (draft, problems) = document::read(text, |root| {
            let install_code = root.text("install-code").map(secret);
            let mut tenant = root.section("tenant");
            let tenant_name = tenant.text("name");
            tenant.finish();
            let mut administrator = root.section("administrator");
            let draft = Self {
                install_code,
                tenant_name,
                first_name: administrator.text("first-name"),
                last_name: administrator.text("last-name"),
                email: administrator.text("email"),
                password: source(&mut administrator, "password", Field::Password.path()),
                hostname: hostname(root, profile),
                questions: questions(root, profile),
            };
            administrator.finish();
            draft
        });
        (draft.unwrap_or_default(), problems)
    }

    /// Whether the file itself holds a secret, so that nobody else may read it.
    #[must_use]
    pub fn holds_secret(&self, profile: &Profile) -> bool {
        let secret = profile.questions.iter().filter(|question| question.is_secret());
        let secret = secret.filter_map(|question| self.questions.get(&question.id)).chain(&self.password);
        self.install_code.is_some() || secret.into_iter().any(|given| matches!(given.value, SecretSource::Inline(_)))
    }
}

/// Section `[endpoint]`, which is there only where the profile asks for it.
fn hostname(root: &mut Section<'_>, profile: &Profile) -> Option<Placed<String>> {
    if !profile.endpoint.ask {
        return None;
    }
    let mut section = root.section("endpoint");
    let hostname = section.text("hostname");
    section.finish();
    hostname
}

/// Section `[answers]`, which is there only where the profile has questions.
fn questions(root: &mut Section<'_>, profile: &Profile) -> BTreeMap<String, Placed<SecretSource>> {
    if profile.questions.is_empty() {
        return BTreeMap::new();
    }
    let mut section = root.section("answers");
    let answers = profile.questions.iter().filter_map(|question| {
        let given = answer(&mut section, question)?;
        Some((question.id.clone(), given))
    });
    let answers = answers.collect();
    section.finish();
    answers
}

/// One answer as text, whatever its type in the file is.
fn answer(section: &mut Section<'_>, question: &Question) -> Option<Placed<SecretSource>> {
    let id = &question.id;
    let text = match question.kind {
        QuestionKind::Secret(_) => return source(section, id, &question_path(id)),
        QuestionKind::Text(_) | QuestionKind::Choice(_) => section.text(id)?,
        QuestionKind::Boolean => section.boolean(id)?.map(|truth| truth.to_string()),
        QuestionKind::Number(_) => section.number(id)?.map(|number| number.to_string()),
    };
    Some(text.map(|text| SecretSource::Inline(SecretText::new(text))))
}

fn secret(text: Placed<String>) -> Placed<SecretText> {
    text.map(SecretText::new)
}

/// A secret under `key`, or what names it under `key-file` or `key-credential`.
fn source(section: &mut Section<'_>, key: &str, field: &str) -> Option<Placed<SecretSource>> {
    let (file, credential) = (format!("{key}-file"), format!("{key}-credential"));
    let given = [
        section.text(key).map(|text| text.map(|text| SecretSource::Inline(SecretText::new(text)))),
        section.text(&file).map(|text| text.map(|text| SecretSource::File(PathBuf::from(text)))),
        section.text(&credential).map(|text| text.map(SecretSource::Credential)),
    ];
    let mut given = given.into_iter().flatten().map(|given| Placed { field: field.to_owned(), ..given });
    let first = given.next();
    for other in given {
        section.report(other.problem(phrase!("answer-twice" { key, file: &file, credential: &credential })));
    }
    first
}
