//! What the profile wants of the appliance's answers, and what must not answer at all.

use std::sync::atomic::{AtomicU32, Ordering};

use firstlight::error::ErrorId;
use insta::assert_snapshot;

use crate::{
    ready::{Console, trust_also},
    support::{
        Machine,
        hostile::{Answer, Hostile},
        process::{self, Ended},
        relay::Relay,
        web::{Web, answer},
    },
};

/// An ingress: what is not for the API's host gets the web page of the console, whatever its path.
async fn ingress() -> Web {
    Web::start(|request| {
        let of_api = request.contains("host: api.example\r\n") || request.contains("Host: api.example\r\n");
        match request.split(' ').nth(1) {
            Some("/v1/models") if of_api => answer("401 Unauthorized", "application/json; charset=utf-8", "{}"),
            Some("/health") if of_api => answer("200 OK", "Application/JSON", "{\"status\":\"ok\"}"),
            _ if of_api => answer("404 Not Found", "application/json", "{}"),
            _ => answer("200 OK", "text/html; charset=utf-8", "<h1>Console</h1>"),
        }
    })
    .await
}

/// What is told of a run, with the address of the server taken out.
fn told(ended: &Ended, web: &Web) -> String {
    ended.failed(ErrorId::NotReady).told().replace(&web.address.to_string(), "[web]")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_api_is_asked_for_by_the_route_that_it_has() {
    let web = ingress().await;
    let mut machine = Machine::new("wanted").await;
    let ready = |more: &str| {
        let url = web.url();
        format!(
            "[[ready]]\nname = \"API\"\nurl = \"{url}/v1/models\"\nstatus = [200, 401]\ncontent-type = \"application/json\"\n\
             timeout-seconds = 1\n{more}[[ready]]\nname = \"health\"\nurl = \"{url}/health\"\nbody = '\"status\":\"ok\"'\n\
             timeout-seconds = 60\n{more}"
        )
    };
    // A web page in the place of the API.
    machine.add_to_profile(&ready(""));
    assert_snapshot!(told(&machine.run().await, &web), @r#"
    not-ready: API is not ready after 1 s (`http://[web]/v1/models`)
      cause: it answers with text/html, and not with application/json
      hint: Run again to go on waiting; the message names what did not answer.

    not-ready: health is not ready after 1 s (`http://[web]/health`)
      cause: “"status":"ok"” does not stand in the first 64 KiB of its answer
      hint: Run again to go on waiting; the message names what did not answer.
    "#);
    machine.add_to_profile(&ready("headers = { Host = \"api.example\" }\n"));
    assert_eq!(machine.run().await.done().outcome("ready"), "unchanged: ready: API, health");
    machine.assert_installed().await;
}

/// As a browser will ask for it, with the name and its certificate, on a machine that nobody has told the DNS of yet.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_appliance_is_asked_for_by_its_name_before_the_dns_knows_it() {
    let appliance = Hostile::start(Answer::json("200 OK", "{}"));
    let mut machine = Machine::new("connect-to").await;
    trust_also(&machine, &appliance.authority_pem);
    let ready = |name: &str| {
        let port = appliance.address.port();
        format!("[[ready]]\nurl = \"https://{name}:{port}/\"\nconnect-to = \"127.0.0.1\"\ntimeout-seconds = 1\n")
    };
    machine.add_to_profile(&ready("license.invalid"));
    let mut command = machine.command();
    // The license service is reached without it, and so is the appliance.
    command.env("HTTPS_PROXY", "http://127.0.0.1:1");
    assert_eq!(process::run(command).await.done().outcome("ready"), "unchanged: ready: the appliance");
    machine.add_to_profile(&ready("other.invalid"));
    let told = machine.run().await.failed(ErrorId::NotReady).told();
    assert!(told.contains("and not for `DNS:other.invalid`"), "{told}");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn everything_that_is_missing_is_named_while_waiting() {
    let web = ingress().await;
    let mut machine = Machine::new("missing").await;
    let closed = Relay::closed(web.address);
    machine.add_to_profile(&format!(
        "[[ready]]\nname = \"console\"\nurl = \"http://127.0.0.1:{}/\"\ntimeout-seconds = 1\n[[ready]]\nname = \"page\"\n\
         url = \"{}/\"\n[[ready]]\nname = \"API\"\nurl = \"{}/v1\"\ncontent-type = \"application/json\"\n",
        closed.port(),
        web.url(),
        web.url()
    ));
    let ended = machine.run().await;
    let notes = ended.events().into_iter().filter(|event| event["type"] == "note" && event["id"] == "ready");
    let note = notes.map(|note| note["text"].as_str().unwrap_or_default().to_owned()).next().expect("a note");
    assert_eq!(
        note,
        "waiting for console: nothing listens there yet; API: it answers with text/html, and not with \
         application/json, 0 s"
    );
    // The one that is overdue first.
    let ids: Vec<_> =
        ended.failed(ErrorId::NotReady).failures().into_iter().map(|failure| failure[..18].to_owned()).collect();
    assert_eq!(ids, ["not-ready: console", "not-ready: API is "]);
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_must_stay_internal_is_looked_for_once_the_others_are_ready() {
    let starts = AtomicU32::new(0);
    let web = Web::start(move |request| match request.split(' ').nth(1) {
        Some("/health") if starts.fetch_add(1, Ordering::SeqCst) == 0 => answer("503 Not Yet", "text/plain", ""),
        Some("/health") => answer("200 OK", "text/plain", ""),
        Some("/metrics") => answer("404 Not Found", "text/plain", ""),
        Some("/admin") => answer("403 Forbidden", "text/plain", ""),
        _ => answer("401 Unauthorized", "text/plain", ""),
    })
    .await;
    let mut machine = Machine::new("absent").await;
    let closed = Relay::closed(web.address);
    let absent = |name: &str, url: &str| {
        format!("[[ready]]\nname = \"{name}\"\nurl = \"{url}\"\nabsent = true\ntimeout-seconds = 1\n")
    };
    let (url, port) = (web.url(), closed.port());
    let ready = [
        absent("metrics", &format!("{url}/metrics")),
        absent("admin", &format!("{url}/admin")),
        absent("database", &format!("http://127.0.0.1:{port}/")),
        format!("[[ready]]\nname = \"console\"\nurl = \"{url}/health\"\n"),
    ];
    machine.add_to_profile(&ready.concat());
    let outcome = "unchanged: ready: console; out of reach, as it must be: metrics, admin, database";
    assert_eq!(machine.run().await.done().outcome("ready"), outcome);
    let mut asked = web.asked();
    asked[2..].sort();
    assert_eq!(asked, ["GET /health", "GET /health", "GET /admin", "GET /metrics"]);

    machine.add_to_profile(&absent("internal API", &format!("{url}/internal")));
    assert_snapshot!(told(&machine.run().await, &web), @r"
    not-ready: internal API must not be reachable, and something answers there after 1 s (`http://[web]/internal`)
      cause: it answers with status 401, and not with 403, 404
      hint: have the appliance keep this address to itself (a route of its ingress, a port of a Service, a firewall), or correct `ready` in the profile; then run again
    ");
    // What answers without TLS is there all the same.
    let console = Console::start(0).await;
    machine.add_to_profile(&absent("internal API", &format!("https://{}/", console.address)));
    let said = machine.run().await.failed(ErrorId::NotReady).told();
    assert!(said.contains("cause: it answers, but does not speak TLS"), "{said}");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_with_the_host_name_is_asked_if_there_is_one() {
    let web = ingress().await;
    let mut machine = Machine::new("hostname").await;
    machine.set("endpoint.ask", true).set("endpoint.optional", true);
    machine.add_to_profile(&format!(
        "[[ready]]\nname = \"API\"\nurl = \"{}/health\"\nheaders = {{ Host = \"{{hostname}}\" }}\nmethod = \"POST\"\n\
         content-type = \"application/json\"\n",
        web.url()
    ));
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("ready"), "unchanged: nothing had to be waited for");
    let left_out = "API is not waited for: that needs the host name of the appliance, which has no answer";
    assert!(ended.stdout.contains(left_out), "{}", ended.stdout);
    assert_eq!(web.requests(), [""; 0]);
    machine.answer_also("[endpoint]\nhostname = \"api.example\"\n");
    assert_eq!(machine.run().await.done().outcome("ready"), "unchanged: ready: API");
    assert_eq!(web.asked(), ["POST /health"]);
    machine.assert_installed().await;
}
