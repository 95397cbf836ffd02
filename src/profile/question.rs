//! Array `[[question]]`: what the vendor asks besides.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::{
    answer::{Choice, QuestionKind, TextRules, listed, must_be, within},
    kinds::{boolean, id, line, one_of, secret_key, text, value_path, whole},
    secrets::SecretName,
    setting::{Described, Setting, Shown, Visit, described, described_tables, optional_table, properties, section},
};
use crate::{
    document::Section,
    values::{Line, Pattern, SecretText, plain_text},
    words::{Phrase, phrase},
};

const LONGEST_ANSWER: u64 = 4096;
const LONGEST_HELP: usize = 400;
/// What TOML can hold.
const LARGEST_NUMBER: u64 = i64::MAX.unsigned_abs();

section! {
    /// One of the vendor's own questions.
    pub struct Question {
        /// Its key in `[answers]`: lower-case letters, digits, inner hyphens.
        pub id: String = id("region"),
        /// What is asked for; the title of its page.
        pub label: Line = line("label").needed(phrase!("profile-label-hint"), "Region"),
        /// What the answer is for.
        pub help: Option<String> = help(),
        /// Whether it may stay without an answer.
        pub optional: bool = boolean("optional").or(false),
        /// What it asks for: `text`, `choice`, `boolean`, `number`, `secret`.
        pub kind: QuestionKind = kind,
        /// Where the answer goes.
        pub target: Target = target(matches!(kind, Some(QuestionKind::Secret(_)))),
        /// Taken when there is no answer; a secret has none.
        pub default: Option<String> = default(kind.as_ref()),
    }
}

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A Helm value, by its dotted path. Never a secret.
    Value(String),
    /// A key of one of the two Secrets.
    SecretKey {
        /// The Secret.
        secret: SecretName,
        /// The key.
        key: String,
    },
}

/// A kind of question by its name.
struct Kind {
    name: &'static str,
    /// The JSON type of a default; there is none for what nobody may see, and no Helm value either.
    default: Option<&'static str>,
    /// Goes over the keys that it has and others need not have.
    visit: fn(&mut Visit<'_, '_>) -> Option<QuestionKind>,
}

const KINDS: [Kind; 5] = [
    Kind { name: "text", default: Some("string"), visit: |v| text_rules(v, 100).map(QuestionKind::Text) },
    Kind { name: "choice", default: Some("string"), visit: |v| choices(v).map(QuestionKind::Choice) },
    Kind { name: "boolean", default: Some("boolean"), visit: |_| Some(QuestionKind::Boolean) },
    Kind {
        name: "number",
        default: Some("integer"),
        visit: |v| range(v, 0, LARGEST_NUMBER, LARGEST_NUMBER).map(QuestionKind::Number),
    },
    Kind { name: "secret", default: None, visit: |v| text_rules(v, 256).map(QuestionKind::Secret) },
];

impl Question {
    /// Whether there has to be an answer.
    pub const fn is_needed(&self) -> bool {
        !self.optional && self.default.is_none()
    }

    /// Whether nobody may see the answer.
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, QuestionKind::Secret(_))
    }

    /// The keys under which an answers file may answer it.
    pub fn keys(&self) -> Vec<String> {
        if self.is_secret() { secret_keys(&self.id).into() } else { vec![self.id.clone()] }
    }

    /// What an answer looks like, for hints: "one of `eu`, `us`".
    pub fn form(&self) -> Phrase {
        match &self.kind {
            QuestionKind::Text(TextRules { pattern: Some(pattern), .. }) => {
                phrase!("answer-text-form" { form: pattern.as_str() })
            }
            QuestionKind::Text(TextRules { length, .. }) => phrase!("answer-text" { most: length.end() }),
            QuestionKind::Choice(choices) => phrase!("answer-one-of" { choices: listed(choices) }),
            QuestionKind::Boolean => phrase!("file-boolean"),
            QuestionKind::Number(range) => within(range),
            QuestionKind::Secret(_) => phrase!("answer-hidden" { id: &self.id }),
        }
    }
}

/// The keys under which an answers file may have a secret: itself, or the file or the credential that holds it.
pub fn secret_keys(key: &str) -> [String; 3] {
    ["", "-file", "-credential"].map(|suffix| format!("{key}{suffix}"))
}

/// What an editor can know about a question as a whole.
pub(super) fn rules(question: &mut Value) {
    let every = keys_by_kind();
    let rule = |kind: &Kind| {
        let own = described(kind.visit);
        let needed: Vec<&str> = own.iter().filter(|key| key.needed).map(|key| key.key).collect();
        let mut properties = properties(&own);
        for Described { key, .. } in &every {
            properties.entry(*key).or_insert(false.into());
        }
        match kind.default {
            Some(json) => properties.extend([("default".to_owned(), json!({"type": json}))]),
            None => properties.extend(["default", "value"].map(|key| (key.to_owned(), false.into()))),
        }
        json!({
            "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
            "then": {"properties": properties, "required": needed},
        })
    };
    question["allOf"] = KINDS.iter().map(rule).collect();
    question["oneOf"] = json!([{"required": ["value"]}, {"required": ["secret-key"]}]);
}

/// The keys that a question has by its kind; what each may be depends on it.
fn keys_by_kind() -> Vec<Described> {
    let mut every: Vec<Described> = Vec::new();
    for key in KINDS.iter().flat_map(|kind| described(kind.visit)) {
        if every.iter().all(|other| other.key != key.key) {
            every.push(Described { schema: json!({}), needed: false, ..key });
        }
    }
    every
}

fn help() -> impl Setting<Option<String>> {
    let told = |text: &str| {
        let shown = plain_text(text, LONGEST_HELP);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let is_all = !shown.is_empty() && words(&shown) == words(text);
        if is_all { Ok(shown) } else { Err(phrase!("profile-help" { most: LONGEST_HELP })) }
    };
    text("help", json!({"minLength": 1, "maxLength": LONGEST_HELP}), told).optional("Where backups are kept.")
}

fn kind(visit: &mut Visit<'_, '_>) -> Option<QuestionKind> {
    match visit {
        Visit::Read(section) => (named_kind(section)?.visit)(visit),
        Visit::Describe(keys) => {
            let schema = json!({"enum": KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>()});
            let shown = Shown::Set("choice".into());
            keys.push(Described { key: "kind", about: "", schema, needed: true, shown });
            keys.extend(keys_by_kind());
            None
        }
    }
}

fn named_kind(section: &mut Section<'_>) -> Option<&'static Kind> {
    let Some(given) = section.text("kind") else {
        section.missing("kind", phrase!("profile-kinds"));
        return None;
    };
    let named = KINDS.iter().find(|kind| kind.name == given.value);
    if named.is_none() {
        section.report(given.problem(must_be(phrase!("profile-kinds"))));
        // What would be known depends on the kind.
        section.pass_over(&["pattern", "min", "max", "choices", "default"]);
    }
    named
}

fn text_rules(visit: &mut Visit<'_, '_>, longest: u64) -> Option<TextRules> {
    let pattern = text("pattern", json!({}), Pattern::parse).optional("[a-z]+");
    let pattern = visit.setting("Text and secret: a regular expression that all of it must match.", pattern);
    let length = range(visit, 1, longest, LONGEST_ANSWER)?;
    let characters = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Some(TextRules { pattern: pattern?, length: characters(*length.start())..=characters(*length.end()) })
}

fn range(visit: &mut Visit<'_, '_>, least: u64, usual: u64, most: u64) -> Option<RangeInclusive<u64>> {
    let min = whole("min", least..=most).or(least);
    let min = visit.setting("Text and secret: the fewest characters; number: the least.", min);
    let max = whole("max", least..=most).or(usual.max(min.unwrap_or(least)));
    let max = visit.setting("Text and secret: the most characters; number: the greatest.", max);
    let (min, max) = (min?, max?);
    if min > max {
        // As a text: languages count with fewer digits than it may have.
        visit.wrong("min", phrase!("profile-min" { max: max.to_string() }));
    }
    Some(min..=max)
}

fn choices(visit: &mut Visit<'_, '_>) -> Option<Vec<Choice>> {
    visit.setting("Choice: the answers, and how they are shown.", |visit| {
        visit.key(|| described_tables("choices", true, choice), read_choices)
    })
}

fn choice(visit: &mut Visit<'_, '_>) -> Option<Choice> {
    let exact = |text: &str| match Line::parse(text) {
        Ok(line) if line.as_str() == text => Ok(line),
        Ok(_) => Err(phrase!("profile-choice-space")),
        Err(reason) => Err(reason),
    };
    let value = text("value", json!({"minLength": 1, "maxLength": Line::MAX}), exact);
    let value = visit.setting("The answer itself.", value.needed(phrase!("profile-choice-hint"), "eu"));
    let label = visit.setting("The answer for people, if it is another.", line("label").optional("Europe"));
    let value = value?;
    Some(Choice { value: value.as_str().to_owned(), label: label?.unwrap_or(value) })
}

fn read_choices(section: &mut Section<'_>) -> Option<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    for mut row in section.sections("choices") {
        let given = choice(&mut Visit::Read(&mut row));
        if given.as_ref().is_some_and(|given| choices.iter().any(|other| other.value == given.value)) {
            row.wrong("value", phrase!("profile-choice-twice"));
        }
        row.finish();
        choices.extend(given);
    }
    if choices.is_empty() {
        let example = "[{ value = \"eu\", label = \"Europe\" }]";
        section.missing("choices", phrase!("profile-choices-hint" { example }));
        return None;
    }
    Some(choices)
}

fn target(hidden: bool) -> impl Setting<Target> {
    move |visit: &mut Visit<'_, '_>| {
        let about = "Where the answer goes: a Helm value, by its path. Never a secret.";
        let value = visit.setting(about, value_path("value").optional("backup.region"));
        let about = "In the place of `value`: a key of one of the two Secrets (`tenant` or `license`).";
        let key = visit.setting(about, optional_table("secret-key", target_key));
        let Visit::Read(section) = visit else { return None };
        match (section.has("value"), section.has("secret-key")) {
            (true, _) if hidden => section.wrong("value", phrase!("profile-secret-value")),
            (true, true) => section.wrong("value", phrase!("profile-two-targets")),
            (false, false) => {
                section.missing(if hidden { "secret-key" } else { "value" }, phrase!("profile-target-hint"));
            }
            _ => return value.flatten().map(Target::Value).or(key.flatten()),
        }
        None
    }
}

fn target_key(visit: &mut Visit<'_, '_>) -> Option<Target> {
    let names = &[("tenant", SecretName::Tenant), ("license", SecretName::License)];
    let secret = one_of("secret", names, phrase!("profile-secrets")).needed(phrase!("profile-secrets"), "tenant");
    let secret = visit.setting("The Secret.", secret);
    let key = secret_key("key").needed(phrase!("profile-key-hint"), "BACKUP_REGION");
    let key = visit.setting("Its key.", key);
    Some(Target::SecretKey { secret: secret?, key: key? })
}

fn default(kind: Option<&QuestionKind>) -> impl Setting<Option<String>> {
    move |visit: &mut Visit<'_, '_>| {
        let describe = || {
            let schema = json!({"type": ["string", "boolean", "integer"], "minimum": 0});
            Described { key: "default", about: "", schema, needed: false, shown: Shown::Example("eu".into()) }
        };
        visit.key(describe, |section| Some(kind.and_then(|kind| read_default(section, kind))))
    }
}

fn read_default(section: &mut Section<'_>, kind: &QuestionKind) -> Option<String> {
    if let QuestionKind::Secret(_) = kind {
        if section.has("default") {
            section.wrong("default", phrase!("profile-secret-default"));
        }
        section.pass_over(&["default"]);
        return None;
    }
    let default = kind.read(section, "default")?;
    match kind.parse(&SecretText::new(default.value.clone())) {
        Ok(_) => Some(default.value),
        Err(error) => {
            section.report(default.problem(error));
            None
        }
    }
}
