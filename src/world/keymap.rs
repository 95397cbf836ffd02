//! The keyboard of a virtual console: which layouts there are, `loadkeys` to use one (loadkeys(1)), and vconsole.conf(5) for
//! the next start.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use tokio::process::Command;

use super::{
    Host,
    host::{HostError, Written, programs},
};
use crate::{
    error::causes,
    profile::Files,
    values::plain_text,
    words::{Phrase, phrase},
};

/// Where distributions keep the layouts.
const FOLDERS: [&str; 3] = ["/usr/share/kbd/keymaps", "/usr/share/keymaps", "/lib/kbd/keymaps"];
/// How their files end.
const ENDINGS: [&str; 4] = [".kmap.gz", ".map.gz", ".kmap", ".map"];
/// Parts of layouts, and layouts of machines with other keyboards.
const LEFT_OUT: [&str; 6] = ["include", "amiga", "atari", "mac", "sun", "pine"];
/// Where it stands which layout is loaded at the start of the machine, and under which name (vconsole.conf(5)).
pub(super) const KEPT: (&str, &str) = ("/etc/vconsole.conf", "KEYMAP");
const EVERYBODYS: Files = Files { mode: 0o644, group: None };
/// Longer than the program takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The keyboard of the virtual console.
#[derive(Debug)]
pub struct Keymaps {
    host: Arc<Host>,
    folders: Vec<PathBuf>,
    search_path: String,
}

impl Keymaps {
    pub(super) fn new(host: &Arc<Host>, search_path: &str) -> Self {
        let folders = FOLDERS.map(|folder| host.path(Path::new(folder))).into();
        Self { host: Arc::clone(host), folders, search_path: search_path.to_owned() }
    }

    /// The layouts of this machine in the order of their names; none where there is nothing to load them with.
    #[must_use]
    pub fn layouts(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        if self.program().is_some() {
            self.folders.iter().for_each(|folder| collect(folder, &mut found));
        }
        found.into_iter().collect()
    }

    /// Uses a layout from now on, and again from the next start of the machine.
    ///
    /// # Errors
    /// When `loadkeys` refuses it, and why; the layout is then what it was. Or when it is in use and cannot be kept.
    pub async fn load(&self, layout: &str) -> Result<(), Phrase> {
        let not_run = |reason: io::Error| phrase!("machine-keyboard-not-run" { reason: reason.to_string() });
        let program = self.program().ok_or_else(|| not_run(io::ErrorKind::NotFound.into()))?;
        // Standard input is the console that the layout is for.
        let mut command = Command::new(program);
        command.args(["--quiet", "--", layout]).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let Ok(ended) = tokio::time::timeout(PATIENCE, command.output()).await else {
            return Err(phrase!("machine-keyboard-stuck" { layout, seconds: PATIENCE.as_secs() }));
        };
        let output = ended.map_err(not_run)?;
        if output.status.success() {
            return self.keep(layout).map_err(|error| {
                let why: Vec<Phrase> = [error.to_string().into()].into_iter().chain(causes(&error)).collect();
                phrase!("machine-keyboard-unkept" { layout, why })
            });
        }
        let said = plain_text(&String::from_utf8_lossy(&output.stderr), 300);
        Err(phrase!("machine-keyboard-refused" { layout, said }))
    }

    fn keep(&self, layout: &str) -> Result<(), HostError> {
        let (path, name) = KEPT;
        let seen = self.host.assignments(Path::new(path))?;
        if seen.get(name).is_some_and(|kept| kept.expose() == layout) {
            return Ok(());
        }
        let written = Written { new: &EVERYBODYS, secret: false };
        // Who writes it at the same moment knows better.
        self.host.assign(Path::new(path), &seen, &[(name, &layout.into())], written).map(drop)
    }

    fn program(&self) -> Option<PathBuf> {
        programs("loadkeys", &self.search_path).next()
    }
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !LEFT_OUT.contains(&name.as_str()) {
                collect(&entry.path(), found);
            }
        } else if let Some(layout) = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
            found.insert(layout.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn machine(script: &str) -> (tempfile::TempDir, Keymaps) {
        let root = tempfile::tempdir().expect("a folder");
        for file in
            ["i386/qwertz/de.map.gz", "i386/qwerty/us.map.gz", "i386/include/compose.inc.gz", "sun/sunkeymap.map"]
        {
            let path = root.path().join("usr/share/keymaps").join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "").expect("a file");
        }
        let program = root.path().join("loadkeys");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
        let host = Arc::new(Host::new(Some(root.path().to_owned()), None));
        let keymaps = Keymaps::new(&host, &root.path().display().to_string());
        (root, keymaps)
    }

    #[test]
    fn layouts_are_listed_where_they_can_be_loaded() {
        let (root, keymaps) = machine("exit 0");
        assert_eq!(keymaps.layouts(), ["de", "us"]);
        fs::remove_file(root.path().join("loadkeys")).expect("removed");
        assert!(keymaps.layouts().is_empty());
    }

    #[tokio::test]
    async fn a_layout_is_loaded_or_its_refusal_is_told() {
        let (root, keymaps) = machine("[ \"$*\" = '--quiet -- de' ] || { echo 'cannot open file xx' >&2; exit 1; }");
        let kept = root.path().join("etc/vconsole.conf");
        fs::create_dir_all(root.path().join("etc")).expect("a folder");
        fs::write(&kept, "FONT=ter-v16n\nKEYMAP=us\n").expect("a file");
        assert!(keymaps.load("de").await.is_ok());
        let text = || fs::read_to_string(&kept).expect("it is there");
        assert_eq!(text(), "FONT=ter-v16n\nKEYMAP=de\n");
        let error = keymaps.load("xx").await.expect_err("there is no such layout");
        assert_eq!(error.to_string(), "`loadkeys xx` failed: cannot open file xx");
        assert_eq!(text(), "FONT=ter-v16n\nKEYMAP=de\n", "what was refused is not kept");
        fs::remove_file(&kept).expect("removed");
        fs::create_dir(&kept).expect("a folder in its place");
        let error = keymaps.load("de").await.expect_err("it cannot be kept");
        assert!(error.to_string().starts_with("`de` is in use, but not after a restart"), "{error}");
    }
}
