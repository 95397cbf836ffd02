//! Makes the texts of `assets/words` into code: what names a text that there is not, gives too little or too much, does
//! not compile, and neither do two languages that differ in what they say.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Resource},
    parser,
    serializer::serialize,
};

/// One text of one language.
struct Text {
    /// The names of the values that stand in it.
    values: BTreeSet<String>,
    /// What stands behind `id =`.
    pattern: String,
}

/// Every text of a language by its id.
type Texts = BTreeMap<String, Text>;

/// Writes `words.rs` and `filled.rs` into `out`, or says everything that is wrong with the texts in `folder`.
pub(crate) fn generate(folder: &Path, out: &Path) -> io::Result<Vec<String>> {
    let (mut languages, mut problems) = (BTreeMap::new(), Vec::new());
    for file in files(folder)? {
        let tag = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let texts = read(&fs::read_to_string(&file)?, &mut |problem| {
            problems.push(format!("{}: {problem}", file.display()));
        });
        languages.insert(tag, texts);
    }
    let Some(english) = languages.get("en") else { return Ok(vec![format!("{}: no en.ftl", folder.display())]) };
    for (tag, texts) in &languages {
        compare(english, texts, &mut |problem| problems.push(format!("{}/{tag}.ftl: {problem}", folder.display())));
    }
    if problems.is_empty() {
        let (words, filled) = code(english, &languages);
        fs::write(out.join("words.rs"), words)?;
        fs::write(out.join("filled.rs"), filled)?;
    }
    Ok(problems)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let files = entries.collect::<io::Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "ftl")).collect())
}

/// The texts of a file; anything else in it than plain messages is a problem.
fn read(source: &str, problem: &mut impl FnMut(String)) -> Texts {
    let resource = parser::parse(source).unwrap_or_else(|(resource, errors)| {
        for error in errors {
            let line = source[..error.pos.start].lines().count().max(1);
            problem(format!("line {line}: {error}"));
        }
        resource
    });
    let mut texts = Texts::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name.to_owned();
                match text(message) {
                    Ok(text) if !texts.contains_key(&id) => drop(texts.insert(id, text)),
                    Ok(_) => problem(format!("`{id}` stands there twice")),
                    Err(reason) => problem(format!("`{id}` {reason}")),
                }
            }
            Entry::Term(term) => problem(format!("`-{}` is a term, and nothing here reads terms", term.id.name)),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => {}
        }
    }
    texts
}

fn text(message: Message<&str>) -> Result<Text, &'static str> {
    let (id, mut values) = (message.id.name, BTreeSet::new());
    let pattern = message.value.as_ref().ok_or("says nothing")?;
    if !message.attributes.is_empty() {
        return Err("has attributes, and nothing here reads them");
    }
    in_pattern(pattern, &mut values)?;
    let body = vec![Entry::Message(Message { comment: None, ..message })];
    let written = serialize(&Resource { body });
    let pattern = written.trim_start_matches(id).trim_start_matches(" =").trim_end().to_owned();
    Ok(Text { values, pattern })
}

fn in_pattern(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) -> Result<(), &'static str> {
    pattern.elements.iter().try_for_each(|element| match element {
        PatternElement::TextElement { .. } => Ok(()),
        PatternElement::Placeable { expression } => in_expression(expression, values),
    })
}

fn in_expression(expression: &Expression<&str>, values: &mut BTreeSet<String>) -> Result<(), &'static str> {
    match expression {
        Expression::Inline(inline) => in_inline(inline, values),
        Expression::Select { selector, variants } => {
            in_inline(selector, values)?;
            variants.iter().try_for_each(|variant| in_pattern(&variant.value, values))
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, values: &mut BTreeSet<String>) -> Result<(), &'static str> {
    match inline {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => Ok(()),
        InlineExpression::VariableReference { id } => {
            values.insert(id.name.to_owned());
            Ok(())
        }
        InlineExpression::Placeable { expression } => in_expression(expression, values),
        InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => Err("refers to something else, but each text is parsed alone"),
    }
}

/// Every language says what English says, with the same values.
fn compare(english: &Texts, texts: &Texts, problem: &mut impl FnMut(String)) {
    for (id, text) in english {
        match texts.get(id) {
            None => problem(format!("`{id}` is missing")),
            Some(own) if own.values != text.values => {
                problem(format!("`{id}` has the values {:?} instead of {:?}", own.values, text.values));
            }
            Some(_) => {}
        }
    }
    for id in texts.keys().filter(|id| !english.contains_key(*id)) {
        problem(format!("`{id}` is no text of en.ftl"));
    }
}

/// The texts with those that have no values, and the structures of those that have.
fn code(english: &Texts, languages: &BTreeMap<String, Texts>) -> (String, String) {
    let (mut code, mut filled) = (String::new(), String::new());
    let (mut plain, mut valued) = (String::new(), String::new());
    for (id, text) in english {
        let shown = format!("/// ```text\n/// {}\n/// ```", text.pattern.trim().replace('\n', "\n/// "));
        if text.values.is_empty() {
            let name = id.to_uppercase().replace('-', "_");
            let _ = writeln!(code, "{shown}\npub(crate) const {name}: TextId = TextId({id:?});");
            for literals in [format!("{id:?}")].into_iter().chain(pieces(id)) {
                let _ = writeln!(plain, "({literals}) => {{ $crate::words::texts::{name} }};");
            }
        } else {
            let name = id.split('-').map(capital).collect::<String>();
            let _ = writeln!(filled, "{shown}");
            structure(&mut filled, id, &name, &text.values);
            let _ = writeln!(valued, "({id:?} $values:tt) => {{ ($crate::words::filled::{name} $values).phrase() }};");
        }
    }
    rule(&mut code, "id", &plain, "$($id:tt)+", "is no text without values");
    rule(&mut filled, "valued", &valued, "$($id:literal)* {$($values:tt)*}", "is no text with values");
    table(&mut code, "IDS", english.keys().map(String::as_str));
    let is_plain: Vec<bool> = english.values().map(|text| text.values.is_empty()).collect();
    let _ = writeln!(code, "pub(super) static PLAIN: [bool; {}] = {is_plain:?};", is_plain.len());
    for (tag, texts) in languages {
        let name = tag.to_uppercase().replace('-', "_");
        table(&mut code, &name, texts.values().map(|text| text.pattern.as_str()));
    }
    (code, filled)
}

/// A text with values: a structure of them, so that the compiler says what is missing or too much.
fn structure(code: &mut String, id: &str, name: &str, values: &BTreeSet<String>) {
    let _ = writeln!(code, "pub(crate) struct {name} {{");
    for value in values {
        let _ = writeln!(code, "    pub(crate) {value}: Phrase,");
    }
    // Not an `impl From`, which would make every structure look used.
    let _ = writeln!(code, "}}\nimpl {name} {{\n    pub(crate) fn phrase(self) -> Phrase {{");
    let filled: Vec<String> = values.iter().map(|value| format!("({value:?}, self.{value})")).collect();
    let _ = writeln!(code, "        Phrase::filled({id:?}, [{}])\n    }}\n}}", filled.join(", "));
}

/// A macro that knows a text by its id as a literal, as which it can be searched for.
fn rule(code: &mut String, name: &str, arms: &str, any: &str, otherwise: &str) {
    let _ = writeln!(code, "macro_rules! {name} {{\n{arms}({any}) => {{");
    let _ =
        writeln!(code, "compile_error!(concat!(\"`\", $($id,)* \"` {otherwise} in assets/words/en.ftl\"))\n}};\n}}");
    let _ = writeln!(code, "pub(crate) use {name};");
}

/// The pieces from which the error catalogue puts an id together: each error has one id, and two texts.
fn pieces(id: &str) -> Option<String> {
    let rest = id.strip_prefix("error-")?;
    let end = ["-meaning", "-remedy"].into_iter().find(|end| rest.ends_with(end))?;
    Some(format!("\"error-\" {:?} {end:?}", rest.strip_suffix(end)?))
}

/// Many texts as one: a list of references would be three times as long, and each would be put right at every start.
fn table<'t>(code: &mut String, name: &str, texts: impl Iterator<Item = &'t str>) {
    let (mut all, mut spans) = (String::new(), Vec::new());
    for text in texts {
        spans.push(format!("({}, {})", grouped(all.len()), grouped(all.len() + text.len())));
        all.push_str(text);
    }
    let spans = spans.join(", ");
    let _ = writeln!(code, "pub(super) static {name}: Table = Table {{ all: {all:?}, spans: &[{spans}] }};");
}

/// A number below a million as it is written where people may read it.
fn grouped(number: usize) -> String {
    let text = number.to_string();
    match text.len().checked_sub(3) {
        Some(place @ 1..) => format!("{}_{}", &text[..place], &text[place..]),
        _ => text,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
