//! A setup from answers that this machine is given, with nobody at its terminal.

use std::{io::Write, time::Duration};

use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::Answers,
    engine::{Ending, Event},
    error::{ErrorId, Report},
    exit::Exit,
    faces::headless::{leading::Leading, printer::Printer},
    setup::{
        Admission, NotBegun, Setup, Supply,
        unattended::{self, Scrubbed, because},
    },
    words::{Phrase, phrase},
};

/// How long a network, a server or a volume that is not there yet is waited for; also by a setup that has failed of such.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often it is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How soon a setup is tried again, which costs more than to look.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// Looks whether there are any, and sets the machine up from the first.
pub(super) async fn run<W: Write>(
    setup: &Setup,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Exit, NotBegun> {
    let supplies = setup.supplies().await;
    // The power went in the middle of that.
    let left = if setup.is_cleaning() { be_done(setup, None, printer).await } else { Vec::new() };
    let Some((supply, others)) = supplies.split_first() else {
        return Ok(nothing_done(printer, "none", phrase!("unattended-none")));
    };
    let name = supply.name();
    if setup.has_done_consoles() {
        return Ok(ignored(setup, printer, name, left));
    }
    match is_finished(setup, printer, stop).await {
        Ok(false) => {}
        // The power went before they were cleaned, or somebody has set it up from them who was not at a console.
        Ok(true) => {
            let is_ours = setup.is_set_up_from(supply).await;
            let left = if is_ours { be_done(setup, Some(supply), printer).await } else { Vec::new() };
            return Ok(ignored(setup, printer, name, left));
        }
        Err(refusal) => return Err(left_behind(setup, refusal)),
    }
    tell(printer, "found", phrase!("unattended-found" { name: &name }));
    for other in others {
        tell(printer, "passed-over", phrase!("unattended-passed-over" { name: other.name(), first: &name }));
    }
    setup.leave_behind(None);
    let mut leading = Leading::take(setup, phrase!("unattended-found" { name: &name })).await;
    let Run { heard, installs } = match set_up(setup, supply, &mut leading, printer, stop).await {
        Ok(Waited::For(run)) => run,
        Ok(Waited::TakenOver) => return Ok(nothing_done(printer, "taken-over", phrase!("unattended-taken-over"))),
        Err(refusal) => return Err(left_behind(setup, refusal)),
    };
    if wants_sign_in(&heard) {
        return Ok(ignored(setup, printer, name, Vec::new()));
    }
    // Without a last event the run has died.
    let died = Event::Ended(Ending { because: Some(ErrorId::Defect), changed: false });
    let last = heard.last().filter(|event| matches!(event, Event::Ended(_))).cloned().unwrap_or(died);
    let exit = if let Event::Ended(ending) = &last { ending.exit() } else { Exit::Defect };
    if exit == Exit::Done && installs {
        return go_on_from_the_disk(setup, printer, &last).await;
    }
    if exit == Exit::Done {
        let left = be_done(setup, Some(supply), printer).await;
        say_at_login(setup, printer, &left);
    } else if exit != Exit::Stopped {
        setup.leave_behind(Some(&heard));
    }
    leading.end(exit);
    printer.print(&last);
    Ok(exit)
}

/// Ends a setup that has ended well; gives which secrets are still there, and why.
async fn be_done<W: Write>(setup: &Setup, known: Option<&Supply>, printer: &mut Printer<W>) -> Vec<Phrase> {
    let (scrubbed, consoles) = setup.clean(known).await;
    let mut all_left = Vec::new();
    for Scrubbed { name, left } in scrubbed {
        match left {
            None => tell(printer, "scrubbed", phrase!("scrub-done" { name })),
            Some(left) => {
                tell(printer, "not-scrubbed", left.clone());
                all_left.push(left);
            }
        }
    }
    consoles.unwrap_or_else(|report| tell(printer, "console", report.message));
    all_left
}

/// Has whoever comes to log in read these.
fn say_at_login<W: Write>(setup: &Setup, printer: &Printer<W>, lines: &[Phrase]) {
    if !lines.is_empty() {
        setup.say_at_login(&lines.iter().map(|line| printer.said(line)).collect::<Vec<_>>());
    }
}

/// Leaves what nothing came of to whoever comes to a console.
fn left_behind(setup: &Setup, refusal: NotBegun) -> NotBegun {
    if refusal.report.id != ErrorId::Stopped {
        setup.leave_behind(Some(&unattended::as_a_run(&refusal)));
    }
    refusal
}

/// The image is on the disk, and what starts from there is set up from the same answers: they stay where they are.
async fn go_on_from_the_disk<W: Write>(
    setup: &Setup,
    printer: &mut Printer<W>,
    last: &Event,
) -> Result<Exit, NotBegun> {
    tell(printer, "installed", phrase!("unattended-installed"));
    setup.restart_machine().await.map_err(|report| left_behind(setup, report.into()))?;
    printer.print(last);
    Ok(Exit::Done)
}

/// Whether the cluster says that the setup has come to its end. Where there was one, it has to say so, however long that takes:
/// nothing of answers that may be another machine's is done before.
async fn is_finished<W: Write>(
    setup: &Setup,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<bool, NotBegun> {
    setup.guard();
    let mut waiting = Waiting::new();
    loop {
        match setup.admission_unattended().await {
            Ok(admission) => return Ok(admission != Admission::Everybody),
            Err(report) => waiting.on(report.into(), stop, |why| tell(printer, "waiting", why)).await?,
        }
    }
}

/// How something is waited for: for a while, and told when there is something new to say.
struct Waiting {
    deadline: Instant,
    told: Option<Phrase>,
}

impl Waiting {
    fn new() -> Self {
        Self { deadline: Instant::now() + PATIENCE, told: None }
    }

    /// Waits once more; gives the refusal where that was done for long enough.
    async fn on(
        &mut self,
        refusal: NotBegun,
        stop: &CancellationToken,
        told: impl FnOnce(Phrase),
    ) -> Result<(), NotBegun> {
        if Instant::now() >= self.deadline {
            return Err(refusal);
        }
        let why = refusal.report.causes.iter().cloned().fold(refusal.report.message.clone(), because);
        let waiting = phrase!("unattended-waits" { why });
        if self.told.as_ref() != Some(&waiting) {
            told(waiting.clone());
            self.told = Some(waiting);
        }
        tokio::select! {
            () = stop.cancelled() => Err(Report::new(ErrorId::Stopped, phrase!("stopped-reading")).into()),
            () = sleep(LOOK_AGAIN) => Ok(()),
        }
    }
}

/// What came of waiting.
enum Waited<T> {
    For(T),
    /// Somebody at a terminal goes on.
    TakenOver,
}

/// A setup that was carried out.
struct Run {
    /// What has happened.
    heard: Vec<Event>,
    /// Whether it put the image on a disk, and that alone.
    installs: bool,
}

/// Carries the setup out, again while it fails of what passes by itself: at the start of a machine a network may be there before it
/// leads anywhere, and nobody comes who would try again. Meanwhile somebody at a terminal may go on.
async fn set_up<W: Write>(
    setup: &Setup,
    supply: &Supply,
    leading: &mut Leading,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Waited<Run>, NotBegun> {
    let (mut waiting, mut failed) = (Waiting::new(), None);
    loop {
        let answers = match (wait_for(setup, supply, leading, printer, stop).await, failed.take()) {
            (Ok(Waited::For(answers)), _) => answers,
            (Ok(Waited::TakenOver), _) => return Ok(Waited::TakenOver),
            // Where they are gone by now, what counts is what was failed of before.
            (Err(refusal), Some(run)) if refusal.report.id != ErrorId::Stopped => return Ok(Waited::For(run)),
            (Err(refusal), _) => return Err(refusal),
        };
        let installs = setup.is_live() && answers.public.install.is_some();
        let heard = carry_out(setup, supply, *answers, leading, printer).await;
        let Some(report) = passes(&heard) else { return Ok(Waited::For(Run { heard, installs })) };
        let next = Instant::now() + TRY_AGAIN.max(report.again.unwrap_or_default());
        leading.pause();
        // Whoever comes to a console meanwhile does not wait for the next time.
        while Instant::now() < next {
            let told = |why: Phrase| {
                leading.tell(why.clone());
                tell(printer, "waiting", why);
            };
            match waiting.on(report.clone().into(), stop, told).await {
                Err(refusal) if refusal.report.id == ErrorId::Stopped => return Err(refusal),
                Err(_for_too_long) => return Ok(Waited::For(Run { heard, installs })),
                Ok(()) if leading.is_taken_over() => return Ok(Waited::TakenOver),
                Ok(()) => {}
            }
        }
        failed = Some(Run { heard, installs });
    }
}

/// What a run has failed of, where all of it passes by itself.
fn passes(events: &[Event]) -> Option<&Report> {
    let failures = events.iter().find_map(|event| match event {
        Event::StepFailed { failures, .. } => Some(failures),
        _ => None,
    })?;
    let passing = failures.iter().all(|report| report.again.is_some());
    failures.first().filter(|_| passing)
}

/// Waits for the answers, until it is clear that there will be none.
async fn wait_for<W: Write>(
    setup: &Setup,
    supply: &Supply,
    leading: &mut Leading,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Waited<Box<Answers>>, NotBegun> {
    let mut waiting = Waiting::new();
    loop {
        let refusal = match setup.supplied(supply).await {
            Ok(Some(answers)) => return Ok(Waited::For(Box::new(answers))),
            // It was there a moment ago.
            Ok(None) => Report::new(ErrorId::AnswersSource, phrase!("supply-gone" { name: supply.name() })).into(),
            Err(refusal) => refusal,
        };
        if refusal.report.again.is_none() {
            return Err(refusal);
        }
        let told = |why: Phrase| {
            leading.tell(why.clone());
            tell(printer, "waiting", why);
        };
        waiting.on(refusal, stop, told).await?;
        if leading.is_taken_over() {
            return Ok(Waited::TakenOver);
        }
    }
}

/// Carries the setup out; gives what has happened, and leaves its end to be told.
async fn carry_out<W: Write>(
    setup: &Setup,
    supply: &Supply,
    answers: Answers,
    leading: &mut Leading,
    printer: &mut Printer<W>,
) -> Vec<Event> {
    leading.begin();
    let first = setup.install_first(&answers, Some(supply), false);
    let (mut running, mut heard) = (first.unwrap_or_else(|| setup.start(answers)), Vec::new());
    while let Some(event) = running.events.recv().await {
        leading.hear(&event);
        // There is something to be done before it has ended.
        if !matches!(event, Event::Ended(_)) {
            printer.print(&event);
        }
        // What was only said in passing is out of date by then.
        if !matches!(event, Event::Note { .. }) {
            heard.push(event);
        }
    }
    heard
}

fn wants_sign_in(events: &[Event]) -> bool {
    let needs = |report: &Report| report.id == ErrorId::SignInNeeded;
    events.iter().any(|event| matches!(event, Event::StepFailed { failures, .. } if failures.iter().any(needs)))
}

/// Says something that is no part of a run.
fn tell<W: Write>(printer: &mut Printer<W>, what: &str, said: Phrase) {
    let object = json!({"type": "unattended", "id": what, "message": said.to_string()});
    printer.tell(&[said], &object);
}

/// The machine is set up, whatever it is given; `left` is what else is to be read before a login.
fn ignored<W: Write>(setup: &Setup, printer: &mut Printer<W>, name: Phrase, mut left: Vec<Phrase>) -> Exit {
    let said = phrase!("unattended-ignored" { name });
    left.push(said.clone());
    say_at_login(setup, printer, &left);
    nothing_done(printer, "ignored", said)
}

/// Says why there is nothing to be done.
fn nothing_done<W: Write>(printer: &mut Printer<W>, what: &str, said: Phrase) -> Exit {
    tell(printer, what, said);
    printer.tell_programs(&Event::Ended(Ending { because: None, changed: false }));
    Exit::Done
}
