//! Answers files: every problem at once, each with its place; and files that others can read.
//!
//! `tests/answers/{ok,bad}/NAME.toml` is a file, `NAME.txt` what `firstlight answers check`
//! says about it; those called `questions-…` are for the profile `tests/answers/questions.toml`, those called `strict-…`
//! for `tests/answers/strict.toml`.
//! `UPDATE=1` writes the texts anew.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::Stdio,
};

use firstlight::exit::Exit;
use insta::assert_snapshot;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::support::{
    machine::answers,
    process::{self, Ended},
    repository,
};

/// A folder with one answers file.
fn folder(text: &str, mode: u32) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("answers.toml");
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    folder
}

fn in_folder(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = process::firstlight();
    command.current_dir(folder).args(arguments);
    command
}

async fn check(folder: &Path) -> Ended {
    process::run(in_folder(folder, &["answers", "check", "answers.toml"])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_about_files() {
    let mut wrong = Vec::new();
    let [questions, strict] = ["questions", "strict"]
        .map(|name| repository().join("tests/answers").join(name).with_extension("toml").display().to_string());
    for (kind, exit) in [("ok", Exit::Done), ("bad", Exit::Answers)] {
        let entries = fs::read_dir(repository().join("tests/answers").join(kind)).expect("a folder");
        let files = entries.map(|entry| entry.expect("an entry").path());
        let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
        assert!(files.len() >= 4, "{kind}");
        for file in files {
            let folder = folder(&fs::read_to_string(&file).expect("UTF-8"), 0o600);
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let profile: &[&str] = match name.split_once('-') {
                Some(("questions", _)) => &["--profile", &questions],
                Some(("strict", _)) => &["--profile", &strict],
                _ => &[],
            };
            let arguments = [&["answers", "check", "answers.toml"], profile].concat();
            let ended = process::run(in_folder(folder.path(), &arguments)).await;
            let expected = file.with_extension("txt");
            if std::env::var_os("UPDATE").is_some() {
                fs::write(&expected, &ended.stdout).expect("written");
            }
            let expected = fs::read_to_string(&expected).unwrap_or_default();
            if ended.stdout != expected || ended.code != Some(i32::from(exit.code())) || !ended.stderr.is_empty() {
                wrong.push(format!("{}: {ended:?}\nexpected:\n{expected}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_mistakes_are_five_problems() {
    let text = fs::read_to_string(repository().join("tests/answers/bad/five-mistakes.toml")).expect("UTF-8");
    let folder = folder(&text, 0o600);
    let ended = process::run(in_folder(folder.path(), &["--answers", "answers.toml", "--output", "json"])).await;
    assert_eq!(ended.code, Some(10));
    let events = ended.events();
    assert_eq!(events[0]["type"], "refused");
    let problems = events[0]["problems"].as_array().expect("a list");
    assert_eq!(problems.len(), 5);
    assert!(problems.iter().all(|problem| problem["place"]["line"].is_u64() && problem["place"]["column"].is_u64()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602] {
        let folder = folder(&answers("K7QP-M2RX", "correct horse battery staple"), mode);
        for arguments in [&["answers", "check", "answers.toml"][..], &["--answers", "answers.toml"]] {
            let ended = process::run(in_folder(folder.path(), arguments)).await;
            assert_eq!(ended.code, Some(10), "{mode:o}");
            let told = ended.stdout.replace(&format!("{mode:04o}"), "[mode]");
            assert!(told.starts_with(
                "error[answers-exposed]: `answers.toml` holds a secret, but its mode [mode] lets other users at it\n  \
                 hint: run `chmod 600 answers.toml`, then start again\n"
            ), "{told}");
        }
        // The command is the remedy.
        fs::set_permissions(folder.path().join("answers.toml"), fs::Permissions::from_mode(0o600)).expect("a mode");
        assert_eq!(check(folder.path()).await.code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (gives a file to another user)"]
async fn a_file_of_somebody_else_is_refused() {
    let folder = folder(&answers("K7QP-M2RX", "correct horse battery staple"), 0o600);
    chown(folder.path().join("answers.toml"), Some(65534), None).expect("root");
    let ended = check(folder.path()).await;
    assert_snapshot!(ended.stdout, @r"
    error[answers-exposed]: `answers.toml` holds a secret, but it belongs to user 65534 instead of user 0
      hint: run `chown 0 answers.toml`, then start again
    exit 10; `firstlight explain answers-exposed` says more
    ");
    assert_eq!(ended.code, Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_a_file_of_its_own() {
    let text = answers("K7QP-M2RX", "x").replace("password = \"x\"", "password-file = \"/secret/admin\"");
    let folder = folder(&text, 0o600);
    let secret = folder.path().join("secret/admin");
    fs::create_dir(folder.path().join("secret")).expect("a folder");
    fs::write(&secret, "correct horse battery staple\n").expect("written");
    // The rehearsal fails later: the built-in profile's license service does not exist.
    let arguments = ["--answers", "answers.toml", "--root", ".", "--dry-run", "--output", "json"];
    for (mode, refused) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).expect("a mode");
        let mut running = process::Running::start(&mut in_folder(folder.path(), &arguments));
        let first = running.line("the first event", |_| true).await;
        assert_eq!(first.contains("answers-exposed"), refused, "{mode:o}: {first}");
        assert_eq!(first.contains("\"type\":\"plan\""), !refused, "{mode:o}: {first}");
    }
}

/// A password is taken whole or refused, and never with what nobody sees.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_password_file_holds_besides() {
    let folder = folder("", 0o600);
    let secret = folder.path().join("secret");
    let named = format!("password-file = \"{}\"", secret.display());
    let text = answers("K7QP-M2RX", "x").replace("password = \"x\"", &named);
    fs::write(folder.path().join("answers.toml"), text).expect("written");
    for (content, refused) in [
        ("\u{feff}correct horse battery\n", ""),
        ("correct horse battery \n", ""),
        ("correct horse battery\r\n", ""),
        ("correct\u{3000}horse battery\n", "has an unusual blank (U+3000) at position 8"),
        ("correct horse\u{a0}battery\n", "has an unusual blank (U+00A0) at position 14"),
        ("\u{200e}correct horse battery\n", "has an invisible or control character (U+200E) at position 1"),
        ("correct horse\u{ad}battery\n", "has an invisible or control character (U+00AD) at position 14"),
        ("correct horse battery\u{200b}\n", "has an invisible or control character (U+200B) at position 22"),
        ("correct horse battery staple\0", "has an invisible or control character (U+0000) at position 29"),
        ("correct horse\rbattery staple\r", "has an invisible or control character (U+000D) at position 14"),
        (
            "correct horse\nbattery staple\n",
            "line 2 is not empty; the first line has 13 characters, and all lines have 27",
        ),
        ("\ncorrect horse battery\n", "the first line is empty, and line 2 is not"),
    ] {
        fs::write(&secret, content).expect("written");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("a mode");
        let ended = check(folder.path()).await;
        assert_eq!(ended.code, Some(if refused.is_empty() { 0 } else { 10 }), "{content:?}: {}", ended.stdout);
        assert!(ended.stdout.contains(refused), "{content:?}: {}", ended.stdout);
        assert!(!ended.stdout.contains("correct"), "{}", ended.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_a_credential_of_systemd() {
    let text = answers("K7QP-M2RX", "x").replace("password = \"x\"", "password-credential = \"admin\"");
    let folder = folder(&text, 0o600);
    fs::write(folder.path().join("admin"), "correct horse battery staple").expect("written");
    let mut command = in_folder(folder.path(), &["answers", "check", "answers.toml"]);
    let ended = process::run_with(command.env("CREDENTIALS_DIRECTORY", folder.path())).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_on_standard_input() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for (text, exit) in [(answers("K7QP-M2RX", "correct horse battery staple"), 0), (answers("?", "short"), 10)] {
        let mut command = in_folder(folder.path(), &["answers", "check", "-"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary was built");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).await.expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().await.expect("it ends");
        assert_eq!(output.status.code(), Some(exit), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(String::from_utf8_lossy(&output.stdout).contains("standard input has 2 problems"), exit == 10);
    }
}

/// Where modes cannot be changed, nobody is told to change them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (mounts a folder read-only, for one process)"]
async fn a_secret_that_nobody_can_close() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("answers.toml");
    fs::write(&path, "[administrator]\npassword = 'nine-green-Lamps-over-4-doors'\n").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    let arguments = [OsStr::new("--mount"), "sh".as_ref(), "-c".as_ref(), mount.as_ref(), folder.path().as_os_str()];
    let mut command = process::firstlight_under("unshare", &arguments);
    command.args(["answers", "check"]).arg(&path);
    let ended = process::run(command).await;
    let told = ended.stdout + &ended.stderr;
    let remedy = format!("with `uid=0,umask=077`, or name a copy (`install -m 600 {} /run`)", path.display());
    assert!(told.contains("answers-exposed") && told.contains(&remedy), "{told}");
}
