//! Where somebody opens TLS on the way out and signs anew: who that is, and what it takes to trust them.

use std::{fs, path::Path};

use firstlight::error::ErrorId;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::{
    pki::below,
    support::{
        alone::{check, folder, network_page, rehearsal},
        console::{key, words},
        hostile::{Answer, Front, Hostile, certificates, inspected},
        machine::Machine,
        process,
    },
};

const KEPT: &str = "etc/firstlight/proxy-ca.pem";
/// Mounted where the machine has its own.
const ANCHOR: &str = "/anchors/firstlight-proxy-ca.crt";

/// The fingerprint of a certificate, as its authority's people have it.
fn fingerprint(pem: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let digest = Sha256::digest(STANDARD.decode(der).expect("base64"));
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// A rehearsal with what answers say of the authority, or nothing.
fn rehearsing(folder: &Path, service: &Hostile, ca: &str) -> Command {
    let command = rehearsal(folder, &service.url(), "");
    let answers = folder.join("answers.toml");
    let text = fs::read_to_string(&answers).expect("a file");
    let more = if ca.is_empty() { String::new() } else { format!("[proxy]\nca = '{ca}'\n") };
    fs::write(&answers, format!("{text}{more}")).expect("written");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_anew_is_trusted_once_their_fingerprint_was_compared() {
    let service = Hostile::with(Answer::Never, Front::default(), inspected());
    let (folder, told_by_phone) = (folder(), fingerprint(&service.authority_pem));
    let run = async |ca: &str| process::run(rehearsing(folder.path(), &service, ca)).await;

    let told = run("").await.failed(ErrorId::TlsUntrusted).told();
    // As it is printed for the eye.
    let (first, last) = (&told_by_phone[..47], &told_by_phone[48..]);
    for part in ["“Hostile Test CA”", "intercepting", "`proxy.ca`", &format!("{first} {last}")] {
        assert!(told.contains(part), "{part}: {told}");
    }

    for right in [&told_by_phone, &told_by_phone.to_lowercase().replace(':', "")] {
        let ended = run(right).await;
        assert_eq!(check(&ended, "license-service").0, "passed", "{}", ended.told());
    }
    let file = folder.path().join("ca.pem");
    fs::write(&file, &service.authority_pem).expect("written");
    assert_eq!(check(&run("/ca.pem").await, "license-service").0, "passed");
    assert!(!folder.path().join(KEPT).exists(), "a rehearsal keeps nothing");

    let other = told_by_phone.replace(&told_by_phone[..2], if told_by_phone.starts_with("00") { "11" } else { "00" });
    let told = run(&other).await.failed(ErrorId::TlsUntrusted).told();
    for part in [&other, "“Hostile Test CA”", &told_by_phone, "compare it once more"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let ended = run("BA:78").await;
    ended.refused(ErrorId::AnswersInvalid);
    let told = format!("{}{}", ended.stdout, ended.stderr);
    assert!(told.contains("proxy.ca") && told.contains("32 pairs"), "{told}");

    let server = rcgen::generate_simple_self_signed(["acme.example".to_owned()]).expect("a certificate").cert.pem();
    for text in ["nothing", "", &server, &format!("{}{server}", service.authority_pem)] {
        fs::write(&file, text).expect("written");
        let told = run("/ca.pem").await.failed(ErrorId::FileUnusable).told();
        assert!(told.contains("has no certificate as PEM, or one that is no authority's"), "{told}");
    }
    let told = run("/gone.pem").await.failed(ErrorId::FileUnusable).told();
    assert!(told.contains("gone.pem"), "{told}");
    assert!(service.registrations().is_empty());
}

/// One that hides who signs for it can be trusted by a file alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_shown_has_to_be_brought() {
    let service = Hostile::with(Answer::Never, Front::default(), certificates());
    let folder = folder();
    let run = async |ca: &str| process::run(rehearsing(folder.path(), &service, ca)).await;
    let told = run(&fingerprint(&service.authority_pem)).await.failed(ErrorId::TlsUntrusted).told();
    assert!(
        told.contains("comes without the certificate of an authority that signs for it")
            && told.contains("path of a file"),
        "{told}"
    );
    fs::write(folder.path().join("ca.pem"), &service.authority_pem).expect("written");
    assert_eq!(check(&run("/ca.pem").await, "license-service").0, "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_named_in_the_wizard() {
    let service = Hostile::with(Answer::Never, Front::default(), inspected());
    let folder = folder();
    drop(rehearsing(folder.path(), &service, ""));
    let mut console = network_page(folder.path(), (80, 50)).await;
    console.wait_for_text("has the SHA-256 fingerprint").await;
    console.press("p").await;
    console.wait_for_text("Its authority").await;
    let right = fingerprint(&service.authority_pem);
    console.press(&format!("\t\t11:22{}", key::ENTER)).await;
    console.wait_for_text("is neither a SHA-256 fingerprint").await;
    console.press(&format!("{}{right}{}", key::CTRL_U, key::ENTER)).await;
    console.wait_for_text("is trusted on the way out").await;
    console.press(key::ENTER).await;
    console.wait_for_text("Welcome").await;
    console.press("n").await;
    console.wait_for_text("P Proxy").await;
    console.wait_for("it is trusted", |screen| !words(screen).contains("does not trust")).await;
    let kept = fs::read_to_string(folder.path().join(KEPT)).expect("it is kept");
    assert_eq!(kept.replace('\r', "").trim(), service.authority_pem.replace('\r', "").trim());
    // By what is started later, with nothing said of it.
    let ended = process::run(rehearsing(folder.path(), &service, "")).await;
    assert_eq!(check(&ended, "license-service").0, "passed", "{}", ended.told());
    let run = process::run(rehearsing(folder.path(), &service, "none"));
    run.await.failed(ErrorId::TlsUntrusted);
    assert!(folder.path().join(KEPT).exists(), "a rehearsal keeps nothing");
    // Nobody signs anew any more.
    console.press("p").await;
    console.wait_for_text("Its authority").await;
    // On the field that was typed into last.
    console.press(&format!("{}none{}", key::CTRL_U, key::ENTER)).await;
    console.wait_for_text("Nobody is trusted on the way out").await;
    assert!(!folder.path().join(KEPT).exists());
}

fn rehearsed(mut command: Command) -> Command {
    command.arg("--dry-run");
    command
}

/// Whoever has named it once need not do so again, and the other programs of the machine trust it too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn programs_on_the_machine_trust_it_too() {
    let machine = Machine::new("proxy-ca").await;
    let authority = fs::read_to_string(machine.service.ca_pem_file()).expect("the authority's certificate");
    machine.write("/media/ca.pem", &authority, 0o644);
    machine.trust(&certificates().0);
    let run = async || process::run(below(&machine)).await;
    run().await.failed(ErrorId::TlsUntrusted);
    machine.assert_unspent();

    let code = machine.minted.code.grouped();
    machine.answer_also("[proxy]\nca = '/media/ca.pem'\n");
    let ended = run().await;
    assert!(ended.done().outcome("proxy").starts_with("changed: “"), "{}", ended.told());
    let bundle = || fs::read_to_string(machine.path("/etc/ssl/certs/ca-certificates.crt")).expect("the bundle");
    assert!(bundle().contains(authority.trim()) && bundle().matches("BEGIN CERTIFICATE").count() > 1);
    assert!(run().await.done().outcome("proxy").starts_with("unchanged: “"), "twice is once");

    // As if the power had gone between the file and the tool.
    fs::write(machine.path("/etc/ssl/certs/ca-certificates.crt"), "").expect("emptied");
    assert!(run().await.done().outcome("proxy").starts_with("changed: “"));
    assert!(bundle().contains(authority.trim()));

    // The stick with the file is gone, and nothing is said of it any more.
    fs::remove_file(machine.path("/media/ca.pem")).expect("it is there");
    machine.answer(&code);
    let ended = process::run(rehearsed(below(&machine))).await;
    assert_eq!(check(&ended, "license-service").0, "passed", "{}", ended.told());

    // Nobody signs anew any more, wherever the power goes while that is seen to.
    let files = [ANCHOR, "/etc/ssl/certs/ca-certificates.crt", &format!("/{KEPT}")].map(|path| machine.path(path));
    let before = files.each_ref().map(|file| fs::read(file).expect("it is there"));
    machine.answer_also("[proxy]\nca = 'none'\n");
    for number in 1.. {
        for (file, text) in files.iter().zip(&before) {
            fs::write(file, text).expect("written");
        }
        let mut cut = below(&machine);
        cut.env("FIRSTLIGHT_POINT", format!("kill:file.durable:{number}"));
        let ended = process::run(cut).await;
        assert!(run().await.outcome("proxy").ends_with("whom the system does not trust by itself"));
        assert!(!bundle().contains(authority.trim()) && !files[0].exists() && !files[2].exists(), "cut at {number}");
        if ended.code.is_some() {
            assert!(number > 2 && ended.outcome("proxy").starts_with("changed: nobody"), "{}", ended.told());
            break;
        }
    }
    assert!(run().await.outcome("proxy").starts_with("unchanged: nobody"), "twice is once");
}
