//! The administrator's password, typed twice: its strength and why it is weak, its rules ticked off
//! as they are met, and what another keyboard would make of it.
//!
//! What is held of it, and for how long: the two fields of the form hold it from the first
//! key until the setup is done or the wizard is left, so that going back and forward loses
//! nothing and a failed run can be started again; then they are zeroed. The answers of a
//! run hold a copy that is zeroed when the run ends. Judging its strength is done by a
//! process of its own, which ends with the verdict. On the screen it stands only while
//! it is revealed, and that ends with this page.

use crate::{
    answers::FieldId,
    pages::parts::field,
    screen::{Body, Glyphs, Mark, Theme, transliterate},
    values::{Strength, characters},
    wizard::{App, Input, Page},
    words::{Phrase, Say, TextId, id, phrase},
};

const PASSWORD: Input = Input::Answer(FieldId::Password);

/// What each score is called.
const NAMES: [TextId; 5] =
    [id!("strength-0"), id!("strength-1"), id!("strength-2"), id!("strength-3"), id!("strength-4")];

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    body.say(id!("password-choose"));
    body.gap();
    let verdict = app.strength().map_or_else(Phrase::nothing, |verdict| strength(verdict, Vec::new()));
    field(app, body, PASSWORD, verdict.clone());
    if app.strength().is_some() && app.remark(PASSWORD).is_some() {
        body.below_field(verdict, Theme::plain());
    }
    field(app, body, Input::Again, Phrase::nothing());
    let warnings = warnings(app);
    if !warnings.is_empty() {
        body.gap();
    }
    for warning in warnings {
        body.stress(warning);
    }
    body.gap();
    let typed = app.form().field(PASSWORD);
    for rule in app.profile().password.rules() {
        tick(app, body, !typed.is_empty() && rule.is_met(typed.text()), rule.phrase());
    }
    let same = !typed.is_empty() && app.form().passwords_agree();
    tick(app, body, same, id!("password-same-twice"));
    body.gap();
    let shown = Phrase::from(match app.reveal() {
        _ if app.look().plain => id!("password-hidden-plain"),
        true => id!("password-shown"),
        false => id!("password-hidden"),
    });
    body.say(shown.then(id!("password-keep")));
}

/// The verdict in words and as a bar; where it is weak, why, and what would be better; and `more` sentences.
fn strength(verdict: &Strength, more: Vec<Phrase>) -> Phrase {
    let score = verdict.score.min(Strength::MOST);
    let bar = "#".repeat(score.into()) + &".".repeat((Strength::MOST - score).into());
    let name = NAMES[usize::from(score)];
    let strength = phrase!("strength-is" { score, most: Strength::MOST, bar, name });
    // Two sentences are read; more are not.
    let reasons = verdict.reason.iter().chain(&verdict.advice).take(2);
    let sentences = reasons.map(|id| Phrase::from(*id)).chain(more).reduce(Phrase::then);
    match sentences {
        Some(sentences) => phrase!("strength-because" { strength, sentences }),
        None => strength,
    }
}

/// The same for where nothing is drawn: the verdict and the warnings, if this is the page for them.
pub(crate) fn verdict(app: &App) -> Option<Phrase> {
    let verdict = app.strength().filter(|_| app.page() == Page::Password)?;
    Some(strength(verdict, warnings(app)))
}

/// What may keep it from being typed again. Its characters are named only while it is shown anyway.
fn warnings(app: &App) -> Vec<Phrase> {
    let text = app.form().field(PASSWORD).text();
    let caps = match app.caps_lock() {
        Some(true) => Some(id!("caps-on")),
        None if characters::all_capitals(text) => Some(id!("caps-perhaps")),
        _ => None,
    };
    let mut warnings: Vec<Phrase> = caps.map(Phrase::from).into_iter().collect();
    let moved: fn(String) -> Phrase = |characters| phrase!("keyboard-moved" { characters });
    let lacking: fn(String) -> Phrase = |characters| phrase!("keyboard-lacking" { characters });
    for (characters, shown, hidden) in [
        (characters::moved(text), moved, id!("keyboard-moved-hidden")),
        (characters::lacking(text), lacking, id!("keyboard-lacking-hidden")),
    ] {
        if app.reveal() && !characters.is_empty() {
            let characters: Vec<String> =
                characters.into_iter().map(|character| name(app.look().glyphs, character)).collect();
            warnings.push(shown(characters.join(" ")));
        } else if !characters.is_empty() {
            warnings.push(hidden.into());
        }
    }
    warnings
}

/// What a console cannot show has its number beside it, and is not respelt.
fn name(glyphs: Glyphs, character: char) -> String {
    let shown = transliterate::typed(&character.to_string(), glyphs).into_owned();
    if character.is_ascii() { shown } else { format!("{shown} (U+{:04X})", u32::from(character)) }
}

fn tick(app: &App, body: &mut Body<'_>, met: bool, text: impl Into<Phrase>) {
    let (mark, style) = match met {
        // Said before anything is typed, it is no list of what has been met.
        _ if app.look().plain => (body.theme.bullet(), Theme::plain()),
        true => (body.theme.mark(Mark::Ok), body.theme.good()),
        false => (body.theme.mark(Mark::Open), Theme::plain()),
    };
    body.styled(mark, text, style);
}
