//! `[[question]]` and `[endpoint]`: each read by itself, then compared with one another.

use std::ops::RangeInclusive;

use url::Url;

use super::{given_line, is_secret_key, number, usize_of};
use crate::{
    document::Section,
    profile::{
        Bootstrap, Choice, Endpoint, MOST_QUESTIONS, Question, QuestionKind, SecretName, Secrets, Target, TextRules,
        keys,
    },
    values::{Line, Pattern, SecretText, plain_text},
    words::{Phrase, Say, phrase},
};

const LONGEST_ANSWER: u64 = 4096;
const LONGEST_HELP: usize = 400;
/// What a list of choices looks like.
const CHOICES: &str = "[{ value = \"eu\", label = \"Europe\" }]";
/// What TOML can hold.
const LARGEST_NUMBER: u64 = i64::MAX.unsigned_abs();

/// A section whose question is compared with the others before it is finished.
pub(super) type Asked<'a> = (Section<'a>, Option<Question>);

pub(super) fn endpoint(section: &mut Section<'_>) -> Endpoint {
    let mut truth = |key| section.boolean(key).is_some_and(|truth| truth.value);
    let (ask, optional) = (truth("ask"), truth("optional"));
    let url = section.text("url").and_then(|url| match address(&url.value, ask) {
        Ok(()) => Some(url.value),
        Err(problem) => {
            section.report(url.problem(problem));
            None
        }
    });
    let value = value_path(section);
    if value.is_some() && !ask {
        section.wrong("value", phrase!("profile-value-unasked"));
    }
    Endpoint { ask, optional, url, value }
}

fn address(url: &str, ask: bool) -> Result<(), Phrase> {
    let hostname = Endpoint::HOSTNAME;
    let asked = url.contains(hostname);
    match Url::parse(&url.replace(hostname, "appliance.example")) {
        Ok(_) if asked && !ask => Err(phrase!("profile-url-unasked" { hostname })),
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(()),
        _ => Err(phrase!("profile-endpoint-url" { hostname })),
    }
}

/// Reads one question; `None` when too little of it is there to compare it.
pub(super) fn question(section: &mut Section<'_>) -> Option<Question> {
    let id = required(section, "id", phrase!("profile-id-hint"), id);
    let label = required(section, "label", phrase!("profile-label-hint"), |text| {
        Line::parse(text).map_err(|error| error.phrase())
    });
    let help = section.text("help").and_then(|help| {
        let told = help_of(&help.value);
        if told.is_none() {
            section.report(help.problem(phrase!("profile-help" { most: LONGEST_HELP })));
        }
        told
    });
    let optional = section.boolean("optional").is_some_and(|optional| optional.value);
    let kind = kind(section);
    let target = target(section, matches!(kind, Some(QuestionKind::Secret(_))));
    let default = kind.as_ref().and_then(|kind| default(section, kind));
    Some(Question { id: id?, label: label?, help, kind: kind?, default, optional, target: target? })
}

fn required<T>(
    section: &mut Section<'_>,
    key: &str,
    hint: Phrase,
    parse: impl FnOnce(&str) -> Result<T, Phrase>,
) -> Option<T> {
    let Some(given) = section.text(key) else {
        section.missing(key, hint);
        return None;
    };
    parse(&given.value).map_err(|problem| section.report(given.problem(problem))).ok()
}

fn id(text: &str) -> Result<String, Phrase> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_id = text.len() <= 63 && text.split('-').all(|word| !word.is_empty() && word.chars().all(inner));
    if is_id { Ok(text.to_owned()) } else { Err(phrase!("profile-id")) }
}

fn help_of(text: &str) -> Option<String> {
    let shown = plain_text(text, LONGEST_HELP);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    (!shown.is_empty() && words(&shown) == words(text)).then_some(shown)
}

fn kind(section: &mut Section<'_>) -> Option<QuestionKind> {
    let Some(kind) = section.text("kind") else {
        section.missing("kind", phrase!("profile-kinds"));
        return None;
    };
    match kind.value.as_str() {
        "text" => Some(QuestionKind::Text(text_rules(section, 100))),
        "secret" => Some(QuestionKind::Secret(text_rules(section, 256))),
        "boolean" => Some(QuestionKind::Boolean),
        "number" => Some(QuestionKind::Number(range(section, 0, LARGEST_NUMBER, LARGEST_NUMBER))),
        "choice" => choices(section).map(QuestionKind::Choice),
        _ => {
            section.report(kind.problem(phrase!("value-must-be" { wanted: phrase!("profile-kinds") })));
            // What would be known depends on the kind.
            section.pass_over(&["pattern", "min", "max", "choices", "default"]);
            None
        }
    }
}

fn text_rules(section: &mut Section<'_>, longest: u64) -> TextRules {
    let pattern = section.text("pattern").and_then(|pattern| match Pattern::parse(&pattern.value) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            section.report(pattern.problem(error.phrase()));
            None
        }
    });
    let length = range(section, 1, longest, LONGEST_ANSWER);
    TextRules { pattern, length: usize_of(*length.start())..=usize_of(*length.end()) }
}

fn range(section: &mut Section<'_>, least: u64, usual: u64, most: u64) -> RangeInclusive<u64> {
    let min = number(section, "min", least, least, most);
    let max = number(section, "max", usual.max(min), least, most);
    if min > max {
        // As a text: languages count with fewer digits than it may have.
        section.wrong("min", phrase!("profile-min" { max: max.to_string() }));
    }
    min..=max
}

fn choices(section: &mut Section<'_>) -> Option<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    let given = section.sections("choices");
    for mut row in given {
        let value = required(&mut row, "value", phrase!("profile-choice-hint"), |text| match Line::parse(text) {
            Ok(line) if line.as_str() == text => Ok(line),
            Ok(_) => Err(phrase!("profile-choice-space")),
            Err(error) => Err(error.phrase()),
        });
        let label = given_line(&mut row, "label");
        if value.as_ref().is_some_and(|value| choices.iter().any(|choice| choice.value == value.as_str())) {
            row.wrong("value", phrase!("profile-choice-twice"));
        }
        row.finish();
        choices.extend(value.map(|value| Choice { value: value.as_str().to_owned(), label: label.unwrap_or(value) }));
    }
    if choices.is_empty() {
        section.missing("choices", phrase!("profile-choices-hint" { example: CHOICES }));
        return None;
    }
    Some(choices)
}

fn default(section: &mut Section<'_>, kind: &QuestionKind) -> Option<String> {
    let default = match kind {
        QuestionKind::Text(_) | QuestionKind::Choice(_) => section.text("default"),
        QuestionKind::Boolean => section.boolean("default").map(|default| default.map(|truth| truth.to_string())),
        QuestionKind::Number(_) => section.number("default").map(|default| default.map(|number| number.to_string())),
        QuestionKind::Secret(_) => {
            if section.has("default") {
                section.wrong("default", phrase!("profile-secret-default"));
            }
            section.pass_over(&["default"]);
            None
        }
    }?;
    match kind.parse(&SecretText::new(default.value.clone())) {
        Ok(_) => Some(default.value),
        Err(error) => {
            section.report(default.problem(error.phrase()));
            None
        }
    }
}

fn target(section: &mut Section<'_>, secret: bool) -> Option<Target> {
    let (has_value, has_key) = (section.has("value"), section.has("secret-key"));
    let value = value_path(section);
    let mut key = section.section("secret-key");
    let secret_key = if key.is_present() { secret_key(&mut key) } else { None };
    key.finish();
    match (has_value, has_key) {
        (true, _) if secret => {
            section.wrong("value", phrase!("profile-secret-value"));
            None
        }
        (true, true) => {
            section.wrong("value", phrase!("profile-two-targets"));
            None
        }
        (false, false) => {
            section.missing(if secret { "secret-key" } else { "value" }, phrase!("profile-target-hint"));
            None
        }
        _ => value.map(Target::Value).or(secret_key),
    }
}

fn secret_key(section: &mut Section<'_>) -> Option<Target> {
    let secret = required(section, "secret", phrase!("profile-secrets"), |text| match text {
        "tenant" => Ok(SecretName::Tenant),
        "license" => Ok(SecretName::License),
        _ => Err(phrase!("value-must-be" { wanted: phrase!("profile-secrets") })),
    });
    let key = required(section, "key", phrase!("profile-key-hint"), |text| {
        if is_secret_key(text) { Ok(text.to_owned()) } else { Err(phrase!("profile-key-form")) }
    });
    Some(Target::SecretKey { secret: secret?, key: key? })
}

fn value_path(section: &mut Section<'_>) -> Option<String> {
    let path = section.text("value")?;
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if path.value.split('.').all(|key| !key.is_empty() && key.chars().all(inner)) {
        return Some(path.value);
    }
    section.report(path.problem(phrase!("profile-value-path")));
    None
}

/// What is wrong with questions that are right each by itself: one id or one target for two things.
pub(super) fn compare(
    endpoint: (&Section<'_>, &Endpoint),
    asked: &[Asked<'_>],
    secrets: &Secrets,
    bootstrap: (bool, Option<&Bootstrap>),
) {
    if let Some((section, _)) = asked.get(usize::from(MOST_QUESTIONS)) {
        section.report(section.placed().problem(phrase!("profile-questions" { most: MOST_QUESTIONS })));
    }
    let mut ids: Vec<String> = Vec::new();
    let mut values: Vec<String> = bootstrap.1.into_iter().flat_map(|set| set.values.keys().cloned()).collect();
    let mut keys: Vec<(SecretName, &str)> = Vec::new();
    let named = [
        (SecretName::Tenant, &secrets.tenant, &keys::TENANT[..]),
        (SecretName::License, &secrets.license, &keys::LICENSE[..]),
    ];
    for (secret, spec, contract) in named {
        keys.extend(contract.iter().flat_map(|key| [(secret, *key), (secret, spec.key(key))]));
    }
    let mut value = |section: &Section<'_>, path: &str| {
        if !bootstrap.0 {
            section.wrong("value", phrase!("profile-value-unread"));
        }
        if let Some(other) = values.iter().find(|other| overlap(other, path)) {
            section.wrong("value", phrase!("profile-value-taken" { other }));
        }
        values.push(path.to_owned());
    };
    if let (section, Endpoint { value: Some(path), .. }) = endpoint {
        value(section, path);
    }
    for (section, question) in asked {
        let Some(question) = question else { continue };
        for id in question.keys() {
            if ids.contains(&id) {
                section.wrong("id", phrase!("profile-id-taken" { id: &id }));
            }
            ids.push(id);
        }
        match &question.target {
            Target::Value(path) => value(section, path),
            Target::SecretKey { secret, key } => {
                if keys.contains(&(*secret, key)) {
                    section.wrong("secret-key", phrase!("profile-key-taken" { key }));
                }
                keys.push((*secret, key));
            }
        }
    }
}

/// Whether two paths cannot both be set: they are equal, or one is a table that the other lies in.
fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
}
