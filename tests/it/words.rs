//! The words and the code agree: each text is said somewhere, and each phrase has a text for what it gives.

use std::{collections::BTreeSet, fs};

use crate::tidy::{Source, expect_none, root, sources};

fn ours() -> Vec<Source> {
    sources().into_iter().filter(|source| source.name().starts_with("src/")).collect()
}

/// Each text by its id, over all of its lines.
fn texts() -> Vec<(String, String)> {
    let file = fs::read_to_string(root().join("assets/words/en.ftl")).expect("the words");
    let mut texts: Vec<(String, String)> = Vec::new();
    for line in file.lines() {
        match (line.split_once(" ="), texts.last_mut()) {
            (Some((id, text)), _) if line.starts_with(|first: char| first.is_ascii_lowercase()) => {
                texts.push((id.to_owned(), text.to_owned()));
            }
            (_, Some((_, text))) if line.starts_with(' ') => text.push_str(line),
            _ => {}
        }
    }
    texts
}

/// The names of the values that stand in a text.
fn wanted(text: &str) -> BTreeSet<&str> {
    let name = |rest: &'_ str| rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len());
    text.split('$').skip(1).map(|rest| &rest[..name(rest)]).collect()
}

/// What stands between an opening brace, which `text` begins behind, and its closing one.
fn braced(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (1, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The names in `a, b: f(c, d)`, the values that a phrase gives.
fn given(values: &str) -> BTreeSet<&str> {
    let (mut depth, mut quoted, mut begin, mut parts) = (0, false, 0, Vec::new());
    for (at, character) in values.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(&values[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&values[begin..]);
    parts.into_iter().filter_map(|part| part.split(':').next()).map(str::trim).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_text_is_said() {
    // Ids that are put together: from a stable id of the engine, an error id, an exit code, the name of a key.
    const PUT_TOGETHER: &[&str] = &["step-", "error-", "exit-", "keyname-"];
    let ours = ours();
    let said = |id: &str| ours.iter().any(|source| source.outside_tests().contains(&format!("\"{id}\"")));
    let texts = texts();
    let ids = texts.iter().map(|(id, _)| id).filter(|id| !PUT_TOGETHER.iter().any(|prefix| id.starts_with(prefix)));
    let findings: Vec<String> = ids.filter(|id| !said(id)).map(|id| format!("`{id}` is said nowhere")).collect();
    expect_none(&findings, "no text is left over");
}

/// What stands behind each `mark`, to the end of the text.
fn behind<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(mark).map(|(at, _)| &text[at + mark.len()..])
}

#[test]
fn everything_said_has_a_text_for_the_values_that_it_gives() {
    let texts = texts();
    let mut findings = Vec::new();
    for source in ours() {
        // A phrase may be broken over lines.
        let code = source.outside_tests().split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
        let forms = behind(&code, "said! { ").flat_map(|rest| behind(braced(rest), "=> \""));
        for rest in behind(&code, "words.say(\"")
            .chain(behind(&code, "phrase!(\""))
            .chain(behind(&code, "english(\""))
            .chain(forms)
        {
            let (id, after) = rest.split_once('"').unwrap_or((rest, ""));
            let Some((_, text)) = texts.iter().find(|(known, _)| known == id) else {
                findings.push(format!("{}: `{id}` has no text", source.name()));
                continue;
            };
            let given = after.strip_prefix(" {").map(|values| given(braced(values))).unwrap_or_default();
            if given != wanted(text) {
                findings.push(format!("{}: `{id}` gives {given:?} and wants {:?}", source.name(), wanted(text)));
            }
        }
    }
    expect_none(&findings, "the words and the code agree");
}
