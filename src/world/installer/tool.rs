//! A program of the system, to its end.

use std::{
    ffi::OsStr,
    process::{Output, Stdio},
};

use tokio::process::Command;

use super::failure::InstallError;
use crate::{values::plain_text, world::host::programs};

/// How many of the last lines that a program wrote are told.
const LAST_LINES: usize = 12;

/// The programs on a search path.
#[derive(Debug)]
pub(super) struct Tools {
    search_path: String,
}

impl Tools {
    pub(super) fn new(search_path: &str) -> Self {
        Self { search_path: search_path.to_owned() }
    }

    /// Runs a program, and gives how it ended; whoever stops waiting ends it.
    pub(super) async fn ended(
        &self,
        program: &'static str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Output, InstallError> {
        let missing = || InstallError::Missing { program, searched: self.search_path.clone() };
        let path = programs(program, &self.search_path).next().ok_or_else(missing)?;
        let mut command = Command::new(path);
        command.args(arguments).env_clear().env("PATH", &self.search_path).env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.output().await.map_err(|source| InstallError::Run { program, source })
    }

    /// Runs a program that has to succeed, and gives what it wrote.
    pub(super) async fn run(
        &self,
        program: &'static str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Result<Vec<u8>, InstallError> {
        let ended = self.ended(program, arguments).await?;
        if ended.status.success() {
            return Ok(ended.stdout);
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let lines: Vec<String> =
            said.lines().map(|line| plain_text(line, 200)).filter(|line| !line.is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].to_vec();
        Err(InstallError::Failed { program, said: last })
    }
}
