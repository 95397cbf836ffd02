//! A rehearsal on a machine that has nothing around it but a license service: no cluster is needed.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;
use tokio::process::Command;

use super::{
    console::Console,
    pages::on_a_terminal,
    process::{self, Ended},
};

/// A rehearsal on a machine with nothing around it, of a license service at `url`.
pub(crate) fn rehearsal(folder: &Path, url: &str, more: &str) -> Command {
    let profile = format!(
        "[license]\nurl = '{url}'\nattempts = 1\ntimeout-seconds = 2\n{more}[machine]\ndisk-mib = 1\nmemory-mib = 1\nvolatile-state = true\n\
         [cluster]\nstart-timeout-seconds = 1\n"
    );
    let answers = "install-code = 'K7QP-M2RX'\n[tenant]\nname = 'Acme'\n[administrator]\nfirst-name = 'Kim'\n\
                   last-name = 'Admin'\nemail = 'kim@acme.example'\npassword = 'nine-green-Lamps-over-4-doors'\n";
    for (name, text) in [("profile.toml", profile.as_str()), ("answers.toml", answers)] {
        fs::write(folder.join(name), text).expect("a file");
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let mut command = firstlight(folder);
    command.arg("--answers").arg(folder.join("answers.toml")).args(["--dry-run", "--output", "json"]);
    command
}

fn firstlight(folder: &Path) -> Command {
    let mut command = process::firstlight();
    command.arg("--profile").arg(folder.join("profile.toml"));
    command.arg("--root").arg(folder).arg("--kubeconfig").arg(folder.join("none"));
    command
}

/// The wizard on such a machine, on which a rehearsal was made ready before; it is at the page about the network.
pub(crate) async fn network_page(folder: &Path, size: (u16, u16)) -> Console {
    let mut console = Console::open(on_a_terminal(firstlight(folder)), size);
    console.wait_for_text("Welcome").await;
    console.press("n").await;
    console.wait_for_text("P Proxy").await;
    console
}

/// A folder for such a machine.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// What was found by one check.
pub(crate) fn check(ended: &Ended, id: &str) -> (String, String) {
    let events = ended.events();
    let told = events.iter().rfind(|event| event["type"] == "check" && event["id"] == id);
    let told = told.unwrap_or_else(|| unreachable!("no check `{id}`: {}", ended.stdout));
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("text"))
}
