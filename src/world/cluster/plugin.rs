//! A kubeconfig's credential plugin (client-go's `exec`): asked once, within a limit, and what it gives is known before
//! anybody uses it.
//!
//! Kube would run it where it stands, twice for one client, leave one that hangs to itself, and panic over a token that is
//! no header.

use std::{io, process::Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig};
use serde::Deserialize;
use serde_json::json;
use tokio::{io::AsyncReadExt, process::Command};

use super::unusable::{Carried, of_answer, of_exit, of_start};
use crate::{
    values::{Misread, Redactor, SecretText},
    words::Phrase,
};

/// No answer of a plugin is longer.
const MOST_BYTES: u64 = 1 << 20;

/// What a plugin answers (client.authentication.k8s.io, `ExecCredential`), as far as it counts.
#[derive(Deserialize)]
struct Answer {
    status: Option<Credentials>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// Puts what the plugin of a user gives into its place, if it has one and nothing else counts before that; gives until when
/// it is good. The plugin ends when nobody waits any more.
pub(super) async fn ask(
    auth: &mut AuthInfo,
    plugin: &Phrase,
    redactor: &Redactor,
) -> Result<Option<Timestamp>, Carried> {
    let Some(exec) = auth.exec.take() else { return Ok(None) };
    let by_password = auth.username.is_some() && auth.password.is_some();
    if by_password || auth.token.is_some() || auth.token_file.is_some() {
        return Ok(None);
    }
    taken(auth, &run(&exec, plugin).await?, plugin, redactor)
}

/// Takes what a plugin has `said` for the credentials of a user.
fn taken(auth: &mut AuthInfo, said: &[u8], plugin: &Phrase, redactor: &Redactor) -> Result<Option<Timestamp>, Carried> {
    let misread = |misread| of_answer(plugin, misread);
    let answer: Answer = serde_saphyr::from_slice(said).map_err(|error| misread(Misread::from(&error)))?;
    let credentials = answer.status.ok_or_else(|| misread(Misread::Nothing))?;
    let secrets = [&credentials.token, &credentials.client_key_data].into_iter().flatten();
    secrets.for_each(|secret| redactor.hide(&SecretText::from(secret.as_str())));
    let until = credentials.expiration_timestamp.map(|until| until.parse()).transpose();
    let until = until.map_err(|_quoting: jiff::Error| misread(Misread::Somewhere))?;
    if let (Some(certificate), Some(key)) = (credentials.client_certificate_data, credentials.client_key_data) {
        auth.client_certificate_data = Some(STANDARD.encode(certificate));
        auth.client_key_data = Some(STANDARD.encode(key).into());
    }
    if let Some(token) = credentials.token {
        if HeaderValue::from_str(&token).is_err() {
            return Err(misread(Misread::Somewhere));
        }
        auth.token = Some(token.into());
    }
    Ok(until)
}

/// What the plugin writes.
async fn run(exec: &ExecConfig, plugin: &Phrase) -> Result<Vec<u8>, Carried> {
    let start = |error: io::Error| of_start(plugin, error);
    let mut command = Command::new(exec.command.as_deref().unwrap_or_default());
    command.args(exec.args.iter().flatten());
    let variables = exec.env.iter().flatten().filter_map(|pair| Some((pair.get("name")?, pair.get("value")?)));
    // It says of itself which of our variables it needs besides: all, as with kubectl.
    command.envs(variables).env("KUBERNETES_EXEC_INFO", asked(exec).to_string());
    // A plugin that asks for something would take the operator's keys, a password among them.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(start)?;
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MOST_BYTES).read_to_end(&mut said).await.map_err(start)?;
    }
    let status = child.wait().await.map_err(start)?;
    if status.success() { Ok(said) } else { Err(of_exit(plugin, status)) }
}

/// What is asked of it.
fn asked(exec: &ExecConfig) -> serde_json::Value {
    let cluster = exec.provide_cluster_info.then_some(exec.cluster.as_ref()).flatten();
    let mut spec = json!({"interactive": false});
    if let Some(cluster) = cluster.and_then(|cluster| serde_json::to_value(cluster).ok()) {
        spec["cluster"] = cluster;
    }
    json!({"kind": "ExecCredential", "apiVersion": exec.api_version, "spec": spec})
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing {
    use super::*;

    /// What is made of an answer.
    pub(crate) fn plugin(said: &[u8], plugin: &Phrase, redactor: &Redactor) -> Option<Carried> {
        taken(&mut AuthInfo::default(), said, plugin, redactor).err()
    }
}
