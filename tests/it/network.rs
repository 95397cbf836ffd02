//! What lies between this machine and the license service: names, certificates, clocks. The code is never sent.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use license_service::{NewCode, Validity};

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_name_that_does_not_resolve() {
    let mut machine = Machine::new("name").await;
    machine.set("license.url", "https://license.invalid");
    let ended = machine.run().await;
    // The cause is in the resolver's words.
    let told = ended.failed(ErrorId::NameResolution).told();
    assert_snapshot!(told.lines().next().unwrap_or_default(), @r"name-resolution: the license service's name `license.invalid` does not resolve");
    machine.assert_untouched().await;
    machine.use_service();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_authority_that_is_not_trusted_is_named() {
    let machine = Machine::new("untrusted").await;
    let other = Hostile::start(Answer::Never);
    machine.trust(&other.authority_pem);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::TlsUntrusted).told();
    let told = told.replace(&machine.service.address().to_string(), "[host]");
    assert_snapshot!(told, @r"
    tls-untrusted: the certificate presented for `[host]` was issued by “License Service CA”, which this machine does not trust
      hint: if “License Service CA” is your organisation's proxy, ask for the license service to be exempt from inspection, or add that authority to the system's trust store; if it is the authority of the license service, the service may not send its issuer's certificate, and its vendor has to configure the whole chain (`fullchain`); otherwise somebody is intercepting the connection
    ");
    machine.assert_untouched().await;
    let authority = std::fs::read_to_string(machine.service.ca_pem_file()).expect("the service's file");
    machine.trust(&authority);
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_clock_that_differs_from_the_services() {
    for (hours, sentence) in [
        (3_i64, "clock-wrong: this machine's clock is 3 h behind the license service's"),
        (-24 * 400, "clock-wrong: this machine's clock is 400 days ahead of the license service's"),
    ] {
        // A little more: a second that turns between the two clocks makes nothing of a whole hour.
        let offset = SignedDuration::from_mins(hours * 60 + hours.signum() * 5);
        let mut machine = Machine::with("clock", NewCode::default(), |config| config.clock_offset = offset).await;
        let ended = machine.run().await;
        assert_eq!(ended.failed(ErrorId::ClockWrong).told().lines().next(), Some(sentence));
        machine.assert_untouched().await;
        machine.restart_service(|_| {}).await;
        let minted = machine.service.store().mint(&NewCode::default()).expect("a code");
        machine.answer(minted.code.expose());
        machine.minted = minted;
        machine.assert_finishes().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn certificates_of_another_time() {
    let now = Timestamp::now().as_second();
    let day = |days: i64| Timestamp::from_second(now + days * 86_400).expect("a time");
    for (from, until, id, sentence) in [
        (
            5,
            9,
            ErrorId::ClockWrong,
            "clock-wrong: by this machine's clock, which shows [now], the certificate of `[host]` is not valid yet",
        ),
        (-9, -5, ErrorId::TlsFailed, "tls-failed: no TLS connection to the license service at `[host]`"),
    ] {
        let validity = Validity { not_before: day(from), not_after: day(until) };
        let change = |config: &mut license_service::Config| config.leaf_validity = Some(validity);
        let mut machine = Machine::with("dates", NewCode::default(), change).await;
        let ended = machine.run().await;
        let told = ended.failed(id).told().replace(&machine.service.address().to_string(), "[host]");
        let shown = told.split_once("shows ").and_then(|(_, rest)| rest.split_once(',')).map(|(now, _)| now.to_owned());
        let told = shown.map_or(told.clone(), |shown| told.replace(&shown, "[now]"));
        assert_eq!(told.lines().next(), Some(sentence));
        machine.assert_untouched().await;
        machine.restart_service(|_| {}).await;
        machine.assert_finishes().await;
    }
}
