//! Questions that are answered from a list: what is in it, and how a key picks from it.

use crate::{
    field::Edit,
    profile::{Question, QuestionKind},
    wizard::{app::App, form::Input},
    words::{Words, id},
};

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The answer; empty for none.
    pub(crate) value: String,
    /// The answer for people.
    pub(crate) label: String,
}

/// What can be chosen.
pub(crate) fn entries(question: &Question, words: &Words) -> Vec<Entry> {
    let entry = |value: &str, label: String| Entry { value: value.to_owned(), label };
    let none = question.optional.then(|| entry("", words.say(id!("choice-none"))));
    let answers = match &question.kind {
        QuestionKind::Choice(choices) => {
            choices.iter().map(|choice| entry(&choice.value, choice.label.to_string())).collect()
        }
        QuestionKind::Boolean => {
            vec![entry("true", words.say(id!("choice-yes"))), entry("false", words.say(id!("choice-no")))]
        }
        QuestionKind::Text(_) | QuestionKind::Number(_) | QuestionKind::Secret(_) => Vec::new(),
    };
    none.into_iter().chain(answers).collect()
}

/// The entry that is chosen, by its index.
pub(crate) fn chosen(app: &App, input: Input, entries: &[Entry]) -> Option<usize> {
    entries.iter().position(|entry| entry.value == app.form.field(input).text())
}

/// Chooses the entry after the one that is chosen, or before; the ends hold.
pub(crate) fn pick(app: &mut App, forward: bool) {
    let Some((input, entries)) = here(app) else { return };
    let last = entries.len().saturating_sub(1);
    let picked = match (chosen(app, input, &entries), forward) {
        (None, true) => 0,
        (None, false) => last,
        (Some(index), true) => (index + 1).min(last),
        (Some(index), false) => index.saturating_sub(1),
    };
    choose(app, input, &entries[picked.min(last)]);
}

/// Chooses the entry with this index, if there is one.
pub(crate) fn pick_at(app: &mut App, index: usize) {
    if let Some((input, entries)) = here(app)
        && let Some(entry) = entries.get(index)
    {
        choose(app, input, entry);
    }
}

/// Chooses the next entry that begins with `letter`, round and round.
pub(crate) fn jump(app: &mut App, letter: char) {
    let Some((input, entries)) = here(app) else { return };
    let first = chosen(app, input, &entries).map_or(0, |index| index + 1);
    let begins =
        |entry: &&Entry| entry.label.chars().next().is_some_and(|first| first.to_lowercase().eq(letter.to_lowercase()));
    if let Some(entry) = entries.iter().cycle().skip(first).take(entries.len()).find(begins) {
        choose(app, input, entry);
    }
}

/// The list of the page, which has at least one entry.
fn here(app: &App) -> Option<(Input, Vec<Entry>)> {
    let input = app.focused()?;
    let entries = entries(input.question(&app.profile)?, &app.words);
    (!entries.is_empty()).then_some((input, entries))
}

fn choose(app: &mut App, input: Input, entry: &Entry) {
    let field = app.form.field_mut(input);
    field.edit(Edit::Home);
    field.edit(Edit::KillAfter);
    // The field was made for the longest of them.
    let _fits = field.fill(&entry.value);
    app.notice = None;
    app.scroll = 0;
}
