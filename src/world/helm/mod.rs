//! The `helm` command, one child process at a time; no secret on its command line or in its values.

mod brings;
mod chart;
mod digest;
mod failure;
mod kubeconfig;

use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File},
    io::{self, Seek, Write},
    os::{fd::AsRawFd, unix::fs::DirBuilderExt},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use rustix::{
    fs::{FlockOperation, MemfdFlags, flock, memfd_create},
    io::{Errno, FdFlags, fcntl_setfd},
};
use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    time::Instant,
};

#[cfg(any(test, feature = "fuzzing"))]
pub(super) use chart::fuzzing;
pub use failure::HelmError;
use failure::{TRY, TRY_INTERRUPTED, UPGRADE};
pub use kubeconfig::Variables;

use super::{
    Host,
    host::{candidates, denied, is_program},
};
use crate::{
    error::ErrorId,
    point::Point,
    profile::{Bootstrap, value_keys},
    values::plain_text,
};

/// What Helm takes beyond the time for which it waits for the chart's hooks.
const BEYOND_HOOKS: Duration = Duration::from_mins(1);

/// How often a Helm that an earlier run started is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Longer than Helm takes to render a chart and to ask the API server about it.
const REHEARSAL_PATIENCE: Duration = Duration::from_mins(1);

/// The values of a release, by their dotted paths.
type Values = BTreeMap<String, Value>;

/// The `helm` command as one profile uses it.
#[derive(Debug)]
pub struct Helm {
    named: Option<PathBuf>,
    kubeconfig: PathBuf,
    chart: PathBuf,
    home: PathBuf,
    search_path: String,
    variables: Variables,
    timeout: Duration,
}

impl Helm {
    pub(super) fn new(
        bootstrap: Option<&Bootstrap>,
        host: &Host,
        kubeconfig: PathBuf,
        search_path: &str,
        variables: Variables,
    ) -> Self {
        Self {
            named: bootstrap.and_then(|bootstrap| bootstrap.helm.as_deref()).map(|path| host.path(path)),
            kubeconfig,
            chart: bootstrap.map(|bootstrap| host.path(&bootstrap.chart)).unwrap_or_default(),
            home: host.state().join("helm"),
            timeout: bootstrap.map(|bootstrap| bootstrap.timeout).unwrap_or_default(),
            search_path: search_path.to_owned(),
            variables,
        }
    }

    /// The `helm` command.
    ///
    /// # Errors
    /// When there is none.
    pub fn program(&self) -> Result<PathBuf, HelmError> {
        // Looked for at each use: on a first boot it may come with Kubernetes, after us.
        let (places, searched): (Vec<_>, _) = match &self.named {
            Some(path) => (vec![path.clone()], path.display().to_string()),
            None => (candidates("helm", &self.search_path).collect(), self.search_path.clone()),
        };
        // One that may not be run is named when it is run, unless there is another.
        let found = places.iter().find(|path| is_program(path)).or_else(|| places.iter().find(|path| path.is_file()));
        if let Some(found) = found {
            return Ok(found.clone());
        }
        let closed = places.iter().find_map(|path| denied(path));
        Err(closed.map_or(HelmError::Missing { searched }, |why| HelmError::Denied { what: ErrorId::HelmMissing, why }))
    }

    /// The longest that [`Self::upgrade`] takes.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.timeout + BEYOND_HOOKS
    }

    /// What Helm will record as the values that it was given.
    #[must_use]
    pub fn given(values: &Values) -> Value {
        nested(values)
    }

    /// Waits for the end of a Helm that outlived the firstlight which started it; `told` is called before, if there is one.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn alone(&self, told: impl FnOnce()) -> Result<(), HelmError> {
        self.claim(FlockOperation::NonBlockingLockShared, told).await.map(drop)
    }

    /// Helm's home, locked: Helm keeps it open as long as it lives, whatever becomes of us. `None` where there is none yet, or none
    /// that this user could have begun anything with, or where nothing can be locked.
    async fn claim(&self, lock: FlockOperation, told: impl FnOnce()) -> Result<Option<File>, HelmError> {
        let Ok(home) = File::open(&self.home) else { return Ok(None) };
        let (started, mut told) = (Instant::now(), Some(told));
        loop {
            match flock(&home, lock) {
                Ok(()) => return Ok(Some(home)),
                Err(Errno::WOULDBLOCK) if started.elapsed() < self.patience() => {}
                Err(Errno::WOULDBLOCK) => return Err(HelmError::Busy { limit: self.patience() }),
                Err(_) => return Ok(None),
            }
            if let Some(told) = told.take() {
                told();
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Installs or upgrades a release; does not wait for what it starts, but for the chart's hooks.
    ///
    /// # Errors
    /// When `helm` refuses, with the end of what it said.
    pub async fn upgrade(&self, release: &str, namespace: &str, values: &Values) -> Result<(), HelmError> {
        let Prepared { mut command, mut inherited } = self.command(UPGRADE, release, namespace, values)?;
        command.arg("--timeout").arg(format!("{}s", self.timeout.as_secs()));
        // A Helm that outlives us has nobody to tell that it begins, and then does not.
        command.stdout(Stdio::piped());
        let _is_there = DirBuilder::new().mode(0o700).create(&self.home);
        inherited.extend(self.claim(FlockOperation::NonBlockingLockExclusive, || {}).await?);
        Point::ChildStart.pass();
        let child = Prepared { command, inherited }.start()?;
        Point::ChildStarted.pass();
        let ended = end(child, UPGRADE, self.patience(), values).await;
        Point::ChildEnded.pass();
        ended.map(drop)
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
        values: &Values,
        interrupted: bool,
    ) -> Result<&'static str, HelmError> {
        let action = if interrupted { TRY_INTERRUPTED } else { TRY };
        let mut prepared = self.command(action, release, namespace, values)?;
        // What Helm learns of the API server is kept below its home, unless there is no room for it.
        prepared.command.env("KUBECACHEDIR", "/dev/null");
        let child = prepared.start()?;
        end(child, action, REHEARSAL_PATIENCE, values).await.map(|_said| action)
    }

    /// The child gets nothing of our environment but a search path and a home of its own; a credential plugin has it.
    ///
    /// The values are whole before it starts, so that whatever becomes of us it never sees a part of them.
    fn command(&self, action: &str, release: &str, namespace: &str, values: &Values) -> Result<Prepared, HelmError> {
        let mut command = Command::new(self.program()?);
        command.args(action.split(' ')).arg(release).arg(&self.chart);
        let kubeconfig = kubeconfig::with_variables(&self.kubeconfig, &self.variables);
        let kubeconfig = kubeconfig.map(|text| in_memory(text.expose())).transpose().map_err(HelmError::Run)?;
        match &kubeconfig {
            Some(file) => command.arg("--kubeconfig").arg(format!("/proc/self/fd/{}", file.as_raw_fd())),
            None => command.arg("--kubeconfig").arg(&self.kubeconfig),
        };
        command.args(["--namespace", namespace, "--values", "-"]).args(whole_numbers(values));
        command.env_clear().env("PATH", &self.search_path).env("HOME", &self.home);
        command.stdin(in_memory(&nested(values).to_string()).map_err(HelmError::Run)?);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        Ok(Prepared { command, inherited: kubeconfig.into_iter().collect() })
    }
}

/// A child that was not started yet, and what it keeps open besides its input and output.
struct Prepared {
    command: Command,
    inherited: Vec<File>,
}

impl Prepared {
    fn start(mut self) -> Result<Child, HelmError> {
        for file in &self.inherited {
            // Another child that starts in this moment has it too: no harm is done but that its end is waited for.
            fcntl_setfd(file, FdFlags::empty()).map_err(|errno| HelmError::Run(errno.into()))?;
        }
        self.command.spawn().map_err(HelmError::Run)
    }
}

/// The arguments that say large whole numbers once more. From a file Helm takes every number for a floating one, and charts
/// would be given `1e+06`, or another number; said in an argument they stay what they are. No value is a secret.
fn whole_numbers(values: &Values) -> Vec<String> {
    let large =
        values.iter().filter(|(_, value)| value.as_i64().is_some_and(|number| number.unsigned_abs() >= 1_000_000));
    large.flat_map(|(path, number)| ["--set".to_owned(), format!("{path}={number}")]).collect()
}

/// An open file that has no name, to be read from its start.
fn in_memory(text: &str) -> io::Result<File> {
    let mut file = File::from(memfd_create("values", MemfdFlags::CLOEXEC)?);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// Waits for a child's end, and gives what it wrote, or what it complained about, if it failed.
async fn end(child: Child, action: &'static str, limit: Duration, values: &Values) -> Result<Vec<u8>, HelmError> {
    let output = tokio::time::timeout(limit, child.wait_with_output()).await;
    let output = output.map_err(|_elapsed| HelmError::Stuck { action, limit })?.map_err(HelmError::Run)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = plain_text(failure::complaint(&String::from_utf8_lossy(&output.stderr)), 400);
    let values = values.keys().filter(|path| failure::names(&said, path)).cloned().collect();
    Err(HelmError::Refused { action, said, values })
}

/// Dotted paths as nested tables, which is JSON and so YAML.
fn nested(values: &Values) -> Value {
    let mut root = json!({});
    for (path, value) in values {
        // The profile has parsed it; what is no path would be one key.
        let keys = value_keys(path).unwrap_or_else(|| vec![path.clone()]);
        let place = keys.into_iter().fold(&mut root, |table, key| {
            // A value gives way to one that lies below it: a scalar has no keys.
            if !table.is_object() {
                *table = json!({});
            }
            &mut table[key]
        });
        *place = value.clone();
    }
    root
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn large_numbers_are_said_as_they_are() {
        let values =
            [("a", json!(999_999)), (r"b.c\.d", json!(-1_000_000)), ("e", json!("1000000")), ("f", json!(i64::MAX))];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert_eq!(whole_numbers(&values), ["--set", r"b.c\.d=-1000000", "--set", "f=9223372036854775807"]);
    }

    #[test]
    fn a_file_that_nobody_may_run_hides_no_program() {
        let [first, second] = [(); 2].map(|()| tempfile::tempdir().expect("a temporary directory"));
        let write = |folder: &tempfile::TempDir, mode| {
            let path = folder.path().join("helm");
            fs::write(&path, "").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            path
        };
        let search_path = format!(":{}::{}", first.path().display(), second.path().display());
        let helm = Helm::new(None, &Host::new(None, None), PathBuf::new(), &search_path, Variables::new());
        assert!(helm.program().is_err());
        let closed = write(&first, 0o644);
        assert_eq!(helm.program().ok(), Some(closed));
        let open = write(&second, 0o755);
        assert_eq!(helm.program().ok(), Some(open));
    }

    #[test]
    fn dotted_paths_become_tables() {
        let values = [("a.b", "0"), ("a.b.c", "1"), ("a.b.d", "x"), ("e", "true"), (r"f.kubernetes\.io/os", "y")];
        let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
        assert_eq!(
            nested(&values).to_string(),
            r#"{"a":{"b":{"c":"1","d":"x"}},"e":"true","f":{"kubernetes.io/os":"y"}}"#
        );
    }
}
