//! Reading a TOML document a person wrote: every problem at once, each with its place.
//!
//! `serde` stops at the first mistake. Somebody who corrects a file on a
//! console wants all of them, with line and column and the nearest key that exists.

mod place;
mod problem;
mod without;

use std::{cell::RefCell, collections::BTreeMap};

use toml_edit::{Document, Item, TableLike, Value};

pub use place::Place;
use place::Places;
pub use problem::{Placed, Problem, ProblemKind, in_order};
pub use without::without;

use crate::words::{Phrase, phrase};

/// Reads `text` with `read`, which takes the keys it knows; what it leaves is reported as unknown.
///
/// Gives what could be read (nothing after a syntax error, then the only problem) and
/// all problems in the order in which they stand in the file, those without a place last.
pub fn read<T>(text: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (Option<T>, Vec<Problem>) {
    let places = Places::of(text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let place = error.span().map(|span| places.at(span.start));
            let message = error.message().lines().next().map_or(phrase!("file-no-toml"), Phrase::from);
            let hint = Some(phrase!("file-syntax-hint"));
            return (
                None,
                vec![Problem { field: "syntax".to_owned(), place, message, hint, kind: ProblemKind::Syntax }],
            );
        }
    };
    let problems = RefCell::new(Vec::new());
    let mut root = Section {
        path: String::new(),
        table: Some(document.as_table()),
        place: None,
        known: Vec::new(),
        places: &places,
        problems: &problems,
    };
    let value = read(&mut root);
    root.finish();
    let mut problems = problems.into_inner();
    in_order(&mut problems);
    (Some(value), problems)
}

/// A value that is a string, or a table of its own.
pub enum Given<'a> {
    /// A string.
    Text(Placed<String>),
    /// A table; call [`Section::finish`] on it when all its keys were taken.
    Table(Section<'a>),
}

impl Given<'_> {
    /// Where it stands, to report a problem with it as a whole.
    pub fn placed(&self) -> Placed<()> {
        match self {
            Self::Text(text) => text.clone().map(drop),
            Self::Table(table) => table.placed(),
        }
    }
}

/// One table of the document. Whatever reads a key marks it as known; what nothing has read is a problem.
pub struct Section<'a> {
    path: String,
    table: Option<&'a dyn TableLike>,
    place: Option<Place>,
    known: Vec<String>,
    places: &'a Places<'a>,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Section<'a> {
    /// Whether the document has this table.
    pub const fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// The section itself, to report a problem with it as a whole.
    pub fn placed(&self) -> Placed<()> {
        Placed { value: (), field: self.path.clone(), place: self.place }
    }

    /// Reports a problem with a value that was read, or with a key of this section that is missing.
    pub fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Reports that `key` is missing.
    pub fn missing(&self, key: &str, hint: impl Into<Phrase>) {
        self.report(Problem::missing(self.path_of(key), self.place, hint));
    }

    /// Reports what is wrong with the value of a key beyond its type; the key may be a dotted path into tables.
    pub fn wrong(&self, path: &str, message: impl Into<Phrase>) {
        self.wrong_at(&path.split('.').collect::<Vec<_>>(), message);
    }

    /// The same of a key that may have dots in it; the keys before it are the tables that it is in.
    pub fn wrong_at(&self, keys: &[&str], message: impl Into<Phrase>) {
        let (mut table, mut item) = (self.table, None);
        for key in keys {
            item = table.and_then(|table| table.get(key));
            table = item.and_then(Item::as_table_like);
        }
        let place = item.and_then(|item| self.place(item)).or(self.place);
        self.report(Placed { value: (), field: self.path_of(&keys.join(".")), place }.problem(message));
    }

    /// Whether there is a value of any type for `key`.
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Takes keys without looking at them, because something else that is wrong decides about them.
    pub fn pass_over(&mut self, keys: &[&str]) {
        self.known.extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// Takes a string.
    pub fn text(&mut self, key: &str) -> Option<Placed<String>> {
        self.value(key, &phrase!("file-text"), |value| value.as_str().map(str::to_owned))
    }

    /// Takes a whole number that is not negative.
    pub fn number(&mut self, key: &str) -> Option<Placed<u64>> {
        self.value(key, &phrase!("file-number"), |value| value.as_integer().and_then(|n| u64::try_from(n).ok()))
    }

    /// Takes a boolean.
    pub fn boolean(&mut self, key: &str) -> Option<Placed<bool>> {
        self.value(key, &phrase!("file-boolean"), Value::as_bool)
    }

    /// Takes a list of strings.
    pub fn list(&mut self, key: &str) -> Option<Placed<Vec<String>>> {
        self.value(key, &phrase!("file-list"), |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    /// Takes a whole number that is not negative, or a list of them.
    pub fn numbers(&mut self, key: &str) -> Option<Placed<Vec<u64>>> {
        let number = |value: &Value| value.as_integer().and_then(|n| u64::try_from(n).ok());
        self.value(key, &phrase!("file-numbers"), |value| match value.as_array() {
            Some(numbers) => numbers.iter().map(number).collect(),
            None => Some(vec![number(value)?]),
        })
    }

    /// Takes a table of strings whose keys are free.
    pub fn texts(&mut self, key: &str) -> BTreeMap<String, Placed<String>> {
        self.free(key, &phrase!("file-text"), |value| value.as_str().map(str::to_owned))
    }

    /// Takes a table of strings, whole numbers and booleans whose keys are free.
    pub fn scalars(&mut self, key: &str) -> BTreeMap<String, Placed<serde_json::Value>> {
        self.free(key, &phrase!("file-scalar"), |value| {
            let text = value.as_str().map(Into::into);
            text.or_else(|| value.as_integer().map(Into::into)).or_else(|| value.as_bool().map(Into::into))
        })
    }

    /// Takes a table of strings and tables whose keys are free.
    pub fn texts_or_tables(&mut self, key: &str) -> BTreeMap<String, Given<'a>> {
        let section = self.section(key);
        let mut values = BTreeMap::new();
        for (name, item) in section.table.into_iter().flat_map(|table| table.iter()) {
            let field = section.path_of(name);
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let given = if let Some(table) = item.as_table_like() {
                Some(Given::Table(section.child(field, Some(table), section.place(item))))
            } else {
                section.convert(&field, item, &phrase!("file-text-or-table"), text).map(Given::Text)
            };
            values.extend(given.map(|given| (name.to_owned(), given)));
        }
        values
    }

    /// Takes a table with whatever JSON has a form for.
    pub fn json(&mut self, key: &str) -> Option<Placed<serde_json::Value>> {
        self.known.push(key.to_owned());
        let (item, path) = (self.table.and_then(|table| table.get(key))?, self.path_of(key));
        match item.as_table_like().map(json_of_table) {
            Some(Some(value)) => return Some(Placed { value, field: path, place: self.place(item) }),
            Some(None) => self.wrong(key, phrase!("file-no-json")),
            None => self.report(self.wrong_type(&path, item, &phrase!("file-table" { path: &path }))),
        }
        None
    }

    fn free<T>(
        &mut self,
        key: &str,
        wanted: &Phrase,
        convert: impl Fn(&Value) -> Option<T>,
    ) -> BTreeMap<String, Placed<T>> {
        let section = self.section(key);
        let mut values = BTreeMap::new();
        for (name, item) in section.table.into_iter().flat_map(|table| table.iter()) {
            let field = section.path_of(name);
            if let Some(value) = section.convert(&field, item, wanted, &convert) {
                values.insert(name.to_owned(), value);
            }
        }
        values
    }

    /// Takes a table; call [`Section::finish`] on it when all its keys were taken.
    #[must_use]
    pub fn section(&mut self, key: &str) -> Section<'a> {
        self.known.push(key.to_owned());
        let item = self.table.and_then(|table| table.get(key));
        let table = item.and_then(Item::as_table_like);
        if let (Some(item), None) = (item, table) {
            let path = self.path_of(key);
            let wanted = phrase!("file-table" { path: &path });
            self.report(self.wrong_type(&path, item, &wanted));
        }
        self.child(self.path_of(key), table, item.and_then(|item| self.place(item)))
    }

    /// Takes an array of tables (`[[key]]`, or `key = [{ … }]`); finish each one.
    pub fn sections(&mut self, key: &str) -> Vec<Section<'a>> {
        self.known.push(key.to_owned());
        let path = self.path_of(key);
        let Some(item) = self.table.and_then(|table| table.get(key)) else { return Vec::new() };
        let tables: Option<Vec<(&'a dyn TableLike, _)>> = match item {
            Item::ArrayOfTables(tables) => {
                Some(tables.iter().map(|table| (table as &dyn TableLike, table.span())).collect())
            }
            Item::Value(Value::Array(values)) => {
                values.iter().map(|value| Some((value.as_inline_table()? as &dyn TableLike, value.span()))).collect()
            }
            _ => None,
        };
        let Some(tables) = tables else {
            let wanted = phrase!("file-tables" { path: &path });
            self.report(self.wrong_type(&path, item, &wanted));
            return Vec::new();
        };
        let placed = tables.into_iter().enumerate().map(|(index, (table, span))| {
            let place = span.map(|span| self.places.at(span.start));
            self.child(format!("{path}[{index}]"), Some(table), place)
        });
        placed.collect()
    }

    /// Reports every key that was not taken, with the nearest one that exists.
    pub fn finish(self) {
        for (key, item) in self.table.into_iter().flat_map(|table| table.iter()) {
            if self.known.iter().any(|known| known == key) {
                continue;
            }
            let place = self.table.and_then(|table| table.key(key)).and_then(toml_edit::Key::span);
            let place = place.map(|span| self.places.at(span.start)).or_else(|| self.place(item));
            let meant = nearest(key, &self.known);
            let hint = match meant {
                Some(name) => phrase!("file-meant" { key: name }),
                None => phrase!("file-known" { keys: self.known.join(", ") }),
            };
            let kind = ProblemKind::Unknown(meant.map(|name| self.path_of(name)));
            let field = self.path_of(&crate::values::plain_text(key, 60));
            self.report(Problem { field, place, message: phrase!("file-unknown"), hint: Some(hint), kind });
        }
    }

    fn value<T>(&mut self, key: &str, wanted: &Phrase, convert: impl Fn(&Value) -> Option<T>) -> Option<Placed<T>> {
        self.known.push(key.to_owned());
        let item = self.table.and_then(|table| table.get(key))?;
        self.convert(&self.path_of(key), item, wanted, convert)
    }

    fn convert<T>(
        &self,
        field: &str,
        item: &Item,
        wanted: &Phrase,
        convert: impl Fn(&Value) -> Option<T>,
    ) -> Option<Placed<T>> {
        if let Some(value) = item.as_value().and_then(convert) {
            return Some(Placed { value, field: field.to_owned(), place: self.place(item) });
        }
        self.report(self.wrong_type(field, item, wanted));
        None
    }

    /// The value itself is not quoted back: it may be a secret in the wrong place.
    fn wrong_type(&self, field: &str, item: &Item, wanted: &Phrase) -> Problem {
        let placed = Placed { value: (), field: field.to_owned(), place: self.place(item) };
        placed.problem(phrase!("file-wrong-type" { wanted, found: found(item) }))
    }

    fn child(&self, path: String, table: Option<&'a dyn TableLike>, place: Option<Place>) -> Section<'a> {
        Section { path, table, place, known: Vec::new(), places: self.places, problems: self.problems }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn place(&self, item: &Item) -> Option<Place> {
        item.span().map(|span| self.places.at(span.start))
    }
}

fn json_of_table(table: &dyn TableLike) -> Option<serde_json::Value> {
    table.iter().map(|(key, item)| Some((key.to_owned(), json_of(item)?))).collect()
}

/// A time has no form in JSON.
fn json_of(item: &Item) -> Option<serde_json::Value> {
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|table| json_of_table(table)).collect();
    }
    if let Some(table) = item.as_table_like() {
        return json_of_table(table);
    }
    match item.as_value()? {
        Value::Array(values) => values.iter().map(|value| json_of(&Item::Value(value.clone()))).collect(),
        Value::String(text) => Some(text.value().as_str().into()),
        Value::Integer(number) => Some((*number.value()).into()),
        Value::Float(number) => serde_json::Number::from_f64(*number.value()).map(Into::into),
        Value::Boolean(truth) => Some((*truth.value()).into()),
        _ => None,
    }
}

/// What sort of thing stands there.
fn found(item: &Item) -> Phrase {
    match item {
        Item::Value(Value::String(_)) => phrase!("file-found-string"),
        Item::Value(Value::Integer(number)) if *number.value() < 0 => phrase!("file-found-negative"),
        Item::Value(Value::Integer(_)) => phrase!("file-found-integer"),
        Item::Value(Value::Float(_)) => phrase!("file-found-float"),
        Item::Value(Value::Boolean(_)) => phrase!("file-found-boolean"),
        Item::Value(Value::Datetime(_)) => phrase!("file-found-datetime"),
        Item::Value(Value::Array(_)) => phrase!("file-found-array"),
        Item::Value(Value::InlineTable(_)) => phrase!("file-found-inline-table"),
        Item::ArrayOfTables(_) => phrase!("file-found-tables"),
        // Nothing at all stands nowhere in a text.
        Item::Table(_) | Item::None => phrase!("file-found-table"),
    }
}

fn nearest<'k>(key: &str, known: &'k [String]) -> Option<&'k str> {
    let length = key.chars().count();
    let distance = |name: &'k String| {
        let most = 2.max(name.len() / 3);
        // What differs by more in its length need not be compared, which takes its time.
        let near = length.abs_diff(name.chars().count()) <= most;
        let distance = near.then(|| strsim::damerau_levenshtein(key, name)).filter(|distance| *distance <= most)?;
        Some((distance, name.as_str()))
    };
    known.iter().filter_map(distance).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
