//! What one appliance alone has: how long it takes to make it, to find that nothing has to be done, and to make an RSA key
//! beside OpenSSL.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use firstlight::values::pki::{KeyAlgorithm, PrivateKey};
use serde_json::Value;

use super::{Bench, kubectl};

/// Something of everything, without keys of RSA: six objects and a file.
const PROFILE: &str = "
[endpoint]
kind = 'url'
[endpoint.targets]
'secret:gateway/ISSUER' = '{origin}/'
'configmap:web/config.yaml' = 'url: {url}'
'file:/etc/hub.env#PUBLIC_URL' = '{origin}/v1'
[[generate]]
id = 'encryption-key'
format = 'base64:32'
targets = ['secret:broker/ENCRYPTION_KEY']
[[generate]]
id = 'state-key'
format = 'base64:32'
targets = ['secret:broker/STATE_KEY', 'secret:gateway/STATE_KEY', 'file:/etc/hub.env#STATE_KEY']
[[generate]]
id = 'api-key'
format = 'hex:32'
targets = ['secret:broker/API_KEY', 'secret:gateway/BROKER_API_KEY']
[[generate]]
id = 'database-password'
format = 'password:24'
targets = ['secret:broker/PASSWORD']
[[generate]]
id = 'database-url'
format = 'url(postgresql://broker:{database-password}@db:5432/broker)'
targets = ['secret:broker/DATABASE_URL']
[pki.root]
key = 'secret:pki/root.key'
certificate = ['secret:pki/root.crt', 'configmap:web/ca.crt']
[pki.intermediate]
key = 'secret:pki/issuing.key'
certificate = ['secret:pki/issuing.crt']
[pki.leaf]
key = 'secret:tls/tls.key'
certificate = ['secret:tls/tls.crt']
[pki.crl]
targets = ['configmap:web/crl.pem']
[reconcile]
restart = ['deployment:web']
";

const ANSWER: &str = "[endpoint]\nurl = 'https://appliance.example'\n";

/// Measures all of it, and prints it.
#[expect(clippy::print_stdout, reason = "the table is what a bench is for")]
pub(super) fn measure(bench: &Bench<'_>, rounds: usize) {
    let mut made = Vec::new();
    let mut namespaces = Vec::new();
    for round in 0..=rounds {
        let namespace = format!("bench-identity-{round}");
        kubectl(&["create", "namespace", &namespace]);
        let (profile, answers) = bench.new_machine(&namespace, PROFILE, ANSWER);
        let output = bench.command(&profile).arg("--answers").arg(answers).stderr(Stdio::inherit()).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        let events = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut identity = events.filter(|event| event["id"] == "identity");
        let elapsed = identity.find_map(|event| event["elapsed_ms"].as_u64()).expect("the step ends");
        made.push(Duration::from_millis(elapsed));
        namespaces.push(namespace);
    }
    let profile = bench.folder.join("profile.toml");
    let unchanged: Vec<_> = (0..=rounds).map(|_round| timed(bench.command(&profile).arg("reconcile"))).collect();
    let mut arguments = vec!["delete", "namespace", "--wait=false"];
    arguments.extend(namespaces.iter().map(String::as_str));
    kubectl(&arguments);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _round in 0..rounds {
        let started = Instant::now();
        drop(PrivateKey::generate(KeyAlgorithm::Rsa4096).expect("a key"));
        ours.push(started.elapsed());
        theirs.push(timed(Command::new("openssl").args(["genrsa", "4096"])));
    }
    println!("\n{:32} {:>28} {:>9}", "", "median (lowest to highest)", "target");
    println!("{}", row("identity, ms", &made[1..], "<= 50"));
    println!("{}", row("reconcile, nothing to do, ms", &unchanged[1..], "<= 100"));
    println!("{}", row("RSA-4096, ms", &ours, ""));
    println!("{}", row("openssl genrsa 4096, ms", &theirs, ""));
    println!("{:32} {:>28.2} {:>9}", "ratio of the medians", median(&ours) / median(&theirs), "<= 1.5");
}

/// How long a command takes to its end, which has to be a good one.
fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    started.elapsed()
}

fn sorted(samples: &[Duration]) -> Vec<f64> {
    let mut values: Vec<f64> = samples.iter().map(|sample| sample.as_secs_f64() * 1000.0).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(samples: &[Duration]) -> f64 {
    sorted(samples)[samples.len() / 2]
}

fn row(name: &str, samples: &[Duration], target: &str) -> String {
    let values = sorted(samples);
    let (low, high) = (values[0], values[values.len() - 1]);
    format!("{name:32} {:>28} {target:>9}", format!("{:.1} ({low:.1} to {high:.1})", median(samples)))
}

impl Bench<'_> {
    /// A machine on which nothing was done yet: its profile, and the answers for it.
    fn new_machine(&self, namespace: &str, more: &str, answer: &str) -> (std::path::PathBuf, std::path::PathBuf) {
        let root = self.folder.join("root");
        for folder in ["var", "etc/hub.env"] {
            let path = root.join(folder);
            let _gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
        (self.write_profile(namespace, more), self.write_answers(&format!("answers-{namespace}.toml"), answer))
    }

    fn command(&self, profile: &Path) -> Command {
        let mut command = Command::new(super::repository().join("target/release/firstlight"));
        let places = [
            ("FIRSTLIGHT_PROFILE", profile.to_owned()),
            ("FIRSTLIGHT_ROOT", self.folder.join("root")),
            ("FIRSTLIGHT_KUBECONFIG", super::kubeconfig()),
            ("FIRSTLIGHT_OUTPUT", "json".into()),
        ];
        command.envs(places).stdin(Stdio::null());
        command
    }
}
