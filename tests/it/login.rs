//! The last check of a setup: the administrator can sign in with the password that was just chosen.

use std::sync::atomic::{AtomicU32, Ordering};

use firstlight::{error::ErrorId, values::REDACTED};
use insta::assert_snapshot;

use crate::{
    leak::{assert_clean, assert_clean_files, copies_in, secrets_of},
    ready::trust_also,
    support::{
        Machine,
        hostile::{Answer, Hostile},
        machine::PASSWORD,
        process, until,
        web::{Web, answer},
    },
};

/// An entry that signs in with a form, and one that waits for the appliance; the login first, which is asked last.
fn login(url: &str, more: &str) -> String {
    format!(
        "[[ready]]\nname = \"the login\"\ntimeout-seconds = 60\n{more}\
         login = {{ url = \"{url}/login\", form = {{ user = \"{{email}}\", pass = \"{{password}}\" }}, status = 303 }}\n\
         [[ready]]\nname = \"console\"\nurl = \"{url}/health\"\n"
    )
}

const SENT: &str = "pass=nine-green-Lamps-over-4-doors&user=kim%40acme.example";

/// An appliance that begins to take the password after so many refusals.
async fn appliance(refusals: u32) -> Web {
    let asked = AtomicU32::new(0);
    Web::start(move |request| {
        if request.starts_with("GET /health ") {
            return answer("200 OK", "text/plain", "");
        }
        let is_early = asked.fetch_add(1, Ordering::SeqCst) < refusals;
        let is_right = request.starts_with("POST /login ") && request.ends_with(&format!("\r\n\r\n{SENT}"));
        if is_early || !is_right { answer("401 No", "text/plain", "") } else { answer("303 In", "text/plain", "") }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn signing_in_is_tried_last_and_again_while_the_account_is_being_made() {
    let web = appliance(1).await;
    let mut machine = Machine::new("login").await.with_bootstrap();
    machine.add_to_profile(&login(&web.url(), ""));
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("ready"), "unchanged: ready: console; signed in: the login");
    assert_eq!(web.asked(), ["GET /health", "POST /login", "POST /login"]);
    assert!(web.requests()[1].to_ascii_lowercase().contains("content-type: application/x-www-form-urlencoded\r\n"));
    // The same password as was chosen then is tried in a later run too.
    assert_eq!(machine.run().await.done().outcome("ready"), "unchanged: ready: console; signed in: the login");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_password_of_an_earlier_run_is_not_tried() {
    let web = appliance(0).await;
    let mut machine = Machine::new("login-kept").await.with_bootstrap();
    machine.run().await.done();
    machine.add_to_profile(&login(&web.url(), ""));
    let path = machine.path("/answers.toml");
    let answers = std::fs::read_to_string(&path).expect("written by us");
    machine.write("/answers.toml", &answers.replace(PASSWORD, "another-Password-of-8-words"), 0o600);
    let ended = machine.run().await;
    assert_eq!(
        ended.done().outcome("ready"),
        "unchanged: ready: console; not tried, because an earlier run has set the appliance up and its password was chosen \
         then: the login"
    );
    assert_eq!(web.asked(), ["GET /health"]);
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_password_that_is_removed_in_the_end_is_tried_before() {
    let web = appliance(0).await;
    let mut machine = Machine::new("login-plain").await.with_bootstrap();
    machine.set("secrets.tenant.admin-password", "plaintext");
    machine.add_to_profile(&login(&web.url(), ""));
    assert_eq!(machine.run().await.done().outcome("ready"), "unchanged: ready: console; signed in: the login");
    // Nobody here knows any more which it was.
    let again = machine.run().await.done().outcome("ready");
    assert!(again.contains("not tried, because an earlier run"), "{again}");
    assert_eq!(web.asked(), ["GET /health", "POST /login", "GET /health"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_login_that_is_refused_has_a_name_and_a_remedy() {
    let web = appliance(u32::MAX).await;
    let mut machine = Machine::new("login-refused").await;
    machine.add_to_profile(&login(&web.url(), "").replace("timeout-seconds = 60", "timeout-seconds = 1"));
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::LoginRefused).told().replace(&web.address.to_string(), "[web]");
    assert_snapshot!(told, @r"
    login-refused: the appliance is up, but does not take the administrator's password: the login is refused with status 401 after 1 s (`http://[web]/login`)
      hint: Run again: signing in is tried anew, and nothing is written twice. If it is refused again, tell the vendor: the bootstrap has made the account otherwise, or the profile says wrongly how to sign in (`ready`). An appliance that had its accounts before keeps their passwords.
    ");
    assert_clean("the output", ended.stdout.as_bytes(), &[("the password", PASSWORD.to_owned())]);
    machine.assert_installed().await;
}

/// Over TLS, to an appliance that says the password back wherever it can.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_password_is_seen_by_nobody_else() {
    let echo = format!("200 OK\ncontent-type: text/{PASSWORD}\nlocation: /{PASSWORD}\nset-cookie: p={PASSWORD}");
    let appliance = Hostile::start(Answer::new(&echo, PASSWORD));
    let mut machine = Machine::new("login-leak").await.with_bootstrap();
    trust_also(&machine, &appliance.authority_pem);
    let ready = |more: &str| {
        format!(
            "[[ready]]\nname = \"the login\"\ntimeout-seconds = 1\n{more}login = {{ url = \"{}/login\", \
             json = {{ user = {{ email = \"{{email}}\" }}, password = \"{{password}}\" }} }}\n",
            appliance.url()
        )
    };
    machine.add_to_profile(&ready("content-type = \"application/json\"\nbody = \"token\"\n"));
    let failed = machine.run().await;
    let told = failed.failed(ErrorId::NotReady).told();
    assert!(told.contains(&format!("it answers with text/{REDACTED}, and not with application/json")), "{told}");
    machine.add_to_profile(&ready(&format!("body = \"{}\"\n", &PASSWORD[..4])));
    let done = machine.run().await;
    assert_eq!(done.done().outcome("ready"), "unchanged: signed in: the login");
    let sent = format!(" {{\"password\":\"{PASSWORD}\",\"user\":{{\"email\":\"kim@acme.example\"}}}}");
    assert!(appliance.registrations().iter().all(|seen| *seen == sent), "{:?}", appliance.registrations());
    let text = process::run(machine.text_command()).await;
    assert_eq!(text.code, Some(0), "{}", text.stdout);
    let secrets = secrets_of(&machine).await;
    for ended in [&failed, &done, &text] {
        assert_clean("the output", format!("{ended:?}").as_bytes(), &secrets);
    }
    assert_clean_files(&machine, &secrets);
    machine.assert_installed().await;
}

/// What was sent is gone once it was answered.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace), and root"]
async fn signing_in_leaves_no_copies_in_memory() {
    let web = appliance(u32::MAX).await;
    let mut machine = Machine::new("login-memory").await;
    machine.add_to_profile(&login(&web.url(), ""));
    let mut running = machine.start();
    running.event("note", |event| event["text"].as_str().is_some_and(|text| text.contains("status 401"))).await;
    // The answers' own and the one that travels are left.
    for (spelled, most) in [(PASSWORD, 2), (SENT, 0)] {
        let copies = || copies_in(running.pid(), spelled);
        until("no other copy is left", || async { (copies() <= most).then_some(()) }).await;
    }
    assert!(copies_in(running.pid(), PASSWORD) > 0, "it is looked for where it is");
}

/// The appliance's own address is what the operator says, and that may be one without TLS.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_password_leaves_this_machine_over_tls_alone() {
    let web = appliance(0).await;
    let mut machine = Machine::new("login-open").await;
    let url = web.url();
    machine.add_to_profile(&format!(
        "[endpoint]\nkind = \"url\"\n[[ready]]\nname = \"console\"\nurl = \"{url}/health\"\n[[ready]]\nname = \"the login\"\n\
         login = {{ url = \"{{origin}}/login\", form = {{ user = \"{{email}}\", pass = \"{{password}}\" }}, status = 303 }}\n"
    ));
    let open = "not tried, because the password would leave this machine without TLS: the login";
    for (own, told) in [(url.as_str(), "signed in: the login"), ("http://192.0.2.1:3000", open)] {
        machine.answer_also(&format!("[endpoint]\nurl = \"{own}\"\n"));
        assert_eq!(machine.run().await.done().outcome("ready"), format!("unchanged: ready: console; {told}"));
    }
    assert_eq!(web.asked(), ["GET /health", "POST /login", "GET /health"]);
}
