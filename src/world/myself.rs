//! This program once more, to judge a password and end.

use std::{process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt, process::Command};

use crate::values::{SecretText, Strength};

/// The program that is running, also when its file was replaced since (proc(5)).
const MYSELF: &str = "/proc/self/exe";

/// A judge that takes longer than this is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has a process of its own judge what [`Strength::encode`] has made; the password goes through a pipe, and everything
/// that judging leaves in memory ends with the process. Dropping the future ends it too.
///
/// `None` when there is no verdict: a password can be chosen without one.
pub async fn judge(password: SecretText) -> Option<Strength> {
    let mut command = Command::new(MYSELF);
    command.arg("strength").env_clear().kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let ended = async move {
        stdin.write_all(password.expose().as_bytes()).await.ok()?;
        drop((stdin, password));
        child.wait_with_output().await.ok()
    };
    let output = tokio::time::timeout(PATIENCE, ended).await.ok()??;
    serde_json::from_slice(&output.stdout).ok()
}
