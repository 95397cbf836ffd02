//! Answers on a web server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use firstlight::{error::ErrorId, values::Fingerprint};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;

use super::*;
use crate::support::{
    hostile,
    web::{Web, answer},
};

/// A certificate that nobody has signed and no browser would take, and its fingerprint.
fn certificate() -> (Arc<ServerConfig>, Fingerprint) {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::new(["elsewhere.example".to_owned()]).expect("a name");
    // Over by any clock: who is known by it is known all the same.
    parameters.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    (hostile::server(&[&certificate], &key), Fingerprint::of(certificate.der()))
}

async fn asked(line: &str) -> Ended {
    run(machine(line).path()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_certificate_alone() {
    let (config, fingerprint) = certificate();
    let web = Web::start_tls(config, |_request| answer("200 OK", "text/plain", "from-the = 'server'")).await;
    let url = format!("https://{}/node?token=let-me-in", web.address);
    let ended = asked(&format!("firstlight.answers={url} firstlight.answers-certificate={fingerprint}")).await;
    assert_eq!(ended.code, Some(10), "{}", ended.stdout);
    assert!(ended.stdout.contains("from-the") && !ended.stdout.contains("let-me-in"), "{}", ended.stdout);
    assert_eq!(web.asked(), ["GET /node?token=let-me-in"]);
    // The same in the form of `sha256sum`.
    let digits = fingerprint.to_string().replace(':', "").to_lowercase();
    let ended = asked(&format!("firstlight.answers={url} firstlight.answers-certificate={digits}")).await;
    assert!(ended.stdout.contains("from-the"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_told_and_nothing_is_asked_of_its_server() {
    let ((config, fingerprint), (_, other)) = (certificate(), certificate());
    let web = Web::start_tls(config, |_request| answer("200 OK", "text/plain", "")).await;
    for pin in [format!("firstlight.answers-certificate={other}"), String::new()] {
        let ended = asked(&format!("firstlight.answers={}/a {pin}", web.url().replace("http:", "https:"))).await;
        assert_eq!(ended.code, Some(24), "{}", ended.stdout);
        let told = ended.events().into_iter().find(|event| event["type"] == "refused").expect("it was refused");
        if pin.is_empty() {
            assert!(told["id"] == "tls-failed" && told["message"].to_string().contains("clock"), "{told}");
        } else {
            assert!(
                told["id"] == "tls-untrusted" && told["message"].to_string().contains(&fingerprint.to_string()),
                "{told}"
            );
        }
    }
    assert!(web.asked().is_empty(), "{:?}", web.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_no_answers_is_an_error_and_one_that_starts_is_waited_for() {
    let (config, fingerprint) = certificate();
    let asked_before = AtomicUsize::new(0);
    let web = Web::start_tls(config, move |request| match asked_before.fetch_add(1, Ordering::SeqCst) {
        _ if request.starts_with("GET /none") => answer("404 Not Found", "text/plain", ""),
        _ if request.starts_with("GET /away") => answer("302 Found\r\nlocation: /answers", "text/plain", ""),
        _ if request.starts_with("GET /long") => answer("200 OK", "text/plain", &"# \n".repeat(30_000)),
        0 => answer("503 Service Unavailable", "text/plain", ""),
        _ => answer("200 OK", "text/plain", "from-the = 'server'"),
    })
    .await;
    let url = |path: &str| {
        format!("firstlight.answers=https://{}{path} firstlight.answers-certificate={fingerprint}", web.address)
    };
    let ended = asked(&url("/answers")).await;
    let said = said(&ended);
    assert!(said.iter().any(|(id, message)| id == "waiting" && message.contains("503")), "{said:?}");
    assert!(ended.stdout.contains("from-the"), "{}", ended.stdout);
    for (path, id, part) in [
        ("/none", ErrorId::Unreachable, "404"),
        ("/away", ErrorId::Unreachable, "302"),
        ("/long", ErrorId::AnswersSource, "64 KiB"),
    ] {
        let ended = asked(&url(path)).await;
        let told = ended.events().into_iter().find(|event| event["type"] == "refused").expect("it was refused");
        assert!(told["id"] == id.as_str() && told["message"].to_string().contains(part), "{told}");
    }
}
