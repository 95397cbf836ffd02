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
    screen::{
        body::Body,
        look::Glyphs,
        theme::{Mark, Theme},
        transliterate,
    },
    values::{Strength, characters},
    wizard::{app::App, form::Input, page::Page},
    words::{Phrase, Say, TextId, id, phrase},
};

/// What each score is called.
const NAMES: [TextId; 5] =
    [id!("strength-0"), id!("strength-1"), id!("strength-2"), id!("strength-3"), id!("strength-4")];

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let words = &app.words;
    body.say(&words.say(id!("password-choose")));
    body.gap();
    let verdict = app.strength.as_ref().map_or_else(String::new, |verdict| strength(app, verdict, Vec::new()));
    field(app, body, Input::Answer(FieldId::Password), &verdict);
    if !verdict.is_empty() && app.remark(Input::Answer(FieldId::Password)).is_some() {
        body.below_field(&verdict, Theme::plain());
    }
    field(app, body, Input::Again, "");
    let warnings = warnings(app);
    if !warnings.is_empty() {
        body.gap();
    }
    for warning in &warnings {
        body.stress(warning);
    }
    body.gap();
    let typed = app.form.field(Input::Answer(FieldId::Password));
    for rule in app.profile.password.rules() {
        tick(app, body, !typed.is_empty() && rule.is_met(typed.text()), &words.tell(&rule.phrase()));
    }
    let same = !typed.is_empty() && app.form.passwords_agree();
    tick(app, body, same, &words.say(id!("password-same-twice")));
    body.gap();
    let shown = words.say(match app.reveal {
        _ if app.look.plain => id!("password-hidden-plain"),
        true => id!("password-shown"),
        false => id!("password-hidden"),
    });
    body.say(&format!("{shown} {}", words.say(id!("password-keep"))));
}

/// The verdict in words and as a bar; where it is weak, why, and what would be better; and `more` sentences.
fn strength(app: &App, verdict: &Strength, more: Vec<String>) -> String {
    let words = &app.words;
    let score = verdict.score.min(Strength::MOST);
    let bar = "#".repeat(score.into()) + &".".repeat((Strength::MOST - score).into());
    let name = NAMES[usize::from(score)];
    let strength = phrase!("strength-is" { score, most: Strength::MOST, bar, name });
    // Two sentences are read; more are not.
    let reasons = verdict.reason.iter().chain(&verdict.advice).take(2);
    let reasons = reasons.map(|id| words.say(*id));
    let sentences: Vec<String> = reasons.chain(more).collect();
    let strength = words.tell(&strength);
    if sentences.is_empty() { strength } else { format!("{strength}. {}", sentences.join(" ")) }
}

/// The same for where nothing is drawn: the verdict and the warnings, if this is the page for them.
pub(crate) fn verdict(app: &App) -> Option<String> {
    let verdict = app.strength.as_ref().filter(|_| app.page == Page::Password)?;
    Some(strength(app, verdict, warnings(app)))
}

/// What may keep it from being typed again. Its characters are named only while it is shown anyway.
fn warnings(app: &App) -> Vec<String> {
    let (words, text) = (&app.words, app.form.field(Input::Answer(FieldId::Password)).text());
    let caps = match app.caps_lock {
        Some(true) => Some(id!("caps-on")),
        None if characters::all_capitals(text) => Some(id!("caps-perhaps")),
        _ => None,
    };
    let mut warnings: Vec<String> = caps.map(|id| words.say(id)).into_iter().collect();
    let moved: fn(String) -> Phrase = |characters| phrase!("keyboard-moved" { characters });
    let lacking: fn(String) -> Phrase = |characters| phrase!("keyboard-lacking" { characters });
    for (characters, shown, hidden) in [
        (characters::moved(text), moved, id!("keyboard-moved-hidden")),
        (characters::lacking(text), lacking, id!("keyboard-lacking-hidden")),
    ] {
        if app.reveal && !characters.is_empty() {
            let characters: Vec<String> =
                characters.into_iter().map(|character| name(app.look.glyphs, character)).collect();
            warnings.push(words.tell(&shown(characters.join(" "))));
        } else if !characters.is_empty() {
            warnings.push(words.say(hidden));
        }
    }
    warnings
}

/// What a console cannot show has its number beside it, and is not respelt.
fn name(glyphs: Glyphs, character: char) -> String {
    let shown = transliterate::typed(&character.to_string(), glyphs).into_owned();
    if character.is_ascii() { shown } else { format!("{shown} (U+{:04X})", u32::from(character)) }
}

fn tick(app: &App, body: &mut Body<'_>, met: bool, text: &str) {
    let (mark, style) = match met {
        // Said before anything is typed, it is no list of what has been met.
        _ if app.look.plain => (body.theme.bullet(), Theme::plain()),
        true => (body.theme.mark(Mark::Ok), body.theme.good()),
        false => (body.theme.mark(Mark::Open), Theme::plain()),
    };
    body.styled(mark, text, style);
}
