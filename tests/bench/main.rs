//! firstlight beside the shell script that it replaces: same API server, same license service, alternating.
//!
//! Wall time runs from process start to both Secrets verified (firstlight says so in a
//! note; the script is done when it ends, having verified nothing). CPU time is that of the
//! whole process tree to its end, peak memory that of its largest process: a little more
//! than is compared for firstlight, which goes on to a bootstrap whose `helm` is `/bin/true`. Everything
//! else of the run is real: every check of the rehearsal, the journal with its fsyncs,
//! Argon2id, the read-back. The script gets its password hash for nothing.

#![expect(clippy::disallowed_methods, reason = "the bench runs what it measures")]

mod identity;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use license_service::{Config, NewCode, Running};
use nix::sys::resource::{UsageWho, getrusage};

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Sample {
    wall: Duration,
    cpu: Duration,
    peak_kib: u64,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        // The bench runs itself around every sample, so that the usage of its children is one sample's.
        Some("--sample") => sample(&arguments[1], &arguments[2..]),
        rounds => compare(rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(20)),
    }
}

/// Runs a command; prints microseconds of wall time (to `marker` in its output, if that is not empty), of CPU, and KiB.
#[expect(clippy::print_stdout, reason = "this is how the sample reaches the comparison")]
fn sample(marker: &str, command: &[String]) {
    let started = Instant::now();
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut wall = None;
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let line = line.expect("UTF-8");
        if !marker.is_empty() && line.contains(marker) {
            wall = Some(started.elapsed());
        }
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait().expect("the child can be waited for");
    let wall = if marker.is_empty() { Some(started.elapsed()) } else { wall };
    assert!(status.success(), "{command:?} failed:\n{said}");
    let wall = wall.unwrap_or_else(|| unreachable!("{command:?} never said {marker}:\n{said}"));
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let cpu = usage.user_time() + usage.system_time();
    println!("{} {} {}", wall.as_micros(), cpu.tv_sec() * 1_000_000 + cpu.tv_usec(), usage.max_rss());
}

#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
fn compare(rounds: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let service = runtime.block_on(license_service::start(Config::new(folder.path().join("license")))).expect("starts");
    let bench = Bench { folder: folder.path(), service: &service };
    bench.prepare();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first pair warms the page cache and is not counted.
    for round in 0..=rounds {
        let (our, their) = (bench.firstlight(round), bench.script(round));
        if round > 0 {
            ours.push(our);
            theirs.push(their);
        }
    }
    Bench::clean_up(rounds);
    println!("{rounds} rounds, alternating; median (lowest to highest)\n");
    println!("{:10} {:>24} {:>24} {:>7} {:>7}", "", "firstlight", "shell script", "ratio", "target");
    let wall = |sample: &Sample| sample.wall.as_secs_f64() * 1000.0;
    let cpu = |sample: &Sample| sample.cpu.as_secs_f64() * 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "kibibytes of one process")]
    let peak = |sample: &Sample| sample.peak_kib as f64 / 1024.0;
    println!("{}", row("wall, ms", &ours, &theirs, wall, ">= 5"));
    println!("{}", row("CPU, ms", &ours, &theirs, cpu, ""));
    println!("{}", row("peak, MiB", &ours, &theirs, peak, ">= 3"));
    identity::measure(&bench, rounds);
}

fn row(name: &str, ours: &[Sample], theirs: &[Sample], value: impl Fn(&Sample) -> f64, target: &str) -> String {
    let summary = |samples: &[Sample]| {
        let mut values: Vec<f64> = samples.iter().map(&value).collect();
        values.sort_by(f64::total_cmp);
        (values[values.len() / 2], values[0], values[values.len() - 1])
    };
    let (our, their) = (summary(ours), summary(theirs));
    let cell = |(median, low, high): (f64, f64, f64)| format!("{median:.1} ({low:.1} to {high:.1})");
    format!("{name:10} {:>24} {:>24} {:>7.1} {target:>7}", cell(our), cell(their), their.0 / our.0)
}

struct Bench<'a> {
    folder: &'a Path,
    service: &'a Running,
}

impl Bench<'_> {
    fn prepare(&self) {
        let root = self.folder.join("root");
        fs::create_dir_all(root.join("etc")).expect("a folder");
        fs::copy(self.service.ca_pem_file(), root.join("etc/ca.pem")).expect("the CA");
        fs::copy(self.service.token_key_file(), root.join("etc/token.pub")).expect("the key");
        let chart = Command::new("cp").args(["-r", "helm"]).arg(root.join("chart")).current_dir(repository()).status();
        assert!(chart.expect("cp runs").success(), "the chart");
        fs::create_dir_all(root.join("bin")).expect("a folder");
        std::os::unix::fs::symlink("/bin/true", root.join("bin/helm")).expect("a link");
    }

    fn firstlight(&self, round: usize) -> Sample {
        let namespace = format!("bench-ours-{round}");
        kubectl(&["create", "namespace", &namespace]);
        let root = self.folder.join("root");
        // Each time a machine on which nothing was done yet.
        if let Err(error) = fs::remove_dir_all(root.join("var")) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
        }
        let profile = self.write_profile(&namespace, "[bootstrap]\nchart = '/chart'\nhelm = '/bin/helm'\n");
        let answers = self.write_answers(&format!("answers-{round}.toml"), "");
        let marker = "both Secrets are read back and verified";
        let binary = repository().join("target/release/firstlight");
        Self::run(
            marker,
            &[
                path(&binary),
                "--profile",
                path(&profile),
                "--root",
                path(&root),
                "--kubeconfig",
                path(&kubeconfig()),
                "--output",
                "json",
                "--answers",
                path(&answers),
            ],
        )
    }

    fn write_profile(&self, namespace: &str, more: &str) -> PathBuf {
        let profile = self.folder.join("profile.toml");
        let text = format!(
            "[license]\nurl = '{}'\nca-file = '/etc/ca.pem'\ntoken-key-file = '/etc/token.pub'\n\
             [cluster]\nnamespace = '{namespace}'\n[machine]\nvolatile-state = true\n{more}",
            self.service.url()
        );
        fs::write(&profile, text).expect("the profile");
        profile
    }

    fn write_answers(&self, name: &str, more: &str) -> PathBuf {
        let answers = self.folder.join(name);
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&answers).expect("answers");
        let text = format!(
            "install-code = '{}'\n[administrator]\nfirst-name = 'Kim'\nlast-name = 'Admin'\n\
             email = 'kim@acme.example'\npassword = 'correct horse battery'\n{more}",
            self.code()
        );
        std::io::Write::write_all(&mut file, text.as_bytes()).expect("answers");
        answers
    }

    fn script(&self, round: usize) -> Sample {
        let namespace = format!("bench-theirs-{round}");
        kubectl(&["create", "namespace", &namespace]);
        let script = repository().join("tests/bench/vendor.sh");
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        let (ca, code) = (self.service.ca_pem_file().to_owned(), self.code());
        Self::run("", &[path(&script), self.service.url(), path(&ca), &code, &namespace, path(&kubeconfig()), hash])
    }

    fn code(&self) -> String {
        self.service.store().mint(&NewCode::default()).expect("a code").code.expose().to_owned()
    }

    fn run(marker: &str, command: &[&str]) -> Sample {
        let own = env::current_exe().expect("this program");
        let search = format!("{}:{}", programs().display(), env::var("PATH").unwrap_or_default());
        let output = Command::new(own).arg("--sample").arg(marker).args(command).env("PATH", search).output();
        let output = output.expect("the sample runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("numbers");
        let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
        Sample { wall: Duration::from_micros(numbers[0]), cpu: Duration::from_micros(numbers[1]), peak_kib: numbers[2] }
    }

    fn clean_up(rounds: usize) {
        let names = (0..=rounds).flat_map(|round| [format!("bench-ours-{round}"), format!("bench-theirs-{round}")]);
        let names: Vec<String> = names.collect();
        let mut arguments = vec!["delete", "namespace", "--wait=false"];
        arguments.extend(names.iter().map(String::as_str));
        kubectl(&arguments);
    }
}

fn kubectl(arguments: &[&str]) {
    let status = Command::new(programs().join("kubectl"))
        .arg("--kubeconfig")
        .arg(kubeconfig())
        .args(arguments)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("kubectl runs").success(), "kubectl {arguments:?}");
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn programs() -> PathBuf {
    repository().join("target/cluster/bin")
}

fn kubeconfig() -> PathBuf {
    repository().join("target/cluster/kubeconfig")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
