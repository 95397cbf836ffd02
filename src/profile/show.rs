//! The built-in profile as a file for people: every setting, what it is about, and its default or an example.

use std::fmt::Write;

use serde_json::Value;

use super::setting::{Described, Shown};
use crate::values::comment;

const HEADER: &str = "\
# The profile that is built into firstlight. A vendor writes one of these per appliance and passes
# it with `--profile FILE`; `firstlight profile check FILE` reports every problem at once. What is
# left out has the value shown here; a setting in a comment has none, and shows an example.
";

/// Where comments begin that stand behind their setting.
const COLUMN: usize = 50;
/// The width of the file.
const WIDTH: usize = 120;

/// Every section, in the order in which they are read.
pub(super) fn profile(sections: &[Described]) -> String {
    let mut text = HEADER.to_owned();
    for section in sections {
        table(&mut text, section.key, section);
    }
    text
}

fn table(text: &mut String, path: &str, section: &Described) {
    let (settings, off, [open, close]) = match &section.shown {
        Shown::Table(settings) => (settings, "", ["[", "]"]),
        Shown::TableLeftOut(settings) => (settings, "# ", ["[", "]"]),
        Shown::Tables(settings) => (settings, "# ", ["[[", "]]"]),
        Shown::Set(_) | Shown::Example(_) => return,
    };
    // A table in one that is only an example is written on one line, so that the example is one piece.
    let is_table = |setting: &Described| matches!(setting.shown, Shown::Table(_) | Shown::TableLeftOut(_));
    let is_line = |setting: &Described| !off.is_empty() || !is_table(setting);
    if settings.iter().any(is_line) {
        text.push('\n');
        let _ = writeln!(text, "{}{off}{open}{path}{close}", comment(section.about, WIDTH - 20));
    }
    for setting in settings.iter().filter(|setting| is_line(setting)) {
        line(text, off, setting);
    }
    for inner in settings.iter().filter(|setting| !is_line(setting)) {
        table(text, &format!("{path}.{}", inner.key), inner);
    }
}

fn line(text: &mut String, off: &str, Described { key, about, shown, .. }: &Described) {
    let off = if matches!(shown, Shown::Set(_)) { off } else { "# " };
    let setting = format!("{off}{key} = {}", value(shown));
    let is_short = setting.len() < COLUMN && COLUMN + 2 + about.chars().count() <= WIDTH && !setting.contains('\n');
    if is_short {
        let _ = writeln!(text, "{setting:<COLUMN$}# {about}");
    } else {
        let setting = setting.replace('\n', &format!("\n{off}"));
        let _ = writeln!(text, "{}{setting}", comment(about, WIDTH - 20));
    }
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::Set(value) | Shown::Example(value) => toml(value),
        Shown::Table(settings) | Shown::TableLeftOut(settings) => {
            inline(settings.iter().map(|setting| (setting.key, value(&setting.shown))))
        }
        Shown::Tables(settings) => {
            format!("[{}]", inline(settings.iter().map(|setting| (setting.key, value(&setting.shown)))))
        }
    }
}

/// Strings, numbers and booleans are written as in JSON.
fn toml(value: &Value) -> String {
    match value {
        Value::String(lines) if lines.contains('\n') => format!("'''\n{lines}\n'''"),
        Value::Object(table) => inline(table.iter().map(|(key, value)| (key.as_str(), toml(value)))),
        _ => value.to_string(),
    }
}

fn inline<'k>(table: impl Iterator<Item = (&'k str, String)>) -> String {
    let bare = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let pair = |(key, value): (&str, String)| {
        if bare(key) { format!("{key} = {value}") } else { format!("{key:?} = {value}") }
    };
    format!("{{ {} }}", table.map(pair).collect::<Vec<_>>().join(", "))
}
