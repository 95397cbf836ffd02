//! Secrets are seen by nobody: output, files, processes, Helm's values and records, events.

use std::{
    fs,
    io::Write,
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    path::Path,
    process::Stdio,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use firstlight::{error::ErrorId, values::REDACTED};
use insta::assert_snapshot;
use jiff::SignedDuration;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{ConfigMap, Event, Pod, Secret},
};
use license_service::NewCode;
use rustix::process::{Pid, Signal};
use serde_json::json;

use crate::{
    bootstrap::helm_release,
    support::{
        Machine, cluster,
        machine::{self, PASSWORD},
        process::{self, Running},
        until,
    },
};

/// What nobody may see: the password, the code in both forms, and of the grant what the cluster has by now.
pub(crate) async fn secrets_of(machine: &Machine) -> Vec<(&'static str, String)> {
    let mut secrets = vec![
        ("the password", PASSWORD.to_owned()),
        ("the code", machine.minted.code.expose().to_owned()),
        ("the code", machine.minted.code.grouped()),
    ];
    for (name, key) in [("the token", "LICENSE_TOKEN"), ("the credential", "APPLIANCE_CREDENTIAL")] {
        let license = machine.namespace.secret("appliance-license-seed").await.unwrap_or_default();
        secrets.extend(license.get(key).map(|value| (name, value.clone())));
    }
    secrets
}

pub(crate) fn assert_clean(place: &str, text: &[u8], secrets: &[(&str, String)]) {
    for (name, secret) in secrets {
        let found = text.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{name} is in {place}");
    }
}

/// Every file below a folder but the operator's own answers.
fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let found = entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] });
    found.filter(|path| !path.ends_with("answers.toml")).collect()
}

/// The journal keeps what was granted until the cluster's copy has survived, and nobody else reads it.
pub(crate) fn assert_clean_files(machine: &Machine, secrets: &[(&str, String)]) {
    let granted = |(name, _): &(&str, String)| matches!(*name, "the token" | "the credential");
    let ungranted: Vec<_> = secrets.iter().filter(|secret| !granted(secret)).cloned().collect();
    for path in files_below(&machine.root()) {
        let journal = path.ends_with("journal.json");
        let hidden = if journal { &ungranted[..] } else { secrets };
        assert_clean(&path.display().to_string(), &fs::read(&path).expect("a file"), hidden);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert!(!journal || mode.trailing_zeros() >= 6, "the journal is {mode:o}");
    }
}

/// Everything in the namespace that is not one of the two Secrets.
pub(crate) async fn assert_clean_cluster(machine: &Machine, secrets: &[(&str, String)]) {
    let namespace = &machine.namespace;
    let records = namespace.list::<Secret>().await;
    let records: Vec<&Secret> =
        records.iter().filter(|secret| secret.type_.as_deref() == Some("helm.sh/release.v1")).collect();
    assert!(!records.is_empty(), "Helm keeps its releases");
    for record in records {
        let release = helm_release(record);
        assert!(release["manifest"].as_str().is_some_and(|text| text.contains("kind: Job")), "decoded");
        assert_clean("Helm's record", release.to_string().as_bytes(), secrets);
    }
    let objects = [
        format!("{:?}", namespace.list::<Event>().await),
        format!("{:?}", namespace.list::<ConfigMap>().await),
        format!("{:?}", namespace.list::<Job>().await),
        format!("{:?}", namespace.list::<Pod>().await),
    ];
    for object in objects {
        assert!(object.len() > 2, "there are some");
        assert_clean("an object of the namespace", object.as_bytes(), secrets);
    }
}

/// Command line and environment of a process.
fn assert_clean_process(name: &str, pid: Pid, secrets: &[(&str, String)]) {
    for file in ["cmdline", "environ"] {
        let seen = fs::read(format!("/proc/{}/{file}", pid.as_raw_nonzero())).expect("it runs");
        assert!(!seen.is_empty(), "{name} has ended");
        assert_clean(&format!("{file} of {name}"), &seen, secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn a_run_that_ends_well() {
    for output in ["json", "text"] {
        let machine = Machine::new("leak").await.with_bootstrap();
        let mut command = machine.arguments(process::firstlight(), output);
        let running = Running::start(command.env("FIRSTLIGHT_POINT", "stop:child.started"));
        running.stopped().await;
        let secrets = secrets_of(&machine).await;
        assert_eq!(secrets.len(), 5, "both Secrets are written");
        assert_clean_process("firstlight", running.pid(), &secrets);
        let children = process::children_of(running.pid());
        assert_eq!(children.len(), 1, "helm runs");
        assert_clean_process("helm", children[0], &secrets);
        running.signal(Signal::CONT);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
        assert_clean("the output", ended.stdout.as_bytes(), &secrets);
        assert_eq!(ended.stderr, "");
        assert_clean_files(&machine, &secrets);
        assert_clean_cluster(&machine, &secrets).await;
        machine.assert_installed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn runs_that_fail() {
    let expired = || NewCode { expires_in: SignedDuration::ZERO, ..NewCode::default() };
    for (code, id) in [(expired(), ErrorId::CodeExpired), (NewCode::default(), ErrorId::BootstrapFailed)] {
        let machine = Machine::with("leak-fail", code, |_| {}).await.with_bootstrap();
        machine.namespace.create().await;
        let theirs = "--from-literal=tenant-id=00000000-0000-4000-8000-000000000000";
        machine.namespace.kubectl(&["create", "configmap", "appliance-tenant", theirs]).await;
        let ended = machine.run().await;
        ended.failed(id);
        let text = process::run(machine.text_command()).await;
        assert_eq!(text.code, ended.code);
        let secrets = secrets_of(&machine).await;
        assert_clean("JSON", ended.stdout.as_bytes(), &secrets);
        assert_clean("text", text.stdout.as_bytes(), &secrets);
        assert_eq!(text.stderr, "");
        assert_clean_files(&machine, &secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn runs_that_are_cut_leave_the_grant_in_a_private_journal_and_nothing_else() {
    // Before and after the grant has its place in the journal.
    for point in ["file.written:2", "register.journalled"] {
        let machine = Machine::new("leak-cut").await;
        let ended = machine.cut_at(point).await;
        assert_eq!(ended.code, None);
        let hidden = secrets_of(&machine).await;
        assert_clean("the output", format!("{ended:?}").as_bytes(), &hidden);
        assert_clean_files(&machine, &hidden);
        let grant =
            fs::read_dir(machine.state()).expect("the state").filter_map(|entry| fs::read(entry.ok()?.path()).ok());
        let held = grant.filter(|bytes| String::from_utf8_lossy(bytes).contains("first_jwt")).count();
        assert_eq!(held, 1, "the only copy of the grant");
        let modes: Vec<String> = modes(&machine.state());
        assert!(modes.iter().all(|mode| mode.starts_with("0600 ") || mode == "0700 ."), "{modes:?}");

        machine.assert_finishes().await;
        assert_clean_files(&machine, &secrets_of(&machine).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_state_directory_that_was_wide_open_is_closed() {
    let machine = Machine::new("modes").await;
    fs::create_dir_all(machine.state()).expect("a folder");
    fs::set_permissions(machine.state(), fs::Permissions::from_mode(0o777)).expect("a mode");
    assert_eq!(machine.cut_at("register.journalled").await.code, None);
    assert_snapshot!(modes(&machine.state()).join("\n"), @r"
    0600 journal.json
    0600 lock
    0700 .
    ");
    machine.assert_finishes().await;
}

/// Modes and names of a folder and of what is in it.
fn modes(folder: &Path) -> Vec<String> {
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
    let mut all = vec![format!("{:04o} .", mode(folder))];
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    all.extend(
        entries.map(|path| format!("{:04o} {}", mode(&path), path.file_name().expect("a name").to_string_lossy())),
    );
    all.sort();
    all
}

/// Has a policy refuse one Secret with a message that quotes it, as policy engines do, but lets its dry run pass.
async fn quote_in_refusals(machine: &Machine, secret: &str, key: &str) -> String {
    let namespace = machine.namespace.name.clone();
    let (kind, api_version) = ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1");
    let rule = json!({"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"]});
    let validation = json!({
        "expression": format!(
            "object == null || object.metadata.name != '{secret}' || \
             object.data.all(key, string(object.data[key]) in ['cmVoZWFyc2Fs', 'rehearsal'])"
        ),
        "messageExpression": format!("'data ' + ('{key}' in object.data ? string(object.data['{key}']) : 'none')"),
    });
    let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
    for object in [
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": namespace}, "spec": {
            "matchConstraints": {"resourceRules": [rule]}, "validations": [validation],
        }}),
        json!({"apiVersion": api_version, "kind": format!("{kind}Binding"), "metadata": {"name": namespace}, "spec": {
            "policyName": namespace, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": selector},
        }}),
    ] {
        cluster::apply(&object).await;
    }
    until("the policy counts", || async { is_refused(&namespace, secret).await.then_some(()) }).await;
    namespace
}

async fn is_refused(namespace: &str, secret: &str) -> bool {
    let create = ["create", "secret", "generic", secret, "--from-literal=k=v", "--dry-run=server"];
    cluster::is_refused(&[&create[..], &["--namespace", namespace]].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces, and a policy in each)"]
async fn what_admission_quotes_of_a_secret() {
    for (secret, key) in
        [("appliance-initial-tenant", "INITIAL_ADMIN_PASSWORD"), ("appliance-license-seed", "LICENSE_TOKEN")]
    {
        let mut machine = Machine::new("quoted").await;
        machine.set("secrets.tenant.admin-password", "plaintext");
        machine.namespace.create().await;
        let policy = quote_in_refusals(&machine, secret, key).await;
        let ended = machine.run().await;
        let told = ended.failed(ErrorId::KubernetesRefused).told();
        assert!(told.contains("data ") && told.contains(REDACTED), "{told}");
        let again = process::run(machine.text_command()).await;
        let policies = format!("validatingadmissionpolicybinding/{policy}");
        cluster::kubectl(&["delete", &policies, &format!("validatingadmissionpolicy/{policy}")]).await;
        until("it counts no more", || async { (!is_refused(&policy, secret).await).then_some(()) }).await;
        machine.run().await.done();
        let mut secrets = secrets_of(&machine).await;
        let encoded: Vec<_> =
            secrets.iter().map(|(name, secret)| (*name, STANDARD.encode(secret)[..12].to_owned())).collect();
        secrets.extend(encoded);
        assert!(secrets.len() > 8, "{key} is among them");
        for said in [&ended.stdout, &ended.stderr, &again.stdout, &again.stderr] {
            assert_clean(&format!("what is said of {key}"), said.as_bytes(), &secrets);
        }
    }
}

/// A chart may look up what its bootstrap reads, and Helm passes on what it fails of.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_helm_quotes_of_a_secret() {
    let mut machine = Machine::new("helm-quotes").await.with_bootstrap();
    machine.set("bootstrap.chart", "/usr/share/firstlight/quotes").set("secrets.tenant.admin-password", "plaintext");
    machine.write("/usr/share/firstlight/quotes/Chart.yaml", "apiVersion: v2\nname: quotes\nversion: 1.0.0\n", 0o644);
    let template = "{{- $there := lookup \"v1\" \"Secret\" .Release.Namespace \"appliance-initial-tenant\" }}\n\
        {{- if $there }}{{ $said := $there.data.INITIAL_ADMIN_PASSWORD }}\n\
        {{- fail (printf \"it has %s, that is %s\" $said (b64dec $said)) }}{{ end }}\n\
        {apiVersion: v1, kind: ConfigMap, metadata: {name: quotes}}\n";
    machine.write("/usr/share/firstlight/quotes/templates/quotes.yaml", template, 0o644);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::BootstrapFailed).told();
    assert!(told.contains(&format!("it has {REDACTED}=, that is {REDACTED}")), "{told}");
    let again = process::run(machine.text_command()).await;
    for said in [ended.stdout, ended.stderr, again.stdout, again.stderr] {
        assert_clean("what is said of Helm", said.as_bytes(), &[("the password", PASSWORD.to_owned())]);
        assert_clean(
            "what is said of Helm",
            said.as_bytes(),
            &[("the password", STANDARD.encode(PASSWORD)[..12].to_owned())],
        );
    }
}

/// The processes that hold secrets: the program itself, and the one that judges a password.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_at_the_memory_of_a_process() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for arguments in [&["strength"][..], &["--answers", "-"]] {
        let mut command = process::firstlight_as_nobody(folder.path());
        // Both wait for what comes through the pipe.
        let running = Running::start(command.args(arguments).stdin(Stdio::piped()));
        let process = Path::new("/proc").join(running.pid().as_raw_nonzero().to_string());
        // What may not be dumped belongs to root, and neither its user's debugger nor a handler of cores gets at it
        // (proc(5), ptrace(2)).
        until("the process is nobody's but root's", async || {
            (fs::metadata(process.join("mem")).expect("its memory").uid() == 0).then_some(())
        })
        .await;
        let limits = fs::read_to_string(process.join("limits")).expect("its limits");
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["1", "1"], "{core}");
    }
}

/// What is not used yet is not taken for it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (locks memory)"]
async fn no_memory_goes_to_swap() {
    let mut command = process::firstlight();
    let running = Running::start(command.arg("strength").stdin(Stdio::piped()));
    let status = Path::new("/proc").join(running.pid().as_raw_nonzero().to_string()).join("status");
    until("its memory is locked", async || {
        let status = fs::read_to_string(&status).expect("its status");
        let size = |name: &str| -> Option<u64> {
            status.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?.parse().ok()
        };
        let (locked, resident) = (size("VmLck:")?, size("VmRSS:")?);
        (locked > 0 && resident < locked).then_some(())
    })
    .await;
}

/// How often the memory of a process has a text.
pub(crate) fn copies_in(pid: Pid, text: &str) -> usize {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let memory = fs::File::open(process.join("mem")).expect("root reads it");
    let maps = fs::read_to_string(process.join("maps")).expect("its maps");
    let writable = maps.lines().filter(|line| line.contains(" rw"));
    let copies = writable.map(|line| {
        let range = line.split_whitespace().next().and_then(|range| range.split_once('-')).expect("a range");
        let [start, end] = [range.0, range.1].map(|text| u64::from_str_radix(text, 16).expect("an address"));
        let mut bytes = vec![0; usize::try_from(end - start).expect("a length")];
        let read = memory.read_at(&mut bytes, start).unwrap_or(0);
        bytes[..read].windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    });
    copies.sum()
}

/// Wherever the answers come from, reading them leaves no copy behind.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (reads the memory of a process that is not dumpable)"]
async fn answers_leave_no_copies_in_memory() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (answers, path) = (machine::answers("K7QP-M2RX", PASSWORD), folder.path().join("answers.toml"));
    fs::write(&path, &answers).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    for source in ["answers.toml", "-"] {
        let mut command = process::firstlight();
        command.current_dir(folder.path()).args(["--root", ".", "--output", "json", "--answers", source]);
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        let mut running = Running::start(command.stdin(reader));
        writer.write_all(answers.as_bytes()).expect("it fits into a pipe");
        drop(writer);
        // There is no kubeconfig yet: it is waited for.
        running.event("check", |event| event["id"] == "kubernetes" && event["state"] == "waiting").await;
        // The answers' own and the one that travels are left once that is hashed.
        let copies = || copies_in(running.pid(), PASSWORD);
        until("no other copy is left", || async { (copies() <= 2).then_some(()) }).await;
        assert!(copies() > 0, "it is looked for where it is: {source}");
        // The next one is alone on this machine again.
        running.signal(Signal::KILL);
        running.end().await;
    }
}

/// What was granted is in the cluster, and nowhere in a process that only waits for the appliance.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace), and root"]
async fn a_grant_that_is_written_leaves_no_copies_in_memory() {
    let mut machine = Machine::new("memory").await;
    machine.set_ready("http://127.0.0.1:1/", 600);
    let mut running = machine.start();
    running.event("step-started", |event| event["id"] == "ready").await;
    let secrets = secrets_of(&machine).await;
    for (name, secret) in secrets.iter().filter(|(name, _)| ["the token", "the credential"].contains(name)) {
        for spelled in [secret.clone(), STANDARD.encode(secret)] {
            let copies = || copies_in(running.pid(), &spelled);
            until(&format!("no copy of {name} is left"), || async { (copies() == 0).then_some(()) }).await;
        }
    }
}
