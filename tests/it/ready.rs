//! The last step: the addresses that the profile names answer.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use rcgen::IsCa;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
    task::JoinHandle,
};

use crate::{
    certificates::own,
    support::{
        Machine,
        console::{Console as Terminal, key, words},
        hostile::{self, Answer, Front, Hostile},
        pages::Page,
        process::{self, Ended},
        relay::Relay,
    },
};

/// An appliance's console that is not there yet when it is asked first.
pub(crate) struct Console {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU32>,
    work: JoinHandle<()>,
}

impl Console {
    /// Answers `failures` times with 503, and then with 200.
    pub(crate) async fn start(failures: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let work = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut request = [0; 4096];
                drop(stream.read(&mut request).await);
                let status = if counter.fetch_add(1, Ordering::SeqCst) < failures { "503 Not Yet" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self { address, asked, work }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.work.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_that_answers_late_is_waited_for() {
    let console = Console::start(2).await;
    let mut machine = Machine::new("ready").await;
    machine.set_ready(&format!("http://{}/health", console.address), 60);
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("ready"), "unchanged: ready: console");
    assert_eq!(console.asked.load(Ordering::SeqCst), 3);
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_that_does_not_answer_in_time() {
    let console = Console::start(u32::MAX).await;
    let mut machine = Machine::new("not-ready").await;
    machine.set_ready(&format!("http://{}/health", console.address), 1);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::NotReady).told().replace(&console.address.to_string(), "[console]");
    assert_snapshot!(told, @r"
    not-ready: console is not ready after 1 s (`http://[console]/health`)
      cause: it answers with status 503
      hint: Run again to go on waiting; the message names what did not answer.
    ");
    machine.assert_installed().await;
}

/// An appliance with TLS, whose certificate is from an authority that nobody else has heard of.
fn appliance() -> Hostile {
    Hostile::start(Answer::new("200 OK", ""))
}

/// The profile trusts the license service's authority, and these besides.
pub(crate) fn trust_also(machine: &Machine, authorities: &str) {
    let service = std::fs::read_to_string(machine.service.ca_pem_file()).expect("the service's file");
    machine.trust(&format!("{service}{authorities}"));
}

/// What openssl says of the first certificate in a file.
async fn fingerprint(pem: &std::path::Path) -> String {
    let mut command = Command::new("openssl");
    let output = command.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(pem).output().await;
    let output = output.expect("openssl is there: it makes the cluster's certificates");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.trim().split_once('=').expect("a name and a fingerprint").1.to_owned()
}

/// The authorities that a run told: address, name, fingerprint.
fn authorities(ended: &Ended) -> Vec<[String; 3]> {
    let events = ended.done().events();
    let told = events.iter().filter(|event| event["type"] == "authority" && event["id"] == "ready");
    told.map(|event| ["url", "name", "sha256"].map(|key| event[key].as_str().unwrap_or_default().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_profiles_authorities_are_told_with_their_fingerprints_each_once_in_every_run() {
    let (appliance, other) = (appliance(), Hostile::start(Answer::Never));
    let mut machine = Machine::new("authority").await;
    // The other one has the same name as the appliance's.
    trust_also(&machine, &format!("{}{}", other.authority_pem, appliance.authority_pem));
    let urls =
        [format!("{}/console", appliance.url()), format!("{}/api", appliance.url()), machine.service.url().into()];
    let ready = urls.iter().map(|url| format!("[[ready]]\nname = \"console\"\nurl = \"{url}\"\n"));
    machine.add_to_profile(&ready.collect::<String>());
    let pem = machine.write("/appliance-ca.pem", &appliance.authority_pem, 0o644);
    let wanted = [
        [urls[0].clone(), "Hostile Test CA".to_owned(), fingerprint(&pem).await],
        [format!("{}/", urls[2]), "License Service CA".to_owned(), fingerprint(machine.service.ca_pem_file()).await],
    ];
    assert_eq!(authorities(&machine.run().await), wanted);
    assert_eq!(authorities(&machine.run().await), wanted, "the second run asks again");
    let text = process::run(machine.text_command()).await.stdout;
    let groups = wanted[0][2].split(':').collect::<Vec<_>>().chunks(8).map(|group| group.join(":")).collect::<Vec<_>>();
    let line = format!("{} is signed for by “Hostile Test CA”, SHA-256 {}\n", urls[0], groups.join(" "));
    assert!(text.contains(&line), "{text}");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_authority_that_the_system_has_too_is_not_told() {
    let appliance = appliance();
    let mut machine = Machine::new("authority").await;
    machine.set_ready(&appliance.url(), 60);
    let system = machine.write("/system.pem", &appliance.authority_pem, 0o644);
    for also in ["", &appliance.authority_pem] {
        trust_also(&machine, also);
        let mut command = machine.command();
        command.env("SSL_CERT_FILE", &system);
        assert_eq!(authorities(&process::run(command).await), [[""; 3]; 0], "{also}");
    }
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_fingerprint_stands_on_the_last_page_beside_the_code() {
    let appliance = appliance();
    let mut machine = Machine::new("authority").await;
    trust_also(&machine, &appliance.authority_pem);
    machine.set_ready(&appliance.url(), 60);
    let pem = machine.write("/appliance-ca.pem", &appliance.authority_pem, 0o644);
    let fingerprint = fingerprint(&pem).await;
    let mut terminal = Terminal::open(machine.wizard(), (80, 24));
    terminal.answer_until(Page::Review, &machine.minted.code.grouped()).await;
    terminal.press(key::ENTER).await;
    terminal.on(Page::Done).await;
    terminal.wait_for_text(&fingerprint[..23]).await;
    let (picture, screen) = (terminal.picture(), terminal.read(words));
    assert!(screen.contains("▀▀▀▀"), "the code has its place:\n{picture}");
    for group in fingerprint.split(':').collect::<Vec<_>>().chunks(8) {
        assert!(screen.contains(&group.join(":")), "{group:?} is not on\n{picture}");
    }
    terminal.press(key::ENTER).await;
    terminal.end().await.ended(0);
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn why_an_address_is_not_ready_is_told_while_waiting_and_at_the_end() {
    let mut machine = Machine::new("not-ready").await;
    let with = |certificates| Hostile::with(Answer::new("200 OK", ""), Front::default(), certificates);
    let own = |names: &[&str]| own(names, IsCa::ExplicitNoCa);
    let certificate = "have the appliance show a certificate";
    let alone = "the appliance sends its certificate alone";
    for (certificates, is_trusted, said, hint) in [
        (hostile::certificates(), false, "was issued by “Hostile Test CA”, which this machine does not trust", alone),
        (own(&["127.0.0.1"]), false, "is self-signed, which this machine does not trust", certificate),
        (own(&["other.example"]), true, "is for `DNS:other.example`, and not for `IP:127.0.0.1`", certificate),
        (own(&[]), true, "names no host", certificate),
    ] {
        let appliance = with(certificates);
        trust_also(&machine, if is_trusted { &appliance.authority_pem } else { "" });
        machine.set_ready(&appliance.url(), 1);
        assert_not_ready(&machine, &format!("it answers with a certificate that {said}"), hint).await;
    }
    let console = Console::start(u32::MAX).await;
    let catalogue = "Run again to go on waiting";
    for (url, said, hint) in [
        (
            format!("https://{}/", console.address),
            "it answers, but does not speak TLS",
            "correct the address in `ready`",
        ),
        (
            format!("http://127.0.0.1:{}/", Relay::closed(console.address).port()),
            "nothing listens there yet",
            catalogue,
        ),
        ("https://appliance.invalid/".to_owned(), "its name does not resolve", catalogue),
    ] {
        machine.set_ready(&url, 1);
        assert_not_ready(&machine, said, hint).await;
    }
}

/// The run says this of the address, in its notes and as the cause of its end, with this hint.
async fn assert_not_ready(machine: &Machine, said: &str, hint: &str) {
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::NotReady).told();
    assert!(told.contains(&format!("cause: {said}")) && told.contains(&format!("hint: {hint}")), "{said}: {told}");
    let events = ended.events();
    let mut notes = events.iter().filter(|event| event["type"] == "note" && event["id"] == "ready");
    assert!(
        notes.any(|note| note["text"].as_str().is_some_and(|text| text.contains(said))),
        "{said}: not in the notes"
    );
}
