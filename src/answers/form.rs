//! What an answers file looks like: the template and the JSON Schema, with the profile's own questions.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::fields::{self, Kind, Row};
use crate::{
    profile::{Profile, Question, QuestionKind},
    values::{
        Line, PasswordRules, Rule, SetClock, comment,
        network::{BondMode, NetworkField, NetworkSetting},
    },
};

const HEADER: &str = "\
# Answers for `firstlight --answers FILE`. Check them without side effects:
#
#   firstlight answers check FILE
#
# The install code and an inline password are secrets: keep this file 0600 and
# owned by the user that runs firstlight, or it will be refused.

";

/// The width of a comment.
const WIDTH: usize = 84;

/// A commented file to start from; `firstlight answers template` prints it.
pub fn template(profile: &Profile) -> String {
    let mut text = HEADER.to_owned();
    for rows in fields::tables(profile) {
        let (table, _) = rows[0].table_and_key();
        if !table.is_empty() {
            let _ = writeln!(text, "\n[{table}]");
        }
        for row in &rows {
            describe(&mut text, row);
        }
    }
    text
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// Several texts, as a list of TOML.
fn quoted_list(texts: &str) -> String {
    format!("[{}]", texts.split(", ").map(quoted).collect::<Vec<_>>().join(", "))
}

/// The comment on one question, and an answer to start from.
fn describe(text: &mut String, row: &Row<'_>) {
    let Kind::Vendor(question) = row.kind else {
        text.push_str(&comment(&row.about, WIDTH));
        let (_, key) = row.table_and_key();
        let file = if row.may_be_named() { "-file" } else { "" };
        let _ = match row.kind {
            Kind::Flag | Kind::Network(NetworkField::Vlan) => writeln!(text, "# {key} = {}", row.example),
            Kind::Network(field) if field.is_list() => writeln!(text, "# {key} = {}", quoted_list(&row.example)),
            Kind::Network(_) => writeln!(text, "# {key} = {}", quoted(&row.example)),
            Kind::File
            | Kind::Passphrase
            | Kind::Page
            | Kind::Clock
            | Kind::Proxy
            | Kind::Exceptions
            | Kind::ProxyCa
            | Kind::Disk
            | Kind::Erase => {
                writeln!(text, "# {key}{file} = {}", quoted(&row.example))
            }
            _ if row.found => writeln!(text, "# {key} = {}", quoted(&row.example)),
            _ => writeln!(text, "{key}{file} = {}", quoted(&row.example)),
        };
        return;
    };
    let id = &question.id;
    let default =
        question.default.as_ref().map(|default| format!("The answer is `{default}` unless it is given here."));
    let notes = [
        question.help.clone(),
        default,
        question.optional.then(|| "Optional.".to_owned()),
        question.is_needed().then(|| "It has to be answered.".to_owned()),
        question.is_secret().then(|| {
            format!(
                "The one line of a file; or `{id} = \"…\"` in this one; or `{id}-credential = \"NAME\"` (systemd, LoadCredential=)."
            )
        }),
    ];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "\n# {}", question.label);
    let _ = writeln!(text, "{}{}", comment(&notes, WIDTH), example(question));
}

fn example(question: &Question) -> String {
    let id = &question.id;
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
pub fn schema(profile: &Profile) -> String {
    let mut schema = object(&[]);
    for rows in fields::tables(profile) {
        let (name, _) = rows[0].table_and_key();
        let table = object(&rows);
        if name.is_empty() {
            schema = table;
            continue;
        }
        if let (true, Some(required)) = (rows.iter().any(is_needed), schema["required"].as_array_mut()) {
            required.push(name.into());
        }
        schema["properties"][name] = table;
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "Answers for firstlight --answers".into();
    format!("{schema:#}\n")
}

/// Whether nothing takes the place of an answer.
fn is_needed(row: &Row<'_>) -> bool {
    !row.optional && !row.found && row.default.is_none()
}

/// The schema of a table with the answers to these questions.
fn object(rows: &[Row<'_>]) -> Value {
    let (mut properties, mut required, mut all_of) = (Map::new(), Vec::new(), Vec::new());
    for row in rows {
        let places = ["A file whose one line it is.", "The name of a systemd credential."];
        let named = places.map(|about| json!({"type": "string", "description": about}));
        let keys = row.keys();
        if is_needed(row) && row.may_be_named() {
            all_of.push(json!({"oneOf": keys.iter().map(|key| json!({"required": [key]})).collect::<Vec<_>>()}));
        } else if is_needed(row) {
            required.extend(keys.iter().cloned());
        }
        properties.extend(keys.into_iter().zip([value(row)].into_iter().chain(named)));
    }
    let mut table =
        json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    if !all_of.is_empty() {
        table["allOf"] = all_of.into();
    }
    table
}

fn value(row: &Row<'_>) -> Value {
    let mut value = match row.kind {
        Kind::Code(_) | Kind::Passphrase | Kind::Exceptions | Kind::ProxyCa => json!({"type": "string"}),
        Kind::Password(rules) => password(rules),
        Kind::File => json!({"type": "string", "minLength": 1, "maxLength": Line::MAX}),
        Kind::Line => json!({"type": "string", "minLength": usize::from(!row.optional), "maxLength": Line::MAX}),
        Kind::Email => json!({"type": "string", "format": "email"}),
        Kind::Endpoint(kind) => json!({"type": "string", "maxLength": kind.longest()}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Network(field) => network(field),
        Kind::Disk => json!({"type": "string", "pattern": "^(only$|/)"}),
        Kind::Erase => json!({"enum": ["foreign", "everything"]}),
        Kind::Page => json!({"type": "string", "format": "uri", "pattern": "^https?://"}),
        Kind::Clock => json!({"enum": SetClock::NAMES}),
        Kind::Proxy => json!({"type": "string", "pattern": "^(none|https?://[^\\s]+)$"}),
        Kind::Vendor(question) => return form(question),
    };
    if !row.about.is_empty() {
        value["description"] = row.about.as_ref().into();
    }
    value
}

fn network(field: NetworkField) -> Value {
    match field {
        NetworkField::Vlan => json!({"type": "integer", "minimum": 1, "maximum": NetworkSetting::MOST_VLAN}),
        NetworkField::BondMode => json!({"enum": BondMode::ALL.iter().map(|(_, name)| name).collect::<Vec<_>>()}),
        field if field.is_list() => {
            json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true})
        }
        _ => json!({"type": "string"}),
    }
}

/// What a schema can say of the rules for the password.
fn password(rules: &PasswordRules) -> Value {
    let (mut value, mut patterns) = (json!({"type": "string"}), Vec::new());
    for rule in rules.rules() {
        match rule {
            Rule::MinLength(least) => value["minLength"] = least.into(),
            Rule::MaxLength(most) => value["maxLength"] = most.into(),
            Rule::Lower => patterns.push("[a-z]".to_owned()),
            Rule::Upper => patterns.push("[A-Z]".to_owned()),
            Rule::Digit => patterns.push("[0-9]".to_owned()),
            Rule::Symbol(symbols) => {
                let escaped = |symbol| if "[]\\^-".contains(symbol) { vec!['\\', symbol] } else { vec![symbol] };
                patterns.push(format!("[{}]", symbols.chars().flat_map(escaped).collect::<String>()));
            }
            Rule::NoControl | Rule::NotUniform => {}
        }
    }
    if !patterns.is_empty() {
        value["allOf"] = patterns.into_iter().map(|pattern| json!({"pattern": pattern})).collect();
    }
    value
}

fn form(question: &Question) -> Value {
    let mut form = match &question.kind {
        QuestionKind::Text(rules) | QuestionKind::Secret(rules) => {
            let mut form = json!({"type": "string", "maxLength": rules.length.end()});
            if let Some(pattern) = &rules.pattern {
                form["pattern"] = format!("^(?:{})$", pattern.as_str()).into();
            }
            form
        }
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
