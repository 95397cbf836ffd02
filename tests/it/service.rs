//! A license service that is down, slow or hostile: one clear sentence, nothing written, and the code still good.

use std::{fs, sync::Arc, time::Duration};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use serde_json::json;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
    relay::{Fault, Relay},
};

/// Every row: the exit code, nothing written; then the real service, and the same code finishes. Gives what was said.
async fn told(id: ErrorId, rows: Vec<(&str, Answer)>) -> String {
    let mut all = Vec::new();
    for (name, answer) in rows {
        let hostile = Hostile::start(answer);
        let mut machine = Machine::new("hostile").await;
        machine.set("license.timeout-seconds", 2);
        machine.use_hostile(&hostile);
        let ended = machine.run().await;
        let told = ended.failed(id).told().replace(&hostile.address.to_string(), "[host]");
        all.push(format!("# {name}\n{told}"));
        machine.assert_no_secrets().await;
        assert_eq!(hostile.registrations().len(), 1, "{name}: sent once, and not followed anywhere");
        assert!(hostile.written() < 8 << 20, "{name}: {} bytes were taken", hostile.written());
        machine.use_service();
        machine.assert_finishes().await;
    }
    all.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn answers_that_are_not_the_services() {
    let html = "<html><body>Please log in to the hotel network</body></html>";
    let rows = vec![
        ("HTML", Answer::new("200 OK\ncontent-type: text/html", html)),
        ("200 MB", Answer::Long(200 << 20)),
        ("half of JSON", Answer::json("200 OK", "{\"tenant_id\": ")),
        ("a list", Answer::json("200 OK", "[]")),
        ("no body", Answer::new("204 No Content", "")),
    ];
    assert_snapshot!(told(ErrorId::LicenseAnswer, rows).await, @r"
    # HTML
    license-answer: what `[host]` sent as the license service's answer cannot be read: it is no JSON object (a captive portal or proxy?)
      hint: if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant

    # 200 MB
    license-answer: what `[host]` sent as the license service's answer cannot be read: it is longer than 1 MiB
      hint: if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant

    # half of JSON
    license-answer: what `[host]` sent as the license service's answer cannot be read: it is not valid JSON
      hint: if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant

    # a list
    license-answer: what `[host]` sent as the license service's answer cannot be read: it is no JSON object (a captive portal or proxy?)
      hint: if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant

    # no body
    license-answer: what `[host]` sent as the license service's answer cannot be read: it is empty
      hint: if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant
    ");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_refusal_is_one_with_any_status() {
    for (code, id) in [
        ("invalid_claim_code", ErrorId::CodeUnknown),
        ("expired_claim_code", ErrorId::CodeExpired),
        ("consumed_claim_code", ErrorId::CodeUsed),
    ] {
        let hostile = Hostile::start(Answer::json("200 OK", &format!(r#"{{"error": "{code}"}}"#)));
        let mut machine = Machine::new("all-is-200").await;
        machine.use_hostile(&hostile);
        machine.run().await.failed(id);
        let journal = fs::read_to_string(machine.state().join("journal.json")).expect("the journal");
        assert!(journal.contains("\"refused\":true"), "the code was of no use: {journal}");
        machine.use_service();
        machine.assert_finishes().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn grants_that_cannot_be_used() {
    let grant = |fields: &str| {
        Answer::json("200 OK", &format!("{{\"tenant_id\": \"7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66\", {fields}}}"))
    };
    let paid = "\"edition\": \"premium\", \"appliance_credential\": \"c\"";
    let rows = vec![
        ("another object", Answer::json("200 OK", "{\"status\": \"ok\"}")),
        ("a bad tenant id", Answer::json("200 OK", r#"{"tenant_id": "tenant-1", "edition": "essentials"}"#)),
        ("an unknown edition", grant("\"edition\": \"gold\\u001b[31m\\u202e\"")),
        ("a paid edition without a token", grant(paid)),
        (
            "an address without TLS",
            grant(&format!("{paid}, \"first_jwt\": \"a.b.c\", \"check_in_url\": \"http://license.example/\"")),
        ),
        (
            "a token that the pinned key did not sign",
            grant(&format!("{paid}, \"first_jwt\": \"a.b.c\", \"check_in_url\": \"https://license.example/\"")),
        ),
    ];
    assert_snapshot!(told(ErrorId::GrantUnusable, rows).await, @r"
    # another object
    grant-unusable: the license service's answer is not a grant
      hint: the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

    # a bad tenant id
    grant-unusable: the license service's answer names no usable tenant
      cause: `tenant-1` is not a tenant id (a UUID such as `7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66`)
      hint: the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

    # an unknown edition
    grant-unusable: the license service granted an edition that is not usable here
      cause: the edition `gold[31m` is not known to this version of firstlight
      hint: the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

    # a paid edition without a token
    grant-unusable: the license service granted a paid edition without `first_jwt`
      hint: the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

    # an address without TLS
    grant-unusable: the license service's `check_in_url` is not an https address
      hint: the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

    # a token that the pinned key did not sign
    grant-unusable: the license token is not signed by the key that the profile pins, or is damaged
      hint: the code is spent, and the grant is kept in the journal: compare `token-key-file` and `token-audience` of the profile with what the vendor says of its tokens, or send the vendor's support this message; the next run goes on from here
    ");
}

/// The first answer is of no use, and the next one is that the code is used: what came, and whom to ask.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn what_is_said_of_a_code_whose_answer_was_of_no_use() {
    let reissue = "ask the vendor to reissue a code for the same tenant, and quote appliance-";
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"tenant_id\": ";
    let forged = json!({
        "tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "pro", "appliance_credential": "c",
        "first_jwt": "a.b.c", "check_in_url": "https://license.example/",
    });
    let lost = "no version of firstlight can make a grant of that";
    for (answer, why, hint) in [
        (Answer::Bytes(cut.into()), "it broke off after 14 bytes", lost),
        (Answer::new("204 No Content", ""), "it is empty", lost),
        (Answer::new("200 OK\ncontent-type: text/html", "<html>"), "it is no JSON object", lost),
        (Answer::new("200 OK\ncontent-encoding: br", "?"), "`br`", "update firstlight and run again"),
        (Answer::json("200 OK", r#"{"status": "ok"}"#), "is not a grant", "update firstlight and run again"),
        (Answer::json("200 OK", &forged.to_string()), "not signed by the key", "`token-key-file`"),
    ] {
        let mut machine = Machine::new("no-use").await;
        machine.set("license.attempts", 1);
        let hostile = Hostile::start(answer);
        machine.use_hostile(&hostile);
        assert_ne!(machine.run().await.code, Some(0));
        hostile.set(Answer::json("409 Conflict", r#"{"code": "consumed_claim_code", "error": "Used."}"#));
        let told = machine.run().await.failed(ErrorId::CodeUsed).told();
        assert!(told.contains(why) && told.contains(hint) && told.contains(reissue), "{told}");
        machine.assert_no_secrets().await;
        machine.use_service();
        machine.assert_finishes().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_service_that_cannot_answer_now() {
    let tricky =
        "{\"code\": \"maintenance\", \"error\": \"Back \\u001b[31msoon\\u001b[0m\\r\\n\\u0007 \\u202etxt.exe\"}";
    let cut = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"tenant_id\": ";
    let now = jiff::Timestamp::now();
    let [date, until] = [now, now + Duration::from_secs(90)].map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT"));
    let closed = format!("503 Service Unavailable\ndate: {date}\nretry-after: {until}");
    let busy = "429 Too Many Requests\ncontent-type: application/json\nretry-after: 120";
    let rows = vec![
        ("500", Answer::new("500 Internal Server Error", "oops")),
        ("503 of a proxy", Answer::new("503 Service Unavailable\ncontent-type: text/html", "<html>")),
        ("429", Answer::new(busy, r#"{"code": "too_many_wrong_codes", "error": "Too many."}"#)),
        ("503 until a time", Answer::new(&closed, "")),
        ("control characters", Answer::json("503 Service Unavailable", tricky)),
        ("slow", Answer::Never),
        ("cut in the middle", Answer::Bytes(cut.into())),
        ("closed", Answer::Bytes(Vec::new())),
        ("gone", Answer::Gone),
    ];
    assert_snapshot!(told(ErrorId::LicenseUnavailable, rows).await, @r"
    # 500
    license-unavailable: the license service cannot answer now (status 500)
      hint: Run again later: the code is kept, and sending it again is safe.

    # 503 of a proxy
    license-unavailable: the license service cannot answer now (status 503)
      hint: Run again later: the code is kept, and sending it again is safe.

    # 429
    license-unavailable: the license service cannot answer now (status 429) (it says: Too many.)
      hint: run again in 120 s: the code is kept, and sending it again is safe

    # 503 until a time
    license-unavailable: the license service cannot answer now (status 503)
      hint: run again in 90 s: the code is kept, and sending it again is safe

    # control characters
    license-unavailable: the license service cannot answer now (status 503) (it says: Back [31msoon[0m txt.exe)
      hint: Run again later: the code is kept, and sending it again is safe.

    # slow
    license-unavailable: the license service at `[host]` did not answer within 2 s
      hint: Run again later: the code is kept, and sending it again is safe.

    # cut in the middle
    license-unavailable: what `[host]` sent as the license service's answer cannot be read: it broke off after 14 bytes
      hint: the license service has very probably used the code up. What came is kept in the journal: run again, and the same answer is asked for with the same key

    # closed
    license-unavailable: the license service at `[host]` cannot be reached
      cause: error sending request
      cause: client error (SendRequest)
      cause: connection closed before message completed
      hint: Run again later: the code is kept, and sending it again is safe.

    # gone
    license-unavailable: the license service at `[host]` closed the connection instead of answering
      hint: Run again later: the code is kept, and sending it again is safe.
    ");
}

/// TLS has shown whose they are, and time does not mend them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn pages_that_refuse() {
    for (status, id) in [
        ("403 Forbidden", ErrorId::LicenseBlocked),
        ("413 Too Large", ErrorId::LicenseBlocked),
        ("404 Not Found", ErrorId::LicenseUrl),
        ("405 Not Allowed", ErrorId::LicenseUrl),
    ] {
        let hostile = Hostile::start(Answer::new(&format!("{status}\ncontent-type: text/html"), "<html>"));
        let mut machine = Machine::new("s-page").await;
        machine.use_hostile(&hostile);
        machine.set("license.attempts", 4);
        machine.run().await.failed(id);
        assert_eq!(hostile.registrations().len(), 1, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_refusal_that_time_does_not_mend_is_not_repeated() {
    for (status, code) in [
        ("400 No", "`malformed_request`"),
        ("401 No", "`unauthorized`"),
        ("422 No", "`reused`"),
        // No code, and a sentence.
        ("403 No", ""),
        ("404 No", ""),
    ] {
        let body = json!({"code": code.trim_matches('`'), "error": "Not like this."});
        let hostile = Hostile::start(Answer::json(status, &body.to_string()));
        let mut machine = Machine::new("s-final").await;
        machine.use_hostile(&hostile);
        machine.set("license.attempts", 4);
        let told = machine.run().await.failed(ErrorId::LicenseRefused).told();
        assert!(told.contains(&format!("{code}) (it says: Not like this.)")), "{told}");
        assert_eq!(hostile.registrations().len(), 1, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_service_that_is_down_is_seen_before_the_code_is_sent() {
    let mut machine = Machine::new("down").await;
    let mut relay = Relay::closed(machine.service.address());
    machine.set("license.url", format!("https://127.0.0.1:{}", relay.port()));
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::LicenseUnavailable).told().replace(&relay.port().to_string(), "[port]");
    assert_snapshot!(told, @r"
    license-unavailable: the license service at `127.0.0.1:[port]` cannot be reached
      cause: error sending request
      cause: client error (Connect)
      cause: tcp connect error
      cause: Connection refused (os error 111)
      hint: Run again later: the code is kept, and sending it again is safe.
    ");
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
