//! The answers file: TOML to a draft, with every problem of its form.

use std::path::PathBuf;

use super::{Draft, PasswordSource};
use crate::{
    document::{self, Placed, Problem, Section},
    values::SecretText,
};

/// A commented file to start from; `firstlight answers template` prints it.
pub const TEMPLATE: &str = include_str!("../../assets/answers.toml");

/// The JSON Schema of the file; `firstlight answers schema` prints it.
pub const SCHEMA: &str = include_str!("../../assets/answers.schema.json");

impl Draft {
    /// Reads the text of an answers file: what could be read, and every problem with its form.
    ///
    /// What is missing or refused by the profile is for [`Draft::finish`] to say.
    #[must_use]
    pub fn from_toml(text: &str) -> (Self, Vec<Problem>) {
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
                password: password(&mut administrator),
            };
            administrator.finish();
            draft
        });
        (draft.unwrap_or_default(), problems)
    }

    /// Whether the file itself holds a secret, so that nobody else may read it.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        self.install_code.is_some() || matches!(&self.password, Some(Placed { value: PasswordSource::Inline(_), .. }))
    }
}

fn secret(text: Placed<String>) -> Placed<SecretText> {
    Placed { value: SecretText::new(text.value), field: text.field, place: text.place }
}

fn password(section: &mut Section<'_>) -> Option<Placed<PasswordSource>> {
    let field = super::Field::Password.path().to_owned();
    let inline =
        section.text("password").map(|text| map(text, &field, |text| PasswordSource::Inline(SecretText::new(text))));
    let file =
        section.text("password-file").map(|text| map(text, &field, |text| PasswordSource::File(PathBuf::from(text))));
    let credential = section.text("password-credential").map(|text| map(text, &field, PasswordSource::Credential));
    let mut given = [inline, file, credential].into_iter().flatten();
    let first = given.next();
    for other in given {
        section
            .report(other.problem("is given twice: use one of `password`, `password-file` and `password-credential`"));
    }
    first
}

fn map(text: Placed<String>, field: &str, wrap: impl FnOnce(String) -> PasswordSource) -> Placed<PasswordSource> {
    Placed { value: wrap(text.value), field: field.to_owned(), place: text.place }
}
