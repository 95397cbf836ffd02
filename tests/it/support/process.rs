//! The real binary as a child process: what it prints, where it stops, how it ends.

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use firstlight::{error::ErrorId, exit::Exit};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};

use super::{cluster, events, until, within};

/// A command that runs firstlight with nothing of our environment but a search path.
pub(crate) fn firstlight() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    clean(&mut command);
    command
}

/// A command that runs firstlight inside another one, such as `unshare`.
pub(crate) fn firstlight_under(program: &str, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(env!("CARGO_BIN_EXE_firstlight"));
    clean(&mut command);
    command
}

/// A command that runs a copy of firstlight, in `folder`, as somebody who is not root.
pub(crate) fn firstlight_as_nobody(folder: &Path) -> Command {
    let program = folder.join("firstlight");
    // One that still runs cannot be written.
    let _ = fs::remove_file(&program);
    fs::copy(env!("CARGO_BIN_EXE_firstlight"), &program).expect("a copy that others can run");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
    let mut command = Command::new(&program);
    clean(&mut command);
    if geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    command
}

fn clean(command: &mut Command) {
    let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", cluster::programs().display());
    command.env_clear().env("PATH", path).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
}

/// Runs a command to its end.
pub(crate) async fn run(mut command: Command) -> Ended {
    Running::start(&mut command).end().await
}

/// The same, for a command that was changed on the way.
pub(crate) async fn run_with(command: &mut Command) -> Ended {
    Running::start(command).end().await
}

/// A process that runs; killed when this goes.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stdout: String,
    stderr: JoinHandle<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary was built");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut stderr = child.stderr.take().expect("a pipe");
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.expect("UTF-8");
            text
        });
        Self { child, lines, stdout: String::new(), stderr }
    }

    pub(crate) fn pid(&self) -> Pid {
        id_of(&self.child)
    }

    /// Waits for a line, and gives it.
    pub(crate) async fn line(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let reading = async {
            loop {
                let line = self.next_line().await;
                let line = line.unwrap_or_else(|| unreachable!("it ended before {what}:\n{}", self.stdout));
                if wanted(&line) {
                    return line;
                }
            }
        };
        within(what, reading).await
    }

    /// Waits for a JSON event of a type, and gives it.
    pub(crate) async fn event(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let parse = |line: &str| serde_json::from_str::<Value>(line).expect("a JSON line");
        let is_it = |line: &str| Some(parse(line)).is_some_and(|event| event["type"] == kind && wanted(&event));
        parse(&self.line(&format!("event `{kind}`"), is_it).await)
    }

    async fn next_line(&mut self) -> Option<String> {
        let line = self.lines.next_line().await.expect("UTF-8")?;
        self.stdout.push_str(&line);
        self.stdout.push('\n');
        Some(line)
    }

    /// Waits until the process has stopped itself at a point.
    pub(crate) async fn stopped(&self) {
        stopped(self.pid()).await;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it has not been waited for");
    }

    /// Reads on to the end.
    pub(crate) async fn end(mut self) -> Ended {
        let ending = async {
            while self.next_line().await.is_some() {}
            let status = self.child.wait().await.expect("our child");
            let stderr = self.stderr.await.expect("read to the end");
            Ended { code: status.code(), stdout: self.stdout, stderr }
        };
        within("the process ends", ending).await
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The exit code; `None` when a signal killed it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The events of a run with `--output json`, each checked against the schema.
    pub(crate) fn events(&self) -> Vec<Value> {
        events::parsed(&self.stdout)
    }

    /// Checks the whole vocabulary of a failed JSON run: exit code, id, last event, nothing on standard error.
    #[track_caller]
    pub(crate) fn failed(&self, id: ErrorId) -> &Self {
        self.ended_with(id.as_str(), id.exit())
    }

    /// Checks that a JSON run did what was asked for.
    #[track_caller]
    pub(crate) fn done(&self) -> &Self {
        self.ended_with("done", Exit::Done)
    }

    /// Checks that a JSON run did not begin: two events, the first one with the reason.
    #[track_caller]
    pub(crate) fn refused(&self, id: ErrorId) -> &Self {
        self.failed(id);
        let events = self.events();
        let seen: Vec<_> = events.iter().map(|event| (event["type"].as_str(), event["id"].as_str())).collect();
        assert_eq!(seen, [(Some("refused"), Some(id.as_str())), (Some("ended"), Some(id.as_str()))]);
        self
    }

    #[track_caller]
    fn ended_with(&self, id: &str, exit: Exit) -> &Self {
        let events = self.events();
        let last = events.last().unwrap_or_else(|| unreachable!("it printed nothing: {self:?}"));
        let code = i32::from(exit.code());
        let seen = (self.code, last["type"].as_str(), last["id"].as_str(), last["exit"].as_i64());
        let wanted = (Some(code), Some("ended"), Some(id), Some(i64::from(code)));
        assert_eq!(seen, wanted, "{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.stderr, "");
        self
    }

    /// Every failure of a JSON run as `id: message`, in their order; causes and hint on lines of their own.
    pub(crate) fn failures(&self) -> Vec<String> {
        let events = self.events();
        let failed = events.iter().filter(|event| event["type"] == "step-failed");
        let failures = failed.flat_map(|event| event["failures"].as_array().cloned().unwrap_or_default());
        failures.map(|failure| in_lines(&failure)).collect()
    }

    /// The failures as one text.
    pub(crate) fn told(&self) -> String {
        self.failures().join("\n")
    }

    /// What a step said at its end: `changed: …` or `unchanged: …`.
    pub(crate) fn outcome(&self, step: &str) -> String {
        let events = self.events();
        let finished = events.iter().find(|event| event["type"] == "step-finished" && event["id"] == step);
        let finished = finished.unwrap_or_else(|| unreachable!("`{step}` did not finish:\n{}", self.stdout));
        let text = |key: &str| finished[key].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("outcome"), text("summary"))
    }
}

fn in_lines(failure: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = format!("{}: {}\n", text(&failure["id"]), text(&failure["message"]));
    for cause in failure["causes"].as_array().into_iter().flatten() {
        lines = format!("{lines}  cause: {}\n", text(cause));
    }
    format!("{lines}  hint: {}\n", text(&failure["hint"]))
}

/// The id of a process.
pub(crate) fn id_of(child: &Child) -> Pid {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    id.and_then(Pid::from_raw).expect("it has not been waited for")
}

/// Waits until a process of ours has stopped itself at a point.
pub(crate) async fn stopped(pid: Pid) {
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    until("the process stops at its point", || async {
        let stat = std::fs::read_to_string(&stat).expect("it has not been waited for");
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        assert!(state != Some('Z'), "it ended before its point");
        (state == Some('T')).then_some(())
    })
    .await;
}

/// The processes that a process has started.
pub(crate) fn children_of(pid: Pid) -> Vec<Pid> {
    let tasks = Path::new("/proc").join(pid.as_raw_nonzero().to_string()).join("task");
    let tasks = std::fs::read_dir(tasks).expect("it has not been waited for");
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let children: Vec<String> = children.collect();
    let ids = children.iter().flat_map(|ids| ids.split_whitespace());
    ids.filter_map(|id| Pid::from_raw(id.parse().ok()?)).collect()
}
