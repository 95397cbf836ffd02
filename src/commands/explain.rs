//! `firstlight explain`: what an error id or an exit code means, and what to do.

use crate::{
    error::ErrorId,
    exit::Exit,
    values::plain_text,
    words::{Words, phrase},
};

pub(super) fn explain(what: &str, words: &Words) -> (Exit, String) {
    let exit = what.parse().ok().and_then(Exit::find);
    let ids: Vec<ErrorId> = match exit {
        Some(exit) => ErrorId::ALL.iter().copied().filter(|id| id.exit() == exit).collect(),
        None => ErrorId::find(what).into_iter().collect(),
    };
    if exit.is_none() && ids.is_empty() {
        return (Exit::Usage, unknown(what, words));
    }
    let heading = exit.map(|exit| {
        let heading = phrase!("explain-exit" { code: exit.code(), remedy: exit.remedy() });
        format!("{}\n\n", words.say(&heading))
    });
    let told = ids.iter().map(|id| {
        let heading = words.say(phrase!("explain-id" { id: id.as_str(), code: id.exit().code() }));
        let means = words.say(phrase!("explain-means" { meaning: id.meaning() }));
        let to_do = words.say(phrase!("explain-to-do" { remedy: id.remedy() }));
        format!("{heading}\n  {means}\n  {to_do}\n\n")
    });
    (Exit::Done, heading.into_iter().chain(told).collect())
}

fn unknown(what: &str, words: &Words) -> String {
    let nearest = ErrorId::ALL.iter().min_by_key(|id| strsim::damerau_levenshtein(id.as_str(), what));
    let hint = phrase!("explain-nearest" { id: nearest.map(|id| id.as_str()).unwrap_or_default() });
    let unknown = words.say(phrase!("explain-unknown" { what: plain_text(what, 60) }));
    format!("{unknown}\n  {}\n", words.say(phrase!("failure-hint" { hint })))
}
