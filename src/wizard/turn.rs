//! Which page is shown next: on and back, to change an answer and back again, and away for as long as another terminal leads.

use std::time::Duration;

use crate::{
    answers::Draft,
    engine::Event,
    error::ErrorId,
    exit::Exit,
    setup::{Leader, step},
    wizard::{
        app::App,
        form::Input,
        message::Effect,
        notice::Notice,
        own::{OwnPage, Reaction},
        page::Page,
        port::Request,
        typing,
        watch::Watch,
        way,
    },
};

/// On to the next field, or to the next page when every answer of this one will do.
pub(super) fn advance(app: &mut App) -> Option<Effect> {
    match app.own_page_mut().map(OwnPage::enter) {
        Some(Reaction::Stay) => return None,
        Some(Reaction::Ask(request)) => return Some(Effect::Ask(request)),
        Some(Reaction::On) | None => {}
    }
    let inputs = app.page.inputs();
    if app.editing && inputs.is_empty() {
        return retreat(app);
    }
    let wrong = |input: &Input| app.form.is_wrong(*input);
    let last = app.focus + 1 >= inputs.len();
    let stuck = inputs.iter().position(|input| (last || Some(*input) == app.focused()) && wrong(input));
    if let Some(index) = stuck {
        app.focus = index;
        app.notice = None;
        tried(app, inputs[index]);
        return None;
    }
    if !last {
        typing::focus_on(app, app.focus + 1);
        return None;
    }
    if !app.editing {
        let next = way::next(app)?;
        return open(app, next);
    }
    // Back to where the operator came from, by way of whatever else is still wrong.
    match app.form.first_problem() {
        Some(input) => change(app, Page::of(input)),
        None => open(app, app.after_edit),
    }
}

/// Whoever goes on from a page first leads: one answers, on whatever terminal.
pub(super) fn lead(app: &mut App) -> Option<Effect> {
    let elsewhere = &mut app.own.elsewhere;
    let is_to_lead = app.page.is_before_the_run() && *elsewhere.leader() != Leader::Us && !elsewhere.asked;
    elsewhere.asked |= is_to_lead;
    is_to_lead.then_some(Effect::Ask(Request::Lead))
}

/// Takes in who leads: what was open waits as long as that is another terminal, and until somebody goes on here.
pub(super) fn led(app: &mut App, leader: Leader) -> Option<Effect> {
    let is_finished = leader == Leader::Finished;
    let (is_ours, is_anothers) = (leader == Leader::Us, matches!(leader, Leader::Another { .. }));
    let led = *app.own.elsewhere.leader() == Leader::Us;
    app.own.elsewhere.told(leader);
    match app.page {
        // Nobody is needed here any more.
        Page::Elsewhere if is_finished => Some(Effect::Leave(Exit::Done)),
        page if is_finished && page.is_before_the_run() => Some(Effect::Leave(Exit::Done)),
        Page::Elsewhere if is_ours || !is_anothers && app.own.elsewhere.before == Page::Welcome => {
            let before = app.own.elsewhere.before;
            come_back(app, before)
        }
        // Who signs in has answered nothing yet, and what was done stays to be read.
        Page::Elsewhere | Page::SignIn if !led => None,
        Page::Done => None,
        // A run leads, whatever was heard before it began.
        Page::Progress if app.is_running() => None,
        page if is_anothers => {
            app.own.elsewhere.before = page;
            app.above.clear();
            app.again_in = None;
            open(app, Page::Elsewhere)
        }
        _ => None,
    }
}

/// A run without a terminal has failed: it stands here as one of this wizard's would, with its answers filled in, unless
/// somebody has begun to answer here.
pub(super) fn left_behind(app: &mut App, events: &[Event], draft: &Draft) -> Option<Effect> {
    let page = if app.page == Page::Elsewhere { app.own.elsewhere.before } else { app.page };
    if page != Page::Welcome || app.run.is_some() {
        return None;
    }
    app.take_in(draft);
    if app.installation().is_live() && events.iter().any(is_of_installation) {
        // Not as a run: once more would be the setup, in what ends with the power.
        app.own.installation.watch.begin();
        for event in events {
            app.own.installation.apply(event);
        }
        return open(app, Page::Disk);
    }
    let mut run = Watch::default();
    run.begin();
    for event in events {
        run.apply(event);
        app.log.apply(event, app.open_for);
    }
    app.public = app.form.answers().ok().map(|answers| answers.public);
    app.run = Some(run);
    app.checks.put_aside();
    app.again_in = None;
    app.form.is_run();
    open(app, Page::Progress)
}

fn is_of_installation(event: &Event) -> bool {
    let steps = [step::INSTALL_DISK, step::INSTALL_PARTITIONS, step::INSTALL_SYSTEM, step::INSTALL_BOOT];
    matches!(event, Event::StepFailed { id, .. } if steps.contains(id))
}

/// The run has not begun: somebody else leads.
pub(super) fn not_begun(app: &mut App, leader: Leader) -> Option<Effect> {
    app.run = None;
    app.page = Page::Review;
    led(app, leader)
}

/// Back to what was open before somebody had to do something else. Checks are made with the next tick, where the page wants
/// something done itself.
pub(super) fn come_back(app: &mut App, to: Page) -> Option<Effect> {
    app.again_in = to.is_before_the_run().then_some(Duration::ZERO);
    open(app, to).or_else(|| check(app))
}

/// From now on the problem with `input` is shown.
fn tried(app: &mut App, input: Input) {
    if !app.tried.contains(&input) {
        app.tried.push(input);
    }
}

/// Back to the page before, unless this one has something to be done first.
pub(super) fn go_back(app: &mut App) -> Option<Effect> {
    match app.own_page_mut().map(OwnPage::leave) {
        Some(Reaction::Stay) => None,
        Some(Reaction::Ask(request)) => Some(Effect::Ask(request)),
        Some(Reaction::On) | None => retreat(app),
    }
}

pub(super) fn retreat(app: &mut App) -> Option<Effect> {
    let to = match app.page {
        _ if app.editing => app.after_edit,
        Page::Progress => Page::Review,
        _ => way::back(app)?,
    };
    open(app, to)
}

/// Puts `page` on the screen; nothing typed is lost by that.
pub(super) fn open(app: &mut App, page: Page) -> Option<Effect> {
    // What failed was about other answers: those of now stand on the review, and it starts with them.
    let page = if page == Page::Progress && app.form.has_changed() { Page::Review } else { page };
    if app.page == Page::Progress && page.is_before_the_run() {
        // What the checks found before the run may be out of date.
        app.again_in = Some(Duration::ZERO);
    }
    app.page = page;
    app.editing = false;
    app.focus = 0;
    app.reveal = false;
    app.notice = app.notice.take().filter(|(input, _)| page.inputs().contains(input));
    app.scroll = 0;
    if page == Page::Disk {
        // Somebody may have plugged one in, or pulled it out.
        return Some(Effect::Ask(Request::Disks));
    }
    if page == Page::Password {
        // What is known of the owner may have changed.
        return typing::judge(app);
    }
    if page != Page::Review {
        return None;
    }
    app.described.clear();
    app.have_certificate_read();
    app.form.answers().ok().map(|answers| Effect::Ask(Request::Describe(Box::new(answers.public))))
}

/// Opens a page to change an answer, and to come back from there: to the run that failed, or to the review.
pub(super) fn change(app: &mut App, page: Page) -> Option<Effect> {
    if !app.editing {
        app.after_edit = match app.page {
            page @ (Page::Progress | Page::Welcome | Page::Network) => page,
            _ => Page::Review,
        };
    }
    app.ask_for(page);
    let effect = open(app, page);
    app.editing = true;
    if let Some(index) = page.inputs().iter().position(|input| app.form.is_wrong(*input)) {
        app.focus = index;
        tried(app, page.inputs()[index]);
    }
    effect
}

/// After a failure: to the one answer that matters.
pub(super) fn correct(app: &mut App) -> Option<Effect> {
    if app.run.as_ref()?.failures.first().is_some_and(|report| report.id == ErrorId::ClockWrong) {
        return change(app, Page::Clock);
    }
    let matters = app.run.as_ref()?.answer_to_correct(&app.profile);
    match matters.or_else(|| app.form.first_problem()) {
        Some(input) => {
            let refused = app.run.as_ref()?.failures.first()?.id;
            let effect = change(app, Page::of(input));
            if matters.is_some() {
                app.refuse(input, Notice::Refused(refused.as_str().to_owned()));
            }
            effect
        }
        None => open(app, Page::Review),
    }
}

/// Makes the checks from the beginning, because what they have found so far is out of date.
pub(super) fn check_anew(app: &mut App) -> Option<Effect> {
    app.checks.put_aside();
    check(app)
}

/// Makes the checks, unless they are being made or a run makes them itself.
pub(super) fn check(app: &mut App) -> Option<Effect> {
    if app.checks.is_running() || !app.page.is_before_the_run() {
        return None;
    }
    app.again_in = None;
    app.checks.begin();
    let answers = app.form.answers().ok();
    let (public, password) =
        answers.map(|answers| (Box::new(answers.public), answers.secret.certificate_password)).unzip();
    Some(Effect::Ask(Request::Rehearse(public, password.flatten())))
}
