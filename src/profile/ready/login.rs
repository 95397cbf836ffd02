//! The way of a `[[ready]]` entry that signs in with the password which was chosen.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::form_urlencoded;

use super::address::{BEGINNING, EMAIL, PASSWORD, ProbeUrl};
use crate::{
    profile::{
        kinds::{map, one_of, statuses, text},
        setting::{Described, Setting, Shown, Visit, section},
    },
    values::{Content, Email, Method, Password, SecretText, Statuses},
    words::phrase,
};

section! {
    /// How somebody signs in.
    pub struct Login {
        /// Where; `http` only on this machine itself.
        pub url: ProbeUrl = url(),
        /// How: `POST`, `PUT`, `PATCH`.
        pub method: Method = method(),
        /// What is sent, as JSON; in its texts `{email}` and `{password}` stand for the answers.
        pub fields: Fields = fields,
        /// Which it must answer with, one or several.
        pub statuses: Statuses = statuses("status").or(200),
    }
}

/// What is sent, with `{email}` and `{password}` in the place of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    /// As JSON.
    Json(Value),
    /// As a form of a web page.
    Form(BTreeMap<String, String>),
}

/// An example for the built-in profile.
pub(super) fn example() -> Value {
    json!({"url": "https://{hostname}/api/login", "json": fields_example()})
}

fn fields_example() -> Value {
    json!({"email": EMAIL, "password": PASSWORD})
}

fn url() -> impl Setting<ProbeUrl> {
    let url = text("url", json!({"pattern": BEGINNING}), ProbeUrl::parse_private);
    url.needed(phrase!("profile-login-url-hint"), "https://127.0.0.1/api/login")
}

fn method() -> impl Setting<Method> {
    let methods = &[("POST", Method::Post), ("PUT", Method::Put), ("PATCH", Method::Patch)];
    one_of("method", methods, phrase!("profile-login-methods")).or("POST")
}

fn fields(visit: &mut Visit<'_, '_>) -> Option<Fields> {
    let json = |visit: &mut Visit<'_, '_>| {
        let describe = || {
            let shown = Shown::Example(fields_example());
            Described { key: "json", about: "", schema: json!({"type": "object"}), needed: false, shown }
        };
        visit.key(describe, |section| section.json("json"))
    };
    let json = json(visit);
    let about = "In the place of `json`: what is sent as a form of a web page.";
    let form = visit.setting(about, map("form", &["string"], fields_example(), |section| section.texts("form")));
    let Visit::Read(section) = visit else { return None };
    let (key, fields) = match (section.has("json"), section.has("form")) {
        (true, false) => ("json", Fields::Json(json?.value)),
        (false, true) => {
            let texts = form?.into_iter().map(|(name, text)| (name, text.value));
            ("form", Fields::Form(texts.collect()))
        }
        (true, true) => {
            section.wrong("form", phrase!("profile-login-two"));
            return None;
        }
        (false, false) => {
            section.missing("json", phrase!("profile-login-hint"));
            return None;
        }
    };
    if !fields.texts().any(|text| text.contains(PASSWORD)) {
        section.wrong(key, phrase!("profile-login-password" { placeholder: PASSWORD }));
    }
    Some(fields)
}

impl Fields {
    /// Every text that is sent.
    fn texts(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Json(value) => texts_in(value),
            Self::Form(fields) => Box::new(fields.values().map(String::as_str)),
        }
    }

    /// What is sent to sign in.
    pub fn content(&self, email: &Email, password: &Password) -> Content {
        let (email, password) = (email.to_string(), password.expose());
        let (kind, text) = match self {
            Self::Json(value) => ("application/json", filled_json(value, &email, password).to_string()),
            Self::Form(fields) => {
                let fields = fields.iter().map(|(name, text)| (name, filled(text, &email, password)));
                let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", text)
            }
        };
        Content { kind, text: SecretText::new(text) }
    }
}

fn texts_in(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(values) => Box::new(values.iter().flat_map(texts_in)),
        Value::Object(values) => Box::new(values.values().flat_map(texts_in)),
        _ => Box::new(std::iter::empty()),
    }
}

fn filled_json(value: &Value, email: &str, password: &str) -> Value {
    match value {
        Value::String(text) => filled(text, email, password).into(),
        Value::Array(values) => values.iter().map(|value| filled_json(value, email, password)).collect(),
        Value::Object(values) => {
            let filled = |(key, value): (&String, &Value)| (key.clone(), filled_json(value, email, password));
            values.iter().map(filled).collect()
        }
        other => other.clone(),
    }
}

/// Both in the places of what stands for them; what an answer has in it stands for nothing.
fn filled(text: &str, email: &str, password: &str) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    loop {
        let found = [(EMAIL, email), (PASSWORD, password)].into_iter();
        let found = found.filter_map(|(sign, answer)| Some((rest.find(sign)?, sign, answer)));
        let Some((place, sign, answer)) = found.min_by_key(|(place, ..)| *place) else { return filled + rest };
        filled = filled + &rest[..place] + answer;
        rest = &rest[place + sign.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::PasswordRules;

    #[test]
    fn both_stand_in_their_places_as_they_are() {
        let rules = PasswordRules { min_length: 8, require: Vec::new(), symbols: String::new() };
        // Each of them could be taken for what stands for the other.
        let password = rules.parse(&"\"{email}\" & ü=1".into()).expect("good");
        let email: Email = "{password}@acme.example".parse().expect("an address");
        let json = Fields::Json(json!({"user": {"name": EMAIL, "keep": true}, "secrets": [PASSWORD, "x{password}x"]}));
        let expected = json!({
            "user": {"name": "{password}@acme.example", "keep": true},
            "secrets": ["\"{email}\" & ü=1", "x\"{email}\" & ü=1x"],
        });
        let content = json.content(&email, &password);
        assert_eq!((content.kind, content.text.expose()), ("application/json", expected.to_string().as_str()));
        let form = [("login", EMAIL), ("password", PASSWORD), ("grant_type", "password")];
        let form = Fields::Form(form.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        let content = form.content(&email, &password);
        let expected =
            "grant_type=password&login=%7Bpassword%7D%40acme.example&password=%22%7Bemail%7D%22+%26+%C3%BC%3D1";
        assert_eq!((content.kind, content.text.expose()), ("application/x-www-form-urlencoded", expected));
        assert!(!format!("{content:?}").contains("email"), "{content:?}");
    }
}
