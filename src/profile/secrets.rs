//! Sections `[secrets]` and `[password]`: the two Secrets, and the administrator's password in one of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    keys,
    kinds::{is_secret_key, map, object_name, one_of, several, text, whole},
    setting::{Visit, section, table},
};
use crate::{
    document::{Placed, Section},
    values::{Class, PasswordRules, is_unseen},
    words::{Phrase, phrase},
};

section! {
    impl PasswordRules {
        /// The fewest characters; NIST SP 800-63B asks for at least 8.
        min_length = whole("min-length", 8..=128).or(12),
        /// What there must be one of: any of `lower`, `upper`, `digit` and `symbol`.
        require = several("require", CLASSES, phrase!("profile-classes")).or(json!([])),
        /// The characters that count as symbols.
        symbols = text("symbols", json!({"minLength": 1}), symbols).or(SYMBOLS),
    }
}

const CLASSES: &[(&str, Class)] =
    &[("lower", Class::Lower), ("upper", Class::Upper), ("digit", Class::Digit), ("symbol", Class::Symbol)];

/// All of ASCII.
const SYMBOLS: &str = r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##;

fn symbols(text: &str) -> Result<String, Phrase> {
    let is_symbol =
        |character: char| !character.is_alphanumeric() && !character.is_whitespace() && !is_unseen(character);
    if !text.is_empty() && text.chars().all(is_symbol) { Ok(text.to_owned()) } else { Err(phrase!("profile-symbols")) }
}

/// Section `[secrets]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The initial tenant.
    pub tenant: SecretSpec,
    /// The license seed.
    pub license: SecretSpec,
    /// How the administrator's password travels.
    pub admin_password: PasswordForm,
}

/// One Secret: its name, and other names for its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSpec {
    /// The object's name.
    pub name: String,
    /// From the contract's key to the key the chart reads; what is not named keeps its name.
    pub keys: BTreeMap<String, String>,
}

/// How the administrator's password travels in the tenant Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// As an Argon2id PHC string.
    Argon2id,
    /// As `salt_hex:hash_hex` of scrypt with N = 16384, r = 8 and p = 1.
    Scrypt,
    /// As it is, because the chart cannot take a hash.
    Plaintext,
}

/// The two Secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretName {
    /// The initial tenant.
    Tenant,
    /// The license seed.
    License,
}

impl PasswordForm {
    /// The contract's key for a password in this form.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Argon2id | Self::Scrypt => keys::PASSWORD_HASH,
            Self::Plaintext => keys::PASSWORD,
        }
    }
}

impl SecretSpec {
    /// The key under which the chart reads `key`.
    pub fn key<'a>(&'a self, key: &'a str) -> &'a str {
        self.keys.get(key).map_or(key, String::as_str)
    }
}

pub(super) fn visit(visit: &mut Visit<'_, '_>) -> Option<Secrets> {
    let tenant = table("tenant", |visit| {
        let forms = &[
            ("argon2id", PasswordForm::Argon2id),
            ("scrypt", PasswordForm::Scrypt),
            ("plaintext", PasswordForm::Plaintext),
        ];
        let form = one_of("admin-password", forms, phrase!("profile-password-forms")).or("argon2id");
        let form = visit.setting(
            "How the password travels: `argon2id`, `scrypt`, or `plaintext` if the chart takes no hash.",
            form,
        );
        let example = json!({(keys::EMAIL): "ADMIN_EMAIL"});
        let secret = secret(visit, "appliance-initial-tenant", &keys::TENANT, example);
        Some((form?, secret?))
    });
    let license = table("license", |visit| {
        secret(visit, "appliance-license-seed", &keys::LICENSE, json!({(keys::LICENSE_TOKEN): "TOKEN"}))
    });
    let tenant = visit.setting("The Secret of the initial tenant.", tenant);
    let license = visit.setting("The Secret with the license seed.", license)?;
    let (admin_password, tenant) = tenant?;
    if let (Visit::Read(section), true) = (visit, tenant.name == license.name) {
        let name = Placed::unplaced("secrets.license.name", ());
        section.report(name.problem(phrase!("profile-secret-twice")));
    }
    Some(Secrets { tenant, license, admin_password })
}

fn secret(
    visit: &mut Visit<'_, '_>,
    name: &'static str,
    known: &'static [&'static str],
    example: Value,
) -> Option<SecretSpec> {
    let name = visit.setting("The object's name.", object_name("name").or(name));
    let keys = map("keys", &["string"], example, |section| renamed(section, known));
    let keys = visit.setting("Other names for its keys, for charts that read others.", keys);
    Some(SecretSpec { name: name?, keys: keys? })
}

fn renamed(section: &mut Section<'_>, known: &[&str]) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for (key, renamed) in section.texts("keys") {
        if !known.contains(&key.as_str()) {
            section.report(renamed.problem(phrase!("profile-key-unknown" { keys: known.join(", ") })));
        } else if !is_secret_key(&renamed.value) {
            section.report(renamed.problem(phrase!("profile-key-form")));
        } else if keys.values().any(|other| *other == renamed.value)
            || (known.contains(&renamed.value.as_str()) && key != renamed.value)
        {
            section.report(renamed.problem(phrase!("profile-key-twice")));
        } else {
            keys.insert(key, renamed.value);
        }
    }
    keys
}
