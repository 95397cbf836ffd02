//! JSON Lines of a run against the published schema.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use super::repository;

/// Reads a JSON Schema of the repository.
pub(crate) fn schema(name: &str) -> Validator {
    let text = std::fs::read_to_string(repository().join("assets").join(name)).expect("a schema");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| unreachable!("{name} is not a schema: {error}"));
    jsonschema::validator_for(&schema).unwrap_or_else(|error| unreachable!("{name}: {error}"))
}

/// What a schema says against a value, one line each.
pub(crate) fn complaints(schema: &Validator, value: &Value) -> String {
    let complaints = schema.iter_errors(value).map(|error| format!("{}: {error}\n", error.instance_path()));
    complaints.collect()
}

/// The events of a run; a killed one may have no last event.
pub(crate) fn parsed(stdout: &str) -> Vec<Value> {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| schema("events.schema.json"));
    let events = stdout.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{error}: {line}"));
        let complaints = complaints(schema, &event);
        assert!(complaints.is_empty(), "{line}\nis not what the schema promises:\n{complaints}");
        event
    });
    let events: Vec<Value> = events.collect();
    let ended = events.iter().position(|event| event["type"] == "ended");
    assert!(ended.is_none_or(|index| index + 1 == events.len()), "an event follows the last one:\n{stdout}");
    events
}
