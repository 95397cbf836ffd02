//! `[[question]]` and `[endpoint]`: each read by itself, then compared with one another.

use std::ops::RangeInclusive;

use url::Url;

use super::{LICENSE_KEYS, TENANT_KEYS, is_secret_key, number, usize_of};
use crate::{
    document::Section,
    profile::{
        Bootstrap, Choice, Endpoint, MOST_QUESTIONS, Question, QuestionKind, SecretName, Secrets, Target, TextRules,
    },
    values::{Line, Pattern, SecretText, plain_text},
};

const LONGEST_ANSWER: u64 = 4096;
const LONGEST_HELP: usize = 400;
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
        section.wrong("value", "needs `ask = true`: there is no host name otherwise");
    }
    Endpoint { ask, optional, url, value }
}

fn address(url: &str, ask: bool) -> Result<(), &'static str> {
    let asked = url.contains(Endpoint::HOSTNAME);
    match Url::parse(&url.replace(Endpoint::HOSTNAME, "appliance.example")) {
        Ok(_) if asked && !ask => Err("needs `ask = true`: `{hostname}` stands for the answer"),
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(()),
        _ => Err("is not an `http://` or `https://` address such as `https://{hostname}/`"),
    }
}

/// Reads one question; `None` when too little of it is there to compare it.
pub(super) fn question(section: &mut Section<'_>) -> Option<Question> {
    let id = required(section, "id", "a name such as `region`; the answers file uses it", id);
    let label = required(section, "label", "what is asked for", |text| Line::parse(text).map_err(|e| e.to_string()));
    let help = section.text("help").and_then(|help| {
        let told = help_of(&help.value);
        if told.is_none() {
            section.report(help.problem(format!("must be up to {LONGEST_HELP} characters that can be shown")));
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
    hint: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let Some(given) = section.text(key) else {
        section.missing(key, hint);
        return None;
    };
    parse(&given.value).map_err(|problem| section.report(given.problem(problem))).ok()
}

fn id(text: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_id = text.len() <= 63 && text.split('-').all(|word| !word.is_empty() && word.chars().all(inner));
    if is_id { Ok(text.to_owned()) } else { Err("must be lower-case letters, digits and inner hyphens".to_owned()) }
}

fn help_of(text: &str) -> Option<String> {
    let shown = plain_text(text, LONGEST_HELP);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    (!shown.is_empty() && words(&shown) == words(text)).then_some(shown)
}

fn kind(section: &mut Section<'_>) -> Option<QuestionKind> {
    const KINDS: &str = "`text`, `choice`, `boolean`, `number` or `secret`";
    let Some(kind) = section.text("kind") else {
        section.missing("kind", KINDS);
        return None;
    };
    match kind.value.as_str() {
        "text" => Some(QuestionKind::Text(text_rules(section, 100))),
        "secret" => Some(QuestionKind::Secret(text_rules(section, 256))),
        "boolean" => Some(QuestionKind::Boolean),
        "number" => Some(QuestionKind::Number(range(section, 0, LARGEST_NUMBER, LARGEST_NUMBER))),
        "choice" => choices(section).map(QuestionKind::Choice),
        _ => {
            section.report(kind.problem(format!("must be {KINDS}")));
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
            section.report(pattern.problem(error));
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
        section.wrong("min", format!("is more than `max`, which is {max}"));
    }
    min..=max
}

fn choices(section: &mut Section<'_>) -> Option<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    let given = section.sections("choices");
    for mut row in given {
        let value = required(&mut row, "value", "the answer itself", |text| match Line::parse(text) {
            Ok(line) if line.as_str() == text => Ok(line),
            Ok(_) => Err("has white space at an end".to_owned()),
            Err(error) => Err(error.to_string()),
        });
        let label = row.text("label").map(|label| Line::parse(&label.value).map_err(|error| label.problem(error)));
        let label = label.transpose().map_err(|problem| row.report(problem)).ok().flatten();
        if value.as_ref().is_some_and(|value| choices.iter().any(|choice| choice.value == value.as_str())) {
            row.wrong("value", "is the value of another choice already");
        }
        row.finish();
        choices.extend(value.map(|value| Choice { value: value.as_str().to_owned(), label: label.unwrap_or(value) }));
    }
    if choices.is_empty() {
        section.missing("choices", "a list such as `[{ value = \"eu\", label = \"Europe\" }]`");
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
                section.wrong("default", "a secret has none: it would be the same for everybody");
            }
            section.pass_over(&["default"]);
            None
        }
    }?;
    match kind.parse(&SecretText::new(default.value.clone())) {
        Ok(_) => Some(default.value),
        Err(error) => {
            section.report(default.problem(error));
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
            section.wrong("value", "a secret may only go to a Secret: use `secret-key` in its place");
            None
        }
        (true, true) => {
            section.wrong("value", "use one of `value` and `secret-key`, not both");
            None
        }
        (false, false) => {
            let hint = "where the answer goes: `value` (a Helm value) or `secret-key` (a key of a Secret)";
            section.missing(if secret { "secret-key" } else { "value" }, hint);
            None
        }
        _ => value.map(Target::Value).or(secret_key),
    }
}

fn secret_key(section: &mut Section<'_>) -> Option<Target> {
    let secret = required(section, "secret", "`tenant` or `license`", |text| match text {
        "tenant" => Ok(SecretName::Tenant),
        "license" => Ok(SecretName::License),
        _ => Err("must be `tenant` or `license`".to_owned()),
    });
    let key = required(section, "key", "the key of the Secret", |text| {
        let problem = "is not a Secret key: letters, digits, `-`, `_` and `.` are allowed";
        if is_secret_key(text) { Ok(text.to_owned()) } else { Err(problem.to_owned()) }
    });
    Some(Target::SecretKey { secret: secret?, key: key? })
}

fn value_path(section: &mut Section<'_>) -> Option<String> {
    let path = section.text("value")?;
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if path.value.split('.').all(|key| !key.is_empty() && key.chars().all(inner)) {
        return Some(path.value);
    }
    section.report(path.problem("is not the path of a Helm value such as `ingress.host`"));
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
        section.report(section.placed().problem(format!("is one question too many; {MOST_QUESTIONS} are allowed")));
    }
    let mut ids: Vec<String> = Vec::new();
    let mut values: Vec<String> = bootstrap.1.into_iter().flat_map(|set| set.values.keys().cloned()).collect();
    let mut keys: Vec<(SecretName, &str)> = Vec::new();
    let named = [
        (SecretName::Tenant, &secrets.tenant, &TENANT_KEYS[..]),
        (SecretName::License, &secrets.license, &LICENSE_KEYS[..]),
    ];
    for (secret, spec, contract) in named {
        keys.extend(contract.iter().flat_map(|key| [(secret, *key), (secret, spec.key(key))]));
    }
    let mut value = |section: &Section<'_>, path: &str| {
        if !bootstrap.0 {
            section.wrong("value", "needs a `[bootstrap]`: nothing else reads Helm values");
        }
        if let Some(other) = values.iter().find(|other| overlap(other, path)) {
            section.wrong("value", format!("is set by something else already (`{other}`)"));
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
                section.wrong("id", format!("`{id}` is a key of another question's answer already"));
            }
            ids.push(id);
        }
        match &question.target {
            Target::Value(path) => value(section, path),
            Target::SecretKey { secret, key } => {
                if keys.contains(&(*secret, key)) {
                    section.wrong("secret-key", format!("the key `{key}` is another one's already"));
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
