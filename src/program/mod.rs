//! What `main` runs: the runtime, signals and the printer first, and then the wizard, a run from answers, or a command.

mod install;
mod panicked;
mod refusals;
mod signals;
mod unattended;

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use tokio::{
    runtime::{self, Runtime},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, CertificateFiles, Draft},
    cli::{
        CertificateCommand, Cli, Command, ImportArgs, InstallArgs, Output, PlaceArgs, ReconcileArgs, RotateArgs,
        SetupArgs, SmallCommand,
    },
    commands,
    error::{ErrorId, Report},
    exit::Exit,
    faces::{
        Opening, drawn,
        headless::{self, leading::Leading, printer::Printer},
        lines, replay,
    },
    screen::{Look, Otherwise, Outlet},
    setup::{Admission, NotBegun, Places, Setup, Variables, input},
    values::Proxies,
    words::{self, Language, Phrase, Words, phrase},
};

use refusals::{defect, no_threads, usage};
use signals::stop_on_signals;

pub use crate::screen::look::Environment;
pub use panicked::panicked;

/// Everything ambient that the program uses: `main` reads it, nobody else does.
#[derive(Debug, Clone, Default)]
pub struct Ambient<'a> {
    /// `PATH`.
    pub search_path: String,
    /// All of it, for the credential plugin of a kubeconfig.
    pub variables: Variables,
    /// `CREDENTIALS_DIRECTORY` (systemd.exec(5)).
    pub credentials: Option<PathBuf>,
    /// `RUNTIME_DIRECTORY` (systemd.exec(5)).
    pub runtime: Option<PathBuf>,
    /// The variables that name proxies.
    pub proxies: Proxies,
    /// The locale of messages: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set (locale(7)).
    pub locale: String,
    /// What it says about the terminal.
    pub environment: Environment<'a>,
    /// Whether both ends of a terminal are there for the wizard.
    pub terminal: bool,
}

/// Workers, signals, printing, typing, and what reads files or asks for names.
const FIRST_THREADS: usize = 8;

/// Runs the program and gives its exit code.
pub fn run(
    cli: Cli,
    ambient: &Ambient<'_>,
    mut stdin: impl Read + Send + 'static,
    mut out: impl Write + Send + 'static,
) -> Exit {
    let Cli { command, setup: arguments } = cli;
    // The wizard has other characters for those that a terminal lacks; lines have not.
    let is_utf8 = words::is_utf8(ambient.environment.characters);
    let spoken = if is_utf8 { Language::of_locale(&ambient.locale) } else { Language::English };
    let task = match command {
        None => Task::SetUp(arguments),
        Some(Command::Rotate(arguments)) => Task::Rotate(arguments),
        Some(Command::Reconcile(arguments)) => Task::Reconcile(arguments),
        Some(Command::Certificate(command)) => Task::Certificate(command),
        Some(Command::Install(arguments)) => Task::Install(arguments),
        Some(Command::Small(command)) => {
            let ended = match command {
                SmallCommand::Replay { file, at, open: true } => reopen(&file, at, ambient, spoken, &mut out),
                command => {
                    let places = places(&arguments.place, ambient);
                    commands::run(command, places, &Words::new(spoken), &mut stdin, &mut out)
                }
            };
            let refuse = |refusal| headless::refuse(refusal, &mut Printer::new(out, Output::Text, spoken));
            return ended.unwrap_or_else(refuse);
        }
    };
    match runtime() {
        Ok(runtime) => {
            let exit = runtime.block_on(run_task(task, ambient, stdin, out, spoken));
            // A name that is still being looked up, or input that never comes, must not hold the end up.
            runtime.shutdown_background();
            exit
        }
        Err(refusal) => headless::refuse(refusal, &mut Printer::new(out, Output::Text, spoken)),
    }
}

/// What takes a while, and can be stopped.
enum Task {
    SetUp(SetupArgs),
    Rotate(RotateArgs),
    Reconcile(ReconcileArgs),
    Certificate(CertificateCommand),
    Install(InstallArgs),
}

fn places(place: &PlaceArgs, ambient: &Ambient<'_>) -> Places {
    Places {
        root: place.root.clone(),
        kubeconfig: place.kubeconfig.clone(),
        search_path: ambient.search_path.clone(),
        variables: ambient.variables.clone(),
        credentials: ambient.credentials.clone(),
        runtime: ambient.runtime.clone(),
        proxies: ambient.proxies.clone(),
    }
}

/// Opens the wizard where a recording of it ends.
fn reopen(
    file: &Path,
    at: Option<usize>,
    ambient: &Ambient<'_>,
    language: Language,
    out: &mut impl Write,
) -> Result<Exit, NotBegun> {
    if !ambient.terminal {
        return Err(usage(phrase!("no-terminal"), phrase!("no-terminal-replay-hint")));
    }
    let text = input::read_recording(file)?;
    let (words, otherwise) = (Words::new(language), Otherwise::of(ambient.environment));
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let _never_stuck = stop_on_signals(&stop)?;
        replay::reopen::reopen(&text, at, &words, otherwise, stop, out).await?;
        Ok(Exit::Done)
    })
}

/// Two workers: TLS to Kubernetes and to the license service side by side. What blocks has threads of its own.
fn runtime() -> Result<Runtime, NotBegun> {
    try_threads().map_err(|error| no_threads(&error))?;
    // One TLS backend for everything; that another one was installed first cannot be.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| no_threads(&error))
}

/// Starts as many threads as are needed until a run is under way, and ends them: whoever starts one later, the runtime for
/// one, knows no other answer to a machine that has no room for it than a panic.
fn try_threads() -> io::Result<()> {
    let (go_on, waits) = mpsc::channel::<()>();
    let waits = Arc::new(Mutex::new(waits));
    let threads = (0..FIRST_THREADS).map(|_| {
        let waits = Arc::clone(&waits);
        thread::Builder::new().spawn(move || drop(waits.lock().map(|waits| waits.recv())))
    });
    let threads: io::Result<Vec<_>> = threads.collect();
    drop(go_on);
    threads?.into_iter().for_each(|thread| drop(thread.join()));
    Ok(())
}

/// A task from its arguments to its end, and to the end of what is printed about it.
async fn run_task(
    task: Task,
    ambient: &Ambient<'_>,
    stdin: impl Read + Send + 'static,
    out: impl Write + Send + 'static,
    language: Language,
) -> Exit {
    let output = match &task {
        Task::SetUp(arguments) => arguments.output,
        Task::Rotate(arguments) => arguments.output,
        Task::Reconcile(arguments) => arguments.output,
        Task::Certificate(command) => command.shown().output,
        Task::Install(arguments) => arguments.show.output,
    };
    let outlet = match Outlet::new(out) {
        Ok(outlet) => outlet,
        Err((error, out)) => return headless::refuse(no_threads(&error), &mut Printer::new(out, output, language)),
    };
    let mut printer = Printer::new(outlet.clone(), output, language);
    let stop = CancellationToken::new();
    let work = async {
        let stuck = stop_on_signals(&stop)?;
        let carried_out = async {
            match task {
                Task::SetUp(arguments) => Box::pin(set_up(arguments, ambient, stdin, &mut printer, &stop)).await,
                Task::Rotate(arguments) => Box::pin(rotate(arguments, ambient, &mut printer, &stop)).await,
                Task::Reconcile(ReconcileArgs { dry_run, place, .. }) => {
                    let setup = set_up_in(&place, ambient, &stop)?;
                    Ok(headless::follow(setup.reconcile(dry_run), &mut printer).await)
                }
                Task::Certificate(command) => Box::pin(certificate(command, ambient, &mut printer, &stop)).await,
                Task::Install(arguments) => {
                    let (wanted, erase) = install::asked(&arguments)?;
                    let setup = set_up_in(&arguments.show.place, ambient, &stop)?;
                    Ok(headless::follow(setup.install(wanted, erase, arguments.dry_run), &mut printer).await)
                }
            }
        };
        tokio::select! {
            ended = carried_out => ended,
            () = stuck.cancelled() => Err(Report::new(ErrorId::Stopped, phrase!("stopped-stuck")).into()),
        }
    };
    let ended = work.await;
    let exit = ended.unwrap_or_else(|refusal| headless::refuse(refusal, &mut printer));
    outlet.close(&stop).await;
    exit
}

/// The setup that a profile describes, there.
fn set_up_in(place: &PlaceArgs, ambient: &Ambient<'_>, stop: &CancellationToken) -> Result<Setup, NotBegun> {
    let profile = input::profile(place.profile.as_deref(), place.root.as_deref())?;
    Ok(Setup::new(profile, places(place, ambient), stop.clone())?)
}

/// Replaces a value, once it is confirmed.
async fn rotate<W: Write>(
    arguments: RotateArgs,
    ambient: &Ambient<'_>,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Exit, NotBegun> {
    let setup = set_up_in(&arguments.place, ambient, stop)?;
    let said = setup.rotation(&arguments.id)?;
    if !arguments.yes {
        // Stands in the profile, and so is said to everybody.
        let refusal = Report::new(ErrorId::Usage, phrase!("rotation-unconfirmed" { id: arguments.id }));
        let hint = said.into_iter().chain([phrase!("rotation-unconfirmed-hint")]).reduce(Phrase::then);
        return Err(Report { hint: hint.unwrap_or(Phrase::nothing()), ..refusal }.into());
    }
    if ambient.terminal
        && let Some(left) = Box::pin(sign_in(&setup, ambient, stop)).await?
    {
        return Ok(left);
    }
    Ok(headless::follow(setup.rotate(&arguments.id)?, printer).await)
}

/// Tells or changes which certificate is shown.
async fn certificate<W: Write>(
    command: CertificateCommand,
    ambient: &Ambient<'_>,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Exit, NotBegun> {
    let setup = set_up_in(&command.shown().place, ambient, stop)?;
    if ambient.terminal
        && let Some(left) = Box::pin(sign_in(&setup, ambient, stop)).await?
    {
        return Ok(left);
    }
    match command {
        CertificateCommand::Request(_) => headless::certificate::request(&setup, printer).await,
        CertificateCommand::Show(_) => headless::certificate::show(&setup, printer).await,
        CertificateCommand::Import(ImportArgs { file, key_file, password_file, dry_run, .. }) => {
            let running = setup.import(CertificateFiles { file, key_file }, password_file.as_deref(), dry_run)?;
            Ok(headless::follow(running, printer).await)
        }
    }
}

async fn set_up<W: Write>(
    arguments: SetupArgs,
    ambient: &Ambient<'_>,
    stdin: impl Read + Send + 'static,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Exit, NotBegun> {
    let wizard = arguments.answers.is_none() || arguments.ask;
    if arguments.unattended {
        let setup = set_up_in(&arguments.place, ambient, stop)?;
        return Box::pin(unattended::run(&setup, printer, stop)).await;
    }
    if wizard && !ambient.terminal {
        return Err(usage(phrase!("no-terminal"), phrase!("no-terminal-hint")));
    }
    if arguments.record.is_some() && !wizard {
        return Err(usage(phrase!("no-wizard"), phrase!("no-wizard-hint")));
    }
    let (look, otherwise) = looked_at(ambient, arguments.plain);
    let (rehearse, record) = (arguments.dry_run, arguments.record.clone());
    let places = places(&arguments.place, ambient);
    let token = stop.clone();
    // Whatever is read may be a pipe on which nothing comes: it is waited for beside the signals.
    let reading = spawn_blocking(move || read(&arguments, wizard, places, stdin, token));
    let (setup, answers) = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(Report::new(ErrorId::Stopped, phrase!("stopped-reading")).into()),
        read = reading => read.map_err(|error| defect(phrase!("no-threads"), &error.into()))??,
    };
    match answers {
        Given::All(answers) if rehearse => {
            let first = setup.install_first(&answers, None, true);
            Ok(headless::follow(first.unwrap_or_else(|| setup.rehearse_whole(*answers)), printer).await)
        }
        Given::All(answers) => {
            let mut leading = Leading::take(&setup, phrase!("unattended-begins")).await;
            leading.begin();
            let first = setup.install_first(&answers, None, false);
            let installs = first.is_some();
            let running = first.unwrap_or_else(|| setup.start(*answers));
            let exit = headless::follow_with(running, printer, |event| leading.hear(event)).await;
            if !installs {
                leading.end(exit);
            }
            Ok(exit)
        }
        Given::Some(draft) => {
            let recording = record.as_deref().map(input::create_recording).transpose()?;
            let recording = recording.map(|file| -> Box<dyn Write + Send> { Box::new(file) });
            setup.guard();
            let admission = setup.admission_at_once().await;
            let (terminal, stop) = (ambient.environment.name.to_owned(), stop.clone());
            open(Opening { setup, draft, admission, alone: false, terminal, look, otherwise, recording, stop }).await
        }
    }
}

/// What is known of the answers at the beginning.
enum Given {
    All(Box<Answers>),
    Some(Draft),
}

/// Reads all that a setup begins with.
fn read(
    arguments: &SetupArgs,
    wizard: bool,
    places: Places,
    mut stdin: impl Read,
    stop: CancellationToken,
) -> Result<(Setup, Given), NotBegun> {
    let profile = input::profile(arguments.place.profile.as_deref(), places.root.as_deref())?;
    let setup = Setup::new(profile, places, stop)?;
    let path = arguments.answers.as_ref();
    let given = path.map(|path| input::answers(path, setup.profile(), &mut stdin)).transpose()?;
    let given = match given {
        Some(given) if !wizard => Given::All(Box::new(given.finish(&setup)?)),
        given => {
            let mut draft = match given {
                Some(given) => given.into_draft()?,
                None => setup.typed(),
            };
            // What cannot be read is asked for.
            let _unread = setup.read_secrets(&mut draft);
            Given::Some(draft)
        }
    };
    Ok((setup, given))
}

/// Opens the wizard.
async fn open(opening: Opening) -> Result<Exit, NotBegun> {
    let left =
        if opening.look.plain { Box::pin(lines::run(opening)).await } else { Box::pin(drawn::run(opening)).await };
    left.map_err(|error| defect(phrase!("terminal-unusable"), &error))
}

/// Has whoever sits at the terminal sign in, if the setup has finished; gives how it ended where nobody has.
async fn sign_in(setup: &Setup, ambient: &Ambient<'_>, stop: &CancellationToken) -> Result<Option<Exit>, NotBegun> {
    setup.guard();
    let admission = setup.admission().await;
    if admission == Admission::Everybody {
        return Ok(None);
    }
    let (look, otherwise) = looked_at(ambient, false);
    let (setup, draft, stop) = (setup.clone(), Draft::default(), stop.clone());
    let (terminal, recording) = (ambient.environment.name.to_owned(), None);
    let ended =
        open(Opening { setup, draft, admission, alone: true, terminal, look, otherwise, recording, stop }).await?;
    Ok(Some(ended).filter(|ended| *ended != Exit::Done))
}

/// What the terminal can show, and what is believed of it otherwise.
fn looked_at(ambient: &Ambient<'_>, plain: bool) -> (Look, Otherwise) {
    let environment = Environment { plain, ..ambient.environment };
    (Look::of(environment, Language::of_locale(&ambient.locale)), Otherwise::of(environment))
}
