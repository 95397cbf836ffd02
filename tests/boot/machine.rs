//! An emulated machine that boots the image: its serial line on a terminal, its keyboard and its screen by its monitor (QMP).

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    process::Command,
    sync::{Semaphore, SemaphorePermit},
};

use crate::console::Console;

/// What starts the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Firmware {
    Bios,
    Uefi,
}

/// Each has two emulated processors and a control plane to start on them: two at once take longer than one after the other.
static ONE: Semaphore = Semaphore::const_new(1);

/// How long anything may take of a machine of which every instruction is translated, on a busy one.
pub(crate) const PATIENCE: Duration = Duration::from_mins(15);

/// The most lines of its journal that are told of a machine that a test has failed with.
const LAST_LINES: usize = 150;

/// It runs as long as this lives.
pub(crate) struct Machine {
    /// The serial line.
    pub(crate) serial: Console,
    /// When it was switched on, which may be long after that was wanted.
    pub(crate) since: Instant,
    monitor: BufReader<UnixStream>,
    folder: Folder,
    _only: SemaphorePermit<'static>,
}

/// With what the emulator makes, the machine's journal among it: its end is told when the test fails.
struct Folder(tempfile::TempDir);

impl Folder {
    fn journal(&self) -> String {
        let journal = fs::read(self.0.path().join(JOURNAL)).unwrap_or_default();
        String::from_utf8_lossy(&journal).into_owned()
    }
}

/// The file that has its journal.
const JOURNAL: &str = "journal";

/// The socket of its third serial line.
const LINE: &str = "line";

impl Drop for Folder {
    #[expect(clippy::print_stderr, reason = "a test tells it in its output")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let journal = self.journal();
            let lines: Vec<&str> = journal.lines().collect();
            eprintln!("the end of its journal:\n{}", lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"));
        }
    }
}

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Machine {
    /// Switches a machine on, with these flags of `iso/boot`.
    pub(crate) async fn boot(firmware: Firmware, flags: &[&str]) -> Self {
        let only = ONE.acquire().await.expect("it is never closed");
        let since = Instant::now();
        let folder = Folder(tempfile::tempdir().expect("a temporary folder"));
        let socket = folder.0.path().join("monitor");
        let mut command = Command::new(repository().join("iso/boot"));
        command.arg("--monitor").arg(&socket).arg("--journal").arg(folder.0.path().join(JOURNAL));
        command.arg("--line").arg(folder.0.path().join(LINE));
        if matches!(firmware, Firmware::Uefi) {
            command.arg("--uefi");
        }
        command.args(flags);
        let mut serial = Console::open(command, (80, 24));
        serial.patience = PATIENCE;
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let connecting = async {
            loop {
                ticks.tick().await;
                if let Ok(stream) = UnixStream::connect(&socket).await {
                    return stream;
                }
            }
        };
        let stream = tokio::time::timeout(Duration::from_mins(1), connecting).await.unwrap_or_else(|_elapsed| {
            unreachable!("there is no emulator; it says:\n{}", serial.picture());
        });
        let mut machine = Self { serial, since, monitor: BufReader::new(stream), folder, _only: only };
        machine.reply().await;
        machine.tell("qmp_capabilities", json!({})).await;
        machine
    }

    /// Pulls the plug: what the machine has not brought onto its disk is gone.
    pub(crate) async fn cut(self) {
        self.serial.signal(Signal::KILL);
        self.serial.end().await;
    }

    /// The socket of its third serial line.
    pub(crate) fn line(&self) -> PathBuf {
        self.folder.0.path().join(LINE)
    }

    /// What its journal has so far.
    pub(crate) fn journal(&self) -> String {
        self.folder.journal()
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

    /// Whether a text is on the screen of a machine that was started with `nomodeset`: what the display has in its memory then are
    /// characters, each with a byte of its colours.
    pub(crate) async fn shows(&mut self, text: &str) -> bool {
        /// Where the characters are, and how many bytes there are in which the screen may begin anywhere.
        const TEXT: (u32, u32) = (0xb_8000, 0x8000);
        let file = self.folder.0.path().join("screen");
        let arguments = json!({"val": TEXT.0, "size": TEXT.1, "filename": file.display().to_string()});
        self.tell("pmemsave", arguments).await;
        let bytes = fs::read(&file).expect("it was written");
        let characters: String = bytes.iter().step_by(2).map(|byte| char::from(*byte)).collect();
        characters.contains(text)
    }

    /// Waits until a text is there.
    pub(crate) async fn wait_for_screen(&mut self, text: &str) {
        let mut ticks = tokio::time::interval(Duration::from_millis(500));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.shows(text).await {
            assert!(tokio::time::Instant::now() < deadline, "`{text}` did not come on the screen");
            ticks.tick().await;
        }
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

/// What the license service that the image knows has given out.
#[derive(serde::Deserialize)]
pub(crate) struct Issued {
    pub(crate) tenant_id: String,
    pub(crate) install_code: String,
}

/// An install code for a tenant of its own.
pub(crate) async fn new_code() -> String {
    new_tenant().await.install_code
}

/// A tenant, and an install code.
pub(crate) async fn new_tenant() -> Issued {
    issued(&["mint", "--company", "Acme Managed Services"]).await
}

/// Another code for a tenant that there is.
pub(crate) async fn issued_again(tenant: &str) -> String {
    issued(&["reissue", "--tenant-id", tenant]).await.install_code
}

async fn issued(arguments: &[&str]) -> Issued {
    let said = license_service(&[arguments, &["--output", "json"]].concat()).await;
    serde_json::from_str(&said).expect("JSON")
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
