//! A setting says in one place how it is read, what it may be, and how the built-in profile shows it.
//!
//! [`section!`] puts each setting beside the field that it becomes. The field's comment is the setting's description
//! wherever one is shown; so it is written for vendors.

use serde_json::{Map, Value, json};

use crate::{
    document::{Placed, Section},
    words::Phrase,
};

/// Goes over the settings of a section, one after the other.
pub(crate) enum Visit<'v, 'd> {
    /// Each is read; its problems are reported.
    Read(&'v mut Section<'d>),
    /// Each is described; none has a value.
    Describe(&'v mut Vec<Described>),
}

/// Reads or describes what becomes one field, most often one key. `None` when the section cannot be without.
pub(super) trait Setting<T>: FnOnce(&mut Visit<'_, '_>) -> Option<T> {}

impl<T, F: FnOnce(&mut Visit<'_, '_>) -> Option<T>> Setting<T> for F {}

/// What is known of a key without a document.
pub(crate) struct Described {
    pub(super) key: &'static str,
    /// For people: whole sentences.
    pub(super) about: &'static str,
    /// Its JSON Schema, without the description.
    pub(super) schema: Value,
    /// Whether nothing takes its place when it is left out.
    pub(super) needed: bool,
    pub(super) shown: Shown,
}

/// How the built-in profile shows a key.
pub(crate) enum Shown {
    /// With its default, or with a value for what is needed.
    Set(Value),
    /// Left out; an example stands in a comment.
    Example(Value),
    /// As a table of its own.
    Table(Vec<Described>),
    /// As a table of its own that is left out: an example stands in a comment.
    TableLeftOut(Vec<Described>),
    /// As an array of tables that is empty; an example stands in a comment.
    Tables(Vec<Described>),
}

/// Declares a section: each field with its comment, and behind the `=` the setting that it becomes. A setting may
/// depend on the fields before it, which are `Option`s there. With `impl`, the type is declared elsewhere.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $text:literal])+ pub $field:ident: $type:ty = $setting:expr,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $text])+ pub $field: $type,)+
        }

        section! { impl $name { $($(#[doc = $text])+ $field = $setting,)+ } }
    };
    (impl $name:ident { $($(#[doc = $text:literal])+ $field:ident = $setting:expr,)+ }) => {
        impl $name {
            /// Goes over the settings of this section.
            pub(crate) fn visit(visit: &mut $crate::profile::setting::Visit<'_, '_>) -> Option<Self> {
                $(let $field = visit.setting(concat!($($text),+), $setting);)+
                Some(Self { $($field: $field?,)+ })
            }
        }
    };
}

pub(super) use section;

impl<'d> Visit<'_, 'd> {
    /// Goes to the next setting. Where it has several keys, `about` is said of the first that says nothing itself.
    pub(super) fn setting<T>(&mut self, about: &'static str, setting: impl Setting<T>) -> Option<T> {
        let before = if let Self::Describe(keys) = self { keys.len() } else { 0 };
        let value = setting(self);
        if let Self::Describe(keys) = self
            && let Some(key) = keys[before..].iter_mut().find(|key| key.about.is_empty())
        {
            key.about = about.trim_ascii();
        }
        value
    }

    /// Goes to a key.
    pub(super) fn key<T>(
        &mut self,
        describe: impl FnOnce() -> Described,
        read: impl FnOnce(&mut Section<'d>) -> Option<T>,
    ) -> Option<T> {
        match self {
            Self::Read(section) => read(section),
            Self::Describe(keys) => {
                keys.push(describe());
                None
            }
        }
    }

    /// Says in the schema of the last key what is to be said beyond its value.
    pub(super) fn schema(&mut self, say: impl FnOnce(&mut Value)) {
        if let Self::Describe(keys) = self
            && let Some(key) = keys.last_mut()
        {
            say(&mut key.schema);
        }
    }

    /// Shows the last key, a table, as one that is left out.
    pub(super) fn left_out(&mut self) {
        if let Self::Describe(keys) = self
            && let Some(key) = keys.last_mut()
            && let Shown::Table(settings) = &mut key.shown
        {
            key.shown = Shown::TableLeftOut(std::mem::take(settings));
        }
    }

    /// Shows the last key by an example in the place of its settings.
    pub(super) fn example(&mut self, example: impl FnOnce() -> Value) {
        if let Self::Describe(keys) = self
            && let Some(key) = keys.last_mut()
        {
            key.shown = Shown::Example(example());
        }
    }

    /// Reports what is wrong with a value that was read.
    pub(super) fn wrong(&self, key: &str, message: impl Into<Phrase>) {
        if let Self::Read(section) = self {
            section.wrong(key, message);
        }
    }
}

/// A single value: its key, what it may be, and what is made of it. How it may be left out makes it a [`Setting`].
pub(super) struct Form<T> {
    key: &'static str,
    schema: Value,
    parse: Box<Parse<T>>,
}

type Parse<T> = dyn Fn(&Value) -> Result<T, Phrase>;

impl<T: 'static> Form<T> {
    /// Only values of the schema's `type` come to `parse`; where it has two, lists of whole numbers. What else the schema says is for editors; `parse` decides.
    pub(super) fn new(key: &'static str, schema: Value, parse: impl Fn(&Value) -> Result<T, Phrase> + 'static) -> Self {
        Self { key, schema, parse: Box::new(parse) }
    }

    pub(super) fn map<U: 'static>(self, map: impl Fn(T) -> U + 'static) -> Form<U> {
        Form::new(self.key, self.schema, move |value| (self.parse)(value).map(&map))
    }

    fn take(&self, section: &mut Section<'_>) -> Option<Placed<Value>> {
        match self.schema["type"].as_str() {
            Some("integer") => Some(section.number(self.key)?.map(Value::from)),
            Some("boolean") => Some(section.boolean(self.key)?.map(Value::from)),
            Some("array") => Some(section.list(self.key)?.map(Value::from)),
            None if self.schema["type"].is_array() => Some(section.numbers(self.key)?.map(Value::from)),
            _ => Some(section.text(self.key)?.map(Value::from)),
        }
    }

    /// What is left out, or will not do, is this.
    pub(super) fn or(mut self, default: impl Into<Value>) -> impl Setting<T> {
        let default = default.into();
        self.schema["default"] = default.clone();
        move |visit| {
            let describe = || self.described(false, Shown::Set(default.clone()));
            visit.key(describe, |section| {
                let given = self.take(section).and_then(|given| self.parsed(section, &given));
                given.or_else(|| Some((self.parse)(&default).expect("every default is sound: a test reads each")))
            })
        }
    }

    /// May be left out.
    pub(super) fn optional(self, example: impl Into<Value>) -> impl Setting<Option<T>> {
        move |visit| {
            let describe = || self.described(false, Shown::Example(example.into()));
            visit.key(describe, |section| Some(self.take(section).and_then(|given| self.parsed(section, &given))))
        }
    }

    /// May not be left out; the built-in profile has `example`, and `hint` says what is to be given.
    pub(super) fn needed(self, hint: Phrase, example: impl Into<Value>) -> impl Setting<T> {
        move |visit| {
            let describe = || self.described(true, Shown::Set(example.into()));
            visit.key(describe, |section| {
                let given = self.take(section);
                if given.is_none() {
                    section.missing(self.key, hint);
                }
                self.parsed(section, &given?)
            })
        }
    }

    fn described(&self, needed: bool, shown: Shown) -> Described {
        Described { key: self.key, about: "", schema: self.schema.clone(), needed, shown }
    }

    fn parsed(&self, section: &Section<'_>, given: &Placed<Value>) -> Option<T> {
        (self.parse)(&given.value).map_err(|message| section.report(given.problem(message))).ok()
    }
}

/// Goes over the settings of one section.
type VisitAll<T> = fn(&mut Visit<'_, '_>) -> Option<T>;

/// A table; what is left out of it has its default.
pub(super) fn table<T>(key: &'static str, visit_all: VisitAll<T>) -> impl Setting<T> {
    move |visit| visit.key(|| described_table(key, visit_all), |section| read_whole(section.section(key), visit_all))
}

/// A table that may be left out as a whole.
pub(super) fn optional_table<T>(key: &'static str, visit_all: VisitAll<T>) -> impl Setting<Option<T>> {
    move |visit| {
        let describe = || Described { needed: false, ..described_table(key, visit_all) };
        visit.key(describe, |section| {
            let table = section.section(key);
            if table.is_present() { read_whole(table, visit_all).map(Some) } else { Some(None) }
        })
    }
}

/// An array of tables; those that will not do are reported and left out.
pub(super) fn tables<T>(key: &'static str, visit_all: VisitAll<T>) -> impl Setting<Vec<T>> {
    move |visit| {
        let describe = || described_tables(key, false, visit_all);
        visit.key(describe, |section| {
            let tables = section.sections(key).into_iter();
            Some(tables.filter_map(|table| read_whole(table, visit_all)).collect())
        })
    }
}

fn described_table<T>(key: &'static str, visit_all: VisitAll<T>) -> Described {
    let settings = described(visit_all);
    let needed = settings.iter().any(|setting| setting.needed);
    Described { key, about: "", schema: object(&settings), needed, shown: Shown::Table(settings) }
}

/// What is known of an array of tables.
pub(super) fn described_tables<T>(key: &'static str, needed: bool, visit_all: VisitAll<T>) -> Described {
    let settings = described(visit_all);
    let mut schema = json!({"type": "array", "items": object(&settings)});
    if needed {
        schema["minItems"] = 1.into();
    }
    Described { key, about: "", schema, needed, shown: Shown::Tables(settings) }
}

/// What a section knows, key by key.
pub(super) fn described<T>(visit_all: VisitAll<T>) -> Vec<Described> {
    let mut keys = Vec::new();
    let _no_value = visit_all(&mut Visit::Describe(&mut keys));
    keys
}

fn read_whole<T>(mut section: Section<'_>, visit_all: VisitAll<T>) -> Option<T> {
    let value = visit_all(&mut Visit::Read(&mut section));
    section.finish();
    value
}

/// The JSON Schema of a table with these settings.
pub(super) fn object(settings: &[Described]) -> Value {
    let needed: Vec<&str> = settings.iter().filter(|setting| setting.needed).map(|setting| setting.key).collect();
    json!({"type": "object", "additionalProperties": false, "required": needed, "properties": properties(settings)})
}

/// The schema of each setting, with its description.
pub(super) fn properties(settings: &[Described]) -> Map<String, Value> {
    let property = |Described { key, about, schema, .. }: &Described| {
        let mut schema = schema.clone();
        schema["description"] = (*about).into();
        ((*key).to_owned(), schema)
    };
    settings.iter().map(property).collect()
}
