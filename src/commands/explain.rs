//! `firstlight explain`: what an error id or an exit code means, and what to do.

use std::io::Write;

use crate::{
    error::ErrorId,
    exit::Exit,
    values::plain_text,
    words::{Words, phrase},
};

pub(super) fn run<W: Write>(what: &str, words: &Words, out: &mut W) -> Exit {
    let exit = what.parse().ok().and_then(Exit::find);
    let ids: Vec<ErrorId> = match exit {
        Some(exit) => ErrorId::ALL.iter().copied().filter(|id| id.exit() == exit).collect(),
        None => ErrorId::find(what).into_iter().collect(),
    };
    if let Some(exit) = exit {
        let heading = phrase!("explain-exit" { code: exit.code(), remedy: exit.remedy_in(words) });
        let _ = writeln!(out, "{}\n", words.say(&heading));
    }
    for id in &ids {
        let heading = words.say(phrase!("explain-id" { id: id.as_str(), code: id.exit().code() }));
        let means = words.say(phrase!("explain-means" { meaning: id.meaning_in(words) }));
        let to_do = words.say(phrase!("explain-to-do" { remedy: id.remedy_in(words) }));
        let _ = writeln!(out, "{heading}\n  {means}\n  {to_do}\n");
    }
    if exit.is_some() || !ids.is_empty() {
        return Exit::Done;
    }
    let nearest = ErrorId::ALL.iter().min_by_key(|id| strsim::damerau_levenshtein(id.as_str(), what));
    let nearest = nearest.map(|id| id.as_str()).unwrap_or_default();
    let hint = phrase!("explain-nearest" { id: nearest });
    let _ = writeln!(out, "{}", words.say(phrase!("explain-unknown" { what: plain_text(what, 60) })));
    let _ = writeln!(out, "  {}", words.say(phrase!("failure-hint" { hint })));
    Exit::Usage
}
