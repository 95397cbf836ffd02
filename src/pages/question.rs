//! One of the vendor's own questions, in the vendor's own words.

use crate::{
    answers::FieldId,
    pages::parts::{field, optional, remark},
    profile::{QuestionKind, TextRules},
    screen::{Body, Theme},
    wizard::{App, Input, choice},
    words::{Phrase, id, phrase},
};

pub(super) fn body<'a>(app: &'a App, index: u8, body: &mut Body<'a>) {
    let input = Input::Answer(FieldId::Question(index));
    let Some(question) = input.question(app.profile()) else { return };
    body.stress(question.label.as_str());
    if let Some(help) = &question.help {
        body.gap();
        body.say(help);
    }
    body.gap();
    match &question.kind {
        QuestionKind::Choice(_) | QuestionKind::Boolean => {
            let entries = choice::entries(question, body.words);
            let chosen = choice::chosen(app, input, &entries);
            for (place, entry) in entries.iter().enumerate() {
                if app.look().plain {
                    body.styled(&format!("  {}. ", place + 1), &entry.label, Theme::plain());
                } else {
                    body.entry(&entry.label, chosen == Some(place));
                }
            }
            remark(app, body, input, Phrase::nothing());
        }
        QuestionKind::Number(range) => {
            let range = phrase!("answer-range" { least: range.start().to_string(), most: range.end().to_string() });
            field(app, body, input, range);
        }
        QuestionKind::Text(TextRules { pattern: Some(pattern), .. }) => {
            field(app, body, input, phrase!("answer-pattern" { form: pattern.as_str() }));
        }
        QuestionKind::Text(_) => field(app, body, input, Phrase::nothing()),
        QuestionKind::Secret(_) => {
            field(app, body, input, Phrase::nothing());
            body.gap();
            body.say(if app.look().plain { id!("answer-secret-plain") } else { id!("answer-secret") });
        }
    }
    optional(body, question.optional);
}
