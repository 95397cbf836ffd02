//! A signal ends the program whatever its output and its input are doing, and nothing is sent after it.

use std::{
    fs,
    io::{PipeWriter, Write},
    path::Path,
    process::Stdio,
};

use firstlight::error::ErrorId;
use rustix::{
    fs::{CWD, Mode, OFlags, fcntl_setfl, mkfifoat},
    io::ioctl_fionread,
    process::Signal,
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command, task::spawn_blocking};

use crate::support::{
    Machine,
    console::{Console, key, words},
    pages::{Page, alone},
    process::{self, Running},
    until, within,
};

const CODE: &str = "K7QP-M2RX";
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
const SIZE: (u16, u16) = (80, 24);
const SIGNALS: [Signal; 3] = [Signal::TERM, Signal::INT, Signal::HUP];

const ANSWERS: &str = "install-code = 'K7QP-M2RX'\n[tenant]\nname = 'Acme'\n[administrator]\nfirst-name = 'Kim'\n\
                       last-name = 'Admin'\nemail = 'kim@acme.example'\n";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A private file.
fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, private).expect("a mode");
}

/// The writing end of a named pipe, once somebody reads from it.
async fn reader_of(fifo: &Path) -> fs::File {
    let fifo = fifo.to_owned();
    let opening = spawn_blocking(move || fs::File::options().write(true).open(fifo));
    within("the pipe is opened", opening).await.expect("no panic").expect("a pipe")
}

/// A pipe that takes nothing any more, and its other end, from which nobody reads.
fn full_pipe() -> (std::io::PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    fcntl_setfl(&writer, OFlags::NONBLOCK).expect("a pipe");
    while writer.write(&[b'x'; 4096]).is_ok() {}
    while writer.write(b"x").is_ok() {}
    fcntl_setfl(&writer, OFlags::empty()).expect("a pipe");
    (reader, writer)
}

/// A run without a terminal, its answers in `folder`.
fn headless(folder: &Path) -> Command {
    write(folder, "answers.toml", &format!("{ANSWERS}password = 'nine-green-Lamps-over-4-doors'\n"));
    let mut command = alone(folder);
    command.arg("--answers").arg(folder.join("answers.toml"));
    command
}

async fn assert_ends(running: Running, signal: Signal, what: &str) {
    running.signal(signal);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{what}, {signal:?}: {ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_nobody_reads_from() {
    for (signal, output) in SIGNALS.into_iter().zip(["json", "text", "json"]) {
        let folder = folder();
        let (_reader, writer) = full_pipe();
        let mut command = headless(folder.path());
        let mut child = command.args(["--output", output]).stdout(writer).spawn().expect("the binary was built");
        let pid = process::id_of(&child);
        // Signals are taken in from before the lock is.
        let lock = folder.path().join("var/lib/firstlight/lock");
        until("the run begins", || async { lock.exists().then_some(()) }).await;
        rustix::process::kill_process(pid, signal).expect("it runs");
        let status = within("it ends", child.wait()).await.expect("our child");
        assert_eq!(status.code(), Some(130), "{signal:?}, {output}");
    }
}

/// What is refused is told last of all, and nobody takes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_nobody_reads() {
    let folder = folder();
    let (_reader, writer) = full_pipe();
    let mut command = headless(folder.path());
    let answers = folder.path().join("answers.toml");
    fs::remove_file(&answers).expect("a file");
    mkfifoat(CWD, &answers, PRIVATE).expect("a pipe");
    let mut child = command.stdout(writer).spawn().expect("the binary was built");
    // It can be opened when the other side has been.
    let mut fifo = reader_of(&answers).await;
    fifo.write_all(b"nothing = 1").expect("it is read");
    drop(fifo);
    rustix::process::kill_process(process::id_of(&child), Signal::TERM).expect("it runs");
    let status = within("it ends", child.wait()).await.expect("our child");
    assert!(status.code().is_some_and(|code| code == 10 || code == 130), "{status:?}");
}

/// The wizard on a terminal that takes nothing: told to stop as by Ctrl-S or a modem, on a page and during a run.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_was_told_to_wait() {
    for plain in [false, true] {
        for (signal, page) in SIGNALS.into_iter().zip([Page::Progress, Page::Administrator, Page::Code]) {
            let folder = folder();
            let mut command = alone(folder.path());
            command.args(plain.then_some("--plain"));
            let mut console = Console::open(command, SIZE);
            if plain {
                console.wait_for("the first page", |screen| !words(screen).is_empty()).await;
            } else {
                console.answer_until(page, CODE).await;
            }
            console.take_nothing();
            // Something that is to be drawn, and more than the line holds.
            console.press(&format!("abc{}{}", key::ENTER, key::CTRL_L)).await;
            console.signal(signal);
            assert_eq!(console.end().await.code, Some(130), "plain {plain}, {page:?}, {signal:?}");
        }
    }
}

/// Answers, profile and what they name, each a pipe on which nothing comes.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_never_end() {
    for (name, signal) in ["answers", "profile", "password"].into_iter().zip(SIGNALS) {
        let folder = folder();
        let mut command = headless(folder.path());
        let at = |file: &str| {
            let path = folder.path().join(file);
            let _ = fs::remove_file(&path);
            mkfifoat(CWD, &path, PRIVATE).expect("a pipe");
            path
        };
        let fifo = match name {
            "answers" => at("answers.toml"),
            "profile" => at("profile.toml"),
            _ => {
                write(folder.path(), "answers.toml", &format!("{ANSWERS}password-file = '/fifo'\n"));
                at("fifo")
            }
        };
        let running = Running::start(&mut command);
        let _never_written_to = reader_of(&fifo).await;
        assert_ends(running, signal, name).await;
    }
}

/// A part of the run itself waits where no signal reaches it, and holds nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_never_ends() {
    let folder = folder();
    let mut command = headless(folder.path());
    let profile = "[license]\nurl = 'https://127.0.0.1:1'\nattempts = 1\n[cluster]\nstart-timeout-seconds = 1\n";
    write(folder.path(), "profile.toml", profile);
    let state = folder.path().join("var/lib/firstlight");
    fs::create_dir_all(&state).expect("a folder");
    let fifo = state.join("journal.json");
    mkfifoat(CWD, &fifo, PRIVATE).expect("a pipe");
    let running = Running::start(&mut command);
    let _never_written_to = reader_of(&fifo).await;
    assert_ends(running, Signal::TERM, "journal").await;
}

/// What a setup is made from, each a pipe to which nobody writes: it is not waited for.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_told_at_once() {
    for (setting, id) in [
        ("license.ca-file", ErrorId::ProfileFile),
        ("license.token-key-file", ErrorId::ProfileFile),
        ("cluster.kubeconfig", ErrorId::KubeconfigInvalid),
        ("bootstrap.chart", ErrorId::ChartUnreadable),
    ] {
        let folder = folder();
        let mut command = process::firstlight();
        let profile = format!(
            "license.url = 'https://127.0.0.1:1'\nlicense.attempts = 1\ncluster.start-timeout-seconds = 1\n{setting} = '/fifo'\n"
        );
        write(folder.path(), "profile.toml", &profile);
        write(folder.path(), "answers.toml", &format!("{ANSWERS}password = 'nine-green-Lamps-over-4-doors'\n"));
        mkfifoat(CWD, folder.path().join("fifo"), PRIVATE).expect("a pipe");
        command.arg("--root").arg(folder.path()).arg("--profile").arg(folder.path().join("profile.toml"));
        command.arg("--dry-run").arg("--answers").arg(folder.path().join("answers.toml"));
        let ended = process::run(command).await;
        let told = ended.stdout + &ended.stderr;
        assert!(told.contains(id.as_str()) && told.contains("a folder, a pipe or a device"), "{setting}: {told}");
    }
}

/// A machine that has no room for another thread.
#[tokio::test(flavor = "multi_thread")]
async fn no_thread_can_be_started() {
    let folder = folder();
    write(folder.path(), "answers.toml", &format!("{ANSWERS}password = 'nine-green-Lamps-over-4-doors'\n"));
    let program = process::firstlight_as_nobody(folder.path());
    let mut command = Command::new("prlimit");
    command.args(["--nproc=1:1"]).arg(program.as_std().get_program()).arg("--answers").arg("/dev/null");
    command.uid(65534).gid(65534).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = process::run(command).await;
    assert_eq!(ended.code, Some(50), "{ended:?}");
    assert!((ended.stdout.clone() + &ended.stderr).contains("error[threads-low]"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_that_never_ends() {
    for signal in SIGNALS {
        let folder = folder();
        let mut command = alone(folder.path());
        let mut child = command.args(["--answers", "-"]).stdin(Stdio::piped()).spawn().expect("the binary was built");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(b"install-code = ").await.expect("a pipe takes it");
        until("it reads", || async { (ioctl_fionread(&stdin).expect("a pipe") == 0).then_some(()) }).await;
        rustix::process::kill_process(process::id_of(&child), signal).expect("it runs");
        let status = within("it ends", child.wait()).await.expect("our child");
        assert_eq!(status.code(), Some(130), "{signal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn no_code_is_sent_after_a_signal_that_output_holds_up() {
    let mut machine = Machine::new("m-unread").await;
    machine.lose_kubeconfig();
    let (_reader, writer) = full_pipe();
    let mut child = machine.command().stdout(writer).spawn().expect("the binary was built");
    let lock = machine.state().join("lock");
    until("the run begins", || async { lock.exists().then_some(()) }).await;
    rustix::process::kill_process(process::id_of(&child), Signal::TERM).expect("it runs");
    machine.use_cluster();
    let status = within("it ends", child.wait()).await.expect("our child");
    assert_eq!(status.code(), Some(130));
    machine.assert_unspent();
    machine.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_last_words_of_a_panic_that_nobody_reads() {
    let machine = Machine::new("m-last").await;
    let (_reader, writer) = full_pipe();
    let mut command = machine.command();
    command.env("FIRSTLIGHT_POINT", "panic:register.answered").stdout(Stdio::null()).stderr(writer);
    let status = within("it ends", command.status()).await.expect("the binary was built");
    assert_eq!(status.code(), Some(70));
}
