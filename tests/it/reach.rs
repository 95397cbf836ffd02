//! What the bootstrap will need from the network, tried in the rehearsal.

use firstlight::error::ErrorId;
use insta::assert_snapshot;

use crate::{
    ready::{Console, trust_also},
    support::{
        Machine,
        hostile::{Answer, Hostile},
        process::{self, Ended},
        proxy::{Behind, Proxy},
        relay::Relay,
    },
};

/// What the check says in the end: its state and its text.
fn checked(ended: &Ended) -> String {
    let events = ended.events();
    let last = events.iter().rfind(|event| event["type"] == "check" && event["id"] == "reach");
    let text = |key: &str| last.and_then(|event| event[key].as_str()).unwrap_or_default().to_owned();
    format!("{}: {}", text("state"), text("text"))
}

fn reach(name: &str, url: &str, status: &str) -> String {
    let name = if name.is_empty() { String::new() } else { format!("name = \"{name}\"\n") };
    format!("[[reach]]\n{name}url = \"{url}\"\nstatus = {status}\n")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn everything_is_tried_and_every_failure_is_told() {
    let registry = Hostile::start(Answer::new("401 Unauthorized", ""));
    let stranger = Hostile::start(Answer::new("200 OK", ""));
    let console = Console::start(0).await;
    let closed = Relay::closed(console.address);
    let mut machine = Machine::new("reach").await;
    trust_also(&machine, &registry.authority_pem);
    let good = [
        reach("the registry", &format!("{}/v2/", registry.url()), "[200, 401]"),
        reach("", &format!("http://{}/", console.address), "200"),
    ]
    .concat();
    machine.add_to_profile(&good);
    let ended = machine.rehearse().await;
    ended.done();
    assert_eq!(checked(&ended), format!("passed: reached: the registry, `http://{}/`", console.address));

    let bad = [
        reach("the mirror", "https://mirror.invalid/", "200"),
        reach("", &format!("http://127.0.0.1:{}/charts", closed.port()), "200"),
        reach("the store", &format!("{}/", stranger.url()), "200"),
        reach("the API", &format!("{}/v2/", registry.url()), "200"),
        reach("the time", &format!("https://{}/", console.address), "200"),
    ];
    machine.add_to_profile(&format!("{good}{}", bad.concat()));
    let ended = machine.rehearse().await;
    let mut told = ended.failed(ErrorId::Unreachable).told();
    for (address, name) in [
        (registry.address.to_string(), "[registry]"),
        (stranger.address.to_string(), "[stranger]"),
        (console.address.to_string(), "[console]"),
        (format!("127.0.0.1:{}", closed.port()), "[closed]"),
    ] {
        told = told.replace(&address, name);
    }
    // Why a name does not resolve is the resolver's to say.
    let lines = told.lines().filter(|line| !line.starts_with("  cause: failed to lookup"));
    let told = lines.collect::<Vec<_>>().join("\n");
    assert_snapshot!(told, @r"
    unreachable: the bootstrap needs the mirror (`https://mirror.invalid/`), which cannot be used: its name does not resolve
      hint: correct the DNS servers of this machine, or ask the network's administrator for `mirror.invalid` to be resolved; then run again

    unreachable: the bootstrap needs `http://[closed]/charts`, which cannot be used: nothing listens there yet
      hint: Correct this machine's network, or ask the network's administrator to let it reach the address that the message names, directly or by a proxy (`HTTPS_PROXY`); then run again.

    unreachable: the bootstrap needs the store (`https://[stranger]/`), which cannot be used: it answers with a certificate that was issued by “Hostile Test CA”, which this machine does not trust
      hint: ask the network's administrator to exempt `127.0.0.1` from TLS inspection, or add the authority to the system's trust store or to `license.ca-file`; then run again

    unreachable: the bootstrap needs the API (`https://[registry]/v2/`), which cannot be used: it answers with status 401, and not with 200
      hint: look for a captive portal, a filter or a proxy that answers in the place of `127.0.0.1`; if there is none, tell the vendor, whose profile says what it has to answer (`reach`)

    unreachable: the bootstrap needs the time (`https://[console]/`), which cannot be used: it answers, but does not speak TLS
      hint: look for a captive portal, a filter or a proxy that answers in the place of `127.0.0.1`; if there is none, tell the vendor, whose profile says what it has to answer (`reach`)
    ");
    assert!(checked(&ended).starts_with("failed: the bootstrap needs the mirror"), "{}", checked(&ended));
    machine.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_proxy_is_the_way_to_it() {
    let registry = Hostile::start(Answer::new("200 OK", ""));
    let mut machine = Machine::new("reach-proxy").await;
    trust_also(&machine, &registry.authority_pem);
    machine.add_to_profile(&reach("the registry", "https://license.invalid/v2/", "200"));
    let through = async |proxy: &Proxy, machine: &Machine| {
        let mut command = machine.command();
        command.arg("--dry-run").env("HTTPS_PROXY", format!("http://{}", proxy.address));
        process::run(command).await
    };
    let opens = Proxy::start(Behind::Host(registry.address));
    through(&opens, &machine).await.done();
    assert!(opens.heard().iter().any(|head| head.starts_with("CONNECT license.invalid:443 ")), "{:?}", opens.heard());

    let refuses = Proxy::start(Behind::Refusal(403));
    let told = through(&refuses, &machine).await.failed(ErrorId::Unreachable).told();
    assert_snapshot!(told.replace(&refuses.address.to_string(), "[proxy]"), @r"
    unreachable: the bootstrap needs the registry (`https://license.invalid/v2/`), which cannot be used: the proxy `[proxy]`, which `HTTPS_PROXY` names, does not let us through to `license.invalid:443` (status 403)
      hint: correct the variable that names the proxy, or ask the network's administrator to let the proxy reach `license.invalid`; `NO_PROXY` exempts hosts from it
    ");
    // Where any answer will do, a proxy's own is none.
    machine.add_to_profile("[[reach]]\nurl = \"http://mirror.invalid/\"\n");
    let mut command = machine.command();
    command.arg("--dry-run").env("http_proxy", format!("http://{}", refuses.address));
    let told = process::run(command).await.failed(ErrorId::Unreachable).told();
    assert_snapshot!(told.replace(&refuses.address.to_string(), "[proxy]"), @r"
    unreachable: the bootstrap needs `http://mirror.invalid/`, which cannot be used: by way of the proxy `[proxy]` the answer is status 403
      hint: correct the variable that names the proxy, or ask the network's administrator to let the proxy reach `mirror.invalid`; `NO_PROXY` exempts hosts from it
    ");
    machine.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn once_the_bootstrap_has_run_it_is_no_obstacle() {
    let mut machine = Machine::new("reach-again").await.with_bootstrap();
    let console = Console::start(0).await;
    let mut relay = Relay::closed(console.address);
    machine.add_to_profile(&reach("the registry", &format!("http://127.0.0.1:{}/", relay.port()), "200"));
    machine.run().await.failed(ErrorId::Unreachable);
    machine.assert_untouched().await;
    relay.open();
    machine.run().await.done();
    machine.add_to_profile(&reach("the registry", "http://registry.invalid/", "200"));
    let ended = machine.run().await;
    assert_eq!(checked(&ended), "skipped: not needed, because the bootstrap has already run");
    let events = ended.done().events();
    assert!(events.iter().any(|event| event["id"] == "reach" && event["state"] == "failed"));
    machine.assert_installed().await;
}
