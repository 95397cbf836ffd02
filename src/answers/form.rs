//! What an answers file looks like: the template and the JSON Schema, with the profile's own questions.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use textwrap::{Options, WordSplitter};

use crate::{
    profile::{Profile, Question, QuestionKind, TextRules},
    values::Hostname,
};

/// The part that every appliance has.
const TEMPLATE: &str = include_str!("../../assets/answers.toml");
const SCHEMA: &str = include_str!("../../assets/answers.schema.json");

/// A commented file to start from; `firstlight answers template` prints it.
#[must_use]
pub fn template(profile: &Profile) -> String {
    let mut text = TEMPLATE.to_owned();
    if profile.endpoint.ask {
        let optional = if profile.endpoint.optional { " Optional." } else { "" };
        text.push_str("\n[endpoint]\n");
        let _ = writeln!(text, "# The name under which the appliance is reached.{optional}");
        text.push_str("hostname = \"appliance.example.com\"\n");
    }
    if !profile.questions.is_empty() {
        text.push_str("\n[answers]\n");
    }
    for question in &profile.questions {
        describe(&mut text, question);
    }
    text
}

/// The comment on one question, and an answer to start from.
fn describe(text: &mut String, question: &Question) {
    let id = &question.id;
    let default =
        question.default.as_ref().map(|default| format!("The answer is `{default}` unless it is given here."));
    let notes = [
        question.help.clone(),
        default,
        question.optional.then(|| "Optional.".to_owned()),
        question.is_secret().then(|| {
            format!(
                "The first line of a file; or `{id} = \"…\"` in this one; or `{id}-credential = \"NAME\"` (systemd, LoadCredential=)."
            )
        }),
    ];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "\n# {}", question.label);
    let width = Options::new(76).word_splitter(WordSplitter::NoHyphenation);
    for line in textwrap::wrap(&notes, width).iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "# {line}");
    }
    let _ = writeln!(text, "{}", example(question));
}

fn example(question: &Question) -> String {
    let id = &question.id;
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let answer = match (&question.kind, &question.default) {
        (QuestionKind::Secret(_), _) => return format!("# {id}-file = {}", quoted(&format!("/run/secrets/{id}"))),
        (QuestionKind::Boolean | QuestionKind::Number(_), Some(default)) => default.clone(),
        (QuestionKind::Text(_) | QuestionKind::Choice(_), Some(default)) => quoted(default),
        (QuestionKind::Choice(choices), None) => quoted(choices.first().map_or("", |choice| &choice.value)),
        (QuestionKind::Boolean, None) => "false".to_owned(),
        (QuestionKind::Number(range), None) => range.start().to_string(),
        (QuestionKind::Text(_), None) => quoted("…"),
    };
    format!("# {id} = {answer}  # {}", question.form())
}

/// The JSON Schema of the file; `firstlight answers schema` prints it.
#[must_use]
pub fn schema(profile: &Profile) -> String {
    if !profile.endpoint.ask && profile.questions.is_empty() {
        return SCHEMA.to_owned();
    }
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let mut required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    if profile.endpoint.ask {
        let needed: &[&str] = if profile.endpoint.optional { &[] } else { &["hostname"] };
        required.extend(needed.iter().map(|_| "endpoint".into()));
        let description = "The name under which the appliance is reached.";
        let hostname = json!({"type": "string", "maxLength": Hostname::MAX, "description": description});
        schema["properties"]["endpoint"] = table(&json!({"hostname": hostname}), needed, &[]);
    }
    if !profile.questions.is_empty() {
        let (mut properties, mut needed, mut one_of) = (Map::new(), Vec::new(), Vec::new());
        for question in &profile.questions {
            properties.extend(question.keys().into_iter().map(|key| {
                let form = if key == question.id { form(question) } else { json!({"type": "string"}) };
                (key, form)
            }));
            if question.optional || question.default.is_some() {
                continue;
            }
            if question.is_secret() {
                let keys = question.keys().into_iter().map(|key| json!({"required": [key]}));
                one_of.push(json!({"oneOf": keys.collect::<Vec<_>>()}));
            } else {
                needed.push(question.id.as_str());
            }
        }
        if !(needed.is_empty() && one_of.is_empty()) {
            required.push("answers".into());
        }
        schema["properties"]["answers"] = table(&properties.into(), &needed, &one_of);
    }
    schema["required"] = required.into();
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text + "\n"
}

fn table(properties: &Value, required: &[&str], all_of: &[Value]) -> Value {
    let mut table =
        json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    if !all_of.is_empty() {
        table["allOf"] = all_of.into();
    }
    table
}

fn form(question: &Question) -> Value {
    let mut form = match &question.kind {
        QuestionKind::Text(rules) | QuestionKind::Secret(rules) => text_form(rules),
        QuestionKind::Choice(choices) => {
            json!({"enum": choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>()})
        }
        QuestionKind::Boolean => json!({"type": "boolean"}),
        QuestionKind::Number(range) => json!({"type": "integer", "minimum": range.start(), "maximum": range.end()}),
    };
    form["title"] = question.label.as_str().into();
    if let Some(help) = &question.help {
        form["description"] = help.as_str().into();
    }
    form
}

fn text_form(rules: &TextRules) -> Value {
    let mut form = json!({"type": "string", "maxLength": rules.length.end()});
    if let Some(pattern) = &rules.pattern {
        form["pattern"] = format!("^(?:{})$", pattern.as_str()).into();
    }
    form
}
