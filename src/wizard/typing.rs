//! What keys and pastes do to the fields of a page, and which of them has the focus.

use crate::{
    answers::{Answers, FieldId},
    field::Edit,
    setup,
    wizard::{
        app::{App, Verdict},
        choice,
        form::Input,
        keys::{self, Context},
        message::Effect,
        notice::Notice,
        own::OwnPage,
        page::{self, Page},
        port::Request,
    },
};

/// A character is typed: into the field with the focus, or to find an entry of a list.
pub(crate) fn type_in(app: &mut App, character: char) -> Option<Effect> {
    if let Some(own) = app.own_page_mut() {
        match own.field_mut()?.insert(character) {
            Ok(_) => own.has_changed(),
            Err(refusal) => own.refused(Notice::Typed(refusal)),
        }
        return None;
    }
    if app.context() == Context::Choice {
        choice::jump(app, character);
        return None;
    }
    let input = app.focused()?;
    app.scroll = 0;
    app.notice = match app.form.field_mut(input).insert(character) {
        Ok(remark) => remark.map(|remark| (input, Notice::Taken(remark))),
        Err(refusal) => Some((input, Notice::Typed(refusal))),
    };
    changed(app, input)
}

/// The field with the focus is moved in, or something is deleted there.
pub(crate) fn edit(app: &mut App, edit: Edit) -> Option<Effect> {
    if let Some(own) = app.own_page_mut() {
        own.field_mut()?.edit(edit);
        own.has_changed();
        return None;
    }
    let input = app.focused()?;
    let before = app.form.field(input).length();
    app.form.field_mut(input).edit(edit);
    app.scroll = 0;
    app.notice = None;
    if app.form.field(input).length() == before { None } else { changed(app, input) }
}

/// Fills in where the appliance is reached, as this machine has found out, unless somebody has said something else.
pub(crate) fn propose(app: &mut App) {
    let Some(found) = setup::found(&app.profile.endpoint, &app.network) else { return };
    let (input, address) = (Input::Answer(FieldId::Endpoint), found.address.to_string());
    let text = app.form.field(input).text();
    let is_proposed = app.found.as_ref().map_or(text.is_empty(), |before| text == before.address.to_string());
    // What is being looked at stays, and what was.
    let is_ahead = page::all(&app.profile).take_while(|page| *page != Page::Address).any(|page| page == app.page);
    let is_open = !app.editing && (is_ahead || app.page == Page::Address && app.found.is_none());
    if is_proposed && is_open {
        if text != address {
            app.form.field_mut(input).resume(&address, address.len());
        }
        app.found = Some(found);
    }
}

/// The answers, if they are complete; an address that was proposed and stayed is one that was found.
pub(crate) fn answers(app: &App) -> Result<Answers, Input> {
    let mut answers = app.form.answers()?;
    let address = answers.public.address(&app.profile);
    let found = app.found.as_ref().filter(|found| address.as_ref() == Some(&found.address));
    answers.found = found.map(|found| (found.source, found.reason.clone()));
    Ok(answers)
}

/// A text is pasted, in one piece.
pub(crate) fn paste(app: &mut App, text: &str) -> Option<Effect> {
    let typed = app.context() == app.beneath() && app.context() != Context::Choice;
    if let Some(own) = app.own_page_mut().filter(|_| typed) {
        match own.field_mut()?.paste(text) {
            Ok(_) => own.has_changed(),
            Err(refusal) => own.refused(Notice::Pasted(refusal)),
        }
    }
    let input = app.focused().filter(|_| typed)?;
    app.chosen = None;
    app.scroll = 0;
    app.notice = match app.form.field_mut(input).paste(text) {
        Ok(remark) => remark.map(|remark| (input, Notice::Taken(remark))),
        Err(refusal) => Some((input, Notice::Pasted(refusal))),
    };
    changed(app, input)
}

/// After the text of a field has changed.
fn changed(app: &mut App, input: Input) -> Option<Effect> {
    if input == Input::Answer(FieldId::InstallCode) {
        // That was said of the code as it stood.
        app.form.field_mut(Input::Answer(FieldId::Change)).resume("", 0);
    }
    if input == Input::Answer(FieldId::Password) { judge(app) } else { None }
}

/// Asks how strong the password is. The verdict before stays until the new one is there: it would flicker at every key.
pub(crate) fn judge(app: &mut App) -> Option<Effect> {
    if app.form.field(Input::Answer(FieldId::Password)).is_empty() {
        app.strength = None;
        return None;
    }
    app.verdict = Verdict::Awaited;
    Some(Effect::Ask(Request::Judge(app.form.password_to_judge())))
}

/// To the next field or the one before it. Behind the last one lie the keys in the footer, the way on first, and then
/// the first field again.
pub(crate) fn move_focus(app: &mut App, forward: bool) {
    let fields = app.own_page().map_or_else(|| app.page.inputs().len(), OwnPage::fields);
    let (now, last) = (app.typed_into(), fields.saturating_sub(1));
    let choices = keys::choices(app.context());
    let chosen = choices.iter().position(|choice| Some(*choice) == app.chosen());
    let next = match (chosen, forward) {
        (None, true) if now < last => return focus_on(app, now + 1),
        (None, false) if now > 0 => return focus_on(app, now - 1),
        (None, true) => Some(0),
        (None, false) => choices.len().checked_sub(1),
        (Some(index), true) => Some(index + 1),
        (Some(index), false) => index.checked_sub(1),
    };
    let next = next.and_then(|index| choices.get(index));
    app.chosen = next.map(|command| (app.context(), *command));
    if app.chosen.is_none() {
        focus_on(app, if forward { 0 } else { last });
    }
}

/// To the field of the page with this index.
pub(crate) fn focus_on(app: &mut App, index: usize) {
    match app.own_page_mut() {
        Some(own) => own.focus_on(index),
        None => app.focus = index,
    }
    app.scroll = 0;
    app.notice = None;
}
