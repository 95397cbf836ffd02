//! Who watches a run from afar is told what happens, as far as that can be done without the run waiting for it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

use crate::support::{
    alone, hostile,
    machine::{PASSWORD, answers},
    process::{self, Ended},
    web::{Web, answer},
};

const TOKEN: &str = "let-the-watcher-in";

/// A run that fails for want of everything around it, and is told there.
async fn run(root: &Path, report: &str) -> Ended {
    let rehearsal = alone::rehearsal(root, "https://127.0.0.1:1", "ca-file = '/ca.pem'\n");
    let text = format!("{}[report]\n{report}", answers("K7QP-M2RX", PASSWORD));
    fs::write(root.join("whole.toml"), text).expect("a file");
    fs::set_permissions(root.join("whole.toml"), fs::Permissions::from_mode(0o600)).expect("a mode");
    let whole = root.join("whole.toml");
    // The same arguments, with these answers and not for a rehearsal alone.
    let arguments: Vec<_> = rehearsal.as_std().get_args().filter(|one| *one != "--dry-run").collect();
    let arguments =
        arguments.iter().map(|one| if Path::new(one).ends_with("answers.toml") { whole.as_os_str() } else { one });
    let mut command = process::firstlight();
    command.args(arguments);
    process::run(command).await
}

fn with_authority() -> (tempfile::TempDir, std::sync::Arc<rustls::ServerConfig>) {
    let (folder, (pem, config)) = (alone::folder(), hostile::certificates());
    fs::write(folder.path().join("ca.pem"), pem).expect("a file");
    (folder, config)
}

/// The lines that were posted, in their order.
fn told(web: &Web) -> Vec<Value> {
    let bodies =
        web.requests().into_iter().map(|request| request.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned());
    let lines: Vec<String> = bodies.flat_map(|body| body.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_told_as_it_is_printed_and_nothing_secret() {
    let (folder, config) = with_authority();
    let web = Web::start_tls(config, |_request| answer("204 No Content", "text/plain", "")).await;
    let url = web.url().replace("http:", "https:");
    let ended = run(folder.path(), &format!("url = '{url}/runs?site=7'\ntoken = '{TOKEN}'\n")).await;
    assert_eq!(told(&web), ended.events());
    assert_eq!(told(&web).last().expect("an end")["type"], "ended");
    for request in web.requests() {
        let lower = request.to_ascii_lowercase();
        assert!(lower.starts_with("post /runs?site=7 "), "{request}");
        assert!(
            lower.contains(&format!("authorization: bearer {TOKEN}"))
                && lower.contains("content-type: application/x-ndjson")
        );
        assert!(lower.contains("firstlight-appliance: appliance-"), "{request}");
        assert!(!request.contains(PASSWORD) && !request.contains("K7QP"), "{request}");
    }
    assert!(!ended.stdout.contains(TOKEN), "{}", ended.stdout);
}

/// A server that is being started anew loses nothing, and one that does not want it is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_told_again_and_what_was_refused_is_not() {
    let (folder, _) = with_authority();
    let asked = AtomicUsize::new(0);
    let web = Web::start(move |_request| match asked.fetch_add(1, Ordering::SeqCst) {
        // Its next turn would come when the run has ended for long.
        0..=2 => answer("503 Service Unavailable", "text/plain", ""),
        _ => answer("200 OK", "text/plain", ""),
    })
    .await;
    let ended = run(folder.path(), &format!("url = '{}/'\n", web.url())).await;
    let (told, events) = (told(&web), ended.events());
    assert!(told.ends_with(&events) && told.len() > events.len(), "{told:?}");
    let refusing = Web::start(|_request| answer("403 Forbidden", "text/plain", "")).await;
    let ended = run(folder.path(), &format!("url = '{}/'\n", refusing.url())).await;
    assert_eq!(self::told(&refusing), ended.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_no_reason_for_anything() {
    let (folder, _) = with_authority();
    let without = process::run(alone::rehearsal(folder.path(), "https://127.0.0.1:1", "ca-file = '/ca.pem'\n")).await;
    let ended = run(folder.path(), "url = 'http://127.0.0.1:1/'\n").await;
    let last = |ended: &Ended| ended.events().last().expect("an event")["id"].clone();
    assert_eq!((ended.code, last(&ended)), (without.code, last(&without)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_sent_to_somebody_who_is_named_and_over_tls_alone() {
    let (folder, _) = with_authority();
    for (report, part) in [
        (format!("token = '{TOKEN}'\n"), "report.url"),
        (format!("url = 'http://127.0.0.1:1/'\ntoken = '{TOKEN}'\n"), "https"),
        ("url = 'ftp://a.example/'\n".to_owned(), "no URL"),
    ] {
        let ended = run(folder.path(), &report).await;
        assert_eq!(ended.code, Some(10), "{}", ended.stdout);
        assert!(ended.stdout.contains(part) && !ended.stdout.contains(TOKEN), "{part}: {}", ended.stdout);
    }
}
