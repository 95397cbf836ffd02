//! The `helm` command, one child process at a time; no secret on its command line or in its values.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use flate2::read::GzDecoder;
use serde_json::{Map, Value};
use tokio::{io::AsyncWriteExt, process::Command};

use super::Host;
use crate::{
    error::{ErrorId, Failure},
    point::Point,
    profile,
    values::plain_text,
};

/// Longer than any `helm upgrade` that does not wait for pods takes.
const PATIENCE: Duration = Duration::from_mins(5);

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
    /// It did not end.
    #[error("`helm {action}` did not end within {} s", PATIENCE.as_secs())]
    Stuck {
        /// The subcommand.
        action: &'static str,
    },
}

impl Failure for HelmError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Missing { .. } | Self::Run(_) => ErrorId::HelmMissing,
            Self::Chart { .. } => ErrorId::ChartUnreadable,
            Self::Failed { .. } | Self::Stuck { .. } => ErrorId::BootstrapFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        let named = "correct what Helm names in the chart or in `bootstrap.values` of the profile, then run again";
        matches!(self, Self::Failed { .. }).then(|| format!("{named}: what is already in place is kept"))
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
        let values = nested(values).to_string();
        let arguments: [&std::ffi::OsStr; 9] = [
            "--install".as_ref(),
            release.as_ref(),
            self.chart.as_os_str(),
            "--namespace".as_ref(),
            namespace.as_ref(),
            "--values".as_ref(),
            "-".as_ref(),
            "--kubeconfig".as_ref(),
            self.kubeconfig.as_os_str(),
        ];
        self.run("upgrade", &arguments, Some(values)).await.map(drop)
    }

    /// The child gets nothing of our environment but a search path and a home of its own.
    async fn run(
        &self,
        action: &'static str,
        arguments: &[&std::ffi::OsStr],
        input: Option<String>,
    ) -> Result<String, HelmError> {
        let mut command = Command::new(self.program()?);
        command.arg(action).args(arguments).env_clear().env("PATH", &self.search_path).env("HOME", &self.home);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Point::ChildStart.pass();
        let mut child = command.spawn().map_err(HelmError::Run)?;
        Point::ChildStarted.pass();
        let stdin = child.stdin.take();
        let ending = async move {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A child that ends early breaks the pipe; its exit status says why.
                let _ = stdin.write_all(input.as_bytes()).await;
            }
            child.wait_with_output().await
        };
        let output = tokio::time::timeout(PATIENCE, ending).await;
        let output = output.map_err(|_elapsed| HelmError::Stuck { action })?.map_err(HelmError::Run)?;
        Point::ChildEnded.pass();
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(HelmError::Failed { action, said: plain_text(complaint(&said), 400) })
    }
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
    fn dotted_paths_become_tables() {
        let values = [("a.b.c", "1"), ("a.b.d", "x"), ("e", "true")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        assert_eq!(nested(&values).to_string(), r#"{"a":{"b":{"c":"1","d":"x"}},"e":"true"}"#);
    }
}
