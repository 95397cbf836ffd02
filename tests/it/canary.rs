//! What cannot be read is told with its place, and never quoted: it may be a secret.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use firstlight::error::ErrorId;

use crate::support::{
    console::{Console, key, words},
    machine::answers,
    pages::{Page, alone},
    process,
};

/// What nobody may see.
const CANARY: &str = "c4nary-Sings-0nce";

/// A kubeconfig with these lines of a cluster and of a user.
fn kubeconfig(folder: &Path, cluster: &str, user: &str) -> PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    {cluster}\nusers:\n- name: u\n  user:\n    \
         {user}\ncontexts:\n- name: x\n  context: {{cluster: c, user: u}}\ncurrent-context: x\n"
    );
    let path = folder.join("kubeconfig");
    fs::write(&path, text).expect("written");
    path
}

/// What a rehearsal says with this kubeconfig, in both forms.
async fn said_with(folder: &Path, kubeconfig: &Path) -> String {
    let mut said = String::new();
    for output in ["text", "json"] {
        let mut command = process::firstlight();
        command.current_dir(folder).args(["--answers", "answers.toml", "--dry-run", "--root", "."]);
        command.args(["--profile", "profile.toml"]);
        command.args(["--output", output, "--kubeconfig"]).arg(kubeconfig);
        let ended = process::run(command).await;
        said = [said, ended.stdout, ended.stderr].concat();
    }
    said
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    write_private(&folder.path().join("answers.toml"), &answers("K7QP-M2RX", "correct horse battery staple"));
    // A kubeconfig that may yet be replaced is waited for.
    let profile = "[license]\nurl = 'https://127.0.0.1:1'\nattempts = 1\n[cluster]\nstart-timeout-seconds = 1\n";
    fs::write(folder.path().join("profile.toml"), profile).expect("written");
    folder
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_that_cannot_be_used() {
    let plugin = |script: &str| {
        let script = script.replace('\n', "\n        ");
        format!(
            "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: sh\n      args:\n      - -c\n      - \
             |\n        {script}"
        )
    };
    let server = "server: 'https://127.0.0.1:1'";
    let token = format!("token: {CANARY}");
    for (cluster, user, told) in [
        (server, format!("{token}\n    client-key-data: [oops"), "is not understood"),
        (server, format!("{token}\n    exec: 7"), "what stands in line 11 from column"),
        (
            server,
            format!("username: admin\n    password: {CANARY}\n    exec: []"),
            "what stands in line 12 from column",
        ),
        (server, format!("client-certificate-data: '{CANARY}!'"), "`client-certificate-data`"),
        (server, format!("client-certificate-data: YQ==\n    client-key-data: '{CANARY}!'"), "`client-key-data`"),
        (server, format!("token: \"{CANARY}\\n\""), "`token`"),
        (
            server,
            plugin(&format!(
                "echo '{{\"kind\": \"ExecCredential\", \"status\": {{\"token\":\n\"{CANARY}\",\n\"clientKeyData\": [1]}}}}'"
            )),
            "the answer of `sh` cannot be used",
        ),
        (
            server,
            plugin(&format!("echo '{{\"status\": {{\"token\": \"t\", \"expirationTimestamp\": \"{CANARY}\"}}}}'")),
            "the answer of `sh` cannot be used",
        ),
        (server, plugin(&format!("echo {CANARY}; echo {CANARY} >&2; exit 3")), "`sh` failed: exit status: 3"),
        (&format!("{server}\n    proxy-url: 'http://me:{CANARY}@proxy.invalid:3128'"), token.clone(), "`proxy-url`"),
        (&format!("server: 'https://me:{CANARY}@ho st'"), token.clone(), "`server`"),
        (&format!("server: 'http://me:{CANARY}@192.0.2.1:80'"), token.clone(), "without TLS"),
        (
            &format!("server: 'https://me:{CANARY}@192.0.2.1:80'\n    insecure-skip-tls-verify: true"),
            token.clone(),
            "insecure-skip-tls-verify",
        ),
        (
            &format!("{server}\n    certificate-authority-data: '{CANARY}!'"),
            token.clone(),
            "`certificate-authority-data`",
        ),
    ] {
        let folder = folder();
        let said = said_with(folder.path(), &kubeconfig(folder.path(), cluster, &user)).await;
        assert!(said.contains(ErrorId::KubeconfigInvalid.as_str()), "{cluster} {user}: {said}");
        assert!(said.contains(told), "{cluster} {user}: {said}");
        assert!(!said.contains("c4nary"), "{cluster} {user}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_read() {
    let folder = folder();
    let path = folder.path().join("answers.toml");
    for wrong in [
        format!("password = \"{CANARY}"),
        format!("password = [\"{CANARY}\"]"),
        format!("password = {CANARY}"),
        format!("password = \"{CANARY}\\q\""),
        format!("password = \"{CANARY}\u{200b}\""),
        format!("password = \"{CANARY}\"\npassword = \"{CANARY}\""),
    ] {
        let good = answers("K7QP-M2RX", CANARY);
        write_private(&path, &good.replace(&format!("password = \"{CANARY}\""), &wrong));
        let mut command = process::firstlight();
        let ended =
            process::run_with(command.current_dir(folder.path()).args(["answers", "check", "answers.toml"])).await;
        assert_eq!(ended.code, Some(10), "{wrong}: {}", ended.stdout);
        assert!(!ended.stdout.contains("c4nary"), "{wrong}: {}", ended.stdout);
    }
}

/// Another file than was meant, such as a key.
#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_none() {
    let folder = folder();
    fs::write(folder.path().join("profile.toml"), "[license]\nurl = 'https://license.invalid'\nca-file = '/ca'\n")
        .expect("written");
    for pem in [
        format!("-----BEGIN {CANARY}\n"),
        format!("-----BEGIN CERTIFICATE-----\n{CANARY}!\n-----END CERTIFICATE-----\n"),
    ] {
        fs::write(folder.path().join("ca"), pem).expect("written");
        let mut command = process::firstlight();
        command.current_dir(folder.path()).args([
            "--answers",
            "answers.toml",
            "--profile",
            "profile.toml",
            "--root",
            ".",
        ]);
        let ended = process::run(command).await;
        assert!(ended.stdout.contains(ErrorId::ProfileFile.as_str()), "{}", ended.stdout);
        // Bytes as numbers are a spelling too.
        for spelled in ["c4nary", "99, 52, 110"] {
            assert!(!ended.stdout.contains(spelled), "{}", ended.stdout);
        }
    }
}

/// Neither the screen nor the recording nor the report for support has it.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_wizard_leaves_behind() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let kubeconfig =
        kubeconfig(folder.path(), "server: 'https://127.0.0.1:1'", &format!("token: {CANARY}\n    exec: 7"));
    let recording = folder.path().join("recording");
    let mut command = alone(folder.path());
    let profile = fs::read_to_string(folder.path().join("profile.toml")).expect("written");
    let profile = format!("{profile}[cluster]\nstart-timeout-seconds = 1\n");
    fs::write(folder.path().join("profile.toml"), profile).expect("written");
    // `alone` has said that there is none.
    fs::rename(kubeconfig, folder.path().join("no-kubeconfig")).expect("renamed");
    command.arg("--record").arg(&recording);
    let mut console = Console::open(command, (100, 40));
    console.answer_until(Page::Review, "K7QPM2RX").await;
    console.press(key::ENTER).await;
    console.failed("kubeconfig-invalid").await;
    console.press("s").await;
    console.wait_for("the report", |screen| words(screen).contains("A report for support is in")).await;
    console.press(key::CTRL_C).await;
    console.asked().await;
    console.press(key::ENTER).await;
    let left = console.end().await;
    let state = fs::read_dir(folder.path().join("var/lib/firstlight")).expect("its state");
    let reports = state.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some());
    let mut said: Vec<_> = reports.chain([recording]).map(|path| fs::read(path).expect("a file")).collect();
    assert_eq!(said.len(), 2, "a report and the recording");
    for text in &said {
        assert!(String::from_utf8_lossy(text).contains("kubeconfig"), "it tells of it");
    }
    said.push(left.bytes);
    for text in said {
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains("c4nary"), "{text}");
    }
}
