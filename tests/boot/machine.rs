//! An emulated machine that boots the image: its serial line on a terminal, its keyboard and its screen by its monitor (QMP).

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    process::Command,
};

use crate::console::Console;

/// What starts the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Firmware {
    Bios,
    Uefi,
}

/// It runs as long as this lives.
pub(crate) struct Machine {
    /// The serial line.
    pub(crate) serial: Console,
    monitor: BufReader<UnixStream>,
    _folder: tempfile::TempDir,
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Machine {
    /// Switches a machine on.
    pub(crate) async fn boot(firmware: Firmware) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("monitor");
        let mut command = Command::new(repository().join("iso/boot"));
        command.arg("--monitor").arg(&socket);
        if matches!(firmware, Firmware::Uefi) {
            command.arg("--uefi");
        }
        let serial = Console::open(command, (80, 24));
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
        let connecting = async {
            loop {
                ticks.tick().await;
                if let Ok(stream) = UnixStream::connect(&socket).await {
                    return stream;
                }
            }
        };
        let deadline = std::time::Duration::from_mins(1);
        let stream = tokio::time::timeout(deadline, connecting).await.unwrap_or_else(|_elapsed| {
            unreachable!("there is no emulator; it says:\n{}", serial.picture());
        });
        let mut machine = Self { serial, monitor: BufReader::new(stream), _folder: folder };
        machine.reply().await;
        machine.tell("qmp_capabilities", json!({})).await;
        machine
    }

    /// Presses a key of the machine's own keyboard, by its name there (`ret`, `a`, `shift-2`).
    pub(crate) async fn press(&mut self, keys: &str) {
        let keys: Vec<Value> = keys.split('-').map(|key| json!({"type": "qcode", "data": key})).collect();
        self.tell("send-key", json!({"keys": keys})).await;
    }

    /// Keeps what is on the screen in `target/boot`, for people to look at.
    pub(crate) async fn screenshot(&mut self, name: &str) {
        let folder = repository().join("target/boot");
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.png"));
        self.tell("screendump", json!({"filename": file.display().to_string(), "format": "png"})).await;
    }

    async fn tell(&mut self, command: &str, arguments: Value) {
        let request = format!("{}\n", json!({"execute": command, "arguments": arguments}));
        self.monitor.get_mut().write_all(request.as_bytes()).await.expect("the emulator listens");
        loop {
            let reply = self.reply().await;
            assert!(reply.get("error").is_none(), "{command}: {reply}");
            // Events come in between.
            if reply.get("return").is_some() {
                return;
            }
        }
    }

    async fn reply(&mut self) -> Value {
        let mut line = String::new();
        self.monitor.read_line(&mut line).await.expect("the emulator answers");
        serde_json::from_str(&line).unwrap_or_else(|error| unreachable!("{error}: {line}"))
    }
}

/// An install code of the license service that the image knows.
pub(crate) async fn new_code() -> String {
    let minted = license_service(&["mint", "--company", "Acme Managed Services", "--output", "json"]).await;
    let minted: Value = serde_json::from_str(&minted).expect("JSON");
    minted["install_code"].as_str().expect("a code").to_owned()
}

/// Whether a machine has used it: then there is nothing to be revoked any more.
pub(crate) async fn is_used(code: &str) -> bool {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), code).expect("written");
    let file = file.path().display().to_string();
    license_service(&["revoke", "--code-file", &file]).await == "revoked 0 unclaimed code(s)\n"
}

async fn license_service(arguments: &[&str]) -> String {
    let mut command = Command::new(repository().join("target/debug/license-service"));
    command.args(arguments).arg("--state").arg(repository().join("target/trial/license"));
    let ended = command.output().await.expect("it was built");
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).expect("UTF-8")
}
