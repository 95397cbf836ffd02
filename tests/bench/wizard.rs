//! The wizard on a terminal: how soon it draws, how much it writes, what it costs while it waits.
//!
//! Everything runs in the pseudo-terminal of the tests, the peers as well: `dialog` and `whiptail`
//! with one input box, and the least prompt that Node can make (`prompt.js`). The wizard has
//! nothing around it, so its checks wait for a Kubernetes all the while.

#![expect(clippy::disallowed_methods, reason = "the bench runs what it measures")]

#[path = "../it/support/console.rs"]
#[expect(dead_code, reason = "a test looks at more of a terminal than a bench")]
mod console;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use console::{Console, key, words};
use nix::time::ClockId;
use rustix::process::Pid;
use tokio::process::Command;

const SIZE: (u16, u16) = (80, 24);

/// How often the first frame is measured; how many keys are pressed; how long waiting is watched.
const ROUNDS: usize = 30;
const KEYS: usize = 300;
const WATCHED: Duration = Duration::from_secs(10);

/// One line of the table.
struct Row {
    name: String,
    value: String,
    target: &'static str,
    peers: String,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut rows = first_frame(folder.path()).await;
    rows.extend(typing(folder.path()).await);
    rows.extend(waiting(folder.path()).await);
    print(&rows);
}

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn print(rows: &[Row]) {
    println!("\nthe wizard, {ROUNDS} starts alternating with its peers; median (lowest to highest)\n");
    for Row { name, value, target, peers } in rows {
        println!("{name:40} {value:>24}  {target:<7} {peers}");
    }
}

/// The programs that are started, and what is on the screen once they have drawn.
fn wizard(folder: &Path) -> Command {
    let profile = folder.join("profile.toml");
    let text =
        "[license]\nurl = 'https://127.0.0.1:1'\n[machine]\ndisk-mib = 1\nmemory-mib = 1\nvolatile-state = true\n";
    fs::write(&profile, text).expect("the profile");
    let mut command = Command::new(repository().join("target/release/firstlight"));
    command.arg("--profile").arg(profile).arg("--root").arg(folder);
    command.arg("--kubeconfig").arg(folder.join("no-kubeconfig"));
    on_a_terminal(command)
}

fn box_of(program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--inputbox", "Install code:", "8", "60"]);
    on_a_terminal(command)
}

fn node() -> Command {
    let mut command = Command::new("node");
    command.arg(repository().join("tests/bench/prompt.js"));
    on_a_terminal(command)
}

fn on_a_terminal(mut command: Command) -> Command {
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    command
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the last thing that the wizard draws on its first page is there: the keys.
fn wizard_is_drawn(screen: &vt100::Screen) -> bool {
    screen.rows(0, SIZE.0).last().is_some_and(|row| row.contains("Enter"))
}

fn box_is_drawn(screen: &vt100::Screen) -> bool {
    words(screen).contains("Cancel")
}

fn prompt_is_drawn(screen: &vt100::Screen) -> bool {
    words(screen).contains("Install code:")
}

/// A program that has drawn, and the milliseconds that this took from before its start.
async fn drawn(command: Command, is_drawn: impl Fn(&vt100::Screen) -> bool) -> (Console, f64) {
    let started = Instant::now();
    let mut console = Console::open(command, SIZE);
    console.wait_for("the first frame", &is_drawn).await;
    let when = console.when(is_drawn).expect("it was just there");
    (console, milliseconds(when - started))
}

async fn first_frame(folder: &Path) -> Vec<Row> {
    let (mut ours, mut dialog, mut prompt) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms the page cache and is not counted.
    for round in 0..=ROUNDS {
        let times = [
            drawn(wizard(folder), wizard_is_drawn).await.1,
            drawn(box_of("dialog"), box_is_drawn).await.1,
            drawn(node(), prompt_is_drawn).await.1,
        ];
        if round > 0 {
            ours.push(times[0]);
            dialog.push(times[1]);
            prompt.push(times[2]);
        }
    }
    let (our, dialog, prompt) = (Spread::of(ours), Spread::of(dialog), Spread::of(prompt));
    let row = |name: &str, value, target, peers| Row { name: name.to_owned(), value, target, peers };
    vec![
        row("first frame, ms", our.to_string(), "", format!("dialog {dialog}, node {prompt}")),
        row("first frame, times dialog's", format!("{:.1}", our.median / dialog.median), "<= 5", String::new()),
        row("first frame, times sooner than node", format!("{:.1}", prompt.median / our.median), ">= 4", String::new()),
    ]
}

/// Goes on by Enter until the header has this title, typing what is needed on the way.
async fn go_to(console: &mut Console, title: &str) {
    let answers = [
        ("Install code", "K7QP-M2RX"),
        ("Administrator", "Kim\rAdmin\rkim@acme.example\r"),
        ("Password", "correct horse battery\rcorrect horse battery"),
    ];
    let header = |screen: &vt100::Screen| screen.rows(0, SIZE.0).next().unwrap_or_default();
    let mut before = String::new();
    loop {
        console.wait_for("the next page", |screen| !header(screen).trim().is_empty() && header(screen) != before).await;
        before = console.read(header);
        if before.contains(title) {
            return;
        }
        let typed = answers.iter().find(|(page, _)| before.contains(page)).map_or("", |(_, typed)| typed);
        console.press(&format!("{typed}{}", key::ENTER)).await;
    }
}

/// Waits until the frame is whole: the beginning of one may be seen before its end, and the next key must not be pressed
/// into it.
async fn settled(console: &Console) {
    let mut before = 0;
    while console.bytes().len() > before {
        before = console.bytes().len();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Presses two keys in turn, the second of which undoes the first; each has to be seen before the next one.
async fn press_in_turn(console: &mut Console, keys: [&str; 2]) -> (Spread, Spread) {
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for key in keys.into_iter().cycle().take(KEYS) {
        let state = |screen: &vt100::Screen| (screen.contents(), screen.cursor_position());
        let (before, written) = (console.read(state), console.bytes().len());
        let pressed = Instant::now();
        console.press(key).await;
        console.wait_for("the key", |screen| state(screen) != before).await;
        times.push(milliseconds(pressed.elapsed()));
        settled(console).await;
        bytes.push(number_of(console.bytes().len() - written));
    }
    (Spread::of(times), Spread::of(bytes))
}

/// The pages on which keys are pressed: title, and two keys that undo each other.
const PRESSED: [(&str, [&str; 2]); 3] =
    [("Install code", ["7", key::BACKSPACE]), ("Administrator", ["x", key::BACKSPACE]), ("Progress", ["l", "l"])];

/// The lines of the log that is open while keys are pressed: as many as are kept.
const LOG_LINES: usize = 100_000;

/// The wizard with so long a log open: a recorded run goes on for that long, and is opened where it ends.
async fn with_a_long_log(folder: &Path) -> Console {
    let file = folder.join("recording");
    let mut command = wizard(folder);
    command.arg("--record").arg(&file);
    let (mut console, _) = drawn(command, wizard_is_drawn).await;
    go_to(&mut console, "Progress").await;
    console.wait_for("a run that waits", |screen| words(screen).contains("kubernetes")).await;
    drop(console);
    let mut recording = fs::File::options().append(true).open(&file).expect("the recording");
    let line = |number: usize| {
        format!(
            r#"{{"ms":9999,"type":"run","event":{{"type":"note","id":"rehearse","text":"line {number} of a long log"}}}}"#
        )
    };
    let lines: Vec<String> = (1..=LOG_LINES).map(line).collect();
    // What was cut off when the wizard was killed is a line of its own.
    write!(recording, "\n{}\n", lines.join("\n")).expect("room on the disk");
    let mut command = Command::new(repository().join("target/release/firstlight"));
    command.args(["replay", "--open"]).arg(&file);
    let mut console = Console::open(on_a_terminal(command), SIZE);
    console.wait_for("the progress page", |screen| words(screen).contains("Log")).await;
    console.press("l").await;
    console.wait_for("the end of the log", |screen| words(screen).contains(&format!("line {LOG_LINES} of"))).await;
    console
}

async fn typing(folder: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut console = with_a_long_log(folder).await;
    let (times, bytes) = press_in_turn(&mut console, ["\x1b[A", "\x1b[B"]).await;
    let name = |what: &str| format!("a log of {LOG_LINES} lines: {what}");
    let row = |what, value, target| Row { name: name(what), value, target, peers: String::new() };
    rows.push(row("key to frame, ms, 99 %", format!("{:.2}", times.percentile_99), "<= 16"));
    rows.push(row("bytes per key press", bytes.to_string(), ""));
    for (title, keys) in PRESSED {
        let (mut console, _) = drawn(wizard(folder), wizard_is_drawn).await;
        go_to(&mut console, title).await;
        let (times, bytes) = press_in_turn(&mut console, keys).await;
        let row =
            |name: &str, value, target| Row { name: format!("{title}: {name}"), value, target, peers: String::new() };
        rows.push(row("key to frame, ms, 99 %", format!("{:.2}", times.percentile_99), "<= 16"));
        // The log opens and closes over the page: no plain field.
        let target = if title == "Progress" { "" } else { "<= 200" };
        rows.push(row("bytes per key press", bytes.to_string(), target));
    }
    rows
}

async fn waiting(folder: &Path) -> Vec<Row> {
    let (mut console, _) = drawn(wizard(folder), wizard_is_drawn).await;
    go_to(&mut console, "Review").await;
    let idle = watch(&console).await;
    go_to(&mut console, "Progress").await;
    // By then the other checks have been made: what follows is waiting and nothing else.
    console.wait_for("a run that waits", |screen| words(screen).contains("starting, 3 s")).await;
    let running = watch(&console).await;
    let memory = |console: &Console| resident_mib(console.pid());
    let ours = memory(&console);
    let (whiptail, _) = drawn(box_of("whiptail"), box_is_drawn).await;
    let (prompt, _) = drawn(node(), prompt_is_drawn).await;
    let peers = format!("whiptail {:.1}, node {:.1}", memory(&whiptail), memory(&prompt));
    let row = |name: &str, value, target| Row { name: name.to_owned(), value, target, peers: String::new() };
    vec![
        row("CPU while a person reads, %", format!("{:.2}", idle.cpu_percent), "< 0.5"),
        row("CPU while a run waits, %", format!("{:.2}", running.cpu_percent), "< 0.5"),
        row("bytes per second while a run waits", format!("{:.0}", running.bytes_per_second), ""),
        Row { peers, ..row("resident on the progress page, MiB", format!("{ours:.1}"), "<= 15") },
    ]
}

/// What a program costs while nothing happens.
struct Cost {
    cpu_percent: f64,
    bytes_per_second: f64,
}

async fn watch(console: &Console) -> Cost {
    let (cpu, bytes) = (on_cpu(console.pid()), console.bytes().len());
    let started = Instant::now();
    tokio::time::sleep(WATCHED).await;
    let elapsed = started.elapsed().as_secs_f64();
    let cpu = on_cpu(console.pid()).saturating_sub(cpu);
    let bytes = number_of(console.bytes().len() - bytes);
    Cost { cpu_percent: 100.0 * cpu.as_secs_f64() / elapsed, bytes_per_second: bytes / elapsed }
}

/// The time that a process has had so far, with that of threads that have ended.
fn on_cpu(pid: Pid) -> Duration {
    let clock = ClockId::pid_cpu_clock_id(nix::unistd::Pid::from_raw(pid.as_raw_pid())).expect("it runs");
    Duration::from(clock.now().expect("a clock that exists"))
}

fn resident_mib(pid: Pid) -> f64 {
    let status = fs::read_to_string(proc(pid).join("status")).expect("it runs");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process with memory");
    let kib: f64 = resident.trim().trim_end_matches(" kB").parse().expect("kibibytes");
    kib / 1024.0
}

fn proc(pid: Pid) -> PathBuf {
    Path::new("/proc").join(pid.as_raw_nonzero().to_string())
}

/// Sorted measurements.
struct Spread {
    lowest: f64,
    median: f64,
    percentile_99: f64,
    highest: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |hundredths: usize| values[(values.len() - 1) * hundredths / 100];
        Self { lowest: at(0), median: at(50), percentile_99: at(99), highest: at(100) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} ({:.1} to {:.1})", self.median, self.lowest, self.highest)
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn number_of(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a terminal's bytes"))
}
