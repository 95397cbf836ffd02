//! What `main` runs: the runtime, signals and the printer first, and then the wizard, a run from answers, or a command.

use std::{
    io::{self, Read, Write},
    panic::PanicHookInfo,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime::{self, Runtime},
    signal::unix::{SignalKind, signal},
    task::spawn_blocking,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{Answers, Draft},
    cli::{Cli, Command, Output, SetupArgs},
    commands, engine,
    error::{ErrorId, Report},
    exit::Exit,
    faces::{
        drawn,
        headless::{self, printer::Printer},
        lines, replay,
    },
    screen::{Look, Otherwise, Outlet, guard},
    setup::{NotBegun, Places, Setup, Variables, input},
    values::Proxies,
    words::{self, Language, Phrase, Words, phrase},
};

pub use crate::screen::look::Environment;

/// Everything ambient that the program uses: `main` reads it, nobody else does.
#[derive(Debug, Clone, Default)]
pub struct Ambient<'a> {
    /// `PATH`.
    pub search_path: String,
    /// All of it, for the credential plugin of a kubeconfig.
    pub variables: Variables,
    /// `CREDENTIALS_DIRECTORY` (systemd.exec(5)).
    pub credentials: Option<PathBuf>,
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

/// How long a run that was asked to end is waited for while it holds nothing.
const LAST_STEPS: Duration = Duration::from_secs(5);

/// What a panic comes to: the terminal given back, a sentence in `out`, and the exit code of a defect.
///
/// `main` ends the process with it, because the release build does not unwind (its tables
/// would be a tenth of the binary). What another task must not have cut in two, such as a
/// code under way, is waited for; of the rest nothing is lost that a power cut would not
/// lose: the journal is on the disk. It is told in English: the vendor's support reads it, and
/// nothing is to be worked out any more.
pub fn panicked(info: &PanicHookInfo<'_>, out: impl Write + Send + 'static) -> Exit {
    guard::give_back();
    let message = match info.location() {
        Some(place) => phrase!("panicked-at" { place: format!("{}:{}", place.file(), place.line()) }),
        None => phrase!("panicked"),
    };
    let said = info.payload_as_str().map(own_words);
    let causes = said.map(Phrase::from).into_iter().collect();
    let report = Report { causes, ..Report::new(ErrorId::Defect, message) };
    // Nobody may be left to read it, and the process has to end all the same.
    let mut out = match Outlet::new(out) {
        Ok(out) => out,
        Err((_no_thread, out)) => return refuse(report, out),
    };
    let exit = refuse(report, out.clone());
    let _over = engine::wait_for_holds(|| {
        let _ = writeln!(out, "{}", phrase!("panic-waits")).and_then(|()| out.flush());
    });
    out.settle();
    exit
}

fn refuse(report: Report, out: impl Write) -> Exit {
    headless::refuse(report.into(), &mut Printer::new(out, Output::Text, Language::English))
}

/// What a panic says of itself, up to what it quotes: that may be a secret. `expect` and `unwrap` quote the error behind a
/// colon, and whatever it holds in its own way.
fn own_words(said: &str) -> &str {
    said.split(['`', '"', '\'', ':', '(', '{', '[', '“', '„', '‘', '«']).next().unwrap_or_default().trim_end()
}

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
    let ended = match command {
        Some(Command::Replay { file, at, open: true }) => reopen(&file, at, ambient, spoken, &mut out),
        Some(command) => commands::run(command, places(&arguments, ambient), &Words::new(spoken), &mut stdin, &mut out),
        None => match runtime() {
            Ok(runtime) => {
                let output = arguments.output;
                let exit = runtime.block_on(set_up(arguments, ambient, stdin, out, (output, spoken)));
                // A name that is still being looked up, or input that never comes, must not hold the end up.
                runtime.shutdown_background();
                return exit;
            }
            Err(refusal) => Err(refusal),
        },
    };
    ended.unwrap_or_else(|refusal| headless::refuse(refusal, &mut Printer::new(out, Output::Text, spoken)))
}

fn places(arguments: &SetupArgs, ambient: &Ambient<'_>) -> Places {
    Places {
        root: arguments.root.clone(),
        kubeconfig: arguments.kubeconfig.clone(),
        search_path: ambient.search_path.clone(),
        variables: ambient.variables.clone(),
        credentials: ambient.credentials.clone(),
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

/// A setup from its arguments to its end, and to the end of what is printed about it.
async fn set_up(
    arguments: SetupArgs,
    ambient: &Ambient<'_>,
    stdin: impl Read + Send + 'static,
    out: impl Write + Send + 'static,
    (output, language): (Output, Language),
) -> Exit {
    let outlet = match Outlet::new(out) {
        Ok(outlet) => outlet,
        Err((error, out)) => return headless::refuse(no_threads(&error), &mut Printer::new(out, output, language)),
    };
    let mut printer = Printer::new(outlet.clone(), output, language);
    let stop = CancellationToken::new();
    let work = async {
        let stuck = stop_on_signals(&stop)?;
        tokio::select! {
            ended = Box::pin(carry_out(arguments, ambient, stdin, &mut printer, &stop)) => ended,
            () = stuck.cancelled() => Err(Report::new(ErrorId::Stopped, phrase!("stopped-stuck")).into()),
        }
    };
    let ended = work.await;
    let exit = ended.unwrap_or_else(|refusal| headless::refuse(refusal, &mut printer));
    outlet.close(&stop).await;
    exit
}

async fn carry_out<W: Write>(
    arguments: SetupArgs,
    ambient: &Ambient<'_>,
    stdin: impl Read + Send + 'static,
    printer: &mut Printer<W>,
    stop: &CancellationToken,
) -> Result<Exit, NotBegun> {
    let wizard = arguments.answers.is_none() || arguments.ask;
    if wizard && !ambient.terminal {
        return Err(usage(phrase!("no-terminal"), phrase!("no-terminal-hint")));
    }
    if arguments.record.is_some() && !wizard {
        return Err(usage(phrase!("no-wizard"), phrase!("no-wizard-hint")));
    }
    let environment = Environment { plain: arguments.plain, ..ambient.environment };
    let look = Look::of(environment, Language::of_locale(&ambient.locale));
    let otherwise = Otherwise::of(environment);
    let (rehearse, record) = (arguments.dry_run, arguments.record.clone());
    let (places, token) = (places(&arguments, ambient), stop.clone());
    // Whatever is read may be a pipe on which nothing comes: it is waited for beside the signals.
    let reading = spawn_blocking(move || read(&arguments, wizard, places, stdin, token));
    let (setup, answers) = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(Report::new(ErrorId::Stopped, phrase!("stopped-reading")).into()),
        read = reading => read.map_err(|error| defect(phrase!("no-threads"), &error.into()))??,
    };
    match answers {
        Given::All(answers) if rehearse => Ok(headless::follow(setup.rehearse_whole(*answers), printer).await),
        Given::All(answers) => Ok(headless::follow(setup.start(*answers), printer).await),
        Given::Some(draft) => open(setup, draft, look, otherwise, record.as_deref(), stop.clone()).await,
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
    let profile = input::profile(arguments.profile.as_deref())?;
    let setup = Setup::new(profile, places, stop)?;
    let path = arguments.answers.as_ref();
    let given = path.map(|path| input::answers(path, setup.profile(), &mut stdin)).transpose()?;
    let given = match given {
        Some(given) if !wizard => Given::All(Box::new(given.finish(&setup)?)),
        given => {
            let mut draft = given.map(input::Given::into_draft).transpose()?.unwrap_or_default();
            // What cannot be read is asked for.
            let _unread = setup.read_secrets(&mut draft);
            Given::Some(draft)
        }
    };
    Ok((setup, given))
}

/// Opens the wizard.
async fn open(
    setup: Setup,
    draft: Draft,
    look: Look,
    otherwise: Otherwise,
    record: Option<&Path>,
    stop: CancellationToken,
) -> Result<Exit, NotBegun> {
    let recording = record.map(input::create_recording).transpose()?;
    let recording = recording.map(|file| -> Box<dyn Write + Send> { Box::new(file) });
    let left = if look.plain {
        lines::run(setup, draft, look, otherwise, recording, stop).await
    } else {
        drawn::run(setup, draft, look, otherwise, recording, stop).await
    };
    left.map_err(|error| defect(phrase!("terminal-unusable"), &error))
}

/// Has `stop` cancelled by SIGTERM, SIGINT, SIGHUP and SIGQUIT. It is done on a thread with a runtime of its own: a task that
/// waits where it stands may keep the other one from hearing of anything. Gives what is cancelled later when a run does
/// not end and holds nothing that must not be cut: it waits for something that no signal reaches, such as a file on a
/// disk that is gone, and leaving it is as harmless as a power cut.
fn stop_on_signals(stop: &CancellationToken) -> Result<CancellationToken, NotBegun> {
    let unheard = |error: io::Error| defect(phrase!("no-signals"), &error);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(unheard)?;
    let listen = || -> io::Result<_> {
        let _within = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok((terminate, interrupt, signal(SignalKind::hangup())?, signal(SignalKind::quit())?))
    };
    let (mut terminate, mut interrupt, mut hangup, mut quit) = listen().map_err(unheard)?;
    let (stop, stuck) = (stop.clone(), CancellationToken::new());
    let given_up = stuck.clone();
    let listening = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
            stop.cancel();
            sleep(LAST_STEPS).await;
            // What is held may hang as well; and when it has ended, the run has a moment to end by itself.
            while engine::is_holding() {
                sleep(LAST_STEPS).await;
            }
            sleep(LAST_STEPS).await;
            given_up.cancel();
        });
    };
    thread::Builder::new().spawn(listening).map_err(|error| no_threads(&error))?;
    Ok(stuck)
}

fn usage(message: Phrase, hint: Phrase) -> NotBegun {
    Report { hint, ..Report::new(ErrorId::Usage, message) }.into()
}

fn no_threads(error: &io::Error) -> NotBegun {
    let message = phrase!("no-threads");
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::ThreadsLow, message) }.into()
}

fn defect(message: Phrase, error: &io::Error) -> NotBegun {
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::Defect, message) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_quotes_is_left_out() {
        for (said, told) in [
            (
                "byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `s3cret`",
                "byte index 1 is not a char boundary; it is inside",
            ),
            ("called `Result::unwrap()` on an `Err` value: Parse(\"s3cret\")", "called"),
            ("a header: InvalidHeaderValue { bytes: s3cret }", "a header"),
            ("a token: s3cret", "a token"),
            ("it is \"s3cret\"", "it is"),
            ("all is well", "all is well"),
        ] {
            assert_eq!(own_words(said), told);
        }
    }
}
