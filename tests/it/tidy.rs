//! Holds the floors, the budgets and the habits that a compiler does not.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The floor of each module: a `crate::x` path outside test code must point to a strictly lower one.
const FLOORS: &[(&str, u32)] = &[
    ("point", 0),
    ("words", 0),
    ("values", 1),
    ("exit", 1),
    ("document", 2),
    ("error", 2),
    ("profile", 3),
    ("answers", 4),
    ("engine", 3),
    ("world", 5),
    ("steps", 6),
    ("setup", 7),
    ("cli", 8),
    ("field", 8),
    ("screen", 9),
    ("wizard", 10),
    ("pages", 11),
    ("recording", 11),
    ("faces", 12),
    ("commands", 13),
    ("program", 14),
    ("fuzzing", 15),
];

/// The rooms above `setup`, which is their only way to what lies below it.
const FACES: &[&str] = &["cli", "field", "screen", "wizard", "pages", "recording", "faces", "commands", "program"];

/// What the faces may not name, although it lies below them.
const HIDDEN_FROM_FACES: &[&str] = &["world", "steps"];

const MOST_LINES: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 60;

pub(crate) struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The top-level module that the file belongs to; `None` for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<String> {
        let below = self.path.strip_prefix(root().join("src")).ok()?;
        let first = below.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
        (first != "lib" && first != "main").then_some(first)
    }

    /// The text without `#[cfg(test)]` modules, which stand last in a file.
    pub(crate) fn outside_tests(&self) -> &str {
        if self.name().contains("test") {
            return "";
        }
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap_or(&self.path).display().to_string()
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the repository that is ours to read.
pub(crate) fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    for folder in ["build", "src", "tests/it", "tests/boot", "tests/bench", "tests/license"] {
        collect(&root().join(folder), &mut files);
    }
    files.into_iter().map(|path| Source { text: fs::read_to_string(&path).expect("a source file"), path }).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Fails with every finding at once.
pub(crate) fn expect_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn calls_go_down_only() {
    let floor = |module: &str| FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor);
    let mut findings = Vec::new();
    for source in sources() {
        let Some(module) = source.module() else { continue };
        let Some(own) = floor(&module) else {
            findings.push(format!("{}: `{module}` has no floor; give it one in this test", source.name()));
            continue;
        };
        for named in crate_paths(source.outside_tests()) {
            let face = FACES.contains(&module.as_str());
            if named == module {
                continue;
            }
            match floor(&named) {
                Some(other) if other >= own => {
                    findings.push(format!("{}: names `crate::{named}`, which is not below", source.name()));
                }
                Some(_) if face && HIDDEN_FROM_FACES.contains(&named.as_str()) => {
                    findings.push(format!("{}: a face names `crate::{named}`", source.name()));
                }
                _ => {}
            }
        }
    }
    expect_none(&findings, "a `crate::x` path points to a strictly lower floor");
}

/// The modules named as `crate::x` or within `use crate::{…}`.
fn crate_paths(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for (index, _) in code.match_indices("crate::") {
        let rest = &code[index + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            names.extend(top_level_names(group));
        } else {
            names.push(identifier(rest));
        }
    }
    names
}

/// The first identifiers of a `use` group, nested groups passed over.
fn top_level_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut expecting) = (1, Vec::new(), true);
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => expecting = true,
            _ if expecting && (character.is_alphabetic() || character == '_') => {
                names.push(identifier(&group[index..]));
                expecting = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    let findings: Vec<String> =
        sources().iter().filter(|source| !source.text.starts_with("//! ")).map(Source::name).collect();
    expect_none(&findings, "every file begins with `//!`");
}

#[test]
fn files_and_functions_are_short() {
    let mut findings = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            findings.push(format!("{}: {lines} lines; {MOST_LINES} are allowed", source.name()));
        }
        for (name, length) in functions(&source.text) {
            if length > MOST_LINES_OF_A_FUNCTION {
                findings.push(format!(
                    "{}: `{name}` has {length} lines; {MOST_LINES_OF_A_FUNCTION} are allowed",
                    source.name()
                ));
            }
        }
    }
    expect_none(&findings, "files and functions stay within their budgets");
}

/// Names and lengths of functions, by the indentation that rustfmt guarantees.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let is_function =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "const fn ", "pub const fn "].iter().any(|start| {
                trimmed.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ").starts_with(start)
            });
        if !is_function {
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - trimmed.len()]);
        let Some(length) = lines[index..].iter().position(|line| *line == closing) else { continue };
        let name = trimmed.split("fn ").nth(1).map(identifier).unwrap_or_default();
        found.push((name, length + 1));
    }
    found
}

/// Files, processes, sockets, clocks and the environment are for clippy, see `clippy.toml`.
#[test]
fn only_one_place_touches_terminal_modes() {
    // What is looked for, and the files that may hold it.
    let rules: &[(&str, &[&str])] = &[
        ("enable_raw_mode", &["src/screen/guard.rs"]),
        ("EnterAlternateScreen", &["src/screen/guard.rs"]),
        ("tcsetattr", &["src/screen/guard.rs"]),
    ];
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.name().starts_with("src/")) {
        for (needle, places) in rules {
            let allowed = places.iter().any(|place| source.name().starts_with(place));
            if !allowed
                && source
                    .outside_tests()
                    .lines()
                    .any(|line| line.contains(needle) && !line.trim_start().starts_with("//"))
            {
                findings.push(format!("{}: `{needle}`", source.name()));
            }
        }
    }
    expect_none(&findings, "each ambient thing has one place");
}

#[test]
fn the_readme_lists_every_exit_code() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let english = firstlight::words::Words::english();
    let missing: Vec<String> = firstlight::exit::Exit::ALL
        .iter()
        .map(|exit| format!("| {} | {} |", exit.code(), english.say(exit.remedy())))
        .filter(|row| !readme.contains(row))
        .collect();
    expect_none(&missing, "rows missing from the README's table");
}

#[test]
fn the_comparison_names_tests_that_there_are() {
    let table = fs::read_to_string(root().join("tests/COMPARISON.md")).expect("the comparison");
    let sources = sources();
    let mut findings = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let (feature, ours, held) = (cells[0], cells[cells.len() - 2], cells[cells.len() - 1]);
        let named = held.split('`').nth(1);
        if ours != "-" && named.is_none() {
            findings.push(format!("{feature}: no test is named"));
        }
        let Some(named) = named else { continue };
        let (module, test) = named.rsplit_once("::").unwrap_or_default();
        let file = module.trim_end_matches("::tests").replace("::", "/");
        let declared = format!("fn {test}(");
        let found = sources
            .iter()
            .any(|source| source.name().ends_with(&format!("{file}.rs")) && source.text.contains(&declared));
        if !found {
            findings.push(format!("{feature}: there is no test `{named}`"));
        }
    }
    expect_none(&findings, "what is claimed is tested");
}

#[test]
fn what_errors_say_lies_in_the_words() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|source| source.name().starts_with("src/")) {
        // Such as `{0}`, or `{}` for the phrase: a text of its own would have letters.
        let attributes = source.outside_tests().split("#[error(").skip(1);
        let texts = attributes.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        for text in texts.filter(|text| text.contains(char::is_alphabetic)) {
            findings.push(format!("{}: `{text}` is no text of assets/words", source.name()));
        }
    }
    expect_none(&findings, "errors are said in every language");
}
