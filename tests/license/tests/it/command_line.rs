//! The program: serving, minting while it serves, ending cleanly, keeping secrets out of its output.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{APPLIANCE, Answer, PROGRAM, Server, client};

fn program() -> Command {
    Command::new(PROGRAM)
}

fn serve(state: &Path, ready_file: &Path) -> Server {
    serve_with(state, ready_file, &[])
}

fn serve_with(state: &Path, ready_file: &Path, options: &[&str]) -> Server {
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--state"]).arg(state).arg("--ready-file").arg(ready_file);
    command.args(options);
    Server::start(&mut command)
}

fn run(command: &str, state: &Path, arguments: &[&str]) -> Output {
    program().arg(command).arg("--state").arg(state).args(arguments).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn register(server: &Server, code: &str) -> Answer {
    let url = server.ready["url"].as_str().unwrap();
    let client = client(Path::new(server.ready["ca_file"].as_str().unwrap()));
    let body = json!({"claim_code": code, "appliance_id": APPLIANCE});
    Answer::of(client.post(format!("{url}/register")).json(&body)).await
}

#[tokio::test]
async fn codes_are_minted_reissued_and_revoked_while_the_program_serves() {
    let temporary = tempfile::tempdir().unwrap();
    let (state, ready_file) = (temporary.path().join("state"), temporary.path().join("ready.json"));
    fs::write(&ready_file, "of an earlier run").unwrap();
    let mut server = serve(&state, &ready_file);
    let published: Value = serde_json::from_str(&fs::read_to_string(&ready_file).unwrap()).unwrap();
    assert_eq!(published, server.ready);

    let customer = ["--company", "Acme", "--contact-email", "it@acme.example", "--expires-in", "2d"];
    let minted = json_of(&run("mint", &state, &[&customer[..], &["--output", "json"]].concat()));
    let tenant = minted["tenant_id"].as_str().unwrap();
    let reissued = json_of(&run("reissue", &state, &["--contact-email", "it@acme.example", "--output", "json"]));
    assert_eq!(reissued["tenant_id"], tenant);
    let code = reissued["install_code"].as_str().unwrap();
    let old = minted["install_code"].as_str().unwrap();
    assert_eq!(register(&server, old).await.refused(), (409, "superseded_claim_code".to_owned()));
    let grant = register(&server, code).await.granted();
    assert_eq!(grant["company_name"], "Acme");

    let revoked = run("revoke", &state, &["--appliance-id", APPLIANCE]);
    assert_eq!(String::from_utf8_lossy(&revoked.stdout), "revoked 1 credential(s)\n");
    let ended = run("revoke", &state, &["--license-of", tenant]);
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "revoked 1 license(s)\n");

    rustix::process::kill_process(rustix::process::Pid::from_child(&server.child), rustix::process::Signal::TERM)
        .unwrap();
    assert!(server.child.wait().unwrap().success(), "SIGTERM is a clean end");
    assert!(!ready_file.exists());

    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("/register"), "{log}");
    let admin = fs::read_to_string(state.join("admin.token")).unwrap();
    for secret in [old, code, &grant["first_jwt"].as_str().unwrap()[..40], &admin] {
        assert!(!log.contains(secret));
    }
    assert!(!log.contains(grant["appliance_credential"].as_str().unwrap()));
}

#[tokio::test]
async fn a_killed_service_has_forgotten_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let (state, ready_file) = (temporary.path().join("state"), temporary.path().join("ready.json"));
    let mut server = serve(&state, &ready_file);
    let minted = json_of(&run("mint", &state, &["--output", "json"]));
    let code = minted["install_code"].as_str().unwrap();
    let before = register(&server, code).await.granted();
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = serve(&state, &ready_file);
    let after = register(&server, code).await.granted();
    for field in ["tenant_id", "first_jwt", "appliance_credential"] {
        assert_eq!(before[field], after[field]);
    }
}

#[tokio::test]
async fn a_service_can_be_as_others_are() {
    let temporary = tempfile::tempdir().unwrap();
    let (state, ready_file) = (temporary.path().join("state"), temporary.path().join("ready.json"));
    let options = ["--replays", "never", "--token-algorithm", "es256", "--no-token-audience"];
    let server = serve_with(&state, &ready_file, &options);
    assert!(server.ready["token_key_file"].as_str().unwrap().ends_with("/token-es256.pub"));
    let minted = json_of(&run("mint", &state, &["--output", "json"]));
    let code = minted["install_code"].as_str().unwrap();
    let grant = register(&server, code).await.granted();
    let token = jsonwebtoken::dangerous::insecure_decode::<Value>(grant["first_jwt"].as_str().unwrap()).unwrap();
    assert_eq!(token.header.alg, jsonwebtoken::Algorithm::ES256);
    assert_eq!(token.claims.get("aud"), None);
    assert_eq!(register(&server, code).await.refused(), (409, "consumed_claim_code".to_owned()));
}

#[test]
fn a_code_is_minted_before_the_first_start_and_revoked_from_standard_input() {
    let temporary = tempfile::tempdir().unwrap();
    let state = temporary.path().join("state");
    let text = String::from_utf8(run("mint", &state, &["--edition", "essentials"]).stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let code = lines[0].strip_prefix("install code  ").unwrap();
    assert_eq!(lines[2], "edition       essentials");
    let mut revoke = program()
        .args(["revoke", "--code-file", "-", "--state"])
        .arg(&state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    revoke.stdin.take().unwrap().write_all(code.as_bytes()).unwrap();
    let output = revoke.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "revoked 1 unclaimed code(s)\n");
}

#[tokio::test]
async fn every_file_has_its_mode() {
    let service = crate::support::Fixture::new().await;
    assert_eq!(Answer::of(service.request(reqwest::Method::GET, "/")).await.status, StatusCode::OK);
    let state = service.directory.path().join("state");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&state).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let expected = if matches!(name.as_str(), "ca.pem" | "token.pub") { 0o644 } else { 0o600 };
        assert_eq!(mode(&entry.path()), expected, "{name}");
        names.push(name);
    }
    names.sort();
    for name in ["admin.token", "ca.key", "ca.pem", "license.db", "server.key", "token.key", "token.pub"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
}

#[test]
fn an_unusable_state_directory_is_named_with_its_cause() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    let output = run("mint", &file, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("license-service: failed to use the state directory: failed to create"), "{error}");
}
