//! What `main` runs: the runtime, signals and the printer first, and then the wizard, a run from answers, or a command.

use std::{
    io::{self, Read, Write},
    panic::PanicHookInfo,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::Draft,
    cli::{Cli, Command, Output, SetupArgs},
    commands, engine,
    error::{ErrorId, Report},
    exit::Exit,
    faces::{
        drawn,
        headless::{self, printer::Printer},
        lines, replay,
    },
    screen::{Look, guard, look::Environment},
    setup::{NotBegun, Places, Setup, input},
    words::{self, Language, Phrase, Words, phrase},
};

/// Everything ambient that the program uses: `main` reads it, nobody else does.
#[derive(Debug, Clone, Default)]
pub struct Ambient {
    /// `PATH`.
    pub search_path: String,
    /// `CREDENTIALS_DIRECTORY` (systemd.exec(5)).
    pub credentials: Option<PathBuf>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `TERM`.
    pub term: String,
    /// `COLORTERM`.
    pub colorterm: String,
    /// The locale of characters: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set (locale(7)).
    pub characters: String,
    /// The locale of messages: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set (locale(7)).
    pub locale: String,
    /// The device of the terminal (ttyname(3)); empty without one.
    pub terminal_name: String,
    /// Whether both ends of a terminal are there for the wizard.
    pub terminal: bool,
}

/// The longest that a panic waits for what must not be cut in two: as long as Helm, the slowest of it, is given.
const LAST_EFFECTS: Duration = Duration::from_mins(5);

/// What a panic comes to: the terminal given back, a sentence in `out`, and the exit code of a defect.
///
/// `main` ends the process with it, because the release build does not unwind (its tables
/// would be a tenth of the binary). What another task must not have cut in two, such as a
/// code under way, is waited for; of the rest nothing is lost that a power cut would not
/// lose: the journal is on the disk. It is told in English: the vendor's support reads it, and
/// nothing is to be worked out any more.
pub fn panicked(info: &PanicHookInfo<'_>, out: &mut impl Write) -> Exit {
    guard::give_back();
    let message = match info.location() {
        Some(place) => phrase!("panicked-at" { place: format!("{}:{}", place.file(), place.line()) }),
        None => phrase!("panicked"),
    };
    // Up to the first quotation: what a slice of a string panics with may be a secret.
    let said = info.payload_as_str().and_then(|text| text.split('`').next());
    let causes = said.map(Phrase::from).into_iter().collect();
    let report = Report { causes, ..Report::new(ErrorId::Defect, message) };
    let exit = headless::refuse(report.into(), &mut Printer::new(&mut *out, Output::Text, Language::English));
    engine::wait_for_holds(LAST_EFFECTS, || {
        let _ = writeln!(out, "{}", phrase!("panic-waits"));
    });
    exit
}

/// Runs the program and gives its exit code.
pub fn run(cli: Cli, ambient: Ambient, stdin: &mut (dyn Read + Send), out: &mut (impl Write + Send)) -> Exit {
    let Cli { command, setup: arguments } = cli;
    let language = Language::of_locale(&ambient.locale);
    // The wizard has other characters for those that a terminal lacks; lines have not.
    let spoken = if words::is_utf8(&ambient.characters) { language } else { Language::English };
    let places = Places {
        root: arguments.root.clone(),
        kubeconfig: arguments.kubeconfig.clone(),
        search_path: ambient.search_path,
        credentials: ambient.credentials,
    };
    match command {
        Some(Command::Replay { file, at, open: true }) => {
            return reopen(&file, at, ambient.terminal, spoken, out);
        }
        Some(command) => return commands::run(command, places, spoken, stdin, out),
        None => {}
    }
    let environment = Environment {
        no_color: ambient.no_color,
        term: &ambient.term,
        colorterm: &ambient.colorterm,
        characters: &ambient.characters,
        name: &ambient.terminal_name,
        plain: arguments.plain,
    };
    let mut printer = Printer::new(out, arguments.output, spoken);
    let wizard = arguments.answers.is_none() || arguments.ask;
    if wizard && !ambient.terminal {
        return headless::refuse(no_terminal(phrase!("no-terminal-hint")), &mut printer);
    }
    if arguments.record.is_some() && !wizard {
        return headless::refuse(no_wizard(), &mut printer);
    }
    match runtime() {
        Ok(runtime) => {
            let look = Look::of(environment, language);
            let exit = runtime.block_on(set_up(arguments, places, look, stdin, &mut printer));
            // A name that is still being looked up must not hold the end up.
            runtime.shutdown_background();
            exit
        }
        Err(error) => headless::refuse(defect(phrase!("no-threads"), &error), &mut printer),
    }
}

/// Opens the wizard where a recording of it ends.
fn reopen(file: &Path, at: Option<usize>, terminal: bool, language: Language, out: &mut impl Write) -> Exit {
    if !terminal {
        let refusal = no_terminal(phrase!("no-terminal-replay-hint"));
        return headless::refuse(refusal, &mut Printer::new(out, Output::Text, language));
    }
    let opened = input::recording(file).and_then(|text| {
        let runtime = runtime().map_err(|error| defect(phrase!("no-threads"), &error))?;
        runtime.block_on(async {
            let stop = stop_on_signals().map_err(|error| defect(phrase!("no-signals"), &error))?;
            Ok(replay::reopen::reopen(&text, at, &Words::new(language), stop, out).await?)
        })
    });
    match opened {
        Ok(()) => Exit::Done,
        Err(refusal) => headless::refuse(refusal, &mut Printer::new(out, Output::Text, language)),
    }
}

/// Two workers: TLS to Kubernetes and to the license service side by side. What blocks has threads of its own.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    // One TLS backend for everything; that another one was installed first cannot be.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

async fn set_up<W: Write>(
    arguments: SetupArgs,
    places: Places,
    look: Look,
    stdin: &mut (dyn Read + Send),
    printer: &mut Printer<W>,
) -> Exit {
    let stop = match stop_on_signals() {
        Ok(stop) => stop,
        Err(error) => return headless::refuse(defect(phrase!("no-signals"), &error), printer),
    };
    let setup = input::profile(arguments.profile.as_deref()).and_then(|profile| input::setup(profile, places));
    let setup = match setup {
        Ok(setup) => setup,
        Err(refusal) => return headless::refuse(refusal, printer),
    };
    let given = match arguments.answers.as_ref().map(|path| input::answers(path, setup.profile(), stdin)).transpose() {
        Ok(given) => given,
        Err(refusal) => return headless::refuse(refusal, printer),
    };
    if let (Some(given), true) = (&given, arguments.ask)
        && let Some(refusal) = given.refusal()
    {
        return headless::refuse(refusal, printer);
    }
    match given {
        Some(given) if !arguments.ask => match given.finish(&setup) {
            Ok(answers) if arguments.dry_run => {
                headless::follow(setup.rehearse(Some(answers.public)), printer, &stop).await
            }
            Ok(answers) => headless::follow(setup.start(answers), printer, &stop).await,
            Err(refusal) => headless::refuse(refusal, printer),
        },
        given => {
            let draft = given.map(|given| given.draft).unwrap_or_default();
            Box::pin(wizard(setup, draft, look, arguments.record.as_deref(), stop, printer)).await
        }
    }
}

async fn wizard<W: Write>(
    setup: Setup,
    mut draft: Draft,
    look: Look,
    record: Option<&Path>,
    stop: CancellationToken,
    printer: &mut Printer<W>,
) -> Exit {
    // What cannot be read is asked for.
    let _unread = setup.read_secrets(&mut draft);
    let recording = match record.map(input::new_recording).transpose() {
        Ok(recording) => recording,
        Err(refusal) => return headless::refuse(refusal, printer),
    };
    let left = if look.plain {
        lines::run(setup, draft, look, recording, stop).await
    } else {
        drawn::run(setup, draft, look, recording, stop).await
    };
    match left {
        Ok(exit) => exit,
        Err(error) => headless::refuse(defect(phrase!("terminal-unusable"), &error), printer),
    }
}

/// Cancelled by SIGTERM, SIGINT and SIGHUP; each lets a run finish what must not be cut.
fn stop_on_signals() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let (mut signals, stop) = (signal(kind)?, stop.clone());
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}

fn no_terminal(hint: Phrase) -> NotBegun {
    Report { hint, ..Report::new(ErrorId::Usage, phrase!("no-terminal")) }.into()
}

fn no_wizard() -> NotBegun {
    let hint = phrase!("no-wizard-hint");
    Report { hint, ..Report::new(ErrorId::Usage, phrase!("no-wizard")) }.into()
}

fn defect(message: Phrase, error: &io::Error) -> NotBegun {
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::Defect, message) }.into()
}
