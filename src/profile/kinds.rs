//! The kinds of values that settings of several sections have.

use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf, slice, time::Duration};

use serde_json::{Value, json};
use url::Url;

use super::{
    answer::must_be,
    setting::{Described, Form, Setting, Shown},
};
use crate::{
    document::Section,
    values::{Line, Statuses, is_dns_label, is_id, plain_text},
    words::{Phrase, phrase},
};

/// A whole number within bounds.
pub(super) fn whole<T: TryFrom<u64> + 'static>(key: &'static str, range: RangeInclusive<u64>) -> Form<T> {
    let (least, most) = range.into_inner();
    Form::new(key, json!({"type": "integer", "minimum": least, "maximum": most}), move |value| {
        let within = value.as_u64().filter(|number| (least..=most).contains(number));
        // As texts: languages count with fewer digits than such a number may have.
        let (least, most, have) = (least.to_string(), most.to_string(), value.to_string());
        within.and_then(|number| T::try_from(number).ok()).ok_or(phrase!("profile-number" { least, most, have }))
    })
}

/// Up to a day.
pub(super) fn seconds(key: &'static str) -> Form<Duration> {
    whole(key, 1..=86_400).map(Duration::from_secs)
}

pub(super) fn boolean(key: &'static str) -> Form<bool> {
    Form::new(key, json!({"type": "boolean"}), |value| Ok(value.as_bool().unwrap_or_default()))
}

/// A string; `schema` is what can be said of it beyond that.
pub(super) fn text<T: 'static>(
    key: &'static str,
    mut schema: Value,
    parse: impl Fn(&str) -> Result<T, Phrase> + 'static,
) -> Form<T> {
    schema["type"] = "string".into();
    Form::new(key, schema, move |value| parse(value.as_str().unwrap_or_default()))
}

/// A name of the vendor's own, for messages and other files.
pub(super) fn id(example: &'static str) -> impl Setting<String> {
    move |visit| {
        let id = checked("id", "^[a-z0-9]+(-[a-z0-9]+)*$", is_id, phrase!("profile-id"));
        let id = id.needed(phrase!("profile-id-hint" { example }), example)(visit);
        visit.schema(|schema| schema["maxLength"] = 63.into());
        id
    }
}

/// A list of strings, each of which becomes something.
pub(super) fn list_of<T: 'static>(
    key: &'static str,
    parse: impl Fn(&str) -> Result<T, Phrase> + 'static,
) -> Form<Vec<T>> {
    Form::new(key, json!({"type": "array", "items": {"type": "string"}}), move |value| {
        let texts = value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap_or_default());
        let one =
            |text| parse(text).map_err(|reason| phrase!("profile-list-item" { item: plain_text(text, 100), reason }));
        texts.map(one).collect()
    })
}

/// A string that is taken as it is if it passes a check; `pattern` says the same to editors.
pub(super) fn checked(
    key: &'static str,
    pattern: &str,
    check: impl Fn(&str) -> bool + 'static,
    problem: Phrase,
) -> Form<String> {
    text(
        key,
        json!({"pattern": pattern}),
        move |text| {
            if check(text) { Ok(text.to_owned()) } else { Err(problem.clone()) }
        },
    )
}

pub(super) fn line(key: &'static str) -> Form<Line> {
    let schema = json!({"minLength": 1, "maxLength": Line::MAX});
    text(key, schema, Line::parse)
}

pub(super) fn path(key: &'static str) -> Form<PathBuf> {
    checked(key, "^/", |text| text.starts_with('/'), phrase!("profile-path")).map(PathBuf::from)
}

/// Folders of an installed system, none within another.
pub(super) fn folders(key: &'static str) -> Form<Vec<PathBuf>> {
    let items = json!({"type": "string", "pattern": "^(/[A-Za-z0-9._-]+){2,}$"});
    Form::new(key, json!({"type": "array", "items": items}), |value| {
        let mut folders: Vec<PathBuf> = Vec::new();
        for text in value.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let folder = own_folder(text).ok_or_else(|| phrase!("profile-folder" { folder: plain_text(text, 100) }))?;
            if let Some(other) = folders.iter().find(|other| folder.starts_with(other) || other.starts_with(&folder)) {
                let (folder, other) = (folder.display().to_string(), other.display().to_string());
                return Err(phrase!("profile-folder-twice" { folder, other }));
            }
            folders.push(folder);
        }
        Ok(folders)
    })
}

/// A folder below those that every system has, and none that is kept anyway.
fn own_folder(text: &str) -> Option<PathBuf> {
    const OTHERS: [&str; 2] = ["/var/lib", "/var/lib/firstlight"];
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(|character| character.is_ascii_alphanumeric() || "._-".contains(character))
            && !name.chars().all(|character| character == '.')
    };
    let names = text.strip_prefix('/')?.split('/');
    let deep = names.clone().count() >= 2;
    (deep && names.clone().all(is_name) && !OTHERS.contains(&text)).then(|| PathBuf::from(text))
}

/// A DNS label (RFC 1123) that is short enough for what Helm appends to it.
pub(super) fn object_name(key: &'static str) -> Form<String> {
    let pattern = "^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$";
    checked(key, pattern, |name| is_dns_label(name, 53), phrase!("profile-name"))
}

/// Several of them, which need not be that short.
pub(super) fn object_names(key: &'static str) -> Form<Vec<String>> {
    let items = json!({"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"});
    Form::new(key, json!({"type": "array", "items": items}), |value| {
        let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        let name =
            |name: &str| if is_dns_label(name, 63) { Ok(name.to_owned()) } else { Err(phrase!("profile-names")) };
        names.map(name).collect()
    })
}

pub(super) fn secret_key(key: &'static str) -> Form<String> {
    checked(key, "^[A-Za-z0-9._-]{1,253}$", is_secret_key, phrase!("profile-key-form"))
}

/// Whether Kubernetes takes this as the key of a Secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    (1..=253).contains(&key.len()) && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The dotted path of a Helm value.
pub(super) fn value_path(key: &'static str) -> Form<String> {
    let is_path = |path: &str| value_keys(path).is_some();
    let pattern = r"^([A-Za-z0-9_/-]|\\\.)+(\.([A-Za-z0-9_/-]|\\\.)+)*$";
    checked(key, pattern, is_path, phrase!("profile-value-path"))
}

/// The keys of a Helm value's dotted path, table by table; `\.` is a dot within a key, as in Helm's own `--set`.
pub fn value_keys(path: &str) -> Option<Vec<String>> {
    let mut keys = vec![String::new()];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        let key = keys.last_mut()?;
        match character {
            '\\' => key.push(characters.next().filter(|next| *next == '.')?),
            '.' => keys.push(String::new()),
            character if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '/') => {
                key.push(character);
            }
            _ => return None,
        }
    }
    // What stands before a `/` is a domain (as in `kubernetes\.io/os`): without a dot in it, one was not meant to part keys.
    let is_key = |key: &String| !key.is_empty() && key.split_once('/').is_none_or(|(domain, _)| domain.contains('.'));
    keys.iter().all(is_key).then_some(keys)
}

/// One status or several, of answers that are final.
pub(super) fn statuses(key: &'static str) -> Form<Statuses> {
    let status = json!({"type": "integer", "minimum": 200, "maximum": 599});
    let schema = json!({
        "type": ["integer", "array"], "minimum": 200, "maximum": 599,
        "items": status, "minItems": 1, "uniqueItems": true,
    });
    Form::new(key, schema, |value| {
        let one = slice::from_ref(value);
        let given = value.as_array().map_or(one, Vec::as_slice).iter().map(|status| {
            let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
            status.filter(|status| (200..600).contains(status))
        });
        match given.collect::<Option<Vec<u16>>>() {
            Some(given) if !given.is_empty() => Ok(Statuses::Of(given)),
            _ => Err(phrase!("profile-statuses")),
        }
    })
}

/// An address that `check` takes.
pub(super) fn url(
    key: &'static str,
    pattern: &str,
    check: impl Fn(&Url) -> bool + 'static,
    problem: Phrase,
) -> Form<Url> {
    text(key, json!({"pattern": pattern}), move |text| {
        Url::parse(text).ok().filter(|url| check(url)).ok_or_else(|| problem.clone())
    })
}

/// One of several names; `wanted` lists them for people.
pub(super) fn one_of<T: Copy + 'static>(
    key: &'static str,
    names: &'static [(&'static str, T)],
    wanted: Phrase,
) -> Form<T> {
    let schema = json!({"enum": names.iter().map(|(name, _)| *name).collect::<Vec<_>>()});
    text(key, schema, move |text| {
        let value = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        value.ok_or_else(|| must_be(wanted.clone()))
    })
}

/// Any of several names, each once; `wanted` lists them for people.
pub(super) fn several<T: Copy + 'static>(
    key: &'static str,
    names: &'static [(&'static str, T)],
    wanted: Phrase,
) -> Form<Vec<T>> {
    let known = names.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let schema = json!({"type": "array", "items": {"enum": known}, "uniqueItems": true});
    Form::new(key, schema, move |value| {
        let given: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let known = |name: &&str| names.iter().any(|(known, _)| known == name);
        if !given.iter().all(known) {
            return Err(must_be(wanted.clone()));
        }
        // In the order in which they are known, so that it does not matter in which they are given.
        let is_given = |(name, _): &&(&str, T)| given.contains(name);
        Ok(names.iter().filter(is_given).map(|(_, value)| *value).collect())
    })
}

/// A table whose keys are free and whose values have these JSON types; empty when it is left out.
pub(super) fn map<T>(
    key: &'static str,
    types: &'static [&'static str],
    example: Value,
    read: impl FnOnce(&mut Section<'_>) -> BTreeMap<String, T>,
) -> impl Setting<BTreeMap<String, T>> {
    move |visit| {
        let schema = json!({"type": "object", "additionalProperties": {"type": types}});
        let describe = || Described { key, about: "", schema, needed: false, shown: Shown::Example(example) };
        visit.key(describe, |section| Some(read(section)))
    }
}
