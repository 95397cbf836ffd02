//! The small commands, usage, and the published schemas.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use clap::ValueEnum;
use firstlight::{error::ErrorId, exit::Exit, setup::input, words::Words};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};
use toml_edit::{DocumentMut, Item, Value as Toml};

use crate::support::{
    events::{complaints, schema},
    process::{self, Ended},
    repository,
};

fn firstlight(arguments: &[&str]) -> Command {
    let mut command = process::firstlight();
    command.args(arguments);
    command
}

async fn run(arguments: &[&str]) -> Ended {
    process::run(firstlight(arguments)).await
}

fn asset(name: &str) -> String {
    std::fs::read_to_string(repository().join("assets").join(name)).expect("an asset")
}

#[tokio::test(flavor = "multi_thread")]
async fn help() {
    let ended = run(&["--help"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    // clap pads the lines between a flag's text and its variable.
    let help: Vec<&str> = ended.stdout.lines().map(str::trim_end).collect();
    assert_snapshot!("help", help.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_and_every_exit_code_is_explained() {
    let english = Words::english();
    for id in ErrorId::ALL {
        let ended = run(&["explain", id.as_str()]).await;
        assert_eq!(ended.code, Some(0), "{}", id.as_str());
        let (meaning, remedy) = (english.say(id.meaning()), english.say(id.remedy()));
        for part in [id.as_str(), &meaning, &remedy, &format!("(exit {})", id.exit().code())] {
            assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
        }
    }
    for exit in Exit::ALL {
        let ended = run(&["explain", &exit.code().to_string()]).await;
        assert_eq!(ended.code, Some(0), "{exit:?}");
        let heading = format!("exit {}: {}\n", exit.code(), english.say(exit.remedy()));
        assert!(ended.stdout.starts_with(&heading), "{}", ended.stdout);
        for id in ErrorId::ALL.iter().filter(|id| id.exit() == *exit) {
            assert!(ended.stdout.contains(&english.say(id.remedy())), "{exit:?} {}", id.as_str());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_is_in_the_language_of_the_locale() {
    let ended = process::run_with(firstlight(&["explain", "51"]).env("LANG", "de_AT.UTF-8")).await;
    assert_snapshot!(ended.stdout, @r"
    Exit-Code 51: diese Maschine: die Uhr geht falsch

    clock-wrong (Exit-Code 51)
      bedeutet: Die Uhr dieser Maschine geht falsch; Zertifikate und Tokens würden darum falsch beurteilt.
      zu tun: Stellen Sie die Uhr (mit `timedatectl set-time`, oder indem Sie NTP in Ordnung bringen), und wiederholen Sie den Lauf.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_neither_is_told_with_the_nearest() {
    let ended = run(&["explain", "code-unkown"]).await;
    assert_eq!(ended.code, Some(2));
    assert_snapshot!(ended.stdout, @r"
    `code-unkown` is neither an error id nor an exit code
      hint: did you mean `code-unknown`? The README lists every exit code
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_errors_end_with_2() {
    for arguments in [
        &["--no-such-flag"][..],
        &["--answers"],
        &["--dry-run"],
        &["--ask"],
        &["--answers", "a", "--ask", "--dry-run"],
        &["--output", "xml"],
        &["no-such-command"],
        &["answers"],
        &["explain"],
        &["--answers", "a", "explain", "22"],
    ] {
        let ended = run(arguments).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.is_empty(), "{arguments:?}: {}", ended.stderr);
    }
}

fn expect_usage(ended: &Ended, message: &str) {
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stdout.starts_with(&format!("error[usage]: {message}")), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_a_new_private_file_of_the_wizard() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("report.jsonl");
    let name = path.to_str().expect("a path in UTF-8");
    let ended = run(&["--answers", "a", "--record", name]).await;
    expect_usage(&ended, "`--record` records the wizard, and with `--answers` there is none");
    assert!(!path.exists());
    drop(input::create_recording(&path).expect("a new file"));
    let mode = path.metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let refusal = input::create_recording(&path).expect_err("the file is there");
    let said = refusal.to_string();
    assert_eq!(said, format!("the recording `{name}` exists already, and is not written over"));
    let refusal = input::create_recording(&path.join("below")).expect_err("a file is no folder");
    assert_eq!(refusal.to_string(), format!("the recording `{name}/below` cannot be made"));
    let ended = run(&["replay", name]).await;
    expect_usage(&ended, "this is not a recording: its first line is not one that `--record` writes");
    let ended = run(&["replay", &format!("{name}.gone")]).await;
    expect_usage(&ended, &format!("the recording `{name}.gone` cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_there_is_no_wizard() {
    let ended = run(&[]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), ""));
    assert_snapshot!(ended.stdout, @r"
    error[usage]: the wizard needs a terminal, and there is none
      hint: run it on a terminal, or give the answers with `--answers FILE`
    exit 2; `firstlight explain usage` says more
    ");
    let events = run(&["--output", "json"]).await;
    events.refused(ErrorId::Usage);
    // Nor is anything asked when answers are to be completed.
    run(&["--answers", "/nonexistent", "--ask", "--output", "json"]).await.refused(ErrorId::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_read() {
    for (arguments, id) in [
        (&["--answers", "/nonexistent"][..], ErrorId::AnswersUnreadable),
        (&["--answers", "/dev/null"], ErrorId::AnswersInvalid),
        (&["--answers", "/dev/zero"], ErrorId::AnswersUnreadable),
        (&["--answers", "/etc"], ErrorId::AnswersUnreadable),
        (&["--answers", "/dev/null", "--profile", "/nonexistent"], ErrorId::ProfileUnreadable),
        (&["--answers", "/dev/null", "--profile", "/dev/null"], ErrorId::ProfileInvalid),
    ] {
        run(&[arguments, &["--output", "json"]].concat()).await.refused(id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_is_what_is_published() {
    for (arguments, asset_name) in [
        (["answers", "template"], "answers.toml"),
        (["answers", "schema"], "answers.schema.json"),
        (["profile", "show"], "profiles/default.toml"),
        (["profile", "schema"], "profile.schema.json"),
    ] {
        assert_eq!(run(&arguments).await.stdout, asset(asset_name), "{arguments:?}");
    }
    let default = repository().join("assets/profiles/default.toml");
    let ended = run(&["profile", "check", &default.display().to_string()]).await;
    assert!(ended.code == Some(0) && ended.stdout.starts_with("the profile is sound\n"), "{ended:?}");
}

/// The built-in one would send an operator who types `firstlight` on an appliance to nobody's license service.
#[tokio::test(flavor = "multi_thread")]
async fn an_appliance_has_its_profile_where_every_command_finds_it() {
    let root = tempfile::tempdir().expect("a temporary directory");
    let template = async |more: &[&str]| {
        let mut command = process::firstlight();
        command.args(["answers", "template"]).args(more).env("FIRSTLIGHT_ROOT", root.path());
        process::run(command).await
    };
    let question = |id: &str| {
        format!(
            "[license]\nurl = 'https://license.example'\n[[question]]\nid = '{id}'\nlabel = 'Where'\n\
                            kind = 'text'\nvalue = 'a.b'\n[bootstrap]\nchart = '/chart'\n"
        )
    };
    assert_eq!(template(&[]).await.stdout, asset("answers.toml"));
    let folder = root.path().join("etc/firstlight");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("profile.toml"), question("of-appliance")).expect("written");
    fs::write(folder.join("other.toml"), question("of-other")).expect("written");
    let of_appliance = template(&[]).await.stdout;
    assert!(of_appliance.contains("of-appliance"), "{of_appliance}");
    let named = template(&["--profile", &folder.join("other.toml").display().to_string()]).await.stdout;
    assert!(named.contains("of-other") && !named.contains("of-appliance"), "{named}");
    // It is no reason to take another one that this one is no good.
    fs::write(folder.join("profile.toml"), "[nonsense]\n").expect("written");
    let broken = template(&[]).await;
    assert!(broken.code == Some(11) && broken.stdout.contains("etc/firstlight/profile.toml"), "{broken:?}");
}

/// What a profile names is looked at with it, below the root, and what is not there is said to be so.
#[tokio::test(flavor = "multi_thread")]
async fn the_files_that_a_profile_names_are_checked_with_it() {
    let root = tempfile::tempdir().expect("a temporary directory");
    let write = |path: &str, text: &str| fs::write(root.path().join(path), text).expect("written");
    let pem = |kind| rcgen::KeyPair::generate_for(kind).expect("a key pair").public_key_pem();
    let authority =
        rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()]).expect("a certificate").cert.pem();
    write(
        "profile.toml",
        "[license]\nurl = 'https://license.example'\nca-file = '/ca.pem'\ntoken-key-file = '/keys'\nsigned-grants = true\n\
         [bootstrap]\nchart = '/chart'",
    );
    let told = async |exit: i32| {
        let mut command = process::firstlight();
        command.args(["profile", "check"]).arg(root.path().join("profile.toml")).env("FIRSTLIGHT_ROOT", root.path());
        let ended = process::run(command).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(exit), ""), "{ended:?}");
        ended.stdout.replace(&root.path().display().to_string(), "[root]")
    };
    assert_snapshot!(told(0).await, @r"
    the profile is sound
    `license.ca-file` names `[root]/ca.pem`, which is not on this machine: it was not looked at
    `license.token-key-file` names `[root]/keys`, which is not on this machine: it was not looked at
    `bootstrap.chart` names `[root]/chart`, which is not on this machine: it was not looked at
    ");
    write("ca.pem", &authority[..200]);
    fs::create_dir(root.path().join("keys")).expect("a folder");
    fs::create_dir(root.path().join("chart")).expect("a folder");
    assert_snapshot!(told(11).await, @r"
    license.token-key-file: `license.token-key-file` in the profile names `[root]/keys`, which cannot be used (there is no key in it)
    bootstrap.chart: the chart `[root]/chart` cannot be read: Chart.yaml: No such file or directory (os error 2)
    error[profile-file]: `license.ca-file` in the profile names `[root]/ca.pem`, which cannot be used: the certificate that begins on line 1 has no end
      hint: Put the file where the profile says, or correct the profile.
    exit 11; `firstlight explain profile-file` says more
    ");
    write("ca.pem", &format!("\u{feff}{authority}"));
    write("chart/Chart.yaml", "name: c\nversion: 1.0.0\n");
    write("keys/2026.pem", &pem(&rcgen::PKCS_ED25519));
    write("keys/2027.pem", &pem(&rcgen::PKCS_ECDSA_P256_SHA256));
    // As Kubernetes mounts a Secret.
    fs::create_dir(root.path().join("keys/..data")).expect("a folder");
    assert_snapshot!(told(0).await, @"the profile is sound");
    write("keys/notes.txt", "the new one comes in March");
    assert_snapshot!(told(11).await, @r"
    error[profile-file]: `license.token-key-file` in the profile names `[root]/keys/notes.txt`, which cannot be used: this is not the PEM of an Ed25519, P-256 or RSA public key
      hint: Put the file where the profile says, or correct the profile.
    exit 11; `firstlight explain profile-file` says more
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_the_manual_name_every_flag() {
    let shells =
        clap_complete::Shell::value_variants().iter().map(|shell| vec!["completions".to_owned(), shell.to_string()]);
    for arguments in shells.chain([vec!["man".to_owned()]]) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = run(&arguments).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let plain = ended.stdout.replace('\\', "");
        for flag in ["answers", "ask", "profile", "kubeconfig", "root", "output", "dry-run"] {
            assert!(plain.contains(flag), "{arguments:?} lacks --{flag}");
        }
    }
}

#[test]
fn templates_are_what_their_schemas_describe() {
    for (document, schema_name) in
        [("answers.toml", "answers.schema.json"), ("profiles/default.toml", "profile.schema.json")]
    {
        let parsed: DocumentMut = asset(document).parse().expect("TOML");
        let complaints = complaints(&schema(schema_name), &json_of(parsed.as_item()));
        assert!(complaints.is_empty(), "{document}: {complaints}");
    }
}

/// `tests/answers` has the same files for the program: what it takes, the schema of the profile takes.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_answers_follows_the_profile() {
    let answers = repository().join("tests/answers");
    let questions = answers.join("questions.toml").display().to_string();
    let printed = run(&["answers", "schema", "--profile", &questions]).await;
    let schema = jsonschema::validator_for(&printed.stdout.parse().expect("JSON")).expect("a schema");
    let document = |path: &std::path::Path| -> Value {
        let text = std::fs::read_to_string(path).expect("a file");
        json_of(text.parse::<DocumentMut>().expect("TOML").as_item())
    };
    for (name, taken) in [
        ("ok/questions-all", true),
        ("ok/questions-least", false),
        ("bad/questions-none", false),
        ("bad/questions-unknown", false),
        ("bad/questions-wrong-values", false),
        ("bad/questions-twice", false),
        ("bad/questions-file-missing", true),
    ] {
        let value = document(&answers.join(name).with_extension("toml"));
        assert_eq!(schema.is_valid(&value), taken, "{name}");
    }
    let profile = document(&answers.join("questions.toml"));
    assert_eq!(complaints(&crate::support::events::schema("profile.schema.json"), &profile), "");
    let template = run(&["answers", "template", "--profile", &questions]).await;
    assert!(template.stdout.contains("# region = \"eu\""), "{}", template.stdout);
}

/// Every setting of what is asked over the network.
#[test]
fn the_schema_of_profiles_takes_what_the_program_takes() {
    let text = include_str!("../fuzz/corpus/profile/ready");
    firstlight::profile::Profile::parse(text).expect("sound");
    let parsed: DocumentMut = text.parse().expect("TOML");
    assert_eq!(complaints(&schema("profile.schema.json"), &json_of(parsed.as_item())), "");
}

#[test]
fn schemas_refuse_what_the_program_refuses() {
    let with_ready = |ready: Value| json!({"license": {"url": "https://l.example"}, "ready": [ready]});
    let login = |login: Value| with_ready(json!({"login": login}));
    for (schema_name, value) in [
        ("answers.schema.json", json!({"install-code": "K7QP-M2RX", "companyname": "x"})),
        ("profile.schema.json", json!({"license": {"url": "https://l.example", "timeout": 5}})),
        ("profile.schema.json", with_question(json!({"value": "a", "secret-key": {"secret": "tenant", "key": "A"}}))),
        ("profile.schema.json", with_question(json!({}))),
        ("profile.schema.json", with_question(json!({"kind": "secret", "value": "a"}))),
        ("profile.schema.json", with_question(json!({"kind": "choice", "value": "a"}))),
        ("profile.schema.json", with_question(json!({"kind": "number", "value": "a", "default": "1"}))),
        ("profile.schema.json", with_question(json!({"kind": "boolean", "value": "a", "pattern": "x"}))),
        ("profile.schema.json", with_ready(json!({"name": "x"}))),
        ("profile.schema.json", with_ready(json!({"url": "https://a", "status": [99]}))),
        ("profile.schema.json", with_ready(json!({"url": "https://a", "status": []}))),
        ("profile.schema.json", with_ready(json!({"url": "https://a", "content-type": "a/b; c=d"}))),
        ("profile.schema.json", with_ready(json!({"login": {"url": "https://a", "json": {}}, "absent": true}))),
        ("profile.schema.json", login(json!({"url": "https://a"}))),
        ("profile.schema.json", json!({"license": {"url": "https://l.example"}, "service": [{"unit": "gateway"}]})),
        ("profile.schema.json", login(json!({"url": "https://a", "json": {}, "form": {}}))),
        ("events.schema.json", json!({"type": "no-such-type"})),
        ("events.schema.json", json!({"type": "note", "id": "redeem", "text": "\u{1b}[31m"})),
        ("events.schema.json", json!({"type": "ended", "id": "done", "exit": 1, "changed": false})),
    ] {
        assert!(!complaints(&schema(schema_name), &value).is_empty(), "{schema_name}: {value}");
    }
}

/// A profile with a question, changed.
fn with_question(changes: Value) -> Value {
    let mut question = json!({"id": "a", "kind": "text", "label": "A"});
    let Value::Object(changes) = changes else { unreachable!("an object") };
    question.as_object_mut().expect("an object").extend(changes);
    json!({"license": {"url": "https://l.example"}, "bootstrap": {"chart": "/c"}, "question": [question]})
}

#[test]
fn the_schema_of_events_knows_every_id_and_exit_code() {
    let schema = schema("events.schema.json");
    let ids = ErrorId::ALL.iter().map(|id| (id.as_str(), id.exit()));
    for (id, exit) in ids.chain([("done", Exit::Done)]) {
        let ended = json!({"type": "ended", "id": id, "exit": exit.code(), "changed": true});
        assert_eq!(complaints(&schema, &ended), "");
    }
    let written: Value = asset("events.schema.json").parse().expect("JSON");
    let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
    assert_eq!(written["$defs"]["ended"]["properties"]["exit"]["enum"], json!(codes), "a code that no run ends with");
}

/// TOML as JSON, as far as our files go.
fn json_of(item: &Item) -> Value {
    let table = |pairs: &mut dyn Iterator<Item = (String, Value)>| Value::Object(pairs.collect());
    match item {
        Item::Table(inner) => table(&mut inner.iter().map(|(key, item)| (key.to_owned(), json_of(item)))),
        Item::ArrayOfTables(tables) => tables.iter().map(|inner| json_of(&Item::Table(inner.clone()))).collect(),
        Item::Value(Toml::String(text)) => Value::from(text.value().as_str()),
        Item::Value(Toml::Integer(number)) => Value::from(*number.value()),
        Item::Value(Toml::Boolean(truth)) => Value::from(*truth.value()),
        Item::Value(Toml::Array(values)) => values.iter().map(|value| json_of(&Item::Value(value.clone()))).collect(),
        Item::Value(Toml::InlineTable(inner)) => {
            table(&mut inner.iter().map(|(key, value)| (key.to_owned(), json_of(&Item::Value(value.clone())))))
        }
        other => unreachable!("not in our files: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_judged_by_a_process_that_ends_with_the_verdict() {
    let mut command = firstlight(&["strength"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary was built");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"zyxquor\0Zyxquor").await.expect("it reads");
    drop(stdin);
    let ended = child.wait_with_output().await.expect("it ends");
    let verdict: Value = serde_json::from_slice(&ended.stdout).expect("JSON");
    assert_eq!((ended.status.code(), verdict["score"].as_u64()), (Some(0), Some(0)), "{verdict}");
    assert!(!String::from_utf8_lossy(&ended.stdout).contains("yxquor"), "{verdict}");
}
