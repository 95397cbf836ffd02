//! Reading a TOML document a person wrote: every problem at once, each with its place.
//!
//! `serde` stops at the first mistake. Somebody who corrects a file on a
//! console wants all of them, with line and column and the nearest key that exists.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use serde::Serialize;
use toml_edit::{Document, Item, TableLike, Value};

/// Where in a file something stands, counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong with a document, or with an answer on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The setting or answer, as a dotted path.
    pub field: String,
    /// Where it stands; `None` when it is missing or was typed on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to do, when it is not plain from the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What sort of problem it is.
    #[serde(skip)]
    pub kind: Kind,
}

/// Sorts of problems that explain one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A value that is there and wrong.
    Wrong,
    /// A value that is needed and not there.
    Missing,
    /// A key that nobody reads, and the path of the key that was probably meant.
    Unknown(Option<String>),
    /// A text that is no TOML, so that nothing in it could be read.
    Syntax,
}

impl Problem {
    /// A value that is needed and not there; `place` is that of the table it belongs into.
    #[must_use]
    pub fn missing(field: String, place: Option<Place>, hint: String) -> Self {
        Self { field, place, message: "is missing".to_owned(), hint: Some(hint), kind: Kind::Missing }
    }
}

impl fmt::Display for Problem {
    /// `12:3 administrator.email: this is not …`, the hint on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place} ")?;
        }
        write!(f, "{}: {}", self.field, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// A value and where it was read, so that a later refusal can still point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// The dotted path of its key.
    pub field: String,
    /// Where it stands; `None` when it was typed on a page.
    pub place: Option<Place>,
}

impl<T> Placed<T> {
    /// A value that stands in no file.
    pub fn unplaced(field: &str, value: T) -> Self {
        Self { value, field: field.to_owned(), place: None }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: change(self.value), field: self.field, place: self.place }
    }

    /// A problem with this value.
    pub fn problem(&self, message: impl fmt::Display) -> Problem {
        Problem {
            field: self.field.clone(),
            place: self.place,
            message: message.to_string(),
            hint: None,
            kind: Kind::Wrong,
        }
    }
}

/// Reads `text` with `read`, which takes the keys it knows; what it leaves is reported as unknown.
///
/// Gives what could be read (nothing after a syntax error, then the only problem) and
/// all problems in the order in which they stand in the file, those without a place last.
pub fn read<T>(text: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (Option<T>, Vec<Problem>) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let place = error.span().map(|span| place_of(text, span.start));
            let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
            let hint = Some("strings need quotes; one `key = value` a line".to_owned());
            return (None, vec![Problem { field: "syntax".to_owned(), place, message, hint, kind: Kind::Syntax }]);
        }
    };
    let problems = RefCell::new(Vec::new());
    let mut root = Section {
        path: String::new(),
        table: Some(document.as_table()),
        place: None,
        known: Vec::new(),
        text,
        problems: &problems,
    };
    let value = read(&mut root);
    root.finish();
    let mut problems = problems.into_inner();
    in_order(&mut problems);
    (Some(value), problems)
}

/// Sorts problems as they stand in the file, and drops a "missing" that another problem explains:
/// one with the value, with the table around it, or with the whole text.
pub fn in_order(problems: &mut Vec<Problem>) {
    let explained: Vec<String> = problems
        .iter()
        .filter_map(|problem| match &problem.kind {
            Kind::Wrong => Some(problem.field.clone()),
            Kind::Unknown(meant) => meant.clone(),
            Kind::Syntax => Some(String::new()),
            Kind::Missing => None,
        })
        .collect();
    let explains = |path: &str, field: &str| {
        path.is_empty() || field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    problems.retain(|problem| {
        problem.kind != Kind::Missing || !explained.iter().any(|path| explains(path, &problem.field))
    });
    problems.sort_by_key(|problem| (problem.place.is_none(), problem.place));
}

/// One table of the document. Each `take_` method marks a key as known.
pub struct Section<'a> {
    path: String,
    table: Option<&'a dyn TableLike>,
    place: Option<Place>,
    known: Vec<String>,
    text: &'a str,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Section<'a> {
    /// Whether the document has this table.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// The section itself, to report a problem with it as a whole.
    #[must_use]
    pub fn placed(&self) -> Placed<()> {
        Placed { value: (), field: self.path.clone(), place: self.place }
    }

    /// Reports a problem with a value that was read, or with a key of this section that is missing.
    pub fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Reports that `key` is missing.
    pub fn missing(&self, key: &str, hint: &str) {
        self.report(Problem::missing(self.path_of(key), self.place, hint.to_owned()));
    }

    /// Reports what is wrong with the value of `key` beyond its type.
    pub fn wrong(&self, key: &str, message: impl fmt::Display) {
        let item = self.table.and_then(|table| table.get(key));
        let place = item.and_then(|item| self.place(item)).or(self.place);
        self.report(Placed { value: (), field: self.path_of(key), place }.problem(message));
    }

    /// Whether there is a value of any type for `key`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Takes keys without looking at them, because something else that is wrong decides about them.
    pub fn pass_over(&mut self, keys: &[&str]) {
        self.known.extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// Takes a string.
    pub fn text(&mut self, key: &str) -> Option<Placed<String>> {
        self.value(key, "a string in quotes", |value| value.as_str().map(str::to_owned))
    }

    /// Takes a whole number that is not negative.
    pub fn number(&mut self, key: &str) -> Option<Placed<u64>> {
        self.value(key, "a whole number, 0 or more", |value| value.as_integer().and_then(|n| u64::try_from(n).ok()))
    }

    /// Takes a boolean.
    pub fn boolean(&mut self, key: &str) -> Option<Placed<bool>> {
        self.value(key, "`true` or `false`", Value::as_bool)
    }

    /// Takes a table of strings whose keys are free.
    pub fn texts(&mut self, key: &str) -> BTreeMap<String, Placed<String>> {
        self.free(key, "a string in quotes", |value| value.as_str().map(str::to_owned))
    }

    /// Takes a table of strings, whole numbers and booleans whose keys are free.
    pub fn scalars(&mut self, key: &str) -> BTreeMap<String, Placed<serde_json::Value>> {
        self.free(key, "a string, a whole number or a boolean", |value| {
            let text = value.as_str().map(Into::into);
            text.or_else(|| value.as_integer().map(Into::into)).or_else(|| value.as_bool().map(Into::into))
        })
    }

    fn free<T>(
        &mut self,
        key: &str,
        wanted: &str,
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
            let problem = self.wrong_type(&self.path_of(key), item, &format!("a table (`[{}]`)", self.path_of(key)));
            self.report(problem);
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
            let problem = self.wrong_type(&path, item, &format!("a list of tables (`[[{path}]]`)"));
            self.report(problem);
            return Vec::new();
        };
        let placed = tables.into_iter().enumerate().map(|(index, (table, span))| {
            let place = span.map(|span| place_of(self.text, span.start));
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
            let place = place.map(|span| place_of(self.text, span.start)).or_else(|| self.place(item));
            let meant = nearest(key, &self.known);
            let hint = match meant {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            let kind = Kind::Unknown(meant.map(|name| self.path_of(name)));
            let field = self.path_of(&crate::values::plain_text(key, 60));
            self.report(Problem { field, place, message: "is not a known key".to_owned(), hint: Some(hint), kind });
        }
    }

    fn value<T>(&mut self, key: &str, wanted: &str, convert: impl Fn(&Value) -> Option<T>) -> Option<Placed<T>> {
        self.known.push(key.to_owned());
        let item = self.table.and_then(|table| table.get(key))?;
        self.convert(&self.path_of(key), item, wanted, convert)
    }

    fn convert<T>(
        &self,
        field: &str,
        item: &Item,
        wanted: &str,
        convert: impl Fn(&Value) -> Option<T>,
    ) -> Option<Placed<T>> {
        if let Some(value) = item.as_value().and_then(convert) {
            return Some(Placed { value, field: field.to_owned(), place: self.place(item) });
        }
        self.report(self.wrong_type(field, item, wanted));
        None
    }

    /// The value itself is not quoted back: it may be a secret in the wrong place.
    fn wrong_type(&self, field: &str, item: &Item, wanted: &str) -> Problem {
        let message = format!("must be {wanted}, not {}", article(item.type_name()));
        Problem { field: field.to_owned(), place: self.place(item), message, hint: None, kind: Kind::Wrong }
    }

    fn child(&self, path: String, table: Option<&'a dyn TableLike>, place: Option<Place>) -> Section<'a> {
        Section { path, table, place, known: Vec::new(), text: self.text, problems: self.problems }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn place(&self, item: &Item) -> Option<Place> {
        item.span().map(|span| place_of(self.text, span.start))
    }
}

fn article(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {type_name}")
}

fn nearest<'k>(key: &str, known: &'k [String]) -> Option<&'k str> {
    let distance = |name: &str| strsim::damerau_levenshtein(key, name);
    known
        .iter()
        .map(String::as_str)
        .min_by_key(|name| distance(name))
        .filter(|name| distance(name) <= 2.max(name.len() / 3))
}

fn place_of(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

#[cfg(test)]
mod tests;
