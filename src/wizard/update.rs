//! What each message does to the wizard. Pure: no I/O, no clock; effects are given back.

use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::{
    answers::FieldId,
    engine::{CheckId, Event},
    error::Report,
    exit::Exit,
    field::Edit,
    setup::NetworkFacts,
    wizard::{
        app::{App, Ask, Overlay, Stop, Verdict},
        choice,
        command::Command,
        form::Input,
        keys,
        message::{Effect, Msg},
        overlay,
        own::{NetworkState, Stage},
        page::{self, Page},
        port::{Reply, Request},
        support_report,
        trial::NetworkNews,
        turn::{
            advance, change, check, check_anew, come_back, correct, go_back, lead, led, left_behind, not_begun, open,
        },
        typing,
        watch::Watch,
    },
    words::{Phrase, Words, phrase},
};

/// The pause between a rehearsal that failed and the next one.
const CHECK_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// What is found out last of the network, in every rehearsal.
const LAST_OF_NETWORK: CheckId = CheckId::new("license-service");

/// Lets one thing happen; gives what is to be done about it.
pub(crate) fn update(app: &mut App, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Opened => check(app),
        Msg::Key(key) => press(app, key),
        Msg::Command(command) => command_given(app, command),
        Msg::Pick(index) => {
            choice::pick_at(app, index);
            None
        }
        Msg::Paste(text) => typing::paste(app, &text),
        // All of it: a terminal that was small for a moment has lost what did not fit.
        Msg::Resize(..) => Some(Effect::Redraw),
        Msg::Tick(elapsed) => tick(app, elapsed),
        Msg::Reply(reply) => hear(app, reply),
        Msg::Hangup => Some(hang_up(app)),
        Msg::RecordingLost(reason) => {
            // Said once: until a key does something.
            app.aside = Some(app.words.say(phrase!("recording-lost" { reason })));
            None
        }
    }
}

/// Takes in what came of a request.
fn hear(app: &mut App, reply: Reply) -> Option<Effect> {
    match reply {
        Reply::Invited { invitation } => app.invitation = invitation,
        Reply::Network { facts } => {
            // What a cloud has said before it is asked again counts until it answers.
            let instance_address = facts.instance_address.or(app.network.instance_address);
            app.network = NetworkFacts { instance_address, ..facts };
            typing::propose(app);
        }
        Reply::Networkd { failure } => app.own.network.possible = Some(failure.map_or(Ok(()), Err)),
        Reply::NetworkTrial { trial } => return tried(app, trial),
        Reply::Described { steps } => app.described = steps,
        Reply::Judged { strength } => {
            app.verdict = Verdict::Given;
            app.strength = strength.filter(|_| !app.form.field(Input::Answer(FieldId::Password)).is_empty());
        }
        Reply::Leader { leader } => return led(app, leader),
        Reply::LeftBehind { events, draft } => return left_behind(app, &events, &draft),
        Reply::NotBegun { leader } => return not_begun(app, leader),
        Reply::Admission { admission } => return if app.own.sign_in.told(admission) { admit(app) } else { None },
        Reply::SignedIn { attempt } => return if app.own.sign_in.tried(attempt) { admit(app) } else { None },
        Reply::Disks { disks } => app.own.installation.told(disks),
        Reply::Installation { event } => {
            app.log.apply(&event, app.open_for);
            app.own.installation.apply(&event);
        }
        Reply::InstallationLost => app.own.installation.lost(),
        Reply::NotInstalled { leader } => {
            app.own.installation.not_begun();
            return led(app, leader);
        }
        Reply::NotRestarted { reason } => app.own.installation.stage = Stage::NotRestarted(reason),
        Reply::ClockSet { set } => app.own.clock.set(outdating(app.page, &mut app.again_in, set)),
        Reply::ProxyUsed { used } => return another_way(app, used),
        Reply::LayoutLoaded { failure } => app.own.keyboard.loaded(failure.map_or(Ok(()), Err)),
        // What was on its way when a run put the checks aside.
        Reply::Rehearsal { .. } | Reply::RehearsalLost if app.checks.is_put_aside() => {}
        Reply::Rehearsal { event } => {
            app.checks.apply(&event);
            return checked(app);
        }
        Reply::RehearsalLost => {
            app.checks.lost();
            return checked(app);
        }
        Reply::Run { event } => {
            app.log.apply(&event, app.open_for);
            app.run.as_mut()?.apply(&event);
            return if matches!(event, Event::Ended(_)) { ended(app) } else { None };
        }
        Reply::RunLost => {
            app.run.as_mut()?.lost();
            return ended(app);
        }
        Reply::Saved { saved } => app.saved = Some(saved),
    }
    None
}

/// What became of a network that was tried: the checks tell what is reached from now on.
fn tried(app: &mut App, news: NetworkNews) -> Option<Effect> {
    let page = &mut app.own.network;
    match news {
        NetworkNews::Begun(seconds) => page.begun(Ok(Duration::from_secs(seconds))),
        NetworkNews::Failed(report) if page.trial == NetworkState::Beginning => {
            page.begun(Err(report));
            app.scroll = 0;
            return None;
        }
        NetworkNews::Failed(report) => page.ended(NetworkState::Failed(report)),
        NetworkNews::Kept => {
            page.ended(NetworkState::Kept);
            app.form.forget_network();
        }
        NetworkNews::TakenBack => page.ended(NetworkState::TakenBack { late: false }),
        // What is being kept or taken back has an end of its own.
        NetworkNews::Over if !matches!(page.trial, NetworkState::Running(_)) => return None,
        NetworkNews::Over => page.ended(NetworkState::TakenBack { late: true }),
    }
    app.scroll = 0;
    check_anew(app)
}

/// Another proxy is used, or not: what the checks have found, or are about to find, is of the way before.
fn another_way(app: &mut App, used: Result<Phrase, Report>) -> Option<Effect> {
    let is_used = used.is_ok();
    app.own.proxy.used(used);
    if !is_used {
        return None;
    }
    app.form.forget_proxy();
    check_anew(app)
}

/// What was changed of this machine; what the checks have found is out of date then, and they are made again at once.
fn outdating<T, E>(page: Page, again_in: &mut Option<Duration>, changed: Result<T, E>) -> Result<T, E> {
    if changed.is_ok() && page.is_before_the_run() {
        *again_in = Some(Duration::ZERO);
    }
    changed
}

fn press(app: &mut App, key: KeyEvent) -> Option<Effect> {
    let chosen = app.chosen().filter(|_| keys::confirms(key));
    let command = match chosen.or_else(|| keys::resolve(app.context(), key))? {
        // With a key of the footer chosen, the arrows move there and no longer in the field.
        Command::Edit(Edit::Left) if app.chosen().is_some() => Command::PreviousField,
        Command::Edit(Edit::Right) if app.chosen().is_some() => Command::NextField,
        command => command,
    };
    if let Command::Type(letter) = command
        && letter.is_alphabetic()
    {
        app.caps_lock = keys::caps_lock(key);
    }
    obey(app, command)
}

fn command_given(app: &mut App, command: Command) -> Option<Effect> {
    keys::press(app.context(), command).and_then(|_| obey(app, command))
}

fn obey(app: &mut App, command: Command) -> Option<Effect> {
    app.aside = None;
    if !overlay::keeps_choice(command) {
        app.chosen = None;
    }
    match command {
        Command::Type(character) => return typing::type_in(app, character),
        Command::Edit(edit) => return typing::edit(app, edit),
        Command::Next => {
            let from = app.page;
            let asked = advance(app);
            // One thing at a time: with the next tick. Who takes over has asked for that.
            app.own.elsewhere.going |= asked.is_some() && from != Page::Elsewhere;
            return asked.or_else(|| lead(app));
        }
        Command::Back => return go_back(app),
        Command::Pick { forward } => match app.own_page_mut() {
            Some(own) => own.pick(forward),
            None => choice::pick(app, forward),
        },
        Command::NextField => typing::move_focus(app, true),
        Command::PreviousField => typing::move_focus(app, false),
        Command::Reveal => app.reveal = !app.reveal,
        Command::Mend => app.own.network.edit(&app.network),
        Command::CheckAgain => return check(app),
        Command::Change(page) => return change(app, page),
        Command::ChangeNumber(number) => {
            let page = page::numbered(&app.profile).nth(usize::from(number).saturating_sub(1))?;
            return change(app, page);
        }
        Command::Start | Command::Complete => return start(app),
        Command::Correct => return correct(app),
        Command::UseCode => {
            app.form.use_code();
            return open(app, Page::Review);
        }
        Command::Leave => app.ask(Some(Ask::Leave)),
        Command::Stop => app.ask(Some(Ask::Stop)),
        Command::Yes => return yes(app),
        Command::No => app.ask(None),
        Command::Finish => return Some(Effect::Leave(app.exit())),
        Command::Scroll(lines) => overlay::scroll(app, lines.into()),
        Command::Top => overlay::scroll_to(app, false),
        Command::Bottom => overlay::scroll_to(app, true),
        Command::NextChoice => overlay::choose(app, true),
        Command::PreviousChoice => overlay::choose(app, false),
        Command::Help => app.above.push(Overlay::Help(0)),
        Command::Log => app.above.push(Overlay::Log(None)),
        Command::Camera => app.above.push(Overlay::Camera),
        Command::Close => drop(app.above.pop()),
        Command::Causes => app.causes = !app.causes,
        Command::SaveReport => {
            let (text, secrets) = (support_report::text(app), support_report::secrets(app));
            return Some(Effect::Ask(Request::SaveReport { text, secrets }));
        }
        Command::NextLanguage => app.words = Words::new(app.words.language().next()),
        Command::Redraw => return Some(Effect::Redraw),
    }
    None
}

fn start(app: &mut App) -> Option<Effect> {
    match typing::answers(app) {
        Ok(answers) => {
            app.form.is_run();
            open(app, Page::Progress);
            app.checks.put_aside();
            app.again_in = None;
            app.stop = Stop::No;
            app.causes = app.look.plain;
            app.saved = None;
            if let Some(before) = &app.run {
                app.earlier.add(&before.timeline, app.public.as_ref());
            }
            app.public = Some(answers.public.clone());
            let mut run = Watch::default();
            run.begin();
            app.run = Some(run);
            Some(Effect::Ask(Request::Start(Box::new(answers))))
        }
        Err(input) => change(app, Page::of(input)),
    }
}

fn yes(app: &mut App) -> Option<Effect> {
    let asked = app.asked()?;
    app.ask(None);
    match asked {
        Ask::Leave => Some(Effect::Leave(app.exit())),
        Ask::Stop => {
            app.stop = Stop::Asked;
            Some(Effect::Ask(Request::Stop))
        }
        Ask::TooLate => None,
    }
}

/// After each event of a rehearsal: one that failed is made again by itself, once whoever sits there may see what it finds.
fn checked(app: &mut App) -> Option<Effect> {
    let failed = !app.checks.is_running() && app.checks.ended() != Some(Exit::Done);
    app.again_in = failed.then_some(CHECK_AGAIN_AFTER);
    (failed && app.checks.wants_sign_in()).then(|| ask_to_sign_in(app))
}

/// The setup had finished when it could not be asked about that: whatever was open waits behind the page for signing in.
fn ask_to_sign_in(app: &mut App) -> Effect {
    app.own.sign_in.look(app.page);
    app.above.clear();
    app.again_in = None;
    open(app, Page::SignIn);
    Effect::Ask(Request::Admission)
}

/// Whoever sits there may go on: to where the way begins, or was interrupted.
fn admit(app: &mut App) -> Option<Effect> {
    if app.page != Page::SignIn {
        return None;
    }
    if app.own.sign_in.alone {
        return Some(Effect::Leave(Exit::Done));
    }
    // A run that met it was confirmed when nobody could say what it would find.
    let before = if app.own.sign_in.before == Page::Progress { Page::Review } else { app.own.sign_in.before };
    come_back(app, before)
}

fn tick(app: &mut App, elapsed: Duration) -> Option<Effect> {
    app.open_for += elapsed;
    app.checks.tick(elapsed);
    app.own.sign_in.tick(elapsed);
    app.own.installation.watch.tick(elapsed);
    if std::mem::take(&mut app.own.elsewhere.going)
        && let Some(effect) = lead(app)
    {
        return Some(effect);
    }
    let is_due = app.own.network.tick(elapsed);
    // What is still being found out takes longer than this in a network that leads nowhere.
    let is_known = !app.checks.is_running() || app.checks.has_settled(&LAST_OF_NETWORK);
    if is_due && is_known && !app.checks.has_passed() {
        return check_anew(app);
    }
    if let Some(run) = &mut app.run {
        run.tick(elapsed);
    }
    let left = app.again_in?.saturating_sub(elapsed);
    app.again_in = Some(left);
    if left.is_zero() { check(app) } else { None }
}

/// After the last event of a run.
fn ended(app: &mut App) -> Option<Effect> {
    // The Enter that was meant for the question must not land on the page that opens.
    if app.asked() == Some(Ask::Stop) {
        app.ask(Some(Ask::TooLate));
    }
    let leave = std::mem::replace(&mut app.stop, Stop::No) == Stop::AndLeave;
    if !leave && app.run.as_ref().is_some_and(Watch::wants_sign_in) {
        return Some(ask_to_sign_in(app));
    }
    app.scroll = 0;
    if app.exit() == Exit::Done {
        app.page = Page::Done;
        // Nothing secret is needed any more.
        app.forget();
    }
    leave.then(|| Effect::Leave(app.exit()))
}

/// A run is stopped first and leaves with its last event; otherwise the program ends at once.
fn hang_up(app: &mut App) -> Effect {
    if !app.is_running() {
        return Effect::Leave(app.exit());
    }
    app.ask(None);
    app.stop = Stop::AndLeave;
    Effect::Ask(Request::Stop)
}
