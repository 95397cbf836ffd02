//! A license service that is down, slow or hostile: one clear sentence, nothing written, and the code still good.

use std::{sync::Arc, time::Duration};

use firstlight::error::ErrorId;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
    relay::{Fault, Relay},
};

/// An answer to the code, and what is said about it.
struct Row {
    name: &'static str,
    answer: Answer,
    id: ErrorId,
    told: &'static str,
}

/// Every row: the exit code, the sentence, nothing written; then the real service, and the same code finishes.
async fn check(rows: Vec<Row>) {
    for Row { name, answer, id, told } in rows {
        let hostile = Hostile::start(answer).await;
        let mut machine = Machine::new("hostile").await;
        machine.set("license.timeout-seconds", 2);
        machine.use_hostile(&hostile);
        let ended = machine.run().await;
        let seen = ended.failed(id).told().replace(&hostile.address.to_string(), "[host]");
        assert_eq!(seen.trim_end(), told, "{name}");
        machine.assert_no_secrets().await;
        assert_eq!(hostile.registrations(), 1, "{name}: sent once, and not followed anywhere");
        assert!(hostile.written() < 8 << 20, "{name}: {} bytes were taken", hostile.written());
        machine.use_service();
        machine.assert_finishes().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn answers_that_are_not_the_services() {
    let html = "<html><body>Please log in to the hotel network</body></html>";
    let row = |name, answer, told| Row { name, answer, id: ErrorId::LicenseAnswer, told };
    check(vec![
        row("HTML", Answer::new("200 OK\ncontent-type: text/html", html), ""),
        row("200 MB", Answer::Long(200 << 20), ""),
        row("a redirect", Answer::new("302 Found\nlocation: https://portal.example/", ""), ""),
        row("half of JSON", Answer::json("200 OK", "{\"tenant_id\": "), ""),
        row("a list", Answer::json("200 OK", "[]"), ""),
        row("no body", Answer::new("204 No Content", ""), ""),
        row("a status alone", Answer::new("403 Forbidden\ncontent-type: text/html", html), ""),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn grants_that_cannot_be_used() {
    let grant = |fields: &str| {
        Answer::json("200 OK", &format!("{{\"tenant_id\": \"7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66\", {fields}}}"))
    };
    let row = |name, answer, told| Row { name, answer, id: ErrorId::LicenseAnswer, told };
    let paid = "\"edition\": \"premium\", \"appliance_credential\": \"c\"";
    check(vec![
        row("another object", Answer::json("200 OK", "{\"status\": \"ok\"}"), ""),
        row(
            "a bad tenant id",
            Answer::json("200 OK", r#"{"tenant_id": "tenant-1", "edition": "essentials"}"#),
            "",
        ),
        row("an unknown edition", grant("\"edition\": \"gold\\u001b[31m\\u202e\""), ""),
        row("a paid edition without a token", grant(paid), ""),
        row(
            "an address without TLS",
            grant(&format!("{paid}, \"first_jwt\": \"a.b.c\", \"check_in_url\": \"http://license.example/\"")),
            "",
        ),
        row(
            "a token that the pinned key did not sign",
            grant(&format!("{paid}, \"first_jwt\": \"a.b.c\", \"check_in_url\": \"https://license.example/\"")),
            "",
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_service_that_cannot_answer_now() {
    let tricky = "{\"code\": \"maintenance\", \"error\": \"Back \\u001b[31msoon\\u001b[0m\\r\\n\\u0007 \\u202etxt.exe\"}";
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"tenant_id\": ";
    let row = |name, answer, told| Row { name, answer, id: ErrorId::LicenseUnavailable, told };
    let busy = "429 Too Many Requests\ncontent-type: application/json\nretry-after: 120";
    check(vec![
        row("500", Answer::new("500 Internal Server Error", "oops"), ""),
        row("503 of a proxy", Answer::new("503 Service Unavailable\ncontent-type: text/html", "<html>"), ""),
        row("429", Answer::new(busy, r#"{"code": "too_many_wrong_codes", "error": "Too many."}"#), ""),
        row("control characters", Answer::json("400 Bad Request", tricky), ""),
        row("slow", Answer::Never, ""),
        row("cut in the middle", Answer::Bytes(cut.to_owned()), ""),
        row("closed", Answer::Bytes(String::new()), ""),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_service_that_is_down_is_seen_before_the_code_is_sent() {
    let mut machine = Machine::new("down").await;
    let mut relay = Relay::closed(machine.service.address());
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::LicenseUnavailable).told().replace(&relay.port().to_string(), "[port]");
    insta::assert_snapshot!(told, @"");
    machine.assert_untouched().await;

    // Told again by itself: it comes back while firstlight waits.
    machine.set("license.attempts", 9);
    let mut running = machine.start();
    running.event("retry", |event| event["id"] == "rehearse").await;
    relay.open();
    running.end().await.done();
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn an_answer_that_is_lost_on_its_way_is_asked_for_again() {
    for attempts in [1, 2] {
        let mut machine = Machine::new("lost").await;
        let (store, address) = (machine.service.store().clone(), machine.service.address());
        let claimed = move || store.claims().is_ok_and(|claims| claims == 1) && store.register_requests() == 1;
        let relay = Relay::with(address, Fault::ResetWhen(Arc::new(claimed)));
        machine.set("license.url", format!("https://127.0.0.1:{}", relay.port())).set("license.attempts", attempts);
        let ended = machine.run().await;
        if attempts == 1 {
            ended.failed(ErrorId::LicenseUnavailable);
            machine.assert_no_secrets().await;
            machine.assert_finishes().await;
        } else {
            ended.done();
        }
        assert_eq!(machine.sent(), 2, "once for the claim, once for its answer");
        machine.assert_installed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn connections_that_go_wrong() {
    for (name, fault, expected) in [
        ("a delay", Fault::Delay(Duration::from_millis(100)), None),
        ("a reset within the handshake", Fault::ResetAfter(100), Some(ErrorId::LicenseUnavailable)),
        ("silence", Fault::Blackhole, Some(ErrorId::LicenseUnavailable)),
        ("another protocol", Fault::Garbage, Some(ErrorId::TlsFailed)),
    ] {
        let mut machine = Machine::new("relay").await;
        let relay = Relay::with(machine.service.address(), fault);
        machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
        machine.set("license.timeout-seconds", 2);
        let ended = machine.run().await;
        let Some(id) = expected else {
            ended.done();
            machine.assert_installed().await;
            continue;
        };
        assert!(ended.failed(id).failures().len() == 1, "{name}: {}", ended.told());
        machine.assert_untouched().await;
        relay.set(Fault::None);
        machine.assert_finishes().await;
    }
}
