//! The `helm` command, one child process at a time; no secret on its command line or in its values.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use flate2::read::GzDecoder;
use rustix::fs::{MemfdFlags, memfd_create};
use serde_json::{Map, Value};
use tokio::process::{Child, Command};

use super::Host;
use crate::{
    error::{ErrorId, Failure},
    point::Point,
    profile,
    values::plain_text,
};

/// Longer than any `helm upgrade` that does not wait for pods takes.
const PATIENCE: Duration = Duration::from_mins(5);

/// Longer than Helm takes to render a chart and to ask the API server about it.
const REHEARSAL_PATIENCE: Duration = Duration::from_mins(1);

/// What installs or upgrades a release.
const UPGRADE: &str = "upgrade --install";
/// The same without effects: rendered, and compared with what the API server knows (Helm 3.13 or later).
const TRY: &str = "upgrade --install --dry-run=server";
/// As much of it as Helm does for a release that an interrupted run left `pending-*`.
const RENDER: &str = "template --is-upgrade --validate --dry-run=server";

/// The `helm` command as one profile uses it.
#[derive(Debug)]
pub struct Helm {
    named: Option<PathBuf>,
    kubeconfig: PathBuf,
    chart: PathBuf,
    home: PathBuf,
    search_path: String,
}

/// Why Helm was of no use.
#[derive(Debug, thiserror::Error)]
pub enum HelmError {
    /// There is no such command.
    #[error("the `helm` command was not found in `{searched}`")]
    Missing {
        /// Where it was searched.
        searched: String,
    },
    /// The chart cannot be read.
    #[error("the chart `{path}` cannot be read: {reason}")]
    Chart {
        /// Where it should be.
        path: String,
        /// Why not.
        reason: String,
    },
    /// It could not be run.
    #[error("`helm` could not be run")]
    Run(#[source] io::Error),
    /// It gave up.
    #[error("`helm {action}` failed: {said}")]
    Failed {
        /// The subcommand.
        action: &'static str,
        /// The end of what it wrote to standard error.
        said: String,
    },
    /// It refused in a rehearsal.
    #[error("`helm {action}` failed: {said}")]
    Refused {
        /// The subcommand.
        action: &'static str,
        /// The end of what it wrote to standard error.
        said: String,
    },
    /// It did not end.
    #[error("`helm {action}` did not end within {} s", .limit.as_secs())]
    Stuck {
        /// The subcommand.
        action: &'static str,
        /// How long it was given.
        limit: Duration,
    },
}

impl Failure for HelmError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Missing { .. } | Self::Run(_) => ErrorId::HelmMissing,
            Self::Chart { .. } => ErrorId::ChartUnreadable,
            Self::Refused { said, .. } => refusal_id(said),
            Self::Failed { .. } | Self::Stuck { .. } => ErrorId::BootstrapFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        let named = "correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again";
        matches!(self, Self::Failed { .. }).then(|| format!("{named}: what is already in place is kept"))
    }
}

/// Helm tells everything with one exit status: what is not about the chart is told apart by client-go's words.
fn refusal_id(said: &str) -> ErrorId {
    if said.contains(" is forbidden: User ") {
        ErrorId::KubernetesForbidden
    } else if said.contains("cluster unreachable") {
        ErrorId::KubernetesUnreachable
    } else {
        ErrorId::ChartRefused
    }
}

impl Helm {
    pub(super) fn new(
        bootstrap: Option<&profile::Bootstrap>,
        host: &Host,
        kubeconfig: PathBuf,
        search_path: &str,
    ) -> Self {
        Self {
            named: bootstrap.and_then(|bootstrap| bootstrap.helm.as_deref()).map(|path| host.path(path)),
            kubeconfig,
            chart: bootstrap.map(|bootstrap| host.path(&bootstrap.chart)).unwrap_or_default(),
            home: host.state().join("helm"),
            search_path: search_path.to_owned(),
        }
    }

    /// The chart's `name-version`, read from the folder or archive itself.
    ///
    /// # Errors
    /// When there is no chart that Helm could install.
    pub fn chart(&self) -> Result<String, HelmError> {
        let unreadable = |reason: String| HelmError::Chart { path: self.chart.display().to_string(), reason };
        let text = if self.chart.is_dir() {
            std::fs::read_to_string(self.chart.join("Chart.yaml"))
                .map_err(|error| unreadable(format!("Chart.yaml: {error}")))?
        } else {
            chart_yaml_in(&self.chart).map_err(|error| unreadable(error.to_string()))?
        };
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            line.map(|value| plain_text(value.trim().trim_matches(['"', '\'']), 60)).filter(|value| !value.is_empty())
        };
        match (value("name"), value("version")) {
            (Some(name), Some(version)) => Ok(format!("{name}-{version}")),
            _ => Err(unreadable("its Chart.yaml names no name and version".to_owned())),
        }
    }

    /// The `helm` command.
    ///
    /// # Errors
    /// When there is none.
    pub fn program(&self) -> Result<PathBuf, HelmError> {
        // Looked for at each use: on a first boot it may come with Kubernetes, after us.
        let searched = || self.search_path.split(':').map(|folder| Path::new(folder).join("helm"));
        let found = match &self.named {
            Some(path) => Some(path.clone()).filter(|path| path.is_file()),
            None => searched().find(|path| path.is_file()),
        };
        found.ok_or_else(|| HelmError::Missing {
            searched: match &self.named {
                Some(path) => path.display().to_string(),
                None => self.search_path.clone(),
            },
        })
    }

    /// Installs or upgrades a release; does not wait for what it starts.
    ///
    /// # Errors
    /// When `helm` refuses, with the end of what it said.
    pub async fn upgrade(
        &self,
        release: &str,
        namespace: &str,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), HelmError> {
        let mut command = self.command(UPGRADE, release, namespace, values)?;
        // A Helm that outlives us has nobody to tell that it begins, and then does not.
        command.stdout(Stdio::piped());
        Point::ChildStart.pass();
        let child = started(command)?;
        Point::ChildStarted.pass();
        let ended = end(child, UPGRADE, PATIENCE).await?;
        Point::ChildEnded.pass();
        ended.map_err(|said| HelmError::Failed { action: UPGRADE, said })
    }

    /// Lets Helm try what [`Self::upgrade`] would do, with the same chart, values and rights;
    /// gives what was tried. Changes nothing, neither in the cluster nor on this machine.
    ///
    /// Helm does not touch a release that was `interrupted`, not even in a dry run: of that
    /// one the chart is only rendered and validated.
    ///
    /// # Errors
    /// When `helm` refuses, with the end of what it said.
    pub async fn rehearse(
        &self,
        release: &str,
        namespace: &str,
        values: &BTreeMap<String, Value>,
        interrupted: bool,
    ) -> Result<&'static str, HelmError> {
        let action = if interrupted { RENDER } else { TRY };
        let mut command = self.command(action, release, namespace, values)?;
        // What Helm learns of the API server is kept below its home, unless there is no room for it.
        command.env("KUBECACHEDIR", "/dev/null");
        let ended = end(started(command)?, action, REHEARSAL_PATIENCE).await?;
        ended.map(|()| action).map_err(|said| HelmError::Refused { action, said })
    }

    /// Why a refusal in a rehearsal says nothing about the installation itself, if that is so.
    #[must_use]
    pub fn cannot_tell(&self, error: &HelmError) -> Option<&'static str> {
        let HelmError::Refused { said, .. } = error else { return None };
        if said.contains("no matches for kind") && self.ships_crds() {
            // Helm installs them first, but not in a dry run.
            Some("not tried, because the chart brings resource definitions of its own, which do not exist yet")
        } else if said.contains("if any flags in the group") {
            // Helm 4 has no rendering that knows the API server and passes an interrupted release by.
            Some("not tried, because this version of Helm cannot try a release that an interrupted run left")
        } else {
            None
        }
    }

    /// Whether the chart or a part of it has a `crds` folder.
    fn ships_crds(&self) -> bool {
        let is_crd = |path: &Path| path.components().any(|part| part.as_os_str() == "crds");
        if self.chart.is_dir() {
            let mut folders = vec![self.chart.clone()];
            while let Some(folder) = folders.pop() {
                let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
                folders.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
                if folders.iter().any(|folder| folder.strip_prefix(&self.chart).is_ok_and(is_crd)) {
                    return true;
                }
            }
            return false;
        }
        let Ok(archive) = File::open(&self.chart) else { return false };
        let mut archive = tar::Archive::new(GzDecoder::new(archive));
        let entries = archive.entries().into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.path().is_ok_and(|path| is_crd(&path)))
    }

    /// The child gets nothing of our environment but a search path and a home of its own.
    ///
    /// The values are whole before it starts, so that whatever becomes of us it never sees a part of them.
    fn command(
        &self,
        action: &'static str,
        release: &str,
        namespace: &str,
        values: &BTreeMap<String, Value>,
    ) -> Result<Command, HelmError> {
        let mut command = Command::new(self.program()?);
        command.args(action.split(' ')).arg(release).arg(&self.chart).arg("--kubeconfig").arg(&self.kubeconfig);
        command.args(["--namespace", namespace, "--values", "-"]);
        command.env_clear().env("PATH", &self.search_path).env("HOME", &self.home);
        command
            .stdin(in_memory(&nested(values).to_string())?)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }
}

fn started(mut command: Command) -> Result<Child, HelmError> {
    command.spawn().map_err(HelmError::Run)
}

/// An open file that has no name, to be read from its start.
fn in_memory(text: &str) -> Result<File, HelmError> {
    let made = memfd_create("values", MemfdFlags::CLOEXEC).map_err(io::Error::from).and_then(|descriptor| {
        let mut file = File::from(descriptor);
        file.write_all(text.as_bytes())?;
        file.rewind()?;
        Ok(file)
    });
    made.map_err(HelmError::Run)
}

/// Waits for a child's end: what it complained about, if it failed.
async fn end(child: Child, action: &'static str, limit: Duration) -> Result<Result<(), String>, HelmError> {
    let output = tokio::time::timeout(limit, child.wait_with_output()).await;
    let output = output.map_err(|_elapsed| HelmError::Stuck { action, limit })?.map_err(HelmError::Run)?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(if output.status.success() { Ok(()) } else { Err(plain_text(complaint(&said), 400)) })
}

/// What Helm says at its end: the lines from `Error:` on, or else the last one.
fn complaint(said: &str) -> &str {
    let said = said.trim();
    match said.rfind("Error: ") {
        Some(start) => &said[start + "Error: ".len()..],
        None => said.lines().next_back().unwrap_or("it said nothing"),
    }
}

/// `NAME/Chart.yaml` of a packaged chart, without unpacking it.
fn chart_yaml_in(archive: &Path) -> io::Result<String> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(archive)?));
    for entry in archive.entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        if path.ends_with("Chart.yaml") && path.components().count() == 2 {
            let mut text = String::new();
            entry.take(64 * 1024).read_to_string(&mut text)?;
            return Ok(text);
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, "there is no Chart.yaml in it"))
}

/// Dotted paths as nested tables, which is JSON and so YAML.
fn nested(values: &BTreeMap<String, Value>) -> Value {
    let mut root = Value::Object(Map::new());
    for (path, value) in values {
        set(&mut root, path, value);
    }
    root
}

fn set(table: &mut Value, path: &str, value: &Value) {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    if !table.is_object() {
        *table = Value::Object(Map::new());
    }
    match rest {
        Some(rest) => set(&mut table[key], rest, value),
        None => table[key] = value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints() {
        for (said, expected) in [
            ("", "it said nothing"),
            ("warning: old\nno such host\n", "no such host"),
            ("warning: old\nError: values do not fit\n- at '/x': no\n", "values do not fit\n- at '/x': no"),
        ] {
            assert_eq!(complaint(said), expected);
        }
    }

    #[test]
    fn refusals_that_are_not_about_the_chart() {
        for (said, expected) in [
            ("values don't meet the specifications of the schema(s)", ErrorId::ChartRefused),
            ("no matches for kind \"Route\" in version \"v1\"\nensure CRDs are installed first", ErrorId::ChartRefused),
            (
                "query: failed to query with labels: secrets is forbidden: User \"u\" cannot",
                ErrorId::KubernetesForbidden,
            ),
            ("Kubernetes cluster unreachable: connection refused", ErrorId::KubernetesUnreachable),
        ] {
            assert_eq!(refusal_id(said), expected, "{said}");
        }
    }

    #[test]
    fn dotted_paths_become_tables() {
        let values = [("a.b.c", "1"), ("a.b.d", "x"), ("e", "true")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        assert_eq!(nested(&values).to_string(), r#"{"a":{"b":{"c":"1","d":"x"}},"e":"true"}"#);
    }
}
